// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISettlement} from "../../contracts/rewards/ISettlement.sol";
import {SharedTest} from "./SharedTest.sol";

contract NetsTest is SharedTest {
    function setUp() public override {
        super.setUp();
        share(LONG);
        pay(GUEST, 9, 1);
        pay(MERCHANT, 4, 100);
    }

    function testFuzz_TheMerchantsCityPaysAndTheProgrammesCityOwesIt(uint8 units) public {
        units = 1 + (units % 9);
        vm.expectEmit(address(settlement));
        emit ISettlement.SettlementRequested("ref", LONG, PORTO, CLERMONT, GUEST, units);
        settle(GUEST, units, "ref");
        check(settlement.debtOf(CLERMONT, GUEST) == units && settlement.debtOf(PORTO, GUEST) == 0, "debt");
        check(settlement.owed(PORTO, CLERMONT) == units && settlement.owed(CLERMONT, PORTO) == 0, "owed");
        check(settlement.netOf(CLERMONT) == int256(uint256(units)), "net of the creditor");
        check(settlement.netOf(PORTO) == -int256(uint256(units)), "net of the debtor");
        ISettlement.Request memory record = settlement.requestOf("ref");
        check(record.payer == CLERMONT && record.debtor == PORTO && !record.paid, "record");
        vm.expectRevert(notController(CLERMONT, PORTO_CONTROLLER));
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("ref", "bank");
        vm.prank(CLERMONT_CONTROLLER);
        settlement.markPaid("ref", "bank");
        check(settlement.debtOf(CLERMONT, GUEST) == 0 && settlement.owed(PORTO, CLERMONT) == units, "paid");
    }

    function testFuzz_ACitysOwnMerchantsMakeNoNet(uint8 units) public {
        units = 1 + (units % 4);
        settle(MERCHANT, units, "ref");
        check(settlement.debtOf(PORTO, MERCHANT) == units, "debt");
        check(settlement.owed(PORTO, PORTO) == 0 && settlement.netOf(PORTO) == 0, "net");
    }

    function testFuzz_TheCreditorConfirmsWhatItReceived(uint8 owed, uint8 units, bytes32 bankReference) public {
        owed = 1 + (owed % 9);
        units = units % 12;
        vm.assume(bankReference != 0);
        settle(GUEST, owed, "ref");
        bool valid = units != 0 && units <= owed;
        if (valid) {
            vm.expectEmit(address(settlement));
            emit ISettlement.NetSettled(PORTO, CLERMONT, units, bankReference);
        } else if (units == 0) {
            vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementInvalidUnits.selector, 0));
        } else {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ISettlement.SettlementExceedsOwed.selector, PORTO, CLERMONT, uint256(units), uint256(owed)
                )
            );
        }
        vm.prank(CLERMONT_CONTROLLER);
        settlement.settleNet(PORTO, CLERMONT, units, bankReference);
        uint256 left = valid ? owed - units : owed;
        check(settlement.owed(PORTO, CLERMONT) == left, "owed");
        check(settlement.netOf(CLERMONT) == int256(left), "net");
        check(settlement.netOf(CLERMONT) + settlement.netOf(PORTO) == 0, "sum");
    }

    function testFuzz_OnlyTheCreditorConfirmsWithABankReference(address stranger) public {
        vm.assume(stranger != CLERMONT_CONTROLLER);
        settle(GUEST, 9, "ref");
        vm.expectRevert(notController(CLERMONT, stranger));
        vm.prank(stranger);
        settlement.settleNet(PORTO, CLERMONT, 9, "bank");
        vm.expectRevert(
            abi.encodeWithSelector(ISettlement.SettlementMissingNetReference.selector, PORTO, CLERMONT)
        );
        vm.prank(CLERMONT_CONTROLLER);
        settlement.settleNet(PORTO, CLERMONT, 9, 0);
    }

    function test_ACityConfirmsWhateverBecameOfItAndOfThePause() public {
        settle(GUEST, 9, "ref");
        remove(CLERMONT);
        pause(address(settlement));
        vm.prank(CLERMONT_CONTROLLER);
        settlement.settleNet(PORTO, CLERMONT, 9, "bank");
        check(settlement.netOf(PORTO) == 0 && settlement.owed(PORTO, CLERMONT) == 0, "net");
    }

    function test_AWithdrawnMerchantIsStillPaidByItsCity() public {
        vm.prank(CLERMONT_CONTROLLER);
        programs.withdrawMerchant(CLERMONT, GUEST);
        settle(GUEST, 9, "ref");
        check(settlement.requestOf("ref").payer == CLERMONT, "payer");
    }
}
