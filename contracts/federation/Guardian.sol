// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IGuardian} from "./IGuardian.sol";
import {Pauses} from "./Pauses.sol";

/// @title Guardian
/// @notice The federation's emergency brake. The rules are in {Pauses}.
contract Guardian is IGuardian, Ownable2Step {
    using Pauses for Pauses.State;

    Pauses.State private _state;

    /// @notice Sets up a contract without a guardian.
    /// @param initialOwner who may appoint the guardian and clear pauses
    constructor(address initialOwner) Ownable(initialOwner) {}

    /// @inheritdoc IGuardian
    function pause(address target, bytes32 incident) external {
        uint64 until = _state.pause(target, incident);
        emit WritesPaused(target, incident, until);
    }

    /// @inheritdoc IGuardian
    function clear(address target) external onlyOwner {
        _state.clear(target);
        emit PauseCleared(target);
    }

    /// @inheritdoc IGuardian
    function appoint(address account) external onlyOwner {
        _state.guardian = account;
        emit GuardianAppointed(account);
    }

    /// @inheritdoc IGuardian
    function guardian() external view returns (address account) {
        return _state.guardian;
    }

    /// @inheritdoc IGuardian
    function pausedUntil(address target) external view returns (uint64 until) {
        return _state.pausedUntil[target];
    }

    /// @inheritdoc IGuardian
    function isIncidentUsed(bytes32 incident) external view returns (bool used) {
        return _state.incidents[incident];
    }

    /// @inheritdoc IGuardian
    function requireRunning(address target) external view {
        _state.requireRunning(target);
    }
}
