// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Anchors} from "../../contracts/anchors/Anchors.sol";
import {IGuardian} from "../../contracts/federation/IGuardian.sol";
import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {StatusLists} from "../../contracts/status/StatusLists.sol";
import {IssuerRegistry} from "../../contracts/trust/IssuerRegistry.sol";
import {RecognitionRegistry} from "../../contracts/trust/RecognitionRegistry.sol";
import {FederationTest, RewardsTest} from "./FederationTest.sol";

contract GuardianTest is FederationTest {
    uint64 internal constant PAUSE = 72 hours;


    function testFuzz_APauseEndsByItselfAfter72Hours(bytes32 incident, uint32 later) public {
        vm.assume(incident != 0);
        vm.expectEmit(address(guardian));
        emit IGuardian.WritesPaused(address(cities), incident, NOW + PAUSE);
        vm.prank(GUARDIAN);
        guardian.pause(address(cities), incident);
        check(guardian.pausedUntil(address(cities)) == NOW + PAUSE && guardian.isIncidentUsed(incident), "record");
        uint256 time = uint256(NOW) + (later % (2 * PAUSE));
        vm.warp(time);
        if (time <= NOW + PAUSE) {
            vm.expectRevert(
                abi.encodeWithSelector(IGuardian.GuardianPaused.selector, address(cities), NOW + PAUSE)
            );
        }
        guardian.requireRunning(address(cities));
        guardian.requireRunning(address(this));
    }

    function test_APauseIncludesItsLastSecondAndNotTheNext() public {
        pause(address(cities));
        vm.warp(NOW + PAUSE);
        vm.expectRevert(abi.encodeWithSelector(IGuardian.GuardianPaused.selector, address(cities), NOW + PAUSE));
        guardian.requireRunning(address(cities));
        vm.warp(NOW + PAUSE + 1);
        guardian.requireRunning(address(cities));
    }

    function testFuzz_OnlyTheGuardianPauses(address stranger, bytes32 incident) public {
        vm.assume(stranger != GUARDIAN);
        vm.expectRevert(abi.encodeWithSelector(IGuardian.GuardianNotGuardian.selector, stranger));
        vm.prank(stranger);
        guardian.pause(address(cities), incident);
    }

    function testFuzz_AnIncidentIsUsedOnceForWhateverContract(bytes32 incident) public {
        vm.assume(incident != 0);
        vm.prank(GUARDIAN);
        guardian.pause(address(cities), incident);
        vm.expectRevert(abi.encodeWithSelector(IGuardian.GuardianIncidentUsed.selector, incident));
        vm.prank(GUARDIAN);
        guardian.pause(address(this), incident);
        vm.prank(OWNER);
        guardian.clear(address(cities));
        vm.expectRevert(abi.encodeWithSelector(IGuardian.GuardianIncidentUsed.selector, incident));
        vm.prank(GUARDIAN);
        guardian.pause(address(cities), incident);
    }

    function testFuzz_AContractIsPausedOnceUntilTheFederationClearsIt(uint32 later) public {
        pause(address(cities));
        vm.warp(uint256(NOW) + later);
        bytes memory refusal =
            abi.encodeWithSelector(IGuardian.GuardianNotCleared.selector, address(cities), NOW + PAUSE);
        vm.expectRevert(refusal);
        vm.prank(GUARDIAN);
        guardian.pause(address(cities), "another incident");
        vm.expectEmit(address(guardian));
        emit IGuardian.PauseCleared(address(cities));
        vm.prank(OWNER);
        guardian.clear(address(cities));
        guardian.requireRunning(address(cities));
        vm.prank(GUARDIAN);
        guardian.pause(address(cities), "another incident");
        check(guardian.pausedUntil(address(cities)) == uint64(NOW) + later + PAUSE, "not paused again");
    }

    function testFuzz_OnlyContractsAndOnlyForAnIncidentArePaused(uint160 account) public {
        vm.assume(address(account).code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(IGuardian.GuardianNoCode.selector, address(account)));
        vm.prank(GUARDIAN);
        guardian.pause(address(account), "incident");
        vm.expectRevert(abi.encodeWithSelector(IGuardian.GuardianMissingIncident.selector, address(cities)));
        vm.prank(GUARDIAN);
        guardian.pause(address(cities), 0);
    }

    function test_WhatIsNotPausedIsNotCleared() public {
        vm.expectRevert(abi.encodeWithSelector(IGuardian.GuardianNothingToClear.selector, address(cities)));
        vm.prank(OWNER);
        guardian.clear(address(cities));
    }

    function testFuzz_TheOwnerAppointsAndClears(address stranger, address next) public {
        vm.assume(stranger != OWNER && next != GUARDIAN);
        pause(address(cities));
        bytes memory refusal = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        guardian.appoint(stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        guardian.clear(address(cities));
        vm.expectEmit(address(guardian));
        emit IGuardian.GuardianAppointed(next);
        vm.prank(OWNER);
        guardian.appoint(next);
        check(guardian.guardian() == next, "guardian");
        vm.expectRevert(abi.encodeWithSelector(IGuardian.GuardianNotGuardian.selector, GUARDIAN));
        vm.prank(GUARDIAN);
        guardian.pause(address(this), "incident");
    }
}

/// @dev What a pause of each contract stops, and what it never stops.
contract PausesTest is RewardsTest {
    bytes32 internal constant X = 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296;
    bytes32 internal constant Y = 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5;
    bytes32 internal constant TYPE_ID = keccak256("vct");

    function expectPause(address target) internal {
        vm.expectRevert(paused(target));
        vm.prank(PORTO_CONTROLLER);
    }

    function test_OfCityRegistry() public {
        check(address(cities.guardian()) == address(guardian), "guardian");
        vm.prank(CLERMONT_CONTROLLER);
        cities.offerController(CLERMONT, address(9));
        vm.warp(NOW + ROTATION_DELAY);
        pause(address(cities));
        expectPause(address(cities));
        cities.changeServiceUrl(PORTO, "url");
        expectPause(address(cities));
        cities.offerController(PORTO, address(8));
        vm.expectRevert(paused(address(cities)));
        vm.prank(recoveryOf(PORTO_CONTROLLER));
        cities.changeRecovery(PORTO, address(8));
        vm.expectRevert(paused(address(cities)));
        vm.prank(address(9));
        cities.acceptController(CLERMONT);
        vm.prank(recoveryOf(CLERMONT_CONTROLLER));
        cities.vetoController(CLERMONT);
        suspend(PORTO, uint64(block.timestamp) + 100);
        vm.prank(PORTO_CONTROLLER);
        cities.appeal(PORTO, "statement");
        vm.prank(OWNER);
        cities.offerController(PORTO, address(8));
        vm.prank(OWNER);
        cities.changeRecovery(PORTO, address(7));
        vm.prank(OWNER);
        cities.reinstate(PORTO);
        check(cities.isActive(PORTO) && cities.cityOf(PORTO).appealed, "owner and appeal");
    }

    function test_OfIssuerRegistryAndRecognitionRegistry() public {
        IssuerRegistry issuers = new IssuerRegistry(cities, guardian);
        RecognitionRegistry recognitions = new RecognitionRegistry(cities, guardian);
        bytes32 thumbprint = issuers.thumbprintOf(X, Y);
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, X, Y, "vct", NOW, NOW);
        vm.prank(PORTO_CONTROLLER);
        recognitions.recognise(PORTO, CLERMONT, "vct", 1, NOW);
        pause(address(issuers));
        pause(address(recognitions));
        expectPause(address(issuers));
        issuers.accredit(PORTO, X, Y, "other", NOW, NOW);
        expectPause(address(recognitions));
        recognitions.recognise(PORTO, CLERMONT, "vct", 3, NOW);
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, thumbprint, TYPE_ID, NOW);
        vm.prank(PORTO_CONTROLLER);
        recognitions.withdraw(PORTO, CLERMONT, TYPE_ID);
        check(!issuers.isTrustedAt(PORTO, thumbprint, TYPE_ID, NOW), "trusted");
        check(recognitions.recognitionOf(PORTO, CLERMONT, TYPE_ID).validUntil == 0, "recognised");
    }

    function test_OfStatusListsAndAnchors() public {
        StatusLists lists = new StatusLists(cities, guardian);
        Anchors anchors = new Anchors(cities, guardian);
        vm.prank(PORTO_CONTROLLER);
        lists.create(PORTO, "uri", 1 << 20);
        pause(address(lists));
        pause(address(anchors));
        expectPause(address(lists));
        lists.create(PORTO, "other", 1 << 20);
        expectPause(address(lists));
        lists.publish(keccak256("PTOPOuri"), 1, "digest", "");
        expectPause(address(anchors));
        anchors.anchor(PORTO, 0, 1, "root");
    }

    function test_OfRewardPrograms() public {
        fund(10);
        IRewardPrograms.Note[] memory notes = oneNote(0, 7, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        vm.prank(PORTO_CONTROLLER);
        programs.share(PROGRAM);
        pause(address(programs));
        expectPause(address(programs));
        programs.create("other", PORTO, "Other", SPONSOR, FROM, UNTIL, values, moduli);
        expectPause(address(programs));
        programs.fund(PROGRAM, 1);
        expectPause(address(programs));
        programs.share(PROGRAM);
        expectPause(address(programs));
        programs.registerMerchant(PORTO, address(9));
        expectPause(address(programs));
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, MERCHANT);
        vm.prank(OWNER);
        programs.fundShared(PROGRAM, 5);
        check(programs.programOf(PROGRAM).funded == 15 && !programs.isMerchant(PORTO, MERCHANT), "not stopped");
        vm.warp(uint256(UNTIL) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IGuardian.GuardianPaused.selector, address(programs), NOW + 72 hours)
        );
        programs.close(PROGRAM);
        vm.warp(NOW + 72 hours + 1);
        programs.close(PROGRAM);
    }

    function test_OfSettlement() public {
        fund(64);
        redeemOne(2, 1);
        vm.prank(MERCHANT);
        settlement.request(PROGRAM, 1, "first");
        pause(address(settlement));
        vm.expectRevert(paused(address(settlement)));
        vm.prank(MERCHANT);
        settlement.request(PROGRAM, 1, "second");
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("first", "bank");
        check(settlement.requestOf("first").paid && token.balanceOf(MERCHANT, uint256(PROGRAM)) == 63, "balance");
    }
}
