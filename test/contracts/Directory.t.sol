// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Directory} from "../../contracts/federation/Directory.sol";
import {IDirectory} from "../../contracts/federation/IDirectory.sol";
import {FederationTest} from "./FederationTest.sol";

contract DirectoryTest is FederationTest {
    Directory internal directory;

    function setUp() public override {
        super.setUp();
        directory = new Directory(OWNER);
    }

    function testFuzz_OnlyTheOwnerEnters(address stranger, bytes32 name) public {
        vm.assume(stranger != OWNER);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        directory.set(name, address(cities), address(cities).codehash);
    }

    function testFuzz_AnEntryCarriesItsCodeHashAndCanBeTakenOut(bytes32 name) public {
        vm.assume(name != 0);
        vm.expectEmit(address(directory));
        emit IDirectory.EntryChanged(name, address(cities), address(cities).codehash);
        vm.prank(OWNER);
        directory.set(name, address(cities), address(cities).codehash);
        (address target, bytes32 codeHash) = directory.get(name);
        check(target == address(cities) && codeHash == address(cities).codehash, "entry");
        vm.prank(OWNER);
        directory.set(name, address(0), 0);
        (target, codeHash) = directory.get(name);
        check(target == address(0) && codeHash == 0, "not taken out");
    }

    function testFuzz_OnlyTheCodeThatWasAgreedIsEntered(bytes32 agreed) public {
        bytes32 actual = address(cities).codehash;
        vm.assume(agreed != actual);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDirectory.DirectoryCodeHashMismatch.selector, address(cities), agreed, actual
            )
        );
        vm.prank(OWNER);
        directory.set("name", address(cities), agreed);
        (address target,) = directory.get("name");
        check(target == address(0), "entered");
    }

    function testFuzz_WhatIsTakenOutHasNoCode(bytes32 agreed) public {
        vm.assume(agreed != 0);
        vm.expectRevert(
            abi.encodeWithSelector(IDirectory.DirectoryCodeHashMismatch.selector, address(0), agreed, bytes32(0))
        );
        vm.prank(OWNER);
        directory.set("name", address(0), agreed);
    }

    function test_SaysTheCodeHashThatAProposalHasToCarry() public view {
        check(directory.codeHashOf(address(cities)) == address(cities).codehash, "of code");
        check(directory.codeHashOf(address(cities)) == keccak256(address(cities).code), "EIP-1052");
        check(directory.codeHashOf(address(0)) == 0, "of nothing");
    }

    /// @dev An account that holds money has the hash of empty code, and anyone can send some to the zero address.
    function test_NothingHasNoCodeHashEvenWhenMoneyWasSentToIt() public {
        (bool sent,) = address(0).call{value: 1}("");
        check(sent && address(0).codehash == keccak256(""), "nothing sent");
        check(directory.codeHashOf(address(0)) == 0, "of nothing");
        vm.prank(OWNER);
        directory.set("name", address(cities), address(cities).codehash);
        vm.prank(OWNER);
        directory.set("name", address(0), 0);
        (address target,) = directory.get("name");
        check(target == address(0), "not taken out");
    }

    function testFuzz_OnlyCodeIsEntered(uint160 target) public {
        vm.assume(target != 0 && address(target).code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(IDirectory.DirectoryNoCode.selector, address(target)));
        vm.prank(OWNER);
        directory.set("name", address(target), 0);
        vm.expectRevert(abi.encodeWithSelector(IDirectory.DirectoryEmptyName.selector));
        vm.prank(OWNER);
        directory.set(0, address(cities), address(cities).codehash);
    }
}
