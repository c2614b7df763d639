// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {ICitySeat} from "../../contracts/federation/ICitySeat.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {FederationTest} from "./FederationTest.sol";

/// @dev Everything anyone can do to a membership, in any order; refusals of the contracts are part of the game.
contract MembershipMachine is FederationTest {
    bytes5[6] internal _cities = [PORTO, CLERMONT, NOWHERE, bytes5("DEBER"), bytes5("SEMMA"), bytes5("NLUTC")];
    uint256 public changes;
    /// @dev Somebody got done what only others may do. A flag, because a revert here would undo what happened.
    bool public trespassed;

    constructor() {
        setUp();
    }

    /// @dev Once only: the fuzzer calls everything it can.
    function setUp() public override {
        require(address(cities) == address(0), "set up already");
        super.setUp();
    }

    function admit(uint8 city, uint8 controller, uint8 recovery, bool sameName) external {
        bytes5 id = find(ICityRegistry.CityStatus.Unknown, city);
        address account = accountAt(controller);
        vm.prank(OWNER);
        cities.admit(id, "City", didOf(sameName ? PORTO : id), account, accountAt(recovery), "url");
        ++changes;
    }

    function activate(uint8 city) external {
        bytes5 id = find(ICityRegistry.CityStatus.Admitted, city);
        vm.prank(OWNER);
        cities.activate(id, "agreement", "dpia");
        ++changes;
    }

    function suspend(uint8 city, uint16 time) external {
        bytes5 id = find(ICityRegistry.CityStatus.Active, city);
        vm.prank(OWNER);
        cities.suspend(id, 1, uint64(block.timestamp) + time);
        ++changes;
    }

    function reinstate(uint8 city) external {
        bytes5 id = find(ICityRegistry.CityStatus.Suspended, city);
        vm.prank(OWNER);
        cities.reinstate(id);
        ++changes;
    }

    function remove(uint8 city, uint8 rarely) external {
        require(rarely % 4 == 0, "not now");
        vm.prank(OWNER);
        cities.remove(cityAt(city));
        ++changes;
    }

    function offer(uint8 city, uint8 from, uint8 to) external {
        address sender = officialAt(cityAt(city), from);
        address next = to % 16 == 0 ? address(0) : accountAt(to);
        vm.prank(sender);
        cities.offerController(cityAt(city), next);
        ++changes;
    }

    function veto(uint8 city, uint8 from) external {
        address sender = officialAt(findOffered(city), from);
        bytes5 id = findOffered(city);
        vm.prank(sender);
        cities.vetoController(id);
        ++changes;
    }

    function accept(uint8 city, bool patient) external {
        bytes5 id = findOffered(city);
        ICityRegistry.City memory record = cities.cityOf(id);
        if (patient && record.acceptableFrom > block.timestamp) vm.warp(record.acceptableFrom);
        vm.prank(record.pendingController);
        cities.acceptController(id);
        ++changes;
    }

    function changeRecovery(uint8 city, uint8 from, uint8 to) external {
        address sender = officialAt(cityAt(city), from);
        address next = to % 4 == 0 ? cities.cityOf(cityAt(city)).pendingController : accountAt(to);
        vm.prank(sender);
        cities.changeRecovery(cityAt(city), next);
        ++changes;
    }

    function passTime(uint24 time) external {
        vm.warp(block.timestamp + time);
    }

    /// @dev What no holder and no stranger gets done.
    function tamper(uint8 city, uint8 from, uint8 to, uint8 how) external {
        ICitySeat seats = cities.seats();
        bytes5 id = cityAt(city);
        address sender = officialAt(id, from);
        bytes[5] memory calls = [
            abi.encodeCall(seats.mint, (id, accountAt(to))),
            abi.encodeCall(seats.burn, (id)),
            abi.encodeCall(seats.move, (id, accountAt(to))),
            abi.encodeWithSignature(
                "transferFrom(address,address,uint256)", sender, accountAt(to), uint256(uint40(id))
            ),
            abi.encodeWithSignature("delegate(address)", accountAt(to))
        ];
        vm.prank(sender);
        (bool success,) = address(seats).call(calls[how % 5]);
        if (success) trespassed = true;
    }

    /// @dev The owner, the controller, the recovery account or a stranger.
    function officialAt(bytes5 city, uint8 index) private view returns (address) {
        if (index % 4 == 0) return OWNER;
        if (index % 4 == 1) return cities.controllerOf(city);
        if (index % 4 == 2) return cities.cityOf(city).recovery;
        return accountAt(index);
    }

    /// @dev A city of this status if there is one, so that most calls get somewhere.
    function find(ICityRegistry.CityStatus status, uint8 index) private view returns (bytes5) {
        for (uint256 i = 0; i < 6; ++i) {
            bytes5 city = _cities[(uint256(index) + i) % 6];
            if (cities.cityOf(city).status == status) return city;
        }
        return cityAt(index);
    }

    function findOffered(uint8 index) private view returns (bytes5) {
        for (uint256 i = 0; i < 6; ++i) {
            bytes5 city = _cities[(uint256(index) + i) % 6];
            if (cities.cityOf(city).pendingController != address(0)) return city;
        }
        return cityAt(index);
    }

    function accountAt(uint8 index) private view returns (address) {
        if (index % 8 == 7) return PORTO_CONTROLLER;
        return address(uint160(0x100) + (index % 12));
    }

    function cityAt(uint8 index) public view returns (bytes5) {
        return _cities[index % 6];
    }

    function registry() external view returns (ICityRegistry) {
        return cities;
    }
}

