// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {CitySeat} from "../federation/CitySeat.sol";
import {Guarded} from "../federation/Guarded.sol";
import {ICitySeat} from "../federation/ICitySeat.sol";
import {IGuardian} from "../federation/IGuardian.sol";
import {Cities} from "./Cities.sol";
import {ICityRegistry} from "./ICityRegistry.sol";

/// @title CityRegistry
/// @notice The federation's members. The rules are in {Cities}.
contract CityRegistry is ICityRegistry, Guarded, Ownable2Step {
    using Cities for Cities.State;
    using Cities for ICityRegistry.City;

    ICitySeat private immutable _SEATS;

    Cities.State private _state;

    /// @notice Sets up an empty contract, and makes the seats.
    /// @param initialOwner who may admit, activate, suspend, reinstate and remove cities
    /// @param guardian_ who can stop new writes of cities
    /// @param rotationDelay_ seconds between an offer of control and its earliest acceptance
    constructor(
        address initialOwner,
        IGuardian guardian_,
        uint32 rotationDelay_
    ) Guarded(guardian_) Ownable(initialOwner) {
        _SEATS = new CitySeat();
        _setRotationDelay(rotationDelay_);
    }

    /// @inheritdoc ICityRegistry
    function admit(
        bytes5 city,
        string calldata name,
        string calldata did,
        address controller,
        address recovery,
        string calldata serviceUrl
    ) external onlyOwner {
        _state.admit(city, name, did, controller, recovery, serviceUrl);
        emit CityAdmitted(city, name, did, controller, recovery, serviceUrl);
    }

    /// @inheritdoc ICityRegistry
    function activate(bytes5 city, bytes32 agreementHash, bytes32 dpiaHash) external onlyOwner {
        _state.activate(city, agreementHash, dpiaHash);
        emit CityActivated(city, agreementHash, dpiaHash);
        _SEATS.mint(city, _state.cities[city].controller);
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
        bool seated = _state.remove(city);
        emit CityRemoved(city);
        if (seated) _SEATS.burn(city);
    }

    /// @inheritdoc ICityRegistry
    function setRotationDelay(uint32 delay) external onlyOwner {
        _setRotationDelay(delay);
    }

    /// @inheritdoc ICityRegistry
    function appeal(bytes5 city, bytes32 statementHash) external {
        _state.appeal(city, statementHash);
        emit SuspensionAppealed(city, statementHash);
    }

    /// @inheritdoc ICityRegistry
    function changeServiceUrl(bytes5 city, string calldata serviceUrl) external whenRunning {
        _state.changeServiceUrl(city, serviceUrl);
        emit ServiceUrlChanged(city, serviceUrl);
    }

    /// @inheritdoc ICityRegistry
    function offerController(bytes5 city, address controller) external {
        bool byRescuer = _isRescue(city);
        if (!byRescuer) _requireRunning();
        uint64 acceptableFrom = _state.offerController(city, controller, byRescuer);
        emit ControllerOffered(city, controller, acceptableFrom);
    }

    /// @inheritdoc ICityRegistry
    function vetoController(bytes5 city) external {
        address controller = _state.vetoController(city, msg.sender == owner());
        emit ControllerVetoed(city, controller);
    }

    /// @inheritdoc ICityRegistry
    function acceptController(bytes5 city) external whenRunning {
        bool seated = _state.acceptController(city);
        emit ControllerChanged(city, msg.sender);
        if (seated) _SEATS.move(city, msg.sender);
    }

    /// @inheritdoc ICityRegistry
    function changeRecovery(bytes5 city, address recovery) external {
        bool byRescuer = _isRescue(city);
        if (!byRescuer) _requireRunning();
        _state.changeRecovery(city, recovery, byRescuer);
        emit RecoveryChanged(city, recovery);
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
    function cityOfController(address controller) external view returns (bytes5 city) {
        return _state.controllers[controller];
    }

    /// @inheritdoc ICityRegistry
    function rotationDelay() external view returns (uint32 delay) {
        return _state.rotationDelay;
    }

    /// @inheritdoc ICityRegistry
    function seats() external view returns (ICitySeat citySeats) {
        return _SEATS;
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

    function _setRotationDelay(uint32 delay) private {
        _state.setRotationDelay(delay);
        emit RotationDelayChanged(delay);
    }

    /// @dev Whether the owner acts for a suspended city.
    function _isRescue(bytes5 city) private view returns (bool) {
        return msg.sender == owner() && _state.cities[city].statusOf() == CityStatus.Suspended;
    }
}
