// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "../trust/ICityRegistry.sol";

/// @title IFederation
/// @notice The cities decide together: one seat, one vote. What they decide waits in the timelock and is then carried
/// out by anyone. Proposals are calls of the federation's contracts.
/// @dev On top of OpenZeppelin's `IGovernor`. The clock of votes counts Unix seconds. A quorum is rounded up.
interface IFederation {
    /// @notice What is wrong with an action of a proposal.
    enum ActionFault {
        None,
        ValueNotZero,
        CalldataTooShort,
        NoCode
    }

    /// @notice A proposal holds an action that could never be meant.
    /// @param index number of the action, from zero
    /// @param target the contract it calls
    /// @param fault what is wrong with it
    error FederationInvalidAction(uint256 index, address target, ActionFault fault);

    /// @notice Only active cities propose and vote.
    /// @param account the account that called
    /// @param city UN/LOCODE of the city whose seat it holds, zero when it holds none
    error FederationNotActiveCity(address account, bytes5 city);

    /// @notice The account held no seat when the vote began.
    /// @param proposalId the proposal
    /// @param account the account that votes
    error FederationNoSeatAtSnapshot(uint256 proposalId, address account);

    /// @notice A text is too long.
    /// @param length its length in bytes
    /// @param maximum longest allowed, in bytes
    error FederationTextTooLong(uint256 length, uint256 maximum);

    /// @notice Votes have no parameters here.
    /// @param length length of those given, in bytes
    error FederationUnexpectedParams(uint256 length);

    /// @notice A voting delay is at most 30 days.
    /// @param votingDelay seconds
    error FederationInvalidVotingDelay(uint48 votingDelay);

    /// @notice A voting period is at most 90 days.
    /// @param votingPeriod seconds
    error FederationInvalidVotingPeriod(uint32 votingPeriod);

    /// @notice A quorum is 1 to 100 per cent.
    /// @param quorumNumerator per cent of all seats
    error FederationInvalidQuorum(uint256 quorumNumerator);

    /// @notice One seat is enough to propose, always.
    /// @param proposalThreshold number of seats
    error FederationInvalidThreshold(uint256 proposalThreshold);

    /// @notice The registry of cities this contract asks.
    /// @return registry the registry
    function cityRegistry() external view returns (ICityRegistry registry);
}
