// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ITimelock} from "./ITimelock.sol";

/// @title Timelock
/// @notice Owner of the federation's contracts: what was voted for waits here for all to see, and then anyone carries
/// it out.
contract Timelock is ITimelock, TimelockController {
    /// @dev Longest time a decision waits.
    uint256 private constant _MAXIMUM_DELAY = 30 days;

    /// @notice Sets up a timelock that nobody may propose to yet.
    /// @param minDelay seconds between a decision and its execution
    /// @param admin who names the proposer, once, and then gives this up
    constructor(
        uint256 minDelay,
        address admin
    ) TimelockController(minDelay, new address[](0), _anyone(), admin) {
        _requireBounded(minDelay);
    }

    /// @notice Changes how long decisions to come wait. Only the timelock itself, and so only by vote.
    /// @param newDelay seconds between a decision and its execution
    function updateDelay(uint256 newDelay) public virtual override {
        _requireBounded(newDelay);
        super.updateDelay(newDelay);
    }

    /// @dev An upper limit, so that the cities cannot lock themselves out.
    function _requireBounded(uint256 delay) private pure {
        require(delay <= _MAXIMUM_DELAY, TimelockDelayTooLong(delay, _MAXIMUM_DELAY));
    }

    /// @dev The zero address as executor: anyone.
    function _anyone() private pure returns (address[] memory executors) {
        return new address[](1);
    }
}
