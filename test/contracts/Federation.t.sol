// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {IFederation} from "../../contracts/federation/IFederation.sol";
import {GovernedTest} from "./GovernedTest.sol";

/// @dev Who proposes what, and who votes.
contract FederationVotesTest is GovernedTest {
    bytes internal constant CALL = abi.encodeWithSignature("reinstate(bytes5)", bytes5("PTOPO"));

    function notActive(address account, bytes5 city) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IFederation.FederationNotActiveCity.selector, account, city);
    }

    /// @dev Tries a proposal of one call with the given value and description.
    function expectRefusal(bytes memory refusal, address from, bytes memory data, uint256 value, uint256 length)
        internal
    {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = one(address(cities), data);
        values[0] = value;
        string memory description = string(new bytes(length));
        vm.expectRevert(refusal);
        vm.prank(from);
        federation.propose(targets, values, calldatas, description);
    }

    function invalid(uint256 index, address target, IFederation.ActionFault fault)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(IFederation.FederationInvalidAction.selector, index, target, fault);
    }

    function testFuzz_OnlyActiveCitiesPropose(address stranger) public {
        vm.assume(
            stranger != PORTO_CONTROLLER && stranger != CLERMONT_CONTROLLER && stranger != BERLIN_CONTROLLER
        );
        bytes memory noSeat = abi.encodeWithSelector(
            IGovernor.GovernorInsufficientProposerVotes.selector, stranger, uint256(0), uint256(1)
        );
        expectRefusal(noSeat, stranger, CALL, 0, 3);
        vm.prank(address(timelock));
        cities.suspend(PORTO, 1, NOW + 1000);
        expectRefusal(notActive(PORTO_CONTROLLER, PORTO), PORTO_CONTROLLER, CALL, 0, 3);
        vm.prank(address(timelock));
        cities.reinstate(PORTO);
        propose(address(cities), CALL);
    }

    function test_WhoNoLongerHoldsItsSeatDoesNotPropose() public {
        vm.prank(address(timelock));
        cities.remove(PORTO);
        expectRefusal(notActive(PORTO_CONTROLLER, 0), PORTO_CONTROLLER, CALL, 0, 3);
    }

    function testFuzz_AnActionSendsNoMoney(uint256 value) public {
        vm.assume(value != 0);
        bytes memory refusal = invalid(0, address(cities), IFederation.ActionFault.ValueNotZero);
        expectRefusal(refusal, PORTO_CONTROLLER, CALL, value, 3);
    }

    function testFuzz_AnActionNamesAFunction(uint8 length) public {
        bytes memory data = new bytes(length % 8);
        if (data.length < 4) {
            bytes memory refusal = invalid(0, address(cities), IFederation.ActionFault.CalldataTooShort);
            expectRefusal(refusal, PORTO_CONTROLLER, data, 0, 3);
        } else {
            propose(address(cities), data);
        }
    }

    function testFuzz_AnActionCallsAContract(uint160 account) public {
        vm.assume(address(account).code.length == 0);
        address[] memory targets = new address[](2);
        bytes[] memory calldatas = new bytes[](2);
        targets[0] = address(cities);
        targets[1] = address(account);
        calldatas[0] = CALL;
        calldatas[1] = CALL;
        vm.expectRevert(invalid(1, address(account), IFederation.ActionFault.NoCode));
        vm.prank(PORTO_CONTROLLER);
        federation.propose(targets, new uint256[](2), calldatas, "why");
    }

    function test_AProposalHasActionsWithOneValueAndCalldataEach() public {
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInvalidProposalLength.selector, uint256(2), uint256(1), uint256(2))
        );
        vm.prank(PORTO_CONTROLLER);
        federation.propose(new address[](2), new uint256[](2), new bytes[](1), "why");
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInvalidProposalLength.selector, uint256(0), uint256(0), uint256(0))
        );
        vm.prank(PORTO_CONTROLLER);
        federation.propose(new address[](0), new uint256[](0), new bytes[](0), "why");
    }

    function test_TextsAreBounded() public {
        bytes memory refusal =
            abi.encodeWithSelector(IFederation.FederationTextTooLong.selector, uint256(10_001), uint256(10_000));
        expectRefusal(refusal, PORTO_CONTROLLER, CALL, 0, 10_001);
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = one(address(cities), CALL);
        vm.prank(PORTO_CONTROLLER);
        uint256 proposalId = federation.propose(targets, values, calldatas, string(new bytes(10_000)));
        startVoting(proposalId);
        vm.expectRevert(
            abi.encodeWithSelector(IFederation.FederationTextTooLong.selector, uint256(1001), uint256(1000))
        );
        vm.prank(PORTO_CONTROLLER);
        federation.castVoteWithReason(proposalId, FOR, string(new bytes(1001)));
        vm.prank(PORTO_CONTROLLER);
        federation.castVoteWithReason(proposalId, FOR, string(new bytes(1000)));
    }

    function testFuzz_EachCityHasOneVoteAndOneOnly(uint8 porto, uint8 clermont) public {
        porto = porto % 3;
        clermont = clermont % 3;
        uint256 proposalId = propose(address(cities), CALL);
        startVoting(proposalId);
        vm.expectEmit(address(federation));
        emit IGovernor.VoteCast(PORTO_CONTROLLER, proposalId, porto, 1, "because");
        vote(PORTO_CONTROLLER, proposalId, porto);
        vote(CLERMONT_CONTROLLER, proposalId, clermont);
        (uint256 against, uint256 inFavour, uint256 abstained) = federation.proposalVotes(proposalId);
        check(against + inFavour + abstained == 2, "votes");
        check(inFavour == (porto == FOR ? 1 : 0) + (clermont == FOR ? 1 : 0), "in favour");
        check(against == (porto == AGAINST ? 1 : 0) + (clermont == AGAINST ? 1 : 0), "against");
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, PORTO_CONTROLLER)
        );
        vote(PORTO_CONTROLLER, proposalId, porto);
    }

    function testFuzz_VotesCountBetweenTheDelayAndTheEnd(uint32 time) public {
        uint256 proposalId = propose(address(cities), CALL);
        // Not from `block.timestamp`: the optimiser takes it for the same all through a call, and reads it after the warp.
        uint256 start = federation.proposalSnapshot(proposalId);
        uint256 at = start - 5 + (time % (VOTING_PERIOD + 50));
        vm.warp(at);
        bool isOpen = at > start && at <= start + VOTING_PERIOD;
        if (!isOpen) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IGovernor.GovernorUnexpectedProposalState.selector,
                    proposalId,
                    federation.state(proposalId),
                    bytes32(uint256(1) << uint8(IGovernor.ProposalState.Active))
                )
            );
        }
        vote(CLERMONT_CONTROLLER, proposalId, FOR);
    }

    function testFuzz_StrangersAndSuspendedCitiesDoNotVote(address stranger) public {
        vm.assume(
            stranger != PORTO_CONTROLLER && stranger != CLERMONT_CONTROLLER && stranger != BERLIN_CONTROLLER
        );
        uint256 proposalId = propose(address(cities), CALL);
        startVoting(proposalId);
        vm.expectRevert(notActive(stranger, 0));
        vote(stranger, proposalId, FOR);
        vm.prank(address(timelock));
        cities.suspend(CLERMONT, 1, uint64(block.timestamp) + 5);
        vm.expectRevert(notActive(CLERMONT_CONTROLLER, CLERMONT));
        vote(CLERMONT_CONTROLLER, proposalId, FOR);
        vm.prank(address(timelock));
        cities.remove(BERLIN);
        vm.expectRevert(notActive(BERLIN_CONTROLLER, 0));
        vote(BERLIN_CONTROLLER, proposalId, FOR);
        vm.warp(block.timestamp + 6);
        vote(CLERMONT_CONTROLLER, proposalId, FOR);
    }

    function test_WhoCameAfterTheSnapshotDoesNotVote() public {
        uint256 proposalId = propose(address(cities), CALL);
        startVoting(proposalId);
        vm.prank(address(timelock));
        cities.admit(NOWHERE, "Roma", "did", address(0xB1), address(2), "url");
        vm.prank(address(timelock));
        cities.activate(NOWHERE, "agreement", "dpia");
        vm.warp(block.timestamp + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IFederation.FederationNoSeatAtSnapshot.selector, proposalId, address(0xB1))
        );
        vote(address(0xB1), proposalId, FOR);
    }

    function test_ACityDoesNotVoteTwiceByChangingItsController() public {
        vm.prank(address(timelock));
        cities.setRotationDelay(20);
        vm.prank(CLERMONT_CONTROLLER);
        cities.offerController(CLERMONT, address(0xB2));
        uint256 proposalId = propose(address(cities), CALL);
        startVoting(proposalId);
        vote(CLERMONT_CONTROLLER, proposalId, FOR);
        vm.warp(block.timestamp + 20);
        vm.prank(address(0xB2));
        cities.acceptController(CLERMONT);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IFederation.FederationNoSeatAtSnapshot.selector, proposalId, address(0xB2))
        );
        vote(address(0xB2), proposalId, FOR);
        (, uint256 inFavour,) = federation.proposalVotes(proposalId);
        check(inFavour == 1, "votes");
    }

    function testFuzz_VotesHaveNoParameters(bytes memory params) public {
        vm.assume(params.length != 0);
        uint256 proposalId = propose(address(cities), CALL);
        startVoting(proposalId);
        vm.expectRevert(
            abi.encodeWithSelector(IFederation.FederationUnexpectedParams.selector, params.length)
        );
        vm.prank(PORTO_CONTROLLER);
        federation.castVoteWithReasonAndParams(proposalId, FOR, "because", params);
    }

    function test_OnlyTheProposerTakesBackAndOnlyBeforeTheVote() public {
        uint256 proposalId = propose(address(cities), CALL);
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = one(address(cities), CALL);
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorUnableToCancel.selector, proposalId, CLERMONT_CONTROLLER)
        );
        vm.prank(CLERMONT_CONTROLLER);
        federation.cancel(targets, values, calldatas, keccak256("why"));
        vm.prank(PORTO_CONTROLLER);
        federation.cancel(targets, values, calldatas, keccak256("why"));
        check(federation.state(proposalId) == IGovernor.ProposalState.Canceled, "state");
    }
}
