// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Anchors} from "../../contracts/anchors/Anchors.sol";
import {IAnchors} from "../../contracts/anchors/IAnchors.sol";
import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {Notes} from "../../contracts/rewards/Notes.sol";
import {IStatusLists} from "../../contracts/status/IStatusLists.sol";
import {StatusLists} from "../../contracts/status/StatusLists.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {IssuerRegistry} from "../../contracts/trust/IssuerRegistry.sol";
import {RecognitionRegistry} from "../../contracts/trust/RecognitionRegistry.sol";
import {RewardsTest} from "./FederationTest.sol";
import {NoteKeys} from "./NoteKeys.sol";

/// @dev The first and the last value of what is taken, found by the coverage and the mutation check.
contract EdgesTest is RewardsTest {
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
        bytes5[6] memory wrong = [bytes5("IT1OM"), "IT0OM", "I2ROM", "IT:OM", "IT@OM", "IT[OM"];
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
}
