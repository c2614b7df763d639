// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGuardian} from "./IGuardian.sol";

/// @title Pauses
/// @notice The rules of the emergency brake.
library Pauses {
    struct State {
        address guardian;
        mapping(address target => uint64 until) pausedUntil;
        mapping(bytes32 incident => bool used) incidents;
    }

    /// @dev How long a pause lasts.
    uint64 internal constant PAUSE = 72 hours;

    /// @notice See {IGuardian-pause}.
    /// @param self the state
    /// @param target the contract
    /// @param incident name of the incident
    /// @return until last second of the pause
    function pause(State storage self, address target, bytes32 incident) internal returns (uint64 until) {
        require(msg.sender == self.guardian, IGuardian.GuardianNotGuardian(msg.sender));
        require(target.code.length != 0, IGuardian.GuardianNoCode(target));
        require(incident != bytes32(0), IGuardian.GuardianMissingIncident(target));
        require(!self.incidents[incident], IGuardian.GuardianIncidentUsed(incident));
        require(
            self.pausedUntil[target] == 0,
            IGuardian.GuardianNotCleared(target, self.pausedUntil[target])
        );
        until = uint64(block.timestamp) + PAUSE;
        self.incidents[incident] = true;
        self.pausedUntil[target] = until;
    }

    /// @dev See {IGuardian-clear}.
    function clear(State storage self, address target) internal {
        require(self.pausedUntil[target] != 0, IGuardian.GuardianNothingToClear(target));
        self.pausedUntil[target] = 0;
    }

    /// @dev See {IGuardian-requireRunning}.
    function requireRunning(State storage self, address target) internal view {
        uint64 until = self.pausedUntil[target];
        require(block.timestamp > until, IGuardian.GuardianPaused(target, until));
    }
}
