// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Timelock
/// @notice Owner of the federation's contracts: what was voted for waits here for all to see, and then anyone carries
/// it out.
contract Timelock is TimelockController {
    /// @notice Sets up a timelock that nobody may propose to yet.
    /// @param minDelay seconds between a decision and its execution
    /// @param admin who names the proposer, once, and then gives this up
    constructor(
        uint256 minDelay,
        address admin
    ) TimelockController(minDelay, new address[](0), _anyone(), admin) {}

    /// @dev The zero address as executor: anyone.
    function _anyone() private pure returns (address[] memory executors) {
        return new address[](1);
    }
}
