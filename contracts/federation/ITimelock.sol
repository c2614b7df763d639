// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title ITimelock
/// @notice On top of OpenZeppelin's `TimelockController`: decisions wait at most 30 days, whatever is voted, for only
/// who has waited that long could undo a longer one.
interface ITimelock {
    /// @notice Decisions would wait too long.
    /// @param delay seconds between a decision and its execution
    /// @param maximum longest allowed, in seconds
    error TimelockDelayTooLong(uint256 delay, uint256 maximum);
}
