// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {RewardsTest} from "./FederationTest.sol";

contract RedemptionTest is RewardsTest {
    bytes32 internal constant OTHER = "other programme";

    function testFuzz_ANotePaysItsValueOnce(uint256 seed, uint8 key, address submitter) public {
        uint256 ownerKey = ownerKeyOf(seed);
        key = key % 3;
        fund(100);
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        IRewardPrograms.Note[] memory notes = oneNote(key, ownerKey, digest);
        vm.prank(submitter);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        check(token.balanceOf(MERCHANT, uint256(PROGRAM)) == valueOf(key), "merchant");
        check(token.balanceOf(address(programs), uint256(PROGRAM)) == 100 - valueOf(key), "escrow");
        check(programs.programOf(PROGRAM).redeemed == valueOf(key), "redeemed");
        check(programs.isSpent(PROGRAM, vm.addr(ownerKey)), "spent");
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoteSpent.selector, PROGRAM, vm.addr(ownerKey))
        );
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function testFuzz_OnlyWhatTheOwnerSignedIsPaid(uint256 seed, bytes32 order, uint64 deadline) public {
        uint256 ownerKey = ownerKeyOf(seed);
        vm.assume(deadline >= NOW && (order != "order" || deadline != UNTIL));
        fund(1);
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        IRewardPrograms.Note[] memory notes = oneNote(0, ownerKey, digest);
        address other = ECDSA.recover(
            redeemDigest(PROGRAM, MERCHANT, order, deadline), notes[0].ownerSignature
        );
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, other)
        );
        programs.redeem(PROGRAM, MERCHANT, order, deadline, notes);
    }

    function testFuzz_ARandomSignatureIsNone(uint256 seed, bytes32 noise, uint16 value) public {
        uint256 ownerKey = ownerKeyOf(seed);
        fund(100);
        IRewardPrograms.Note[] memory notes = new IRewardPrograms.Note[](1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKey, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        notes[0] = IRewardPrograms.Note(value, wellFormed(noise, 256), abi.encodePacked(r, s, v));
        notes[0].rsaSignature[0] = 0;
        vm.expectRevert(
            value == 1 || value == 2 || value == 64
                ? abi.encodeWithSelector(
                    IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, vm.addr(ownerKey)
                )
                : value == 0
                    ? abi.encodeWithSelector(
                        IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, vm.addr(ownerKey)
                    )
                    : abi.encodeWithSelector(
                        IRewardPrograms.RewardProgramsUnknownDenomination.selector, PROGRAM, value
                    )
        );
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function testFuzz_MalleatedOwnerSignaturesAreRefused(uint256 seed) public {
        fund(1);
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        IRewardPrograms.Note[] memory notes = oneNote(0, ownerKeyOf(seed), digest);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKeyOf(seed), digest);
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes32 high = bytes32(order - uint256(s));
        notes[0].ownerSignature = abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function testFuzz_DeadlineAndPeriodIncludeTheirLastSecond(uint64 time, uint64 deadline) public {
        time = FROM - 2 + (time % (UNTIL - FROM + 4));
        deadline = FROM - 2 + (deadline % (UNTIL - FROM + 4));
        fund(1);
        IRewardPrograms.Note[] memory notes =
            oneNote(0, 0xA11CE, redeemDigest(PROGRAM, MERCHANT, "order", deadline));
        vm.warp(time);
        if (time > deadline) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsDeadlinePassed.selector, deadline)
            );
        } else if (time < FROM || time > UNTIL) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotOpen.selector, PROGRAM, FROM, UNTIL)
            );
        }
        programs.redeem(PROGRAM, MERCHANT, "order", deadline, notes);
    }

    function testFuzz_TheBudgetIsTheLimit(uint8 units) public {
        units = uint8(64 + (units % 129));
        fund(units);
        redeemOne(2, 1);
        uint256 left = uint256(units) - 64;
        if (left < 64) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsBudgetExceeded.selector, PROGRAM, 64, left)
            );
            this.redeem64();
        } else {
            redeemOne(2, 2);
        }
    }

    /// @dev An external call, so that only its own revert is expected.
    function redeem64() external {
        redeemOne(2, 2);
    }

    function testFuzz_OnlyMerchantsOfTheProgrammesCityArePaid(address merchant) public {
        vm.assume(merchant != MERCHANT && merchant != address(0) && !token.isOperator(merchant));
        vm.prank(CLERMONT_CONTROLLER);
        programs.registerMerchant(CLERMONT, merchant);
        fund(1);
        IRewardPrograms.Note[] memory notes = oneNote(0, 7, redeemDigest(PROGRAM, merchant, "order", UNTIL));
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsMerchantNotRegistered.selector, PORTO, merchant)
        );
        programs.redeem(PROGRAM, merchant, "order", UNTIL, notes);
    }

    function test_ASuspendedOrRemovedCityPaysNothingAndRunsNothing() public {
        fund(10);
        IRewardPrograms.Note[] memory notes = oneNote(0, 7, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        suspend(PORTO, NOW + 10);
        bytes memory inactive = abi.encodeWithSelector(IRewardPrograms.RewardProgramsCityNotActive.selector, PORTO);
        vm.expectRevert(inactive);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        bytes memory refusal = wrongStatus(PORTO, ICityRegistry.CityStatus.Suspended);
        vm.expectRevert(refusal);
        fund(1);
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, address(9));
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, MERCHANT);
        vm.warp(NOW + 11);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        notes = oneNote(0, 8, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        remove(PORTO);
        vm.expectRevert(inactive);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function test_NoNotesNoRedemptionAndNoProgrammeNoRedemption() public {
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoNotes.selector));
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, new IRewardPrograms.Note[](0));
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsUnknownProgram.selector, OTHER));
        programs.redeem(OTHER, MERCHANT, "order", UNTIL, new IRewardPrograms.Note[](1));
    }

    function testFuzz_ClosingBurnsWhatIsLeftOnceAndOnlyAfterTheEnd(uint64 units, address anyone) public {
        units = uint64(uint256(units) + 1 > type(uint64).max ? 1 : units + 1);
        fund(units);
        redeemOne(0, 1);
        vm.warp(UNTIL);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotEnded.selector, PROGRAM, UNTIL));
        programs.close(PROGRAM);
        vm.warp(uint256(UNTIL) + 1);
        vm.expectEmit(address(programs));
        emit IRewardPrograms.ProgramClosed(PROGRAM, units - 1);
        vm.prank(anyone);
        programs.close(PROGRAM);
        check(token.totalSupply(uint256(PROGRAM)) == 1 && programs.programOf(PROGRAM).closed, "burnt");
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsAlreadyClosed.selector, PROGRAM));
        programs.close(PROGRAM);
    }

    function test_AnUnknownProgrammeIsNotClosed() public {
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsUnknownProgram.selector, OTHER));
        programs.close(OTHER);
    }
}
