// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Directory} from "../../contracts/federation/Directory.sol";
import {Federation} from "../../contracts/federation/Federation.sol";
import {Timelock} from "../../contracts/federation/Timelock.sol";
import {RewardsTest} from "./FederationTest.sol";

/// @dev A founded federation whose cities propose and vote, and strangers who try to take it over.
contract OwnershipMachine is RewardsTest {
    Timelock public timelock;
    Federation public federation;
    Directory public directory;
    uint256 public executed;
    /// @dev Somebody got done what only others may do. A flag, because a revert here would undo what happened.
    bool public trespassed;

    bytes5 private constant BERLIN = "DEBER";
    uint256 private _proposals;
    address[] private _targets;
    bytes[] private _calldatas;

    constructor() {
        setUp();
    }

    /// @dev As the ceremony of `scripts/` does it: every owner becomes the timelock, and the founder keeps nothing.
    function setUp() public override {
        require(address(cities) == address(0), "set up already");
        super.setUp();
        activate(BERLIN, address(0xA3));
        timelock = new Timelock(10, OWNER);
        federation = new Federation(cities, timelock, 1, 100, 50);
        directory = new Directory(OWNER);
        bytes32[4] memory roles = rolesOf(timelock);
        vm.prank(OWNER);
        timelock.grantRole(roles[0], address(federation));
        vm.prank(OWNER);
        timelock.grantRole(roles[1], address(federation));
        vm.prank(OWNER);
        timelock.renounceRole(roles[3], OWNER);
        address[5] memory owned = ownedContracts();
        for (uint256 i = 0; i < owned.length; ++i) {
            vm.prank(OWNER);
            Ownable2Step(owned[i]).transferOwnership(address(timelock));
            vm.prank(address(timelock));
            Ownable2Step(owned[i]).acceptOwnership();
        }
        // Who proposes held its seat a second before.
        vm.warp(NOW + 1);
    }

    /// @dev A city proposes something that cities may decide.
    function propose(uint8 city, uint8 what, uint32 value) public {
        bytes[8] memory calls = [
            abi.encodeCall(federation.setVotingDelay, (uint48(value % 100))),
            abi.encodeCall(federation.setVotingPeriod, (uint32(1 + (value % 1000)))),
            abi.encodeCall(federation.updateQuorumNumerator, (1 + (value % 100))),
            abi.encodeCall(timelock.updateDelay, (value % 100)),
            abi.encodeCall(cities.setRotationDelay, (1 + (value % 1000))),
            abi.encodeCall(cities.suspend, (BERLIN, uint16(value) | 1, uint64(block.timestamp) + 1000)),
            abi.encodeCall(directory.set, (bytes32(uint256(value)), address(cities), address(cities).codehash)),
            abi.encodeCall(guardian.appoint, (address(uint160(value))))
        ];
        address[8] memory targets = [
            address(federation), address(federation), address(federation), address(timelock),
            address(cities), address(cities), address(directory), address(guardian)
        ];
        _targets.push(targets[what % 8]);
        _calldatas.push(calls[what % 8]);
        vm.prank(controllerAt(city));
        (address[] memory to, uint256[] memory values, bytes[] memory data) = proposalAt(_proposals);
        federation.propose(to, values, data, string(abi.encodePacked(_proposals)));
        ++_proposals;
    }

    function vote(uint8 city, uint8 index, uint8 support) external {
        uint256 id = idAt(index % _proposals);
        vm.prank(controllerAt(city));
        federation.castVote(id, support % 4);
    }

    /// @dev The whole way of a proposal that two cities agree on.
    function decide(uint8 what, uint32 value) external {
        propose(0, what, value);
        uint256 index = _proposals - 1;
        vm.warp(block.timestamp + federation.votingDelay() + 1);
        uint256 id = idAt(index);
        for (uint8 city = 0; city < 3; ++city) {
            vm.prank(controllerAt(city));
            try federation.castVote(id, 1) {} catch {}
        }
        vm.warp(federation.proposalDeadline(id) + 1);
        (address[] memory to, uint256[] memory values, bytes[] memory data) = proposalAt(index);
        federation.queue(to, values, data, keccak256(abi.encodePacked(index)));
        vm.warp(federation.proposalEta(id));
        federation.execute(to, values, data, keccak256(abi.encodePacked(index)));
        ++executed;
    }

    function queue(uint8 index) external {
        (address[] memory to, uint256[] memory values, bytes[] memory data) = proposalAt(index % _proposals);
        federation.queue(to, values, data, keccak256(abi.encodePacked(index % _proposals)));
    }

    function execute(uint8 index) external {
        (address[] memory to, uint256[] memory values, bytes[] memory data) = proposalAt(index % _proposals);
        federation.execute(to, values, data, keccak256(abi.encodePacked(index % _proposals)));
        ++executed;
    }

    function passTime(uint8 time) external {
        vm.warp(block.timestamp + time);
    }

    /// @dev The founder, a city, the guardian or anyone tries to get hold of something. Not the timelock itself.
    function grab(uint8 from, uint8 what, uint8 which, address loot) external {
        address thief = [OWNER, controllerAt(which), GUARDIAN, address(this), loot][from % 5];
        // Nobody has the key of account zero, and a contract without an owner in waiting says that it waits for that one.
        if (thief == address(timelock) || thief == address(federation) || thief == address(0)) return;
        bytes32 role = rolesOf(timelock)[which % 4];
        bytes[9] memory calls = [
            abi.encodeCall(Ownable2Step.transferOwnership, (thief)),
            abi.encodeCall(Ownable2Step.acceptOwnership, ()),
            abi.encodeWithSignature("renounceOwnership()"),
            abi.encodeCall(timelock.grantRole, (role, thief)),
            abi.encodeCall(timelock.revokeRole, (role, address(federation))),
            abi.encodeCall(
                timelock.schedule,
                (address(timelock), 0, abi.encodeCall(timelock.grantRole, (role, thief)), bytes32(0), bytes32(0), 1000)
            ),
            abi.encodeCall(timelock.execute, (address(timelock), 0, "", bytes32(0), bytes32(0))),
            abi.encodeCall(federation.updateTimelock, (TimelockController(payable(thief)))),
            abi.encodeCall(federation.relay, (address(timelock), 0, ""))
        ];
        address target = what % 9 < 3
            ? ownedContracts()[which % 5]
            : (what % 9 < 7 ? address(timelock) : address(federation));
        vm.prank(thief);
        (bool success,) = target.call(calls[what % 9]);
        if (success) trespassed = true;
    }

    function ownedContracts() public view returns (address[5] memory) {
        return [address(directory), address(cities), address(token), address(programs), address(guardian)];
    }

    function rolesOf(Timelock of_) public view returns (bytes32[4] memory) {
        return [of_.PROPOSER_ROLE(), of_.CANCELLER_ROLE(), of_.EXECUTOR_ROLE(), of_.DEFAULT_ADMIN_ROLE()];
    }

    /// @dev Everyone who takes part in the game, and the founder.
    function everyone() external view returns (address[8] memory) {
        return [
            OWNER, PORTO_CONTROLLER, CLERMONT_CONTROLLER, address(0xA3), GUARDIAN, address(this), MERCHANT, address(programs)
        ];
    }

    function stateAt(uint256 index) external view returns (IGovernor.ProposalState) {
        return federation.state(idAt(index));
    }

    function controllerAt(uint8 index) private view returns (address) {
        return [PORTO_CONTROLLER, CLERMONT_CONTROLLER, address(0xA3)][index % 3];
    }

    function proposalAt(uint256 index)
        private
        view
        returns (address[] memory to, uint256[] memory values, bytes[] memory data)
    {
        (to, values, data) = (new address[](1), new uint256[](1), new bytes[](1));
        (to[0], data[0]) = (_targets[index], _calldatas[index]);
    }

    function idAt(uint256 index) private view returns (uint256) {
        (address[] memory to, uint256[] memory values, bytes[] memory data) = proposalAt(index);
        return federation.getProposalId(to, values, data, keccak256(abi.encodePacked(index)));
    }
}

