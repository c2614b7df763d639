// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {RewardsTest} from "./FederationTest.sol";

/// @dev Programmes of the federation, and what cities owe each other for them.
abstract contract SharedTest is RewardsTest {
    bytes32 internal constant LONG = "a year of clean rivers";
    uint64 internal constant LONG_UNTIL = NOW + 365 days;
    address internal immutable GUEST = address(0x6E57);

    /// @dev One of Porto's with the value 1, funded with 100 units, and a merchant of Clermont.
    function setUp() public virtual override {
        super.setUp();
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        vm.prank(PORTO_CONTROLLER);
        programs.create(LONG, PORTO, "Clean rivers", SPONSOR, FROM, LONG_UNTIL, values, moduli);
        vm.prank(PORTO_CONTROLLER);
        programs.fund(LONG, 100);
        vm.prank(CLERMONT_CONTROLLER);
        programs.registerMerchant(CLERMONT, GUEST);
    }

    function share(bytes32 program) internal {
        vm.prank(PORTO_CONTROLLER);
        programs.share(program);
    }

    function notesFor(address merchant, uint256 count, uint256 firstOwner)
        internal
        view
        returns (IRewardPrograms.Note[] memory notes)
    {
        bytes32 digest = redeemDigest(LONG, merchant, "order", UNTIL);
        notes = new IRewardPrograms.Note[](count);
        for (uint256 i = 0; i < count; ++i) notes[i] = createNote(3, firstOwner + i, digest);
    }

    /// @dev Pays so many notes of one point.
    function pay(address merchant, uint256 count, uint256 firstOwner) internal {
        programs.redeem(LONG, merchant, "order", UNTIL, notesFor(merchant, count, firstOwner));
    }

    function settle(address merchant, uint256 units, bytes32 ref) internal {
        vm.prank(merchant);
        settlement.request(LONG, units, ref);
    }
}
