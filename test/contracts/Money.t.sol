// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {RewardsTest} from "./FederationTest.sol";

/// @dev Everything anyone can do with money, in any order; refusals of the contracts are part of the game.
contract MoneyMachine is RewardsTest {
    bytes32 internal constant SECOND = "second programme";

    uint256 public fundedUnits;
    uint256 public redeemedUnits;
    uint256 public closedUnits;
    uint256 public settledUnits;
    uint256 public paidUnits;
    uint256 public redemptions;
    address[3] internal _merchants = [address(0x3E), address(0x3F), address(0x40)];
    bytes32[] internal _requests;
    uint256 internal _nextOwner = 1;

    constructor() {
        setUp();
        createProgram(SECOND, PORTO, PORTO_CONTROLLER, 3);
    }

    /// @dev Once only: the fuzzer calls everything it can.
    function setUp() public override {
        require(address(token) == address(0), "set up already");
        super.setUp();
    }

    function addBudget(uint64 units, bool second) external {
        vm.prank(PORTO_CONTROLLER);
        programs.fund(programOf(second), units);
        fundedUnits += units;
    }

    function pay(uint8 key, uint8 merchant, uint8 count, bool replay) external {
        count = (count % 3) + 1;
        key = key % 4;
        address to = _merchants[merchant % 3];
        bytes32 digest = redeemDigest(programOf(key == 3), to, "order", UNTIL);
        IRewardPrograms.Note[] memory notes = new IRewardPrograms.Note[](count);
        for (uint256 i = 0; i < count; ++i) {
            notes[i] = createNote(key, replay && _nextOwner > 1 ? _nextOwner - 1 : _nextOwner++, digest);
        }
        programs.redeem(programOf(key == 3), to, "order", UNTIL, notes);
        redeemedUnits += uint256(count) * valueOf(key);
        ++redemptions;
    }

    function register(uint8 merchant) external {
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, _merchants[merchant % 3]);
    }

    function unregister(uint8 merchant) external {
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, _merchants[merchant % 3]);
    }

    function settle(uint8 merchant, uint8 units, bool second) external {
        bytes32 ref = keccak256(abi.encode(_requests.length));
        vm.prank(_merchants[merchant % 3]);
        settlement.request(programOf(second), units, ref);
        _requests.push(ref);
        settledUnits += units;
    }

    function markPaid(uint8 index) external {
        bytes32 ref = _requests[index % _requests.length];
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid(ref, "bank");
        paidUnits += settlement.requestOf(ref).units;
    }

    function transfer(uint8 merchant, uint8 to, uint256 units, bool second) external {
        vm.prank(_merchants[merchant % 3]);
        token.safeTransferFrom(
            _merchants[merchant % 3], _merchants[to % 3], uint256(programOf(second)), units, ""
        );
    }

    function passTime(uint8 time) external {
        vm.warp(block.timestamp + time);
    }

    function closeProgram(bool second) external {
        uint256 supply = token.totalSupply(uint256(programOf(second)));
        programs.close(programOf(second));
        closedUnits += supply - token.totalSupply(uint256(programOf(second)));
    }

    function programOf(bool second) public pure returns (bytes32) {
        return second ? SECOND : PROGRAM;
    }

    function record(bool second) external view returns (IRewardPrograms.Program memory) {
        return programs.programOf(programOf(second));
    }

    function escrowOf(bool second) external view returns (uint256) {
        return token.balanceOf(address(programs), uint256(programOf(second)));
    }

    function heldOf(bool second) external view returns (uint256 units) {
        for (uint256 i = 0; i < 3; ++i) units += token.balanceOf(_merchants[i], uint256(programOf(second)));
    }

    function supplyOf(bool second) external view returns (uint256) {
        return token.totalSupply(uint256(programOf(second)));
    }

    function burntOf(bool second) external view returns (uint256) {
        return settlement.burntOf(programOf(second));
    }

    function debts() external view returns (uint256 units) {
        for (uint256 i = 0; i < 3; ++i) units += settlement.debtOf(PORTO, _merchants[i]);
    }
}

/// @dev What holds of the money after any sequence of calls of {MoneyMachine}.
contract MoneyTest {
    MoneyMachine internal machine;

    function setUp() public {
        machine = new MoneyMachine();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(machine);
    }

    function invariant_FundedIsEscrowedPlusHeldPlusBurnt() public view {
        uint256 total = 0;
        for (uint256 i = 0; i < 2; ++i) {
            bool second = i == 1;
            uint256 inUse = machine.escrowOf(second) + machine.heldOf(second);
            require(machine.supplyOf(second) == inUse, "units outside escrow and merchants");
            require(machine.record(second).funded >= inUse + machine.burntOf(second), "units from nowhere");
            total += inUse;
        }
        require(
            machine.fundedUnits() == total + machine.settledUnits() + machine.closedUnits(), "units lost or made"
        );
    }

    function invariant_RedeemedIsAtMostFundedAndAllOfItWentToMerchants() public view {
        uint256 redeemed = 0;
        for (uint256 i = 0; i < 2; ++i) {
            IRewardPrograms.Program memory record = machine.record(i == 1);
            require(record.redeemed <= record.funded, "redeemed more than funded");
            require(machine.heldOf(i == 1) + machine.burntOf(i == 1) == record.redeemed, "units went elsewhere");
            redeemed += record.redeemed;
        }
        require(redeemed == machine.redeemedUnits(), "redeemed is not what was paid");
    }

    function invariant_DebtsAreWhatWasSettledAndNotPaid() public view {
        require(machine.debts() == machine.settledUnits() - machine.paidUnits(), "debts");
    }

    /// @dev Shows that the machine really moves money: an invariant over nothing would always hold.
    function test_TheMachineMovesMoneyThroughItsWholeLife() public {
        machine.addBudget(1000, false);
        machine.addBudget(10, true);
        machine.pay(3, 0, 0, false);
        machine.pay(2, 0, 2, false);
        try machine.pay(2, 0, 0, true) {
            revert("a note was paid twice");
        } catch {
            require(machine.redemptions() == 2, "redemptions");
        }
        machine.settle(0, 100, false);
        machine.markPaid(0);
        for (uint256 i = 0; i < 5; ++i) machine.passTime(255);
        machine.closeProgram(false);
        require(machine.redeemedUnits() == 193 && machine.paidUnits() == 100, "units");
        require(machine.closedUnits() == 1000 - 192 && machine.heldOf(false) == 92, "burnt");
        invariant_FundedIsEscrowedPlusHeldPlusBurnt();
        invariant_RedeemedIsAtMostFundedAndAllOfItWentToMerchants();
        invariant_DebtsAreWhatWasSettledAndNotPaid();
    }
}