/// @dev What holds of membership and seats after any sequence of calls of {MembershipMachine}.
contract MembershipTest {
    MembershipMachine internal machine;
    ICityRegistry internal cities;
    ICitySeat internal seats;

    function setUp() public {
        machine = new MembershipMachine();
        cities = machine.registry();
        seats = cities.seats();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(machine);
    }

    function invariant_SeatsAreActiveCities() public view {
        uint256 active = 0;
        for (uint8 i = 0; i < 6; ++i) {
            bytes5 city = machine.cityAt(i);
            // A suspension freezes the city and leaves it its seat.
            ICityRegistry.CityStatus status = cities.cityOf(city).status;
            bool member = status == ICityRegistry.CityStatus.Active || status == ICityRegistry.CityStatus.Suspended;
            address holder = seats.seatOf(city);
            require(member == (holder != address(0)), "a seat without a member, or a member without a seat");
            if (!member) continue;
            ++active;
            require(holder == cities.controllerOf(city), "the seat is not the controller's");
            require(seats.cityOf(holder) == city, "the holder sits for another city");
            require(IVotes(address(seats)).getVotes(holder) == 1, "not one vote a seat");
        }
        require(seats.totalSupply() == active, "seats without cities");
        require(!machine.trespassed(), "a seat was tampered with");
    }

    function invariant_AControllerActsForOneCityAndIsNotItsRecoveryAccount() public view {
        for (uint8 i = 0; i < 6; ++i) {
            ICityRegistry.City memory city = cities.cityOf(machine.cityAt(i));
            if (city.status == ICityRegistry.CityStatus.Unknown) continue;
            require(cities.cityOfController(city.controller) == machine.cityAt(i), "acts for another city");
            require(city.controller != city.recovery && city.recovery != address(0), "nobody could veto");
            require(city.pendingController != city.recovery, "the recovery account would take over");
        }
    }

    /// @dev Shows that the machine really moves seats: an invariant over nothing would always hold.
    function test_TheMachineLeadsCitiesThroughTheirWholeLife() public {
        machine.admit(2, 1, 2, false);
        machine.activate(2);
        require(seats.totalSupply() == 3, "no third seat");
        machine.suspend(2, 1000);
        machine.offer(2, 0, 3);
        machine.accept(2, true);
        invariant_SeatsAreActiveCities();
        machine.offer(2, 1, 4);
        machine.veto(2, 2);
        machine.changeRecovery(2, 2, 5);
        machine.tamper(2, 1, 6, 2);
        machine.remove(2, 0);
        require(seats.totalSupply() == 2 && machine.changes() == 9, "changes");
        invariant_SeatsAreActiveCities();
        invariant_AControllerActsForOneCityAndIsNotItsRecoveryAccount();
    }
}
