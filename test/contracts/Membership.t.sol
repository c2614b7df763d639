// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CitySeat} from "../../contracts/federation/CitySeat.sol";
import {ICitySeat} from "../../contracts/federation/ICitySeat.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {FederationTest} from "./FederationTest.sol";

/// @dev Unique names, reasons, appeals.
contract MembershipTest is FederationTest {
    function appeal(address account, bytes32 statementHash) internal {
        vm.prank(account);
        cities.appeal(PORTO, statementHash);
    }

    function testFuzz_ADidBelongsToOneCityForEver(bytes memory did, bool removed) public {
        vm.assume(did.length != 0);
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", string(did), address(1), address(2), "url");
        if (removed) remove(NOWHERE);
        vm.expectRevert(
            abi.encodeWithSelector(ICityRegistry.CityRegistryDidInUse.selector, string(did), NOWHERE)
        );
        vm.prank(OWNER);
        cities.admit("DEBER", "Berlin", string(did), address(3), address(4), "url");
    }

    function test_AnAdmissionIsKeptAsItWasDecided() public {
        vm.expectEmit(address(cities));
        emit ICityRegistry.CityAdmitted(NOWHERE, "Roma", "did", address(1), address(2), "url");
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(2), "url");
        ICityRegistry.City memory city = cities.cityOf(NOWHERE);
        check(city.controller == address(1) && city.recovery == address(2) && city.admittedAt == NOW, "accounts");
        check(keccak256(bytes(city.name)) == keccak256("Roma"), "name");
        check(keccak256(bytes(city.did)) == keccak256("did"), "identifier");
        check(keccak256(bytes(city.serviceUrl)) == keccak256("url"), "service");
        check(cities.cityOfController(address(1)) == NOWHERE, "controller");
    }

    function test_ASuspensionGivesItsReason() public {
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryMissingReason.selector, PORTO));
        vm.prank(OWNER);
        cities.suspend(PORTO, 0, NOW + 1);
    }

    function testFuzz_ASuspendedCityAppealsOnce(bytes32 statementHash, address stranger) public {
        vm.assume(statementHash != 0 && stranger != PORTO_CONTROLLER);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Active));
        appeal(PORTO_CONTROLLER, statementHash);
        suspend(PORTO, NOW + 100);
        vm.expectRevert(notController(PORTO, stranger));
        appeal(stranger, statementHash);
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryMissingStatement.selector, PORTO));
        appeal(PORTO_CONTROLLER, 0);
        vm.expectEmit(address(cities));
        emit ICityRegistry.SuspensionAppealed(PORTO, statementHash);
        appeal(PORTO_CONTROLLER, statementHash);
        check(cities.cityOf(PORTO).appealed, "appealed");
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryAlreadyAppealed.selector, PORTO));
        appeal(PORTO_CONTROLLER, statementHash);
    }

    function test_AnotherSuspensionCanBeAppealedAgain() public {
        suspend(PORTO, NOW + 100);
        appeal(PORTO_CONTROLLER, "first");
        suspend(PORTO, NOW + 200);
        check(!cities.cityOf(PORTO).appealed, "appealed");
        appeal(PORTO_CONTROLLER, "second");
        vm.warp(NOW + 201);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Active));
        appeal(PORTO_CONTROLLER, "third");
    }

    function test_ASuspensionAndARemovalTakeAnOfferBack() public {
        vm.prank(recoveryOf(PORTO_CONTROLLER));
        cities.offerController(PORTO, address(9));
        suspend(PORTO, NOW + 100);
        ICityRegistry.City memory city = cities.cityOf(PORTO);
        check(city.pendingController == address(0) && city.acceptableFrom == 0 && !city.offerProtected, "left");
        vm.prank(OWNER);
        cities.offerController(PORTO, address(9));
        remove(PORTO);
        city = cities.cityOf(PORTO);
        check(city.pendingController == address(0) && city.acceptableFrom == 0 && !city.offerProtected, "left");
    }
}

