// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Guarded} from "../federation/Guarded.sol";
import {IGuardian} from "../federation/IGuardian.sol";
import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {IAnchors} from "./IAnchors.sol";
import {Logs} from "./Logs.sol";

/// @title Anchors
/// @notice The log roots of all cities. The rules are in {Logs}.
contract Anchors is IAnchors, Guarded {
    using Logs for Logs.State;

    ICityRegistry private immutable _CITIES;

    Logs.State private _state;

    /// @notice Sets up an empty contract.
    /// @param cities registry that says who acts for a city
    /// @param guardian_ who can stop new writes of cities
    constructor(ICityRegistry cities, IGuardian guardian_) Guarded(guardian_) {
        _CITIES = cities;
    }

    /// @inheritdoc IAnchors
    function anchor(bytes5 city, uint8 log, uint64 size, bytes32 root) external whenRunning {
        _CITIES.requireActiveController(city, msg.sender);
        _state.anchor(city, log, size, root);
        emit Anchored(city, log, size, root);
    }

    /// @inheritdoc IAnchors
    function head(bytes5 city, uint8 log) external view returns (Anchor memory latest) {
        return _state.heads[city][log];
    }

    /// @inheritdoc IAnchors
    function cityRegistry() external view returns (ICityRegistry registry) {
        return _CITIES;
    }
}
