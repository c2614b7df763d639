// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {RewardsTest} from "./FederationTest.sol";

/// @dev Everything three cities, their merchants and the federation can do with the money of a shared programme and of
/// a city's own one.
contract SharedMoneyMachine is RewardsTest {
    bytes32 internal constant OWN = "own programme";
    bytes5 internal constant BERLIN = "DEBER";

    mapping(bytes32 program => uint256 units) public fundedUnits;
    mapping(bytes32 program => uint256 units) public closedUnits;
    uint256 public redemptions;
    uint256 public confirmedUnits;
    /// @dev Somebody got done what only others may do. A flag, because a revert here would undo what happened.
    bool public trespassed;

    address[4] internal _merchants = [address(0x3E), address(0x41), address(0x42), address(0x43)];
    bytes32[] internal _requests;
    uint256 internal _nextOwner = 1;

    constructor() {
        setUp();
    }

    function setUp() public override {
        require(address(token) == address(0), "set up already");
        super.setUp();
        activate(BERLIN, address(0xA3));
        createProgram(OWN, CLERMONT, CLERMONT_CONTROLLER, 3);
        vm.prank(PORTO_CONTROLLER);
        programs.share(PROGRAM);
        for (uint256 i = 1; i < 3; ++i) register(cityAt(i), _merchants[i]);
        addBudget(100, true, false);
    }

    function addBudget(uint32 units, bool shared, bool wrong) public {
        units = units % 200;
        vm.prank(wrong ? PORTO_CONTROLLER : (shared ? OWNER : CLERMONT_CONTROLLER));
        if (shared && !wrong) programs.fundShared(PROGRAM, units);
        else programs.fund(programAt(shared), units);
        if (wrong) trespassed = true;
        fundedUnits[programAt(shared)] += units;
    }

    function pay(uint8 key, uint8 merchant, bool replay) external {
        key = key % 4;
        bytes32 program = programAt(key != 3);
        address to = _merchants[merchant % 4];
        bytes32 digest = redeemDigest(program, to, "order", UNTIL);
        uint256 ownerKey = replay && _nextOwner > 1 ? _nextOwner - 1 : _nextOwner++;
        programs.redeem(program, to, "order", UNTIL, oneNote(key, ownerKey, digest));
        ++redemptions;
    }

    /// @dev Among others of a merchant for a second city, which is refused.
    function registerMerchant(uint8 city, uint8 merchant) external {
        register(cityAt(city % 3), _merchants[merchant % 4]);
    }

    function withdrawMerchant(uint8 city, uint8 merchant) external {
        require(merchant % 2 == 0, "not now");
        vm.prank(controllerAt(city % 3));
        programs.withdrawMerchant(cityAt(city % 3), _merchants[merchant % 4]);
    }

    function settle(uint8 merchant, uint8 units, bool shared) external {
        bytes32 ref = keccak256(abi.encode(_requests.length));
        for (uint8 i = 0; i < 8 && token.balanceOf(_merchants[merchant % 4], uint256(programAt(shared))) < 8; ++i) {
            // The next merchant, until one holds something; first of this programme, then of the other one.
            (merchant, shared) = (i, i < 4 ? shared : !shared);
        }
        vm.prank(_merchants[merchant % 4]);
        settlement.request(programAt(shared), 1 + (units % 8), ref);
        _requests.push(ref);
    }

    function markPaid(uint8 index) external {
        bytes32 ref = _requests[index % _requests.length];
        vm.prank(cities.controllerOf(settlement.requestOf(ref).payer));
        settlement.markPaid(ref, "bank");
    }

    function settleNet(uint8 debtor, uint8 creditor, uint8 units, bool wrong) external {
        for (uint8 i = 0; i < 9 && settlement.owed(cityAt(debtor % 3), cityAt(creditor % 3)) == 0; ++i) {
            // The next pair, until one owes something.
            (debtor, creditor) = (i / 3, i % 3);
        }
        vm.prank(controllerAt((wrong ? debtor : creditor) % 3));
        settlement.settleNet(cityAt(debtor % 3), cityAt(creditor % 3), 1 + (units % 8), "bank");
        if (wrong && debtor % 3 != creditor % 3) trespassed = true;
        confirmedUnits += 1 + (units % 8);
    }

    function suspendCity(uint8 city, uint8 time) external {
        require(time % 4 == 0, "not now");
        suspend(cityAt(city % 3), uint64(block.timestamp) + time);
    }

    function passTime(uint8 time) external {
        vm.warp(block.timestamp + time);
    }

    function closeProgram(bool shared) external {
        bytes32 program = programAt(shared);
        uint256 supply = token.totalSupply(uint256(program));
        programs.close(program);
        closedUnits[program] += supply - token.totalSupply(uint256(program));
    }

    function register(bytes5 city, address merchant) private {
        vm.prank(cities.controllerOf(city));
        programs.registerMerchant(city, merchant);
    }

    function programAt(bool shared) public pure returns (bytes32) {
        return shared ? PROGRAM : OWN;
    }

    function cityAt(uint256 index) public pure returns (bytes5) {
        return [PORTO, CLERMONT, BERLIN][index];
    }

    function record(bytes32 program) external view returns (IRewardPrograms.Program memory) {
        return programs.programOf(program);
    }

    function escrowOf(bytes32 program) external view returns (uint256) {
        return token.balanceOf(address(programs), uint256(program));
    }

    function heldOf(bytes32 program) external view returns (uint256 units) {
        for (uint256 i = 0; i < 4; ++i) units += token.balanceOf(_merchants[i], uint256(program));
    }

    function burntOf(bytes32 program) external view returns (uint256) {
        return settlement.burntOf(program);
    }

    function owed(uint256 debtor, uint256 creditor) external view returns (uint256) {
        return settlement.owed(cityAt(debtor), cityAt(creditor));
    }

    function netOf(uint256 city) external view returns (int256) {
        return settlement.netOf(cityAt(city));
    }

    function controllerAt(uint256 index) private view returns (address) {
        return [PORTO_CONTROLLER, CLERMONT_CONTROLLER, address(0xA3)][index];
    }
}

