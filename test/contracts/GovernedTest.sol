// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Federation} from "../../contracts/federation/Federation.sol";
import {Timelock} from "../../contracts/federation/Timelock.sol";
import {FederationTest} from "./FederationTest.sol";

/// @dev Three cities that have taken over their registry and guardian.
abstract contract GovernedTest is FederationTest {
    bytes5 internal constant BERLIN = "DEBER";
    uint48 internal constant VOTING_DELAY = 10;
    uint32 internal constant VOTING_PERIOD = 100;
    uint256 internal constant TIMELOCK_DELAY = 50;
    uint8 internal constant AGAINST = 0;
    uint8 internal constant FOR = 1;
    uint8 internal constant ABSTAIN = 2;

    address internal immutable BERLIN_CONTROLLER = address(0xA3);

    Federation internal federation;
    Timelock internal timelock;

    function setUp() public virtual override {
        super.setUp();
        activate(BERLIN, BERLIN_CONTROLLER);
        timelock = new Timelock(TIMELOCK_DELAY, OWNER);
        federation = new Federation(cities, timelock, VOTING_DELAY, VOTING_PERIOD, 50);
        bytes32[3] memory roles =
            [timelock.PROPOSER_ROLE(), timelock.CANCELLER_ROLE(), timelock.DEFAULT_ADMIN_ROLE()];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(OWNER);
            timelock.grantRole(roles[i], address(federation));
        }
        vm.prank(OWNER);
        timelock.renounceRole(roles[2], OWNER);
        vm.prank(OWNER);
        cities.transferOwnership(address(timelock));
        vm.prank(address(timelock));
        cities.acceptOwnership();
        vm.prank(OWNER);
        guardian.transferOwnership(address(timelock));
        vm.prank(address(timelock));
        guardian.acceptOwnership();
        // Who proposes held its seat a second before.
        vm.warp(NOW + 1);
    }

    function one(address target, bytes memory data)
        internal
        pure
        returns (address[] memory targets, uint256[] memory values, bytes[] memory calldatas)
    {
        targets = new address[](1);
        values = new uint256[](1);
        calldatas = new bytes[](1);
        targets[0] = target;
        calldatas[0] = data;
    }

    /// @dev Porto proposes one call.
    function propose(address target, bytes memory data) internal returns (uint256 proposalId) {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = one(target, data);
        vm.prank(PORTO_CONTROLLER);
        return federation.propose(targets, values, calldatas, "why");
    }

    function vote(address voter, uint256 proposalId, uint8 support) internal {
        vm.prank(voter);
        federation.castVoteWithReason(proposalId, support, "because");
    }

    function startVoting(uint256 proposalId) internal {
        vm.warp(federation.proposalSnapshot(proposalId) + 1);
    }

    function endVoting(uint256 proposalId) internal {
        vm.warp(federation.proposalDeadline(proposalId) + 1);
    }

    function queue(address target, bytes memory data) internal {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = one(target, data);
        federation.queue(targets, values, calldatas, keccak256("why"));
    }

    function execute(address target, bytes memory data) internal {
        (address[] memory targets, uint256[] memory values, bytes[] memory calldatas) = one(target, data);
        federation.execute(targets, values, calldatas, keccak256("why"));
    }

    /// @dev Porto and Clermont decide one call, and it is carried out.
    function decide(address target, bytes memory data) internal {
        uint256 proposalId = propose(target, data);
        startVoting(proposalId);
        vote(PORTO_CONTROLLER, proposalId, FOR);
        vote(CLERMONT_CONTROLLER, proposalId, FOR);
        endVoting(proposalId);
        queue(target, data);
        vm.warp(block.timestamp + TIMELOCK_DELAY);
        execute(target, data);
    }
}
