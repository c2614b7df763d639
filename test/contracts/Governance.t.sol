// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Directory} from "../../contracts/federation/Directory.sol";
import {Federation} from "../../contracts/federation/Federation.sol";
import {IFederation} from "../../contracts/federation/IFederation.sol";
import {ITimelock} from "../../contracts/federation/ITimelock.sol";
import {Timelock} from "../../contracts/federation/Timelock.sol";
import {GovernedTest} from "./GovernedTest.sol";

/// @dev From a vote to what it changes.
contract GovernanceTest is GovernedTest {
    function stateAfter(uint8[3] memory votes, uint256 count) internal returns (IGovernor.ProposalState) {
        bytes memory data = abi.encodeCall(cities.suspend, (BERLIN, 1, type(uint64).max));
        address[3] memory voters = [PORTO_CONTROLLER, CLERMONT_CONTROLLER, BERLIN_CONTROLLER];
        uint256 proposalId = propose(address(cities), data);
        startVoting(proposalId);
        for (uint256 i = 0; i < count; ++i) vote(voters[i], proposalId, votes[i]);
        endVoting(proposalId);
        return federation.state(proposalId);
    }

    function testFuzz_MoreThanHalfOfThoseWhoDecideAndHalfOfAllSeatsTakingPart(uint8[3] memory votes, uint8 count)
        public
    {
        count = count % 4;
        uint256 inFavour = 0;
        uint256 against = 0;
        for (uint256 i = 0; i < 3; ++i) {
            votes[i] = votes[i] % 3;
            if (i < count && votes[i] == FOR) ++inFavour;
            if (i < count && votes[i] == AGAINST) ++against;
        }
        // Half of three seats is two: who votes against does not count for it.
        bool decided = count - against >= 2 && inFavour > against;
        check(
            stateAfter(votes, count)
                == (decided ? IGovernor.ProposalState.Succeeded : IGovernor.ProposalState.Defeated),
            "state"
        );
    }

    function testFuzz_AQuorumIsRoundedUp(uint8 more, uint8 percent) public {
        more = more % 8;
        percent = 1 + (percent % 100);
        Federation other = new Federation(cities, timelock, 1, 1, percent);
        for (uint8 i = 0; i < more; ++i) {
            bytes5 city = bytes5(abi.encodePacked("IT", bytes1(0x41 + i), "OM"));
            vm.prank(address(timelock));
            cities.admit(city, "City", didOf(city), address(uint160(0xC0 + i)), address(2), "url");
            vm.prank(address(timelock));
            cities.activate(city, "agreement", "dpia");
        }
        vm.warp(block.timestamp + 1);
        uint256 seats = 3 + uint256(more);
        uint256 quorum = other.quorum(block.timestamp - 1);
        check(quorum * 100 >= seats * percent, "less than its part of the seats");
        check((quorum - 1) * 100 < seats * percent, "one too many");
    }

    function test_ADecisionWaitsAndIsThenCarriedOutByAnyone() public {
        bytes memory data = abi.encodeCall(cities.suspend, (BERLIN, 2, type(uint64).max));
        uint256 proposalId = propose(address(cities), data);
        startVoting(proposalId);
        vote(PORTO_CONTROLLER, proposalId, FOR);
        vote(CLERMONT_CONTROLLER, proposalId, FOR);
        endVoting(proposalId);
        queue(address(cities), data);
        uint256 eta = block.timestamp + TIMELOCK_DELAY;
        check(federation.proposalEta(proposalId) == eta && federation.proposalNeedsQueuing(proposalId), "eta");
        vm.warp(eta - 1);
        check(federation.state(proposalId) == IGovernor.ProposalState.Queued, "not queued");
        (bool done,) = address(this).call(abi.encodeCall(this.executeFor, (address(cities), data)));
        check(!done && cities.isActive(BERLIN), "too early");
        vm.warp(eta);
        execute(address(cities), data);
        check(!cities.isActive(BERLIN) && cities.cityOf(BERLIN).suspensionReason == 2, "not done");
        check(federation.state(proposalId) == IGovernor.ProposalState.Executed, "state");
    }

    /// @dev An external call, so that its failure can be seen.
    function executeFor(address target, bytes memory data) external {
        execute(target, data);
    }

    function test_CitiesAdmitAndActivateACity() public {
        decide(
            address(cities),
            abi.encodeCall(cities.admit, (NOWHERE, "Roma", "did", address(0xB1), address(2), "url"))
        );
        decide(address(cities), abi.encodeCall(cities.activate, (NOWHERE, bytes32("agreement"), bytes32("dpia"))));
        check(cities.isActive(NOWHERE) && cities.seats().seatOf(NOWHERE) == address(0xB1), "not a member");
    }

    function test_CitiesReplaceAContractAndAppointAGuardian() public {
        Directory directory = new Directory(address(timelock));
        Directory next = new Directory(address(timelock));
        decide(
            address(directory), abi.encodeCall(directory.set, ("Directory", address(next), address(next).codehash))
        );
        (address target,) = directory.get("Directory");
        check(target == address(next), "entry");
        decide(address(guardian), abi.encodeCall(guardian.appoint, (address(0xB3))));
        check(guardian.guardian() == address(0xB3), "guardian");
    }

    function test_CitiesChangeTheirOwnRules() public {
        decide(address(federation), abi.encodeCall(federation.setVotingDelay, (0)));
        check(federation.votingDelay() == 0, "delay");
        decide(address(federation), abi.encodeCall(federation.setVotingPeriod, (77)));
        check(federation.votingPeriod() == 77, "period");
        decide(address(federation), abi.encodeCall(federation.updateQuorumNumerator, (66)));
        check(federation.quorumNumerator() == 66, "quorum");
        decide(address(timelock), abi.encodeCall(timelock.updateDelay, (13)));
        check(timelock.getMinDelay() == 13, "timelock");
    }

    function testFuzz_RulesAreBounded(uint48 delay, uint32 period, uint256 quorum) public {
        bool valid = delay <= 30 days;
        if (!valid) vm.expectRevert(abi.encodeWithSelector(IFederation.FederationInvalidVotingDelay.selector, delay));
        new Federation(cities, timelock, delay, 1, 50);
        valid = period <= 90 days;
        if (period == 0) {
            vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidVotingPeriod.selector, uint256(0)));
        } else if (!valid) {
            vm.expectRevert(abi.encodeWithSelector(IFederation.FederationInvalidVotingPeriod.selector, period));
        }
        new Federation(cities, timelock, 1, period, 50);
        quorum = 1 + (quorum % 100);
        new Federation(cities, timelock, 1, 1, quorum);
    }

    function test_TheLimitsOfTheRules() public {
        new Federation(cities, timelock, 30 days, 90 days, 100);
        vm.expectRevert(
            abi.encodeWithSelector(IFederation.FederationInvalidVotingDelay.selector, uint48(30 days + 1))
        );
        new Federation(cities, timelock, 30 days + 1, 1, 50);
        vm.expectRevert(
            abi.encodeWithSelector(IFederation.FederationInvalidVotingPeriod.selector, uint32(90 days + 1))
        );
        new Federation(cities, timelock, 1, 90 days + 1, 50);
        vm.expectRevert(abi.encodeWithSelector(IFederation.FederationInvalidQuorum.selector, uint256(0)));
        new Federation(cities, timelock, 1, 1, 0);
        vm.expectRevert(
            abi.encodeWithSignature("GovernorInvalidQuorumFraction(uint256,uint256)", uint256(101), uint256(100))
        );
        new Federation(cities, timelock, 1, 1, 101);
    }

    /// @dev Voted for by enough, and refused all the same.
    function decideInVain(address target, bytes memory data, bytes memory refusal) internal {
        uint256 proposalId = propose(target, data);
        startVoting(proposalId);
        vote(PORTO_CONTROLLER, proposalId, FOR);
        vote(CLERMONT_CONTROLLER, proposalId, FOR);
        endVoting(proposalId);
        queue(target, data);
        vm.warp(block.timestamp + TIMELOCK_DELAY);
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = one(target, data);
        vm.expectRevert(refusal);
        federation.execute(targets, values, calldatas, keccak256("why"));
    }

    function tooLong(uint256 delay) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ITimelock.TimelockDelayTooLong.selector, delay, 30 days);
    }

    function testFuzz_OneSeatIsEnoughToProposeForEver(uint256 threshold) public {
        vm.assume(threshold != 1);
        check(federation.proposalThreshold() == 1, "threshold");
        bytes memory refusal = abi.encodeWithSelector(IFederation.FederationInvalidThreshold.selector, threshold);
        decideInVain(address(federation), abi.encodeCall(federation.setProposalThreshold, (threshold)), refusal);
    }

    function testFuzz_NoDecisionWaitsForMoreThan30Days(uint256 delay) public {
        vm.assume(delay > 30 days);
        decideInVain(address(timelock), abi.encodeCall(timelock.updateDelay, (delay)), tooLong(delay));
        check(timelock.getMinDelay() == TIMELOCK_DELAY, "delay");
    }

    function test_TheLimitsOfTheTimelock() public {
        decideInVain(address(timelock), abi.encodeCall(timelock.updateDelay, (30 days + 1)), tooLong(30 days + 1));
        vm.expectRevert(tooLong(30 days + 1));
        new Timelock(30 days + 1, OWNER);
        check(new Timelock(30 days, OWNER).getMinDelay() == 30 days, "at first");
        check(new Timelock(0, OWNER).getMinDelay() == 0, "none at first");
        vm.expectEmit(address(timelock));
        emit TimelockController.MinDelayChange(TIMELOCK_DELAY, 30 days);
        vm.prank(address(timelock));
        timelock.updateDelay(30 days);
        check(timelock.getMinDelay() == 30 days, "afterwards");
    }

    function testFuzz_ADecisionWaitsAsLongAsWasAgreedLast(uint256 delay, uint256 before) public {
        delay = delay % (30 days + 1);
        vm.prank(address(timelock));
        timelock.updateDelay(delay);
        if (delay != 0) {
            before = before % delay;
            vm.expectRevert(
                abi.encodeWithSelector(TimelockController.TimelockInsufficientDelay.selector, before, delay)
            );
            vm.prank(address(federation));
            timelock.schedule(address(cities), 0, "", 0, 0, before);
        }
        vm.prank(address(federation));
        timelock.schedule(address(cities), 0, "", 0, 0, delay);
        check(timelock.getTimestamp(timelock.hashOperation(address(cities), 0, "", 0, 0)) == block.timestamp + delay, "time");
    }

    function testFuzz_NobodyGoesRoundTheVote(address stranger) public {
        vm.assume(stranger != address(timelock) && stranger != address(federation));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        cities.remove(PORTO);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, stranger));
        vm.prank(stranger);
        federation.setVotingPeriod(1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector, stranger, keccak256("PROPOSER_ROLE")
            )
        );
        vm.prank(stranger);
        timelock.schedule(address(cities), 0, "", 0, 0, TIMELOCK_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector, stranger, keccak256("CANCELLER_ROLE")
            )
        );
        vm.prank(stranger);
        timelock.cancel(0);
        vm.expectRevert(abi.encodeWithSelector(TimelockController.TimelockUnauthorizedCaller.selector, stranger));
        vm.prank(stranger);
        timelock.updateDelay(0);
    }

    function test_AnyoneExecutesAndNobodyAdministersTheTimelock() public view {
        check(timelock.hasRole(timelock.EXECUTOR_ROLE(), address(0)), "executor");
        check(!timelock.hasRole(timelock.PROPOSER_ROLE(), OWNER), "proposer");
        check(!timelock.hasRole(0x00, OWNER) && timelock.hasRole(0x00, address(timelock)), "admin");
        check(federation.timelock() == address(timelock), "timelock");
        check(address(federation.token()) == address(cities.seats()), "seats");
        check(address(federation.cityRegistry()) == address(cities), "registry");
        check(keccak256(bytes(federation.CLOCK_MODE())) == keccak256("mode=timestamp"), "clock mode");
    }
}
