// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {FederationTest} from "./FederationTest.sol";

contract CityRegistryTest is FederationTest {
    function testFuzz_OnlyTheOwnerChangesMembershipAndItsRules(address stranger) public {
        vm.assume(stranger != OWNER);
        bytes memory refusal = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        cities.admit(NOWHERE, "Roma", "did", stranger, address(2), "url");
        vm.expectRevert(refusal);
        vm.prank(stranger);
        cities.activate(PORTO, "a", "d");
        vm.expectRevert(refusal);
        vm.prank(stranger);
        cities.suspend(PORTO, 1, NOW + 1);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        cities.reinstate(PORTO);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        cities.remove(PORTO);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        cities.setRotationDelay(1);
    }

    function testFuzz_OwnershipTakesTwoSteps(address next) public {
        vm.assume(next != OWNER && next != address(0));
        vm.prank(OWNER);
        cities.transferOwnership(next);
        check(cities.owner() == OWNER, "owner changed too early");
        vm.prank(next);
        cities.acceptOwnership();
        check(cities.owner() == next, "owner did not change");
    }

    function testFuzz_LocodeIsTwoLettersAndThreeLettersOrDigits(bytes5 city) public {
        vm.assume(city != PORTO && city != CLERMONT);
        bool valid = true;
        for (uint256 i = 0; i < 5; ++i) {
            uint8 char = uint8(city[i]);
            valid = valid && ((char >= 65 && char <= 90) || (i > 1 && char >= 50 && char <= 57));
        }
        if (!valid) vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidLocode.selector, city));
        vm.prank(OWNER);
        cities.admit(city, "Roma", "did", address(1), address(2), "url");
    }

    function testFuzz_EveryWellFormedLocodeIsAdmitted(uint256 seed) public {
        bytes memory alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789";
        bytes5 city = 0;
        for (uint256 i = 0; i < 5; ++i) {
            city |= bytes5(alphabet[seed % (i < 2 ? 26 : 34)]) >> (8 * i);
            seed /= 34;
        }
        vm.assume(city != PORTO && city != CLERMONT);
        vm.prank(OWNER);
        cities.admit(city, "Roma", "did", address(1), address(2), "url");
        check(cities.cityOf(city).status == ICityRegistry.CityStatus.Admitted, "not admitted");
        check(!cities.isActive(city), "active without documents");
    }

    function test_AdmissionNeedsDidControllerAndServiceUrl() public {
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidDid.selector, ""));
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "", address(1), address(2), "url");
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidController.selector, address(0)));
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(0), address(2), "url");
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidServiceUrl.selector, ""));
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(2), "");
    }

    function testFuzz_ANameHasOneTo64Bytes(bytes memory text, uint8 length) public {
        string memory name = string(resized(text, length % 130));
        bool valid = bytes(name).length > 0 && bytes(name).length <= 64;
        if (valid) {
            vm.expectEmit(address(cities));
            emit ICityRegistry.CityAdmitted(NOWHERE, name, "did", address(1), address(2), "url");
        } else {
            vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidName.selector, name));
        }
        vm.prank(OWNER);
        cities.admit(NOWHERE, name, "did", address(1), address(2), "url");
        string memory kept = cities.cityOf(NOWHERE).name;
        check(keccak256(bytes(kept)) == keccak256(bytes(valid ? name : "")), "name");
    }

    function test_ANameOf64BytesIsTakenAndOneOf65IsNot() public {
        string memory longest = string(resized("", 64));
        string memory tooLong = string(resized("", 65));
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidName.selector, tooLong));
        vm.prank(OWNER);
        cities.admit(NOWHERE, tooLong, "did", address(1), address(2), "url");
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidName.selector, ""));
        vm.prank(OWNER);
        cities.admit(NOWHERE, "", "did", address(1), address(2), "url");
        vm.prank(OWNER);
        cities.admit(NOWHERE, longest, "did", address(1), address(2), "url");
        check(bytes(cities.cityOf(NOWHERE).name).length == 64, "name");
    }

    function test_ACityIsAdmittedOnceEvenAfterRemoval() public {
        bytes memory refusal = abi.encodeWithSelector(ICityRegistry.CityRegistryAlreadyKnown.selector, PORTO);
        vm.expectRevert(refusal);
        vm.prank(OWNER);
        cities.admit(PORTO, "Porto", "did", address(1), address(2), "url");
        remove(PORTO);
        vm.expectRevert(refusal);
        vm.prank(OWNER);
        cities.admit(PORTO, "Porto", "did", address(1), address(2), "url");
    }

    function testFuzz_NoHashNoActivation(bytes32 agreementHash, bytes32 dpiaHash, uint8 missing) public {
        if (missing % 3 != 1) agreementHash = 0;
        if (missing % 3 != 2) dpiaHash = 0;
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(2), "url");
        vm.expectRevert(
            abi.encodeWithSelector(ICityRegistry.CityRegistryMissingDocument.selector, agreementHash, dpiaHash)
        );
        vm.prank(OWNER);
        cities.activate(NOWHERE, agreementHash, dpiaHash);
    }

    function testFuzz_ActivationKeepsTheHashes(bytes32 agreementHash, bytes32 dpiaHash) public {
        vm.assume(agreementHash != 0 && dpiaHash != 0);
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(2), "url");
        vm.prank(OWNER);
        cities.activate(NOWHERE, agreementHash, dpiaHash);
        ICityRegistry.City memory city = cities.cityOf(NOWHERE);
        check(city.agreementHash == agreementHash && city.dpiaHash == dpiaHash, "hashes");
        check(city.admittedAt == NOW && city.status == ICityRegistry.CityStatus.Active, "record");
        vm.expectRevert(wrongStatus(NOWHERE, ICityRegistry.CityStatus.Active));
        vm.prank(OWNER);
        cities.activate(NOWHERE, agreementHash, dpiaHash);
    }

    function testFuzz_SuspensionEndsByItselfAfterItsLastSecond(uint64 until, uint16 reason) public {
        vm.assume(reason != 0);
        until = uint64(NOW + 1 + (until % 1e9));
        vm.expectEmit(address(cities));
        emit ICityRegistry.CitySuspended(PORTO, reason, until);
        vm.prank(OWNER);
        cities.suspend(PORTO, reason, until);
        check(!cities.isActive(PORTO), "active while suspended");
        vm.warp(until);
        check(!cities.isActive(PORTO), "active in the last second");
        check(cities.cityOf(PORTO).status == ICityRegistry.CityStatus.Suspended, "status");
        vm.warp(uint256(until) + 1);
        check(cities.isActive(PORTO), "suspended for ever");
    }

    function testFuzz_SuspensionEndsInTheFuture(uint64 until) public {
        until = until % (NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidSuspension.selector, until));
        vm.prank(OWNER);
        cities.suspend(PORTO, 1, until);
    }

    function test_ReinstatementEndsASuspensionEarlyAndNothingElse() public {
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Active));
        vm.prank(OWNER);
        cities.reinstate(PORTO);
        suspend(PORTO, NOW + 100);
        vm.prank(OWNER);
        cities.reinstate(PORTO);
        check(cities.isActive(PORTO), "still suspended");
        ICityRegistry.City memory city = cities.cityOf(PORTO);
        check(city.suspensionReason == 0 && city.suspendedUntil == 0, "suspension left");
    }

    function testFuzz_OnlyActiveCitiesAreSuspended(bytes5 city) public {
        vm.assume(city != PORTO && city != CLERMONT);
        vm.expectRevert(wrongStatus(city, ICityRegistry.CityStatus.Unknown));
        suspend(city, NOW + 1);
    }

    function testFuzz_RemovalIsForGood(uint32 later) public {
        suspend(PORTO, NOW + 10);
        remove(PORTO);
        vm.warp(uint256(NOW) + later);
        check(!cities.isActive(PORTO), "active");
        check(cities.cityOf(PORTO).status == ICityRegistry.CityStatus.Removed, "status");
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Removed));
        remove(PORTO);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Removed));
        vm.prank(PORTO_CONTROLLER);
        cities.offerController(PORTO, address(1));
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Removed));
        vm.prank(PORTO_CONTROLLER);
        cities.changeServiceUrl(PORTO, "https://elsewhere.example");
    }

    function testFuzz_OnlyTheControllerMovesTheService(address stranger, string memory serviceUrl) public {
        vm.assume(stranger != PORTO_CONTROLLER && bytes(serviceUrl).length != 0);
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        cities.changeServiceUrl(PORTO, serviceUrl);
        vm.prank(PORTO_CONTROLLER);
        cities.changeServiceUrl(PORTO, serviceUrl);
        check(keccak256(bytes(cities.cityOf(PORTO).serviceUrl)) == keccak256(bytes(serviceUrl)), "url");
    }

    function testFuzz_NobodyActsForAnUnknownCity(bytes5 city, address account) public {
        vm.assume(city != PORTO && city != CLERMONT);
        vm.expectRevert(notController(city, account));
        cities.requireActiveController(city, account);
        vm.expectRevert(notController(city, account));
        cities.requireController(city, account);
        check(!cities.isActive(city) && cities.controllerOf(city) == address(0), "known");
    }

    /// @dev The text cut or filled up with `a` to a length.
    function resized(bytes memory text, uint256 length) private pure returns (bytes memory result) {
        result = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            result[i] = i < text.length ? text[i] : bytes1("a");
        }
    }
}
