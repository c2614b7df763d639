// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {IIssuerRegistry} from "../../contracts/trust/IIssuerRegistry.sol";
import {IssuerRegistry} from "../../contracts/trust/IssuerRegistry.sol";
import {IRecognitionRegistry} from "../../contracts/trust/IRecognitionRegistry.sol";
import {RecognitionRegistry} from "../../contracts/trust/RecognitionRegistry.sol";
import {FederationTest} from "./FederationTest.sol";

contract IssuerRegistryTest is FederationTest {
    string internal constant VCT = "https://porto.example/vct/city-card";
    bytes32 internal constant TYPE_ID = keccak256(bytes(VCT));
    /// @dev The generator of P-256.
    bytes32 internal constant X = 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296;
    bytes32 internal constant Y = 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5;

    IssuerRegistry internal issuers;
    bytes32 internal thumbprint;

    function setUp() public override {
        super.setUp();
        issuers = new IssuerRegistry(cities, guardian);
        thumbprint = issuers.thumbprintOf(X, Y);
    }

    function accredit(uint64 validFrom, uint64 validUntil) internal {
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, X, Y, VCT, validFrom, validUntil);
    }

    function testFuzz_OnlyTheCitysControllerAccreditsAndWithdraws(address stranger) public {
        vm.assume(stranger != PORTO_CONTROLLER);
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        issuers.accredit(PORTO, X, Y, VCT, NOW, NOW + 1);
        accredit(NOW, NOW + 1);
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        issuers.withdraw(PORTO, thumbprint, TYPE_ID, NOW);
    }

    function testFuzz_AKeyIsTrustedFromTheFirstToTheLastSecond(uint32 start, uint32 length, uint64 time) public {
        uint64 validFrom = uint64(NOW) + start;
        uint64 validUntil = validFrom + length;
        time = validFrom - 2 + (time % (uint64(length) + 4));
        accredit(validFrom, validUntil);
        bool expected = time >= validFrom && time <= validUntil;
        check(issuers.isTrustedAt(PORTO, thumbprint, TYPE_ID, time) == expected, "period");
        check(!issuers.isTrustedAt(CLERMONT, thumbprint, TYPE_ID, time), "other city");
        check(!issuers.isTrustedAt(PORTO, thumbprint, keccak256("other"), time), "other type");
        check(issuers.accreditationOf(PORTO, thumbprint, TYPE_ID).untrustedFrom == type(uint64).max, "withdrawn");
    }

    function testFuzz_APeriodBeginsBeforeItEndsInTheFuture(uint64 validFrom, uint64 validUntil) public {
        if (validFrom > validUntil || validUntil < NOW) {
            vm.expectRevert(
                abi.encodeWithSelector(IIssuerRegistry.IssuerRegistryInvalidPeriod.selector, validFrom, validUntil)
            );
        }
        accredit(validFrom, validUntil);
    }

    function testFuzz_AWithdrawalCountsFromItsFirstSecondAndOnlyMovesEarlier(uint64 first, uint64 second) public {
        uint64 validUntil = NOW + 1e6;
        accredit(NOW - 1e6, validUntil);
        first = NOW - 1e5 + (first % 2e5);
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, thumbprint, TYPE_ID, first);
        check(!issuers.isTrustedAt(PORTO, thumbprint, TYPE_ID, first), "trusted after withdrawal");
        check(issuers.isTrustedAt(PORTO, thumbprint, TYPE_ID, first - 1), "not trusted before withdrawal");
        if (second >= first) {
            vm.expectRevert(
                abi.encodeWithSelector(IIssuerRegistry.IssuerRegistryInvalidWithdrawal.selector, second, first)
            );
        }
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, thumbprint, TYPE_ID, second);
        uint64 expected = second < first ? second : first;
        check(issuers.accreditationOf(PORTO, thumbprint, TYPE_ID).untrustedFrom == expected, "record");
    }

    function testFuzz_NothingIsWithdrawnThatWasNotAccredited(bytes32 other, bytes32 typeId) public {
        accredit(NOW, NOW + 1);
        vm.assume(other != thumbprint || typeId != TYPE_ID);
        vm.expectRevert(
            abi.encodeWithSelector(IIssuerRegistry.IssuerRegistryNotAccredited.selector, PORTO, other, typeId)
        );
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, other, typeId, NOW);
    }

    function test_AWithdrawnKeyDoesNotComeBack() public {
        accredit(NOW, NOW + 1);
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, thumbprint, TYPE_ID, NOW);
        vm.expectRevert(
            abi.encodeWithSelector(
                IIssuerRegistry.IssuerRegistryAlreadyAccredited.selector, PORTO, thumbprint, TYPE_ID
            )
        );
        accredit(NOW, NOW + 100);
    }

    function testFuzz_OnlyPointsOfTheCurveAreKeys(bytes32 x, bytes32 y) public {
        if (!P256.isValidPublicKey(x, y)) {
            vm.expectRevert(abi.encodeWithSelector(IIssuerRegistry.IssuerRegistryInvalidKey.selector, x, y));
        }
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, x, y, VCT, NOW, NOW);
    }

    function test_ATypeHasAName() public {
        vm.expectRevert(abi.encodeWithSelector(IIssuerRegistry.IssuerRegistryInvalidType.selector, ""));
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, X, Y, "", NOW, NOW);
    }

    function testFuzz_ASuspendedCityWithdrawsButDoesNotAccredit(uint64 untrustedFrom) public {
        vm.assume(untrustedFrom != type(uint64).max);
        accredit(NOW, NOW + 1000);
        suspend(PORTO, NOW + 100);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Suspended));
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, X, Y, "other", NOW, NOW + 1000);
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, thumbprint, TYPE_ID, untrustedFrom);
    }

    function test_AnAdmittedOrRemovedCityDoesNotAccredit() public {
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(0xB1), address(2), "url");
        vm.expectRevert(wrongStatus(NOWHERE, ICityRegistry.CityStatus.Admitted));
        vm.prank(address(0xB1));
        issuers.accredit(NOWHERE, X, Y, VCT, NOW, NOW);
        remove(PORTO);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Removed));
        accredit(NOW, NOW);
    }
}

