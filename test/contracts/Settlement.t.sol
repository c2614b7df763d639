// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISettlement} from "../../contracts/rewards/ISettlement.sol";
import {RewardsTest} from "./FederationTest.sol";

contract SettlementTest is RewardsTest {
    function setUp() public override {
        super.setUp();
        fund(100);
        redeemOne(2, 1);
    }

    function request(uint256 units, bytes32 ref) internal {
        vm.prank(MERCHANT);
        settlement.request(PROGRAM, units, ref);
    }

    function testFuzz_ARequestBurnsAndRecordsTheDebt(uint8 units, bytes32 ref) public {
        units = uint8((units % 64) + 1);
        vm.expectEmit(address(settlement));
        emit ISettlement.SettlementRequested(ref, PROGRAM, PORTO, PORTO, MERCHANT, units);
        request(units, ref);
        check(token.balanceOf(MERCHANT, uint256(PROGRAM)) == 64 - uint256(units), "balance");
        check(settlement.debtOf(PORTO, MERCHANT) == units && settlement.burntOf(PROGRAM) == units, "debt");
        ISettlement.Request memory record = settlement.requestOf(ref);
        check(record.merchant == MERCHANT && record.units == units && !record.paid, "record");
    }

    function testFuzz_NobodySettlesWhatItDoesNotHold(uint256 units, address stranger) public {
        vm.assume(units > 64 && stranger != MERCHANT && stranger != address(programs) && stranger != address(0));
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC1155InsufficientBalance(address,uint256,uint256,uint256)", MERCHANT, 64, units, uint256(PROGRAM)
            )
        );
        request(units, "ref");
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC1155InsufficientBalance(address,uint256,uint256,uint256)", stranger, 0, 1, uint256(PROGRAM)
            )
        );
        vm.prank(stranger);
        settlement.request(PROGRAM, 1, "ref");
    }

    function test_ARequestHasUnitsAProgrammeAndANewName() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementInvalidUnits.selector, 0));
        request(0, "ref");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementUnknownProgram.selector, bytes32("none")));
        settlement.request("none", 1, "ref");
        request(1, "ref");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementAlreadyRequested.selector, bytes32("ref")));
        request(1, "ref");
    }

    function testFuzz_OnlyTheOwingCityMarksPaidAndOnce(address stranger, bytes32 bankReferenceHash) public {
        vm.assume(stranger != PORTO_CONTROLLER && bankReferenceHash != 0);
        request(10, "ref");
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        settlement.markPaid("ref", bankReferenceHash);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementMissingBankReference.selector, bytes32("ref")));
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("ref", 0);
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("ref", bankReferenceHash);
        check(settlement.debtOf(PORTO, MERCHANT) == 0 && settlement.requestOf("ref").paid, "paid");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementAlreadyPaid.selector, bytes32("ref")));
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("ref", bankReferenceHash);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementUnknownRequest.selector, bytes32("none")));
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("none", bankReferenceHash);
    }

    function test_AMerchantSettlesWhateverBecameOfItsCityAndProgramme() public {
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, MERCHANT);
        suspend(PORTO, NOW + 10);
        request(1, "suspended");
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("suspended", "bank");
        remove(PORTO);
        vm.warp(uint256(UNTIL) + 1);
        programs.close(PROGRAM);
        request(63, "removed");
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("removed", "bank");
        check(token.totalSupply(uint256(PROGRAM)) == 0, "supply");
    }
}