/// @dev What holds of the money between cities after any sequence of calls of {SharedMoneyMachine}.
contract SharedMoneyTest {
    SharedMoneyMachine internal machine;

    function setUp() public {
        machine = new SharedMoneyMachine();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(machine);
    }

    function invariant_EachProgrammesFundsAreEscrowedHeldOrBurnt() public view {
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 program = machine.programAt(i == 0);
            IRewardPrograms.Program memory record = machine.record(program);
            uint256 burnt = machine.burntOf(program) + machine.closedUnits(program);
            require(record.funded == machine.fundedUnits(program), "funded by nobody");
            require(record.funded == machine.escrowOf(program) + machine.heldOf(program) + burnt, "units lost or made");
            require(record.redeemed <= record.funded, "redeemed more than funded");
            require(record.redeemed == machine.heldOf(program) + machine.burntOf(program), "units went elsewhere");
        }
    }

    function invariant_NetsOverAllCitiesSumToZero() public view {
        int256 sum = 0;
        for (uint256 i = 0; i < 3; ++i) {
            int256 net = 0;
            for (uint256 j = 0; j < 3; ++j) net += int256(machine.owed(j, i)) - int256(machine.owed(i, j));
            require(machine.netOf(i) == net, "the net is not what is owed");
            require(machine.owed(i, i) == 0, "a city owes itself");
            sum += machine.netOf(i);
        }
        require(sum == 0, "nets do not sum to zero");
        require(!machine.trespassed(), "the wrong one funded or confirmed");
    }

    /// @dev Shows that the machine moves money between cities: an invariant over nothing would always hold.
    function test_TheMachineLetsACityOweAnother() public {
        machine.addBudget(199, true, false);
        machine.addBudget(10, false, false);
        machine.pay(2, 1, false);
        machine.pay(2, 2, false);
        machine.pay(3, 1, false);
        machine.settle(1, 7, true);
        machine.settle(2, 4, true);
        require(machine.netOf(0) == -13 && machine.netOf(1) == 8 && machine.netOf(2) == 5, "nets");
        invariant_NetsOverAllCitiesSumToZero();
        machine.settleNet(0, 1, 2, false);
        machine.markPaid(0);
        require(machine.netOf(1) == 5 && machine.redemptions() == 3, "confirmed");
        for (uint256 i = 0; i < 5; ++i) machine.passTime(255);
        machine.closeProgram(true);
        invariant_EachProgrammesFundsAreEscrowedHeldOrBurnt();
        invariant_NetsOverAllCitiesSumToZero();
    }
}
