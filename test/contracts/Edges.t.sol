// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Anchors} from "../../contracts/anchors/Anchors.sol";
import {IAnchors} from "../../contracts/anchors/IAnchors.sol";
import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {IRewardToken} from "../../contracts/rewards/IRewardToken.sol";
import {Notes} from "../../contracts/rewards/Notes.sol";
import {IStatusLists} from "../../contracts/status/IStatusLists.sol";
import {StatusLists} from "../../contracts/status/StatusLists.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {IIssuerRegistry} from "../../contracts/trust/IIssuerRegistry.sol";
import {IssuerRegistry} from "../../contracts/trust/IssuerRegistry.sol";
import {RecognitionRegistry} from "../../contracts/trust/RecognitionRegistry.sol";
import {RewardsTest} from "./FederationTest.sol";
import {NoteKeys} from "./NoteKeys.sol";

/// @dev The first and the last value of what is taken, found by the coverage and the mutation check.
contract EdgesTest is RewardsTest {
    /// @dev The generator of P-256.
    bytes32 internal constant P256_X = 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296;
    bytes32 internal constant P256_Y = 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5;

    function test_EachContractTellsWhomItAsks() public {
        check(address(new Anchors(cities, guardian).cityRegistry()) == address(cities), "anchors");
        check(address(new StatusLists(cities, guardian).cityRegistry()) == address(cities), "status lists");
        check(address(new IssuerRegistry(cities, guardian).cityRegistry()) == address(cities), "issuers");
        check(address(new RecognitionRegistry(cities, guardian).cityRegistry()) == address(cities), "recognitions");
        check(address(programs.cityRegistry()) == address(cities), "programmes");
        check(address(programs.rewardToken()) == address(token), "token of the programmes");
        check(address(settlement.cityRegistry()) == address(cities), "settlement");
        check(address(settlement.rewardPrograms()) == address(programs), "programmes of the settlement");
        check(address(settlement.rewardToken()) == address(token), "token of the settlement");
    }

    function test_WhatIsPublishedIsTold() public {
        Anchors anchors = new Anchors(cities, guardian);
        vm.expectEmit(address(anchors));
        emit IAnchors.Anchored(PORTO, 1, 5, "root");
        vm.prank(PORTO_CONTROLLER);
        anchors.anchor(PORTO, 1, 5, "root");
        StatusLists lists = new StatusLists(cities, guardian);
        vm.expectEmit(address(lists));
        emit IStatusLists.ListCreated(PORTO, keccak256("PTOPOuri"), "uri", 1 << 20);
        vm.prank(PORTO_CONTROLLER);
        lists.create(PORTO, "uri", 1 << 20);
    }

    function test_AServiceHasAnAddress() public {
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidServiceUrl.selector, ""));
        vm.prank(PORTO_CONTROLLER);
        cities.changeServiceUrl(PORTO, "");
    }

    function test_ALocodeBeginsWithLettersAndHasDigitsFromTwo() public {
        bytes5[7] memory wrong = [bytes5("IT1OM"), "IT0OM", "I2ROM", "2TROM", "IT:OM", "IT@OM", "IT[OM"];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidLocode.selector, wrong[i]));
            vm.prank(OWNER);
            cities.admit(wrong[i], "City", "did", address(1), address(2), "url");
        }
        vm.prank(OWNER);
        cities.admit("AZ29Z", "City", "did", address(1), address(2), "url");
    }

    function test_AModulusHas256To512BytesItsTopBitAndIsOdd() public {
        expectModulus(256, 0x80, 0x01, true);
        expectModulus(512, 0x80, 0x01, true);
        expectModulus(288, 0xff, 0xff, true);
        expectModulus(224, 0x80, 0x01, false);
        expectModulus(544, 0x80, 0x01, false);
        expectModulus(272, 0x80, 0x01, false);
        expectModulus(256, 0x7f, 0x01, false);
        expectModulus(256, 0x80, 0xfe, false);
    }

    function expectModulus(uint256 length, uint8 first, uint8 last, bool valid) private {
        bytes memory modulus = new bytes(length);
        (modulus[0], modulus[length - 1]) = (bytes1(first), bytes1(last));
        if (!valid) {
            vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidModulus.selector, modulus));
        }
        bytes memory hash = programs.fdh(modulus, MERCHANT);
        if (valid) check(keccak256(hash) == keccak256(Notes.fdh(modulus, MERCHANT)) && hash.length == length, "fdh");
    }

    /// @dev Computed from the description with another implementation of SHA-256.
    function test_TheFullDomainHashIsTheOneDescribed() public view {
        bytes32 expected = hex"fe803e10784c06b7de420d6129e184c95c7ecb4ffab45b357a527b6f583ebee0";
        check(sha256(programs.fdh(NoteKeys.modulus(0), MERCHANT)) == expected, "fdh");
    }

    function test_NoValueAbove1024() public {
        uint16[] memory values = new uint16[](1);
        bytes[] memory moduli = new bytes[](1);
        (values[0], moduli[0]) = (2048, NoteKeys.modulus(3));
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidValue.selector, uint16(2048)));
        vm.prank(PORTO_CONTROLLER);
        programs.create("2048", PORTO, "Name", SPONSOR, FROM, UNTIL, values, moduli);
        values[0] = 1024;
        vm.prank(PORTO_CONTROLLER);
        programs.create("1024", PORTO, "Name", SPONSOR, FROM, UNTIL, values, moduli);
        check(programs.keys("1024")[0].value == 1024, "value");
    }

    function test_ASignatureIsBelowTheModulus() public {
        fund(10);
        IRewardPrograms.Note[] memory notes = oneNote(0, 7, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        bytes memory refusal =
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, vm.addr(7));
        bytes memory modulus = NoteKeys.modulus(0);
        bytes memory above = NoteKeys.modulus(0);
        above[0] = 0xff;
        bytes[5] memory wrong = [modulus, above, new bytes(256), new bytes(255), bytes.concat(bytes32(0), notes[0].rsaSignature)];
        bytes memory right = notes[0].rsaSignature;
        for (uint256 i = 0; i < wrong.length; ++i) {
            notes[0].rsaSignature = wrong[i];
            vm.expectRevert(refusal);
            programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        }
        notes[0].rsaSignature = right;
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    /// @dev A signature and the modulus added up have the same power: a second form of the same note.
    function test_ASignatureHasNoSecondForm() public {
        fund(10);
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        for (uint256 owner = 20; owner < 40; ++owner) {
            IRewardPrograms.Note[] memory notes = oneNote(0, owner, digest);
            (bytes memory sum, bool fits) = added(notes[0].rsaSignature, NoteKeys.modulus(0));
            if (!fits) continue;
            notes[0].rsaSignature = sum;
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, vm.addr(owner))
            );
            programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
            return;
        }
        revert("no sum fits");
    }

    function added(bytes memory left, bytes memory right) private pure returns (bytes memory sum, bool fits) {
        sum = new bytes(left.length);
        uint256 carry = 0;
        for (uint256 i = left.length; i > 0; --i) {
            carry += uint256(uint8(left[i - 1])) + uint8(right[i - 1]);
            sum[i - 1] = bytes1(uint8(carry));
            carry >>= 8;
        }
        return (sum, carry == 0);
    }

    function test_NotesAreTakenFromTheFirstToTheLastSecond() public {
        fund(10);
        vm.warp(FROM - 1);
        IRewardPrograms.Note[] memory notes = oneNote(0, 8, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL + 9));
        bytes memory refusal =
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotOpen.selector, PROGRAM, FROM, UNTIL);
        vm.expectRevert(refusal);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL + 9, notes);
        vm.warp(uint256(UNTIL) + 1);
        vm.expectRevert(refusal);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL + 9, notes);
        vm.warp(UNTIL);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL + 9, notes);
    }

    function test_ACityOwesItselfNothing() public {
        fund(10);
        redeemOne(0, 9);
        vm.prank(MERCHANT);
        settlement.request(PROGRAM, 1, "ref");
        check(settlement.owed(PORTO, PORTO) == 0 && settlement.netOf(PORTO) == 0, "owes itself");
    }

    function create(bytes32 program, uint64 from, uint64 until, uint256 count) private {
        uint16[] memory values = new uint16[](count);
        bytes[] memory moduli = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) (values[i], moduli[i]) = (uint16(1 << i), wellFormed(program, 256));
        vm.prank(PORTO_CONTROLLER);
        programs.create(program, PORTO, "Name", SPONSOR, from, until, values, moduli);
    }

    function test_AProgrammeLastsASecondOrMoreAndTheLastIsNotOver() public {
        create("now", NOW, NOW, 1);
        create("a second", NOW + 5, NOW + 5, 1);
        create("until now", NOW - 5, NOW, 1);
        uint64[2][2] memory wrong = [[NOW + 1, NOW], [NOW - 5, NOW - 1]];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IRewardPrograms.RewardProgramsInvalidPeriod.selector, wrong[i][0], wrong[i][1]
                )
            );
            create("wrong", wrong[i][0], wrong[i][1], 1);
        }
    }

    function test_AProgrammeHasAKey() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsInvalidDenominations.selector, uint256(0), uint256(0)
            )
        );
        create("none", FROM, UNTIL, 0);
    }

    function test_ADeadlineIsTheLastSecondOfAnOrder() public {
        fund(10);
        IRewardPrograms.Note[] memory notes = oneNote(0, 8, redeemDigest(PROGRAM, MERCHANT, "order", NOW + 5));
        vm.warp(NOW + 6);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsDeadlinePassed.selector, NOW + 5));
        programs.redeem(PROGRAM, MERCHANT, "order", NOW + 5, notes);
        vm.warp(NOW + 5);
        programs.redeem(PROGRAM, MERCHANT, "order", NOW + 5, notes);
    }

    function test_AListHasAtLeast2To20EntriesAndWholeBytes() public {
        StatusLists lists = new StatusLists(cities, guardian);
        uint32[3] memory wrong = [uint32(0), (1 << 20) - 8, (1 << 20) + 4];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IStatusLists.StatusListsInvalidSize.selector, wrong[i]));
            vm.prank(PORTO_CONTROLLER);
            lists.create(PORTO, "uri", wrong[i]);
        }
        vm.prank(PORTO_CONTROLLER);
        lists.create(PORTO, "uri", (1 << 20) + 8);
        (,,, uint64 time) = lists.head(keccak256("PTOPOuri"));
        check(time == NOW, "time");
    }

    function test_AKeyIsTrustedFromItsFirstToItsLastSecond() public {
        IssuerRegistry issuers = new IssuerRegistry(cities, guardian);
        (bytes32 x, bytes32 y) = (P256_X, P256_Y);
        bytes32 thumbprint = issuers.thumbprintOf(x, y);
        uint64[2][2] memory wrong = [[NOW + 1, NOW], [NOW - 5, NOW - 1]];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IIssuerRegistry.IssuerRegistryInvalidPeriod.selector, wrong[i][0], wrong[i][1])
            );
            vm.prank(PORTO_CONTROLLER);
            issuers.accredit(PORTO, x, y, "card", wrong[i][0], wrong[i][1]);
        }
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, x, y, "one second", NOW, NOW);
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, x, y, "card", NOW + 5, NOW + 9);
        bool[7] memory trusted = [false, true, true, true, true, true, false];
        for (uint64 i = 0; i < 7; ++i) {
            check(issuers.isTrustedAt(PORTO, thumbprint, keccak256("card"), NOW + 4 + i) == trusted[i], "trusted");
        }
        check(!issuers.isTrustedAt(PORTO, thumbprint, keccak256("other"), 0), "never accredited");
    }

    function test_ASuspensionOutlastsThisSecond() public {
        vm.expectRevert(abi.encodeWithSelector(ICityRegistry.CityRegistryInvalidSuspension.selector, NOW));
        suspend(PORTO, NOW);
        suspend(PORTO, NOW + 1);
        check(!cities.isActive(PORTO), "not suspended");
    }

    function test_WhatIsNoContractAnyMoreIsTakenFromTheOperators() public {
        vm.expectEmit(address(token));
        emit IRewardToken.OperatorChanged(address(9), false);
        vm.prank(OWNER);
        token.setOperator(address(9), false);
    }

    /// @dev What the city would have to sign for a hash that is right but for one bit of one block.
    function test_EveryBlockOfTheHashIsHeldAgainstTheSignature() public {
        fund(10);
        IRewardPrograms.Note[] memory notes = oneNote(0, 7, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        bytes memory right = notes[0].rsaSignature;
        for (uint256 at = 31; at < 256; at += 32) {
            bytes memory hash = Notes.fdh(NoteKeys.modulus(0), vm.addr(7));
            hash[at] ^= 0x01;
            (, notes[0].rsaSignature) = address(5).staticcall(
                abi.encodePacked(
                    uint256(256), uint256(256), uint256(256), hash, NoteKeys.exponent(0), NoteKeys.modulus(0)
                )
            );
            check(notes[0].rsaSignature.length == 256, "modexp");
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, vm.addr(7))
            );
            programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        }
        notes[0].rsaSignature = right;
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function test_NobodyAcceptsForACityThatIsNoMember() public {
        vm.expectRevert(wrongStatus(NOWHERE, ICityRegistry.CityStatus.Unknown));
        cities.acceptController(NOWHERE);
        remove(PORTO);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Removed));
        cities.acceptController(PORTO);
    }

    function test_TheZeroAddressActsForNoCity() public {
        vm.expectRevert(notController(NOWHERE, address(0)));
        cities.requireController(NOWHERE, address(0));
    }

    function test_AWithdrawalIsNotMadeTwiceForOneTime() public {
        IssuerRegistry issuers = new IssuerRegistry(cities, guardian);
        bytes32 thumbprint = issuers.thumbprintOf(P256_X, P256_Y);
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, P256_X, P256_Y, "card", NOW, NOW + 9);
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, thumbprint, keccak256("card"), NOW + 3);
        vm.expectRevert(
            abi.encodeWithSelector(IIssuerRegistry.IssuerRegistryInvalidWithdrawal.selector, NOW + 3, NOW + 3)
        );
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, thumbprint, keccak256("card"), NOW + 3);
    }
}
