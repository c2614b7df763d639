// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {NoteKeys} from "./NoteKeys.sol";
import {SharedTest} from "./SharedTest.sol";

contract SharedProgramsTest is SharedTest {
    function testFuzz_OnlyItsCitySharesAProgrammeAndOnce(address stranger) public {
        vm.assume(stranger != PORTO_CONTROLLER);
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        programs.share(LONG);
        vm.expectEmit(address(programs));
        emit IRewardPrograms.ProgramShared(LONG);
        share(LONG);
        check(programs.programOf(LONG).shared && !programs.programOf(PROGRAM).shared, "shared");
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsShared.selector, LONG));
        share(LONG);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsUnknownProgram.selector, bytes32("none"))
        );
        share("none");
    }

    function test_AProgrammeIsSharedUntilItsLastSecondByAnActiveCity() public {
        suspend(PORTO, NOW + 10);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Suspended));
        share(PROGRAM);
        vm.warp(uint256(UNTIL) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotOpen.selector, PROGRAM, FROM, UNTIL)
        );
        share(PROGRAM);
        vm.warp(UNTIL);
        share(PROGRAM);
    }

    function testFuzz_OnlyTheOwnerFundsASharedProgramme(address stranger, uint64 units) public {
        vm.assume(stranger != OWNER && units != 0);
        bytes memory refusal = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.fundShared(LONG, units);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.endShared(LONG, LONG_UNTIL - 1);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotShared.selector, LONG));
        vm.prank(OWNER);
        programs.fundShared(LONG, units);
        share(LONG);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsShared.selector, LONG));
        vm.prank(PORTO_CONTROLLER);
        programs.fund(LONG, units);
        vm.expectEmit(address(programs));
        emit IRewardPrograms.ProgramFunded(LONG, units);
        vm.prank(OWNER);
        programs.fundShared(LONG, units);
        check(programs.programOf(LONG).funded == 100 + uint256(units), "funded");
        check(token.balanceOf(address(programs), uint256(LONG)) == 100 + uint256(units), "escrow");
    }

    function test_TheOwnerFundsWithUnitsAndUntilTheEnd() public {
        share(LONG);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidUnits.selector, 0));
        vm.prank(OWNER);
        programs.fundShared(LONG, 0);
        vm.warp(uint256(LONG_UNTIL) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotOpen.selector, LONG, FROM, LONG_UNTIL)
        );
        vm.prank(OWNER);
        programs.fundShared(LONG, 1);
        bytes memory unknown =
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsUnknownProgram.selector, bytes32("none"));
        vm.expectRevert(unknown);
        vm.prank(OWNER);
        programs.fundShared("none", 1);
        vm.expectRevert(unknown);
        vm.prank(OWNER);
        programs.endShared("none", 1);
    }

    function testFuzz_AnEarlierEndLeavesThirtyDays(uint64 until) public {
        until = uint64(NOW + 29 days + (until % (337 days)));
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotShared.selector, LONG));
        vm.prank(OWNER);
        programs.endShared(LONG, until);
        share(LONG);
        bool valid = until >= NOW + 30 days && until < LONG_UNTIL;
        if (valid) {
            vm.expectEmit(address(programs));
            emit IRewardPrograms.ProgramEndChanged(LONG, until);
        } else {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IRewardPrograms.RewardProgramsInvalidEnd.selector, LONG, until, NOW + 30 days, LONG_UNTIL
                )
            );
        }
        vm.prank(OWNER);
        programs.endShared(LONG, until);
        check(programs.programOf(LONG).until == (valid ? until : LONG_UNTIL), "end");
    }

    function test_TheEarliestAndTheLatestNewEnd() public {
        share(LONG);
        uint64[2] memory invalid = [NOW + 30 days - 1, LONG_UNTIL];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IRewardPrograms.RewardProgramsInvalidEnd.selector, LONG, invalid[i], NOW + 30 days, LONG_UNTIL
                )
            );
            vm.prank(OWNER);
            programs.endShared(LONG, invalid[i]);
        }
        vm.prank(OWNER);
        programs.endShared(LONG, LONG_UNTIL - 1);
        vm.prank(OWNER);
        programs.endShared(LONG, NOW + 30 days);
        check(programs.programOf(LONG).until == NOW + 30 days, "end");
    }

    function test_AProgrammeDoesNotEndBeforeItBegins() public {
        uint16[] memory values = new uint16[](1);
        bytes[] memory moduli = new bytes[](1);
        values[0] = 1;
        moduli[0] = NoteKeys.modulus(0);
        // The modulus is in use: another odd one with its top bit set will do, nothing is redeemed here.
        moduli[0][100] ^= 0x01;
        vm.prank(PORTO_CONTROLLER);
        programs.create("later", PORTO, "Later", SPONSOR, NOW + 60 days, LONG_UNTIL, values, moduli);
        share("later");
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsInvalidPeriod.selector, NOW + 60 days, NOW + 40 days
            )
        );
        vm.prank(OWNER);
        programs.endShared("later", NOW + 40 days);
        vm.prank(OWNER);
        programs.endShared("later", NOW + 60 days);
    }

    function test_MerchantsOfEveryActiveCityArePaidOnceAProgrammeIsShared() public {
        IRewardPrograms.Note[] memory notes = notesFor(GUEST, 2, 1);
        bytes memory refusal =
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsMerchantNotRegistered.selector, PORTO, GUEST);
        vm.expectRevert(refusal);
        programs.redeem(LONG, GUEST, "order", UNTIL, notes);
        share(LONG);
        programs.redeem(LONG, GUEST, "order", UNTIL, notes);
        pay(MERCHANT, 3, 10);
        check(token.balanceOf(GUEST, uint256(LONG)) == 2 && token.balanceOf(MERCHANT, uint256(LONG)) == 3, "paid");
    }

    function test_NeitherStrangersNorMerchantsOfASuspendedCityArePaid() public {
        share(LONG);
        IRewardPrograms.Note[] memory notes = notesFor(address(9), 1, 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsMerchantNotRegistered.selector, bytes5(0), address(9)
            )
        );
        programs.redeem(LONG, address(9), "order", UNTIL, notes);
        notes = notesFor(GUEST, 1, 1);
        suspend(CLERMONT, NOW + 10);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsCityNotActive.selector, CLERMONT));
        programs.redeem(LONG, GUEST, "order", UNTIL, notes);
        vm.warp(NOW + 11);
        suspend(PORTO, NOW + 20);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsCityNotActive.selector, PORTO));
        programs.redeem(LONG, GUEST, "order", UNTIL, notes);
        vm.warp(NOW + 21);
        vm.prank(CLERMONT_CONTROLLER);
        programs.withdrawMerchant(CLERMONT, GUEST);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsMerchantNotRegistered.selector, CLERMONT, GUEST)
        );
        programs.redeem(LONG, GUEST, "order", UNTIL, notes);
    }

    function test_AMerchantBelongsToOneCityForGood() public {
        bytes memory refusal =
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsMerchantOfOtherCity.selector, GUEST, CLERMONT);
        for (uint256 i = 0; i < 2; ++i) {
            check(programs.cityOfMerchant(GUEST) == CLERMONT, "city");
            vm.expectRevert(refusal);
            vm.prank(PORTO_CONTROLLER);
            programs.registerMerchant(PORTO, GUEST);
            if (i == 1) break;
            vm.prank(CLERMONT_CONTROLLER);
            programs.withdrawMerchant(CLERMONT, GUEST);
            check(!programs.isMerchant(CLERMONT, GUEST), "withdrawn");
        }
        vm.prank(CLERMONT_CONTROLLER);
        programs.registerMerchant(CLERMONT, GUEST);
        check(programs.isMerchant(CLERMONT, GUEST) && !programs.isMerchant(PORTO, GUEST), "registered again");
        check(programs.cityOfMerchant(address(9)) == 0, "stranger");
    }
}