contract CitySeatTest is FederationTest {
    CitySeat internal seats;

    function setUp() public override {
        super.setUp();
        seats = CitySeat(address(cities.seats()));
    }

    function test_EachActiveCityHasOneSeatWithOneVote() public {
        check(seats.totalSupply() == 2 && seats.cityRegistry() == address(cities), "seats");
        check(seats.seatOf(PORTO) == PORTO_CONTROLLER && seats.cityOf(PORTO_CONTROLLER) == PORTO, "seat");
        check(seats.ownerOf(uint256(uint40(PORTO))) == PORTO_CONTROLLER, "token");
        check(seats.delegates(PORTO_CONTROLLER) == PORTO_CONTROLLER, "delegate");
        check(seats.getVotes(PORTO_CONTROLLER) == 1 && seats.balanceOf(PORTO_CONTROLLER) == 1, "votes");
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(2), "url");
        check(seats.seatOf(NOWHERE) == address(0) && seats.totalSupply() == 2, "seat without documents");
        vm.prank(OWNER);
        cities.activate(NOWHERE, "agreement", "dpia");
        check(seats.seatOf(NOWHERE) == address(1) && seats.totalSupply() == 3, "no seat");
        check(bytes(seats.name()).length == 18 && bytes(seats.symbol()).length == 4, "name");
    }

    function test_ASeatOutlastsASuspensionAndEndsWithARemoval() public {
        suspend(PORTO, NOW + 100);
        check(seats.seatOf(PORTO) == PORTO_CONTROLLER, "suspended");
        remove(PORTO);
        check(seats.seatOf(PORTO) == address(0) && seats.cityOf(PORTO_CONTROLLER) == 0, "removed");
        check(seats.getVotes(PORTO_CONTROLLER) == 0 && seats.totalSupply() == 1, "votes");
    }

    function test_ACityThatIsRemovedBeforeItsActivationHadNoSeat() public {
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(2), "url");
        remove(NOWHERE);
        check(seats.totalSupply() == 2, "seats");
    }

    function testFuzz_ASeatMovesWithTheController(address next, uint32 wait) public {
        vm.assume(next != address(0) && next != PORTO_CONTROLLER && next != CLERMONT_CONTROLLER);
        vm.assume(next != recoveryOf(PORTO_CONTROLLER));
        vm.prank(PORTO_CONTROLLER);
        cities.offerController(PORTO, next);
        vm.warp(uint256(NOW) + ROTATION_DELAY + wait);
        vm.prank(next);
        cities.acceptController(PORTO);
        check(seats.seatOf(PORTO) == next && seats.cityOf(next) == PORTO, "seat");
        check(seats.cityOf(PORTO_CONTROLLER) == 0 && seats.getVotes(PORTO_CONTROLLER) == 0, "old holder");
        check(seats.getVotes(next) == 1 && seats.totalSupply() == 2, "votes");
        vm.warp(block.timestamp + 1);
        check(seats.getPastVotes(PORTO_CONTROLLER, NOW) == 1 && seats.getPastVotes(next, NOW) == 0, "past");
    }

    function test_AControllerOfACityWithoutASeatBringsNone() public {
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(2), "url");
        vm.prank(address(1));
        cities.offerController(NOWHERE, address(3));
        vm.warp(NOW + ROTATION_DELAY);
        vm.prank(address(3));
        cities.acceptController(NOWHERE);
        check(seats.totalSupply() == 2 && seats.cityOf(address(3)) == 0, "seat");
    }

    function testFuzz_OnlyTheRegistryHandsSeatsOut(address stranger) public {
        vm.assume(stranger != address(cities));
        bytes memory refusal = abi.encodeWithSelector(ICitySeat.CitySeatNotRegistry.selector, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        seats.mint(NOWHERE, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        seats.move(PORTO, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        seats.burn(PORTO);
    }

    function testFuzz_HoldersNeitherTransferNorApproveNorDelegate(address to, uint256 token) public {
        bytes memory refusal =
            abi.encodeWithSelector(ICitySeat.CitySeatNotTransferable.selector, PORTO_CONTROLLER);
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        seats.transferFrom(PORTO_CONTROLLER, to, token);
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        seats.safeTransferFrom(PORTO_CONTROLLER, to, token);
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        seats.safeTransferFrom(PORTO_CONTROLLER, to, token, "");
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        seats.approve(to, token);
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        seats.setApprovalForAll(to, true);
        refusal = abi.encodeWithSelector(ICitySeat.CitySeatNotDelegable.selector, PORTO_CONTROLLER);
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        seats.delegate(to);
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        seats.delegateBySig(to, 0, type(uint256).max, 27, 0, 0);
    }

    function test_VotesAreCountedInSeconds() public view {
        check(seats.clock() == NOW, "clock");
        check(keccak256(bytes(seats.CLOCK_MODE())) == keccak256("mode=timestamp"), "mode");
    }
}
