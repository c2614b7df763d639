// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IRewardToken} from "../../contracts/rewards/IRewardToken.sol";
import {RewardsTest} from "./FederationTest.sol";

contract RewardTokenTest is RewardsTest {
    function testFuzz_OnlyOperatorsMintMoveAndBurn(address stranger, uint256 id, uint256 units) public {
        vm.assume(stranger != address(programs) && stranger != address(settlement));
        bytes memory refusal = abi.encodeWithSelector(IRewardToken.RewardTokenNotOperator.selector, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        token.mint(id, units);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        token.move(id, stranger, units);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        token.burn(id, stranger, units);
    }

    function testFuzz_HoldersCannotTransferNorApprove(address to, uint256 units) public {
        fund(64);
        redeemOne(2, 1);
        bytes memory refusal = abi.encodeWithSelector(IRewardToken.RewardTokenNotTransferable.selector, MERCHANT);
        vm.expectRevert(refusal);
        vm.prank(MERCHANT);
        token.safeTransferFrom(MERCHANT, to, uint256(PROGRAM), units, "");
        vm.expectRevert(refusal);
        vm.prank(MERCHANT);
        token.safeBatchTransferFrom(MERCHANT, to, new uint256[](0), new uint256[](0), "");
        vm.expectRevert(refusal);
        vm.prank(MERCHANT);
        token.setApprovalForAll(to, true);
    }

    function testFuzz_OnlyTheOwnerNamesOperatorsAndOnlyContracts(address stranger, uint160 account) public {
        vm.assume(stranger != OWNER && address(account).code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        token.setOperator(address(this), true);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardToken.RewardTokenOperatorNotContract.selector, address(account))
        );
        vm.prank(OWNER);
        token.setOperator(address(account), true);
    }

    function testFuzz_AnOperatorMovesOnlyWhatItHolds(uint128 units, address to) public {
        vm.assume(to != address(0) && to != address(this));
        vm.prank(OWNER);
        token.setOperator(address(this), true);
        token.mint(1, units);
        token.move(1, to, units);
        check(token.balanceOf(to, 1) == units && token.balanceOf(address(this), 1) == 0, "moved");
        token.burn(1, to, units);
        check(token.totalSupply(1) == 0, "burnt");
        vm.prank(OWNER);
        token.setOperator(address(this), false);
        vm.expectRevert(abi.encodeWithSelector(IRewardToken.RewardTokenNotOperator.selector, address(this)));
        token.mint(1, 1);
    }

    function test_NothingIsMovedToNobodyNorBurntFromNobody() public {
        vm.prank(OWNER);
        token.setOperator(address(this), true);
        token.mint(1, 1);
        vm.expectRevert(abi.encodeWithSignature("ERC1155InvalidReceiver(address)", address(0)));
        token.move(1, address(0), 1);
        vm.expectRevert(abi.encodeWithSignature("ERC1155InvalidSender(address)", address(0)));
        token.burn(1, address(0), 1);
    }
}
