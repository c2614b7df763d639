// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Guarded} from "../federation/Guarded.sol";
import {IGuardian} from "../federation/IGuardian.sol";
import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {IStatusLists} from "./IStatusLists.sol";
import {Lists} from "./Lists.sol";

/// @title StatusLists
/// @notice The status lists of all cities. The rules are in {Lists}.
contract StatusLists is IStatusLists, Guarded {
    using Lists for Lists.State;
    using Lists for IStatusLists.List;

    ICityRegistry private immutable _CITIES;

    Lists.State private _state;

    /// @notice Sets up an empty contract.
    /// @param cities registry that says who acts for a city
    /// @param guardian_ who can stop new writes of cities
    constructor(ICityRegistry cities, IGuardian guardian_) Guarded(guardian_) {
        _CITIES = cities;
    }

    /// @inheritdoc IStatusLists
    function create(bytes5 city, string calldata uri, uint32 size) external whenRunning {
        _CITIES.requireActiveController(city, msg.sender);
        require(bytes(uri).length != 0, StatusListsInvalidUri(uri));
        bytes32 listId = keccak256(abi.encodePacked(city, uri));
        _state.create(city, listId, size);
        emit ListCreated(city, listId, uri, size);
    }

    /// @inheritdoc IStatusLists
    function publish(bytes32 listId, uint64 epoch, bytes32 digest, bytes calldata delta) external whenRunning {
        List storage list = _state.find(listId);
        _CITIES.requireActiveController(list.city, msg.sender);
        list.publish(listId, epoch, digest);
        emit EpochPublished(listId, epoch, digest, delta);
    }

    /// @inheritdoc IStatusLists
    function head(
        bytes32 listId
    ) external view returns (uint64 epoch, bytes32 digest, uint32 size, uint64 time) {
        List storage list = _state.lists[listId];
        return (list.epoch, list.digest, list.size, list.time);
    }

    /// @inheritdoc IStatusLists
    function cityOf(bytes32 listId) external view returns (bytes5 city) {
        return _state.lists[listId].city;
    }

    /// @inheritdoc IStatusLists
    function cityRegistry() external view returns (ICityRegistry registry) {
        return _CITIES;
    }
}
