// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {FederationTest} from "./FederationTest.sol";

/// @dev How control over a city changes hands, and who can stop it.
contract CityControlTest is FederationTest {
    address internal immutable RECOVERY = recoveryOf(PORTO_CONTROLLER);
    address internal immutable NEXT = address(0xB0B);
    address internal immutable THIEF = address(0x7E1F);

    function offer(address from, address controller) internal {
        vm.prank(from);
        cities.offerController(PORTO, controller);
    }

    function accept(address account) internal {
        vm.prank(account);
        cities.acceptController(PORTO);
    }

    function veto(address from) internal {
        vm.prank(from);
        cities.vetoController(PORTO);
    }

    function notOffered(address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICityRegistry.CityRegistryNotOffered.selector, PORTO, account);
    }

    function invalidController(address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidController.selector, account);
    }

    function invalidRecovery(address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidRecovery.selector, account);
    }

    /// @dev An account that has no part in the tests yet.
    function isFresh(address account) internal view returns (bool) {
        return account != address(0) && account != PORTO_CONTROLLER && account != CLERMONT_CONTROLLER
            && account != RECOVERY && account != OWNER;
    }

    function testFuzz_ControlChangesHandsInTwoStepsAfterTheDelay(address next, address stranger, bool byRecovery)
        public
    {
        vm.assume(isFresh(next) && isFresh(stranger) && next != stranger);
        vm.expectRevert(notController(PORTO, stranger));
        offer(stranger, stranger);
        vm.expectEmit(address(cities));
        emit ICityRegistry.ControllerOffered(PORTO, next, NOW + ROTATION_DELAY);
        offer(byRecovery ? RECOVERY : PORTO_CONTROLLER, next);
        check(cities.controllerOf(PORTO) == PORTO_CONTROLLER, "too early");
        ICityRegistry.City memory city = cities.cityOf(PORTO);
        check(city.pendingController == next && city.acceptableFrom == NOW + ROTATION_DELAY, "offer");
        check(city.offerProtected == byRecovery, "protection");
        vm.warp(NOW + ROTATION_DELAY);
        vm.expectRevert(notOffered(stranger));
        accept(stranger);
        vm.expectEmit(address(cities));
        emit ICityRegistry.ControllerChanged(PORTO, next);
        accept(next);
        city = cities.cityOf(PORTO);
        check(city.controller == next && city.pendingController == address(0), "not changed");
        check(city.acceptableFrom == 0 && !city.offerProtected, "offer left");
        check(cities.cityOfController(next) == PORTO, "city of the new controller");
        check(cities.cityOfController(PORTO_CONTROLLER) == 0, "city of the old controller");
        vm.expectRevert(notOffered(next));
        accept(next);
    }

    function testFuzz_AnOfferWaits(uint32 delay, uint32 early) public {
        delay = 1 + (delay % 30 days);
        vm.expectEmit(address(cities));
        emit ICityRegistry.RotationDelayChanged(delay);
        vm.prank(OWNER);
        cities.setRotationDelay(delay);
        offer(PORTO_CONTROLLER, NEXT);
        vm.warp(uint256(NOW) + (early % delay));
        vm.expectRevert(
            abi.encodeWithSelector(ICityRegistry.CityRegistryTooEarly.selector, PORTO, NOW + delay)
        );
        accept(NEXT);
        vm.warp(uint256(NOW) + delay);
        accept(NEXT);
        check(cities.controllerOf(PORTO) == NEXT, "not accepted in its first second");
    }

    function testFuzz_ARunningOfferKeepsItsTime(uint32 delay) public {
        offer(PORTO_CONTROLLER, NEXT);
        vm.prank(OWNER);
        cities.setRotationDelay(1 + (delay % 30 days));
        check(cities.cityOf(PORTO).acceptableFrom == NOW + ROTATION_DELAY, "time");
    }

    function testFuzz_ARotationDelayIsOneSecondToThirtyDays(uint32 delay) public {
        bool valid = delay >= 1 && delay <= 30 days;
        if (!valid) {
            vm.expectRevert(
                abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidRotationDelay.selector, delay)
            );
        }
        vm.prank(OWNER);
        cities.setRotationDelay(delay);
        check(cities.rotationDelay() == (valid ? delay : ROTATION_DELAY), "delay");
    }

    function test_ARotationDelayOfThirtyDaysIsTakenAndNotOneSecondMore() public {
        vm.prank(OWNER);
        cities.setRotationDelay(30 days);
        uint32[2] memory invalid = [uint32(0), 30 days + 1];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidRotationDelay.selector, invalid[i])
            );
            vm.prank(OWNER);
            cities.setRotationDelay(invalid[i]);
        }
    }

    function testFuzz_TheRecoveryAccountAndTheOwnerVeto(bool byOwner, bool suspended, address stranger) public {
        vm.assume(isFresh(stranger));
        offer(PORTO_CONTROLLER, THIEF);
        if (suspended) {
            suspend(PORTO, NOW + 100);
            offer(OWNER, THIEF);
        }
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryNotRecovery.selector, PORTO, stranger));
        veto(stranger);
        vm.expectRevert(
            abi.encodeWithSelector(ICityRegistry.CityRegistryNotRecovery.selector, PORTO, PORTO_CONTROLLER)
        );
        veto(PORTO_CONTROLLER);
        vm.expectEmit(address(cities));
        emit ICityRegistry.ControllerVetoed(PORTO, THIEF);
        veto(byOwner ? OWNER : RECOVERY);
        vm.warp(NOW + ROTATION_DELAY);
        vm.expectRevert(notOffered(THIEF));
        accept(THIEF);
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryNothingOffered.selector, PORTO));
        veto(byOwner ? OWNER : RECOVERY);
        check(cities.cityOf(PORTO).acceptableFrom == 0, "offer left");
    }

    function testFuzz_WhoStoleTheControllersKeyCannotStopItsReplacement(address other) public {
        vm.assume(isFresh(other) && other != NEXT);
        offer(PORTO_CONTROLLER, THIEF);
        offer(RECOVERY, NEXT);
        bytes memory refusal =
            abi.encodeWithSelector(ICityRegistry.CityRegistryOfferProtected.selector, PORTO, NEXT);
        vm.expectRevert(refusal);
        offer(PORTO_CONTROLLER, other);
        vm.expectRevert(refusal);
        offer(PORTO_CONTROLLER, address(0));
        vm.warp(NOW + ROTATION_DELAY);
        accept(NEXT);
        check(cities.controllerOf(PORTO) == NEXT, "not replaced");
    }

    function testFuzz_AnOfferIsTakenBackOrReplaced(address other, bool byRecovery) public {
        vm.assume(isFresh(other) && other != NEXT);
        address by = byRecovery ? RECOVERY : PORTO_CONTROLLER;
        offer(by, NEXT);
        vm.warp(NOW + 10);
        offer(by, other);
        check(cities.cityOf(PORTO).acceptableFrom == NOW + 10 + ROTATION_DELAY, "the new offer waits too");
        vm.expectEmit(address(cities));
        emit ICityRegistry.ControllerOffered(PORTO, address(0), 0);
        offer(by, address(0));
        ICityRegistry.City memory city = cities.cityOf(PORTO);
        check(city.pendingController == address(0) && city.acceptableFrom == 0 && !city.offerProtected, "left");
        offer(PORTO_CONTROLLER, NEXT);
        check(cities.cityOf(PORTO).pendingController == NEXT, "offered again");
    }

    function test_AControllerActsForOneCityAndIsNotItsRecoveryAccount() public {
        bytes memory inUse = abi.encodeWithSelector(
            ICityRegistry.CityRegistryControllerInUse.selector, CLERMONT_CONTROLLER, CLERMONT
        );
        vm.expectRevert(inUse);
        offer(PORTO_CONTROLLER, CLERMONT_CONTROLLER);
        vm.expectRevert(invalidController(RECOVERY));
        offer(PORTO_CONTROLLER, RECOVERY);
        vm.expectRevert(inUse);
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", CLERMONT_CONTROLLER, address(2), "url");
        remove(CLERMONT);
        vm.expectRevert(inUse);
        offer(PORTO_CONTROLLER, CLERMONT_CONTROLLER);
    }

    function test_WhoCameToActForAnotherCityMeanwhileDoesNotAccept() public {
        offer(PORTO_CONTROLLER, NEXT);
        activate(NOWHERE, NEXT);
        vm.warp(NOW + ROTATION_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(ICityRegistry.CityRegistryControllerInUse.selector, NEXT, NOWHERE)
        );
        accept(NEXT);
    }

    function test_AnOldControllerCanActForAnotherCity() public {
        offer(PORTO_CONTROLLER, NEXT);
        vm.warp(NOW + ROTATION_DELAY);
        accept(NEXT);
        activate(NOWHERE, PORTO_CONTROLLER);
        check(cities.cityOfController(PORTO_CONTROLLER) == NOWHERE, "not admitted");
    }

    function testFuzz_TheRecoveryAccountChangesItself(address next, address stranger) public {
        vm.assume(isFresh(next) && stranger != RECOVERY);
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryNotRecovery.selector, PORTO, stranger));
        vm.prank(stranger);
        cities.changeRecovery(PORTO, next);
        vm.expectEmit(address(cities));
        emit ICityRegistry.RecoveryChanged(PORTO, next);
        vm.prank(RECOVERY);
        cities.changeRecovery(PORTO, next);
        check(cities.cityOf(PORTO).recovery == next, "not changed");
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryNotRecovery.selector, PORTO, RECOVERY));
        vm.prank(RECOVERY);
        cities.changeRecovery(PORTO, RECOVERY);
    }

    function test_ARecoveryAccountIsNeitherNobodyNorTheControllerNorToBecomeIt() public {
        offer(PORTO_CONTROLLER, NEXT);
        address[3] memory invalid = [address(0), PORTO_CONTROLLER, NEXT];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(invalidRecovery(invalid[i]));
            vm.prank(RECOVERY);
            cities.changeRecovery(PORTO, invalid[i]);
        }
        vm.expectRevert(invalidRecovery(address(0)));
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(0), "url");
        vm.expectRevert(invalidRecovery(address(1)));
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(1), "url");
    }

    function testFuzz_ASuspendedCityRecoversThroughTheOwner(address rescuer, address recovery) public {
        vm.assume(isFresh(rescuer) && isFresh(recovery) && rescuer != recovery && rescuer != THIEF);
        offer(RECOVERY, THIEF);
        suspend(PORTO, NOW + 30 days);
        vm.warp(NOW + ROTATION_DELAY);
        vm.expectRevert(notOffered(THIEF));
        accept(THIEF);
        bytes memory refusal = wrongStatus(PORTO, ICityRegistry.CityStatus.Suspended);
        vm.expectRevert(refusal);
        offer(PORTO_CONTROLLER, THIEF);
        vm.expectRevert(refusal);
        offer(RECOVERY, THIEF);
        vm.expectRevert(refusal);
        vm.prank(RECOVERY);
        cities.changeRecovery(PORTO, THIEF);
        // Whoever stole both keys can veto no more.
        vm.prank(OWNER);
        cities.changeRecovery(PORTO, recovery);
        offer(OWNER, rescuer);
        check(cities.cityOf(PORTO).offerProtected, "not protected");
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryNotRecovery.selector, PORTO, RECOVERY));
        veto(RECOVERY);
        vm.warp(NOW + 2 * ROTATION_DELAY);
        accept(rescuer);
        check(cities.controllerOf(PORTO) == rescuer, "not rescued");
    }

    function test_TheOwnerTakesNoCityThatIsNotSuspended() public {
        vm.expectRevert(notController(PORTO, OWNER));
        offer(OWNER, OWNER);
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryNotRecovery.selector, PORTO, OWNER));
        vm.prank(OWNER);
        cities.changeRecovery(PORTO, OWNER);
    }
}