/// @dev What holds of roles and owners after any sequence of calls of {OwnershipMachine}.
contract OwnershipTest {
    OwnershipMachine internal machine;
    Timelock internal timelock;

    function setUp() public {
        machine = new OwnershipMachine();
        timelock = machine.timelock();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(machine);
    }

    function invariant_NoOwnerOutsideTheTimelock() public view {
        address[5] memory owned = machine.ownedContracts();
        for (uint256 i = 0; i < owned.length; ++i) {
            require(Ownable2Step(owned[i]).owner() == address(timelock), "another owner");
            require(Ownable2Step(owned[i]).pendingOwner() == address(0), "an owner in waiting");
        }
        require(machine.federation().timelock() == address(timelock), "another timelock");
        require(!machine.trespassed(), "somebody grabbed something");
    }

    function invariant_NoRoleOutsideTheTimelock() public view {
        bytes32[4] memory roles = machine.rolesOf(timelock);
        address[8] memory accounts = machine.everyone();
        for (uint256 i = 0; i < roles.length; ++i) {
            for (uint256 j = 0; j < accounts.length; ++j) {
                require(!timelock.hasRole(roles[i], accounts[j]), "a role in private hands");
            }
            require(timelock.getRoleAdmin(roles[i]) == roles[3], "another admin of a role");
            require(timelock.hasRole(roles[i], address(timelock)) == (i == 3), "the timelock's own roles");
            require(timelock.hasRole(roles[i], address(machine.federation())) == (i < 2), "the federation's roles");
            require(timelock.hasRole(roles[i], address(0)) == (i == 2), "not anyone executes");
        }
    }

    /// @dev Shows that the machine really decides something: an invariant over nothing would always hold.
    function test_TheMachineDecidesAndExecutes() public {
        machine.propose(0, 3, 20);
        machine.passTime(2);
        machine.vote(0, 0, 1);
        machine.vote(1, 0, 1);
        machine.passTime(101);
        machine.queue(0);
        machine.passTime(10);
        machine.execute(0);
        require(machine.executed() == 1 && timelock.getMinDelay() == 20, "not executed");
        for (uint8 i = 0; i < 45; ++i) machine.grab(i % 5, i / 5, i, address(0xBAD));
        invariant_NoOwnerOutsideTheTimelock();
        invariant_NoRoleOutsideTheTimelock();
    }
}
