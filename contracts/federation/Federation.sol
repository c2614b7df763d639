// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {
    GovernorVotesQuorumFraction
} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {Ballots} from "./Ballots.sol";
import {ICitySeat} from "./ICitySeat.sol";
import {IFederation} from "./IFederation.sol";

/// @title Federation
/// @notice Where the cities vote. OpenZeppelin's Governor counts; the rules on top are in {Ballots}.
contract Federation is
    IFederation,
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotesQuorumFraction,
    GovernorTimelockControl
{
    ICityRegistry private immutable _CITIES;

    /// @notice Sets up a federation without proposals.
    /// @param cities registry that says which cities are active and has made their seats
    /// @param timelock owner of the federation's contracts; this contract must become its only proposer
    /// @param votingDelay_ seconds between a proposal and its vote
    /// @param votingPeriod_ seconds a vote lasts
    /// @param quorumNumerator_ per cent of all seats that must vote for or abstain
    constructor(
        ICityRegistry cities,
        TimelockController timelock,
        uint48 votingDelay_,
        uint32 votingPeriod_,
        uint256 quorumNumerator_
    )
        Governor("Symbolon federation")
        GovernorSettings(votingDelay_, votingPeriod_, 1)
        GovernorVotes(IVotes(address(cities.seats())))
        GovernorVotesQuorumFraction(quorumNumerator_)
        GovernorTimelockControl(timelock)
    {
        _CITIES = cities;
    }

    /// @inheritdoc IFederation
    function cityRegistry() external view returns (ICityRegistry registry) {
        return _CITIES;
    }

    /// @notice How many seats must vote for or abstain: rounded up, so that half of five is three.
    /// @param timepoint Unix seconds, in the past
    /// @return seats number of seats
    function quorum(
        uint256 timepoint
    ) public view virtual override(Governor, GovernorVotesQuorumFraction) returns (uint256 seats) {
        return
            Math.mulDiv(
                token().getPastTotalSupply(timepoint),
                quorumNumerator(timepoint),
                quorumDenominator(),
                Math.Rounding.Ceil
            );
    }

    /// @notice Number of seats it takes to propose.
    /// @return seats always one
    function proposalThreshold()
        public
        view
        virtual
        override(Governor, GovernorSettings)
        returns (uint256 seats)
    {
        return super.proposalThreshold();
    }

    /// @notice Where a proposal stands.
    /// @param proposalId the proposal
    /// @return current its state
    function state(
        uint256 proposalId
    ) public view virtual override(Governor, GovernorTimelockControl) returns (ProposalState current) {
        return super.state(proposalId);
    }

    /// @notice Every decision waits in the timelock.
    /// @param proposalId the proposal
    /// @return needed always true
    function proposalNeedsQueuing(
        uint256 proposalId
    ) public view virtual override(Governor, GovernorTimelockControl) returns (bool needed) {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @dev On top: an active city proposes, no action is senseless, no description endless.
    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal virtual override returns (uint256 proposalId) {
        Ballots.requireActiveCity(_CITIES, _seats(), proposer);
        Ballots.requireShort(description, Ballots.MAXIMUM_DESCRIPTION_LENGTH);
        // First, because it makes sure that there are as many values and calldatas as targets.
        proposalId = super._propose(targets, values, calldatas, description, proposer);
        Ballots.requireValidActions(targets, values, calldatas);
    }

    /// @dev On top: the voter held a seat when the vote began, holds one now, and its city is active now.
    function _castVote(
        uint256 proposalId,
        address account,
        uint8 support,
        string memory reason,
        bytes memory params
    ) internal virtual override returns (uint256 votedWeight) {
        require(params.length == 0, FederationUnexpectedParams(params.length));
        Ballots.requireActiveCity(_CITIES, _seats(), account);
        Ballots.requireShort(reason, Ballots.MAXIMUM_REASON_LENGTH);
        votedWeight = super._castVote(proposalId, account, support, reason, params);
        require(votedWeight != 0, FederationNoSeatAtSnapshot(proposalId, account));
    }

    /// @dev On top: an upper limit, so that the cities cannot lock themselves out.
    function _setVotingDelay(uint48 newVotingDelay) internal virtual override {
        require(newVotingDelay <= Ballots.MAXIMUM_VOTING_DELAY, FederationInvalidVotingDelay(newVotingDelay));
        super._setVotingDelay(newVotingDelay);
    }

    /// @dev On top: an upper limit, so that the cities cannot lock themselves out.
    function _setVotingPeriod(uint32 newVotingPeriod) internal virtual override {
        require(
            newVotingPeriod <= Ballots.MAXIMUM_VOTING_PERIOD,
            FederationInvalidVotingPeriod(newVotingPeriod)
        );
        super._setVotingPeriod(newVotingPeriod);
    }

    /// @dev On top: never zero, so that nothing is decided by nobody.
    function _updateQuorumNumerator(uint256 newQuorumNumerator) internal virtual override {
        require(newQuorumNumerator != 0, FederationInvalidQuorum(newQuorumNumerator));
        super._updateQuorumNumerator(newQuorumNumerator);
    }

    /// @dev On top: one, so that every city can propose.
    function _setProposalThreshold(uint256 newProposalThreshold) internal virtual override {
        require(newProposalThreshold == 1, FederationInvalidThreshold(newProposalThreshold));
        super._setProposalThreshold(newProposalThreshold);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal virtual override(Governor, GovernorTimelockControl) returns (uint48 etaSeconds) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal virtual override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal virtual override(Governor, GovernorTimelockControl) returns (uint256 proposalId) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor()
        internal
        view
        virtual
        override(Governor, GovernorTimelockControl)
        returns (address executor)
    {
        return super._executor();
    }

    function _seats() private view returns (ICitySeat seats) {
        return ICitySeat(address(token()));
    }
}
