// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Anchors} from "../../contracts/anchors/Anchors.sol";
import {IGuardian} from "../../contracts/federation/IGuardian.sol";
import {StatusLists} from "../../contracts/status/StatusLists.sol";
import {FederationTest} from "./FederationTest.sol";

/// @dev Cities that publish, strangers who try to, a guardian who pauses whenever it may, and time that passes.
contract RecordMachine is FederationTest {
    uint64 public constant PAUSE = 72 hours;

    StatusLists public statusLists;
    Anchors public anchors;

    /// @dev The highest head of each list and log ever seen.
    uint64[3] public highestEpoch;
    uint64[2] public highestSize;
    /// @dev When the last pause of a target began; by whoever was the guardian then.
    uint64[2] public pausedAt;
    uint256 public pauses;
    uint256 public incidents;
    /// @dev Somebody got done what only others may do. A flag, because a revert here would undo what happened.
    bool public trespassed;

    mapping(bytes32 incident => uint256 times) private _used;

    constructor() {
        setUp();
    }

    function setUp() public override {
        require(address(cities) == address(0), "set up already");
        super.setUp();
        statusLists = new StatusLists(cities, guardian);
        anchors = new Anchors(cities, guardian);
    }

    function createList(uint8 list, bool stranger) external {
        require(!stranger || list % 8 == 0, "not now");
        vm.prank(publisher(list, stranger));
        statusLists.create(list % 3 == 2 ? CLERMONT : PORTO, uriOf(list), 1 << 20);
        if (stranger) trespassed = true;
    }

    /// @dev Epochs about the right one, so that some are taken.
    function publish(uint8 list, uint8 ahead, uint8 stranger) external {
        (uint64 epoch,, uint32 size,) = statusLists.head(listAt(list));
        if (size == 0) this.createList(list, false);
        epoch = epoch + (ahead % 8 < 4 ? 1 : ahead % 8) - (ahead % 8 == 7 && epoch > 0 ? 7 + epoch / 2 : 0);
        vm.prank(publisher(list, stranger % 8 == 0));
        statusLists.publish(listAt(list), epoch, "digest", "delta");
        if (stranger % 8 == 0) trespassed = true;
        if (epoch > highestEpoch[list % 3]) highestEpoch[list % 3] = epoch;
    }

    function anchor(bool clermont, uint16 size, uint8 stranger) external {
        vm.prank(publisher(clermont ? 2 : 0, stranger % 8 == 0));
        anchors.anchor(clermont ? CLERMONT : PORTO, 0, size, "root");
        if (stranger % 8 == 0) trespassed = true;
        if (size > highestSize[clermont ? 1 : 0]) highestSize[clermont ? 1 : 0] = size;
    }

    function suspendCity(bool clermont, uint8 time) external {
        require(time % 4 == 0, "not now");
        vm.prank(OWNER);
        cities.suspend(clermont ? CLERMONT : PORTO, 1, uint64(block.timestamp) + time);
    }

    function pauseWrites(bool second, uint8 incident, bool stranger) external {
        require(incident % 2 == 0, "not now");
        vm.prank(stranger ? address(0xBAD) : GUARDIAN);
        guardian.pause(targetAt(second ? 1 : 0), keccak256(abi.encode(incident % 64)));
        if (stranger) trespassed = true;
        pausedAt[second ? 1 : 0] = uint64(block.timestamp);
        ++pauses;
        if (++_used[keccak256(abi.encode(incident % 64))] == 1) ++incidents;
    }

    function clearPause(bool second, bool stranger) external {
        if (guardian.pausedUntil(targetAt(second ? 1 : 0)) == 0) second = !second;
        vm.prank(stranger ? GUARDIAN : OWNER);
        guardian.clear(targetAt(second ? 1 : 0));
        if (stranger) trespassed = true;
    }

    function passTime(uint24 time) external {
        vm.warp(block.timestamp + (time % 5 days));
    }

    function listAt(uint8 list) public pure returns (bytes32) {
        return keccak256(abi.encodePacked(list % 3 == 2 ? CLERMONT : PORTO, uriOf(list)));
    }

    function cityAt(uint8 index) public pure returns (bytes5) {
        return index == 0 ? PORTO : CLERMONT;
    }

    function targetAt(uint8 index) public view returns (address) {
        return index == 0 ? address(statusLists) : address(anchors);
    }

    function brake() external view returns (IGuardian) {
        return guardian;
    }

    function publisher(uint8 list, bool stranger) private view returns (address) {
        if (stranger) return list % 3 == 2 ? PORTO_CONTROLLER : CLERMONT_CONTROLLER;
        return list % 3 == 2 ? CLERMONT_CONTROLLER : PORTO_CONTROLLER;
    }

    function uriOf(uint8 list) private pure returns (string memory) {
        return ["https://porto.example/1", "https://porto.example/2", "https://clermont.example/1"][list % 3];
    }
}

/// @dev What holds of published records and pauses after any sequence of calls of {RecordMachine}.
contract RecordInvariantTest {
    RecordMachine internal machine;

    function setUp() public {
        machine = new RecordMachine();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(machine);
    }

    function invariant_AStatusHeadNeverGoesBack() public view {
        for (uint8 i = 0; i < 3; ++i) {
            (uint64 epoch,, uint32 size, uint64 time) = machine.statusLists().head(machine.listAt(i));
            require(epoch == machine.highestEpoch(i), "the head went back");
            require(time <= block.timestamp && (size == 0 || size == 1 << 20), "the list changed");
            bytes5 city = machine.statusLists().cityOf(machine.listAt(i));
            require(size == 0 || city == machine.cityAt(i == 2 ? 1 : 0), "the list changed hands");
        }
    }

    function invariant_ALogNeverShrinks() public view {
        for (uint8 i = 0; i < 2; ++i) {
            uint64 size = machine.anchors().head(machine.cityAt(i), 0).size;
            require(size == machine.highestSize(i), "the log shrank");
        }
    }

    function invariant_APauseNeverOutlasts72Hours() public view {
        IGuardian brake = machine.brake();
        for (uint8 i = 0; i < 2; ++i) {
            uint64 until = machine.pausedAt(i) + machine.PAUSE();
            require(brake.pausedUntil(machine.targetAt(i)) <= until, "paused for longer");
            if (block.timestamp > until) brake.requireRunning(machine.targetAt(i));
        }
        require(machine.pauses() == machine.incidents(), "an incident paused twice");
    }

    function invariant_NobodyWritesPausesOrClearsForOthers() public view {
        require(!machine.trespassed(), "trespassed");
    }

    /// @dev Shows that the machine publishes and pauses: an invariant over nothing would always hold.
    function test_TheMachinePublishesAndPauses() public {
        machine.createList(0, false);
        machine.publish(0, 0, 1);
        machine.publish(0, 0, 1);
        machine.anchor(false, 5, 1);
        machine.pauseWrites(false, 4, false);
        try machine.publish(0, 0, 1) {
            revert("published while paused");
        } catch {
            require(machine.highestEpoch(0) == 2 && machine.highestSize(0) == 5, "heads");
        }
        machine.clearPause(false, false);
        machine.publish(0, 0, 1);
        machine.pauseWrites(false, 2, false);
        machine.passTime(72 hours);
        machine.passTime(1);
        machine.publish(0, 0, 1);
        require(machine.highestEpoch(0) == 4 && machine.pauses() == 2, "went on");
        invariant_AStatusHeadNeverGoesBack();
        invariant_ALogNeverShrinks();
        invariant_APauseNeverOutlasts72Hours();
    }
}
