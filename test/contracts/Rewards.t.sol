// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {NoteKeys} from "./NoteKeys.sol";
import {RewardsTest} from "./FederationTest.sol";

contract RewardProgramsTest is RewardsTest {
    bytes32 internal constant OTHER = "other programme";

    function create(uint64 from, uint64 until, uint16[] memory values, bytes[] memory moduli) internal {
        vm.prank(PORTO_CONTROLLER);
        programs.create(OTHER, PORTO, "Other", SPONSOR, from, until, values, moduli);
    }

    function single(uint16 value, bytes memory modulus)
        internal
        pure
        returns (uint16[] memory values, bytes[] memory moduli)
    {
        values = new uint16[](1);
        moduli = new bytes[](1);
        values[0] = value;
        moduli[0] = modulus;
    }

    function test_KeysComeBackAsRegistered() public view {
        IRewardPrograms.Denomination[] memory keys = programs.keys(PROGRAM);
        check(keys.length == 3, "number");
        for (uint256 i = 0; i < 3; ++i) {
            check(keys[i].value == valueOf(i), "value");
            check(keccak256(keys[i].modulus) == keccak256(NoteKeys.modulus(i)), "modulus");
        }
        check(programs.keys(OTHER).length == 0, "keys of an unknown programme");
    }

    function testFuzz_AnySetOfPowersOfTwoCanBeDenominations(uint16 set, bytes32 seed) public {
        set = uint16((set % 2047) + 1);
        uint256 count = 0;
        for (uint16 bits = set; bits != 0; bits &= bits - 1) ++count;
        uint16[] memory values = new uint16[](count);
        bytes[] memory moduli = new bytes[](count);
        uint256 next = 0;
        for (uint16 value = 1; value <= 1024; value <<= 1) {
            if (set & value == 0) continue;
            values[next] = value;
            moduli[next++] = wellFormed(keccak256(abi.encode(seed, value)), 256);
        }
        create(FROM, UNTIL, values, moduli);
        IRewardPrograms.Denomination[] memory keys = programs.keys(OTHER);
        check(keys.length == count, "number");
        for (uint256 i = 0; i < count; ++i) {
            check(keys[i].value == values[i] && keccak256(keys[i].modulus) == keccak256(moduli[i]), "key");
        }
    }

    function testFuzz_ValuesArePowersOfTwoUpTo1024(uint16 value) public {
        (uint16[] memory values, bytes[] memory moduli) = single(value, NoteKeys.modulus(3));
        if (value == 0 || value > 1024 || value & (value - 1) != 0) {
            vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidValue.selector, value));
        }
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_ValuesAscend(uint8 first, uint8 second) public {
        (uint16[] memory values, bytes[] memory moduli) = (new uint16[](2), new bytes[](2));
        (values[0], values[1]) = (uint16(1 << (first % 11)), uint16(1 << (second % 11)));
        (moduli[0], moduli[1]) = (wellFormed("a", 256), wellFormed("b", 256));
        if (values[1] <= values[0]) {
            vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidValue.selector, values[1]));
        }
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_ModuliAreWholeWordsOddAndHaveTheirTopBit(uint16 length, uint8 top, uint8 bottom) public {
        length = length % 600;
        bytes memory modulus = wellFormed("seed", length);
        if (length != 0) {
            modulus[0] = bytes1(top);
            modulus[length - 1] = bytes1(bottom);
        }
        bool valid = length >= 256 && length <= 512 && length % 32 == 0 && top >= 128 && bottom % 2 == 1;
        (uint16[] memory values, bytes[] memory moduli) = single(1, modulus);
        if (!valid) {
            vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidModulus.selector, modulus));
        }
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_EveryWholeNumberOfWordsIsALength(uint8 words, uint8 other) public {
        uint256 length = 256 + 32 * uint256(words % 9);
        uint256 second = 256 + 32 * uint256(other % 9);
        (uint16[] memory values, bytes[] memory moduli) = (new uint16[](2), new bytes[](2));
        (values[0], values[1]) = (1, 2);
        (moduli[0], moduli[1]) = (wellFormed("a", length), wellFormed("b", second));
        if (length != second) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidModulus.selector, moduli[1])
            );
        }
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_AModulusIsUsedOnceInAllProgrammesAndCities(uint8 key, uint8 power) public {
        bytes memory modulus = NoteKeys.modulus(key % 3);
        (uint16[] memory values, bytes[] memory moduli) = single(uint16(1 << (power % 11)), modulus);
        bytes memory refusal =
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsModulusInUse.selector, keccak256(modulus));
        vm.expectRevert(refusal);
        create(FROM, UNTIL, values, moduli);
        vm.expectRevert(refusal);
        vm.prank(CLERMONT_CONTROLLER);
        programs.create(OTHER, CLERMONT, "Other", SPONSOR, FROM, UNTIL, values, moduli);
    }

    function test_OneModulusDoesNotSignTwoValues() public {
        (uint16[] memory values, bytes[] memory moduli) = (new uint16[](2), new bytes[](2));
        (values[0], values[1]) = (1, 1024);
        (moduli[0], moduli[1]) = (NoteKeys.modulus(3), NoteKeys.modulus(3));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsModulusInUse.selector, keccak256(NoteKeys.modulus(3))
            )
        );
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_EachValueHasAModulus(uint8 values, uint8 moduli) public {
        vm.assume(values != moduli || values == 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsInvalidDenominations.selector, uint256(values), uint256(moduli)
            )
        );
        create(FROM, UNTIL, new uint16[](values), new bytes[](moduli));
    }

    function testFuzz_APeriodBeginsBeforeItEndsInTheFuture(uint64 from, uint64 until) public {
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        if (from > until || until < NOW) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidPeriod.selector, from, until)
            );
        }
        create(from, until, values, moduli);
    }

    function testFuzz_OnlyTheCitysControllerRunsAProgramme(address stranger) public {
        vm.assume(stranger != PORTO_CONTROLLER);
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        bytes memory refusal = notController(PORTO, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.create(OTHER, PORTO, "Other", SPONSOR, FROM, UNTIL, values, moduli);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.fund(PROGRAM, 1);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.registerMerchant(PORTO, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.withdrawMerchant(PORTO, MERCHANT);
    }

    function test_AProgrammeHasANameASponsorAndIsCreatedOnce() public {
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidName.selector, ""));
        vm.prank(PORTO_CONTROLLER);
        programs.create(OTHER, PORTO, "", SPONSOR, FROM, UNTIL, values, moduli);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidSponsor.selector, address(0)));
        vm.prank(PORTO_CONTROLLER);
        programs.create(OTHER, PORTO, "Other", address(0), FROM, UNTIL, values, moduli);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsAlreadyExists.selector, PROGRAM));
        vm.prank(PORTO_CONTROLLER);
        programs.create(PROGRAM, PORTO, "Other", SPONSOR, FROM, UNTIL, values, moduli);
    }

    function testFuzz_FundingMintsIntoEscrowUntilTheLastSecond(uint128 first, uint64 wait) public {
        vm.assume(first != 0 && first != type(uint128).max);
        fund(first);
        check(token.balanceOf(address(programs), uint256(PROGRAM)) == first, "escrow");
        vm.warp(UNTIL);
        fund(1);
        check(programs.programOf(PROGRAM).funded == uint256(first) + 1, "funded");
        vm.warp(uint256(UNTIL) + 1 + wait);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotOpen.selector, PROGRAM, FROM, UNTIL)
        );
        fund(1);
    }

    function test_FundingNeedsUnitsAndAProgramme() public {
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidUnits.selector, 0));
        fund(0);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsUnknownProgram.selector, OTHER));
        programs.fund(OTHER, 1);
    }

    function testFuzz_MerchantsAreRegisteredAndWithdrawn(address merchant) public {
        bool invalid = merchant == address(0) || merchant == address(programs) || merchant == address(settlement);
        vm.assume(!invalid && merchant != MERCHANT);
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, merchant);
        check(programs.isMerchant(PORTO, merchant) && !programs.isMerchant(CLERMONT, merchant), "registered");
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsMerchantAlreadyRegistered.selector, PORTO, merchant
            )
        );
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, merchant);
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, merchant);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsMerchantNotRegistered.selector, PORTO, merchant)
        );
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, merchant);
    }

    function test_NoContractOfTheRewardsIsAMerchant() public {
        address[3] memory invalid = [address(0), address(programs), address(settlement)];
        for (uint256 i = 0; i < invalid.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidMerchant.selector, invalid[i])
            );
            vm.prank(PORTO_CONTROLLER);
            programs.registerMerchant(PORTO, invalid[i]);
        }
    }
}