contract RecognitionRegistryTest is FederationTest {
    string internal constant VCT = "https://porto.example/vct/city-card";
    bytes32 internal constant TYPE_ID = keccak256(bytes(VCT));

    RecognitionRegistry internal recognitions;

    function setUp() public override {
        super.setUp();
        recognitions = new RecognitionRegistry(cities, guardian);
    }

    function recognise(bytes5 issuer, uint256 benefitClasses, uint64 validUntil) internal {
        vm.prank(CLERMONT_CONTROLLER);
        recognitions.recognise(CLERMONT, issuer, VCT, benefitClasses, validUntil);
    }

    function testFuzz_TermsAreKeptAndCanChange(uint256 first, uint256 second, uint64 until, uint64 later) public {
        vm.assume(first != 0 && second != 0 && until >= NOW && later >= NOW);
        recognise(PORTO, first, until);
        recognise(PORTO, second, later);
        IRecognitionRegistry.Recognition memory terms = recognitions.recognitionOf(CLERMONT, PORTO, TYPE_ID);
        check(terms.benefitClasses == second && terms.validUntil == later, "terms");
        check(recognitions.recognitionOf(PORTO, CLERMONT, TYPE_ID).validUntil == 0, "one way only");
    }

    function testFuzz_OnlyTheRecognisersControllerRecognisesAndWithdraws(address stranger) public {
        vm.assume(stranger != CLERMONT_CONTROLLER);
        vm.expectRevert(notController(CLERMONT, stranger));
        vm.prank(stranger);
        recognitions.recognise(CLERMONT, PORTO, VCT, 1, NOW);
        recognise(PORTO, 1, NOW);
        vm.expectRevert(notController(CLERMONT, stranger));
        vm.prank(stranger);
        recognitions.withdraw(CLERMONT, PORTO, TYPE_ID);
    }

    function testFuzz_AnAgreementDoesNotEndInThePast(uint64 until) public {
        until = until % NOW;
        vm.expectRevert(
            abi.encodeWithSelector(IRecognitionRegistry.RecognitionRegistryInvalidPeriod.selector, until)
        );
        recognise(PORTO, 1, until);
    }

    function test_SomethingIsRecognisedOfSomeoneElseForSomeBenefit() public {
        vm.expectRevert(
            abi.encodeWithSelector(IRecognitionRegistry.RecognitionRegistrySelfRecognition.selector, CLERMONT)
        );
        recognise(CLERMONT, 1, NOW);
        vm.expectRevert(abi.encodeWithSelector(IRecognitionRegistry.RecognitionRegistryNoBenefits.selector, 0));
        recognise(PORTO, 0, NOW);
        vm.expectRevert(abi.encodeWithSelector(IRecognitionRegistry.RecognitionRegistryInvalidType.selector, ""));
        vm.prank(CLERMONT_CONTROLLER);
        recognitions.recognise(CLERMONT, PORTO, "", 1, NOW);
    }

    function testFuzz_OnlyActiveCitiesAreRecognised(bytes5 issuer) public {
        vm.assume(issuer != PORTO && issuer != CLERMONT);
        vm.expectRevert(
            abi.encodeWithSelector(IRecognitionRegistry.RecognitionRegistryIssuerNotActive.selector, issuer)
        );
        recognise(issuer, 1, NOW);
        suspend(PORTO, NOW + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IRecognitionRegistry.RecognitionRegistryIssuerNotActive.selector, PORTO)
        );
        recognise(PORTO, 1, NOW);
    }

    function testFuzz_WithdrawalTakesEffectAtOnceEvenWhileSuspended(uint256 benefitClasses, bytes32 other) public {
        vm.assume(benefitClasses != 0 && other != TYPE_ID);
        recognise(PORTO, benefitClasses, NOW + 1000);
        suspend(CLERMONT, NOW + 100);
        vm.expectRevert(wrongStatus(CLERMONT, ICityRegistry.CityStatus.Suspended));
        recognise(PORTO, benefitClasses, NOW + 1000);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRecognitionRegistry.RecognitionRegistryNotRecognised.selector, CLERMONT, PORTO, other
            )
        );
        vm.prank(CLERMONT_CONTROLLER);
        recognitions.withdraw(CLERMONT, PORTO, other);
        vm.prank(CLERMONT_CONTROLLER);
        recognitions.withdraw(CLERMONT, PORTO, TYPE_ID);
        check(recognitions.recognitionOf(CLERMONT, PORTO, TYPE_ID).benefitClasses == 0, "still there");
    }
}
