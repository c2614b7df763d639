// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Cities} from "./Cities.sol";
import {ICityRegistry} from "./ICityRegistry.sol";

/// @title CityRegistry
/// @notice The federation's members. The rules are in {Cities}.
contract CityRegistry is ICityRegistry, Ownable2Step {
    using Cities for Cities.State;
    using Cities for ICityRegistry.City;

    Cities.State private _state;

    /// @notice Sets up an empty contract.
    /// @param initialOwner who may admit, activate, suspend, reinstate and remove cities
    constructor(address initialOwner) Ownable(initialOwner) {}

    /// @inheritdoc ICityRegistry
    function admit(
        bytes5 city,
        string calldata name,
        string calldata did,
        address controller,
        string calldata serviceUrl
    ) external onlyOwner {
        _state.admit(city, name, did, controller, serviceUrl);
        emit CityAdmitted(city, name, did, controller, serviceUrl);
    }

    /// @inheritdoc ICityRegistry
    function activate(bytes5 city, bytes32 agreementHash, bytes32 dpiaHash) external onlyOwner {
        _state.activate(city, agreementHash, dpiaHash);
        emit CityActivated(city, agreementHash, dpiaHash);
    }

    /// @inheritdoc ICityRegistry
    function suspend(bytes5 city, uint16 reason, uint64 until) external onlyOwner {
        _state.suspend(city, reason, until);
        emit CitySuspended(city, reason, until);
    }

    /// @inheritdoc ICityRegistry
    function reinstate(bytes5 city) external onlyOwner {
        _state.reinstate(city);
        emit CityReinstated(city);
    }

    /// @inheritdoc ICityRegistry
    function remove(bytes5 city) external onlyOwner {
        _state.remove(city);
        emit CityRemoved(city);
    }

    /// @inheritdoc ICityRegistry
    function changeServiceUrl(bytes5 city, string calldata serviceUrl) external {
        _state.changeServiceUrl(city, serviceUrl);
        emit ServiceUrlChanged(city, serviceUrl);
    }

    /// @inheritdoc ICityRegistry
    function offerController(bytes5 city, address controller) external {
        _state.offerController(city, controller, msg.sender == owner());
        emit ControllerOffered(city, controller);
    }

    /// @inheritdoc ICityRegistry
    function acceptController(bytes5 city) external {
        _state.acceptController(city);
        emit ControllerChanged(city, msg.sender);
    }

    /// @inheritdoc ICityRegistry
    function cityOf(bytes5 city) external view returns (City memory record) {
        record = _state.cities[city];
        record.status = _state.cities[city].statusOf();
    }

    /// @inheritdoc ICityRegistry
    function isActive(bytes5 city) external view returns (bool active) {
        return _state.cities[city].statusOf() == CityStatus.Active;
    }

    /// @inheritdoc ICityRegistry
    function controllerOf(bytes5 city) external view returns (address controller) {
        return _state.cities[city].controller;
    }

    /// @inheritdoc ICityRegistry
    function requireActiveController(bytes5 city, address account) external view {
        City storage record = _state.cities[city];
        record.requireController(city, account);
        record.requireActive(city);
    }

    /// @inheritdoc ICityRegistry
    function requireController(bytes5 city, address account) external view {
        _state.cities[city].requireController(city, account);
    }
}
