// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title Debts
/// @notice The rules of settlement: each request once, each paid once, and what cities owe each other for it.
library Debts {
    using SafeCast for uint256;

    struct State {
        mapping(bytes32 ref => ISettlement.Request record) requests;
        mapping(bytes5 payer => mapping(address merchant => uint256 units)) debts;
        mapping(bytes5 debtor => mapping(bytes5 creditor => uint256 units)) owed;
        mapping(bytes5 city => int256 units) nets;
        mapping(bytes32 program => uint256 units) burnt;
    }

    /// @dev See {ISettlement-request}. The caller burns the units.
    function request(State storage self, bytes32 ref, ISettlement.Request memory record) internal {
        uint256 units = record.units;
        require(units != 0, ISettlement.SettlementInvalidUnits(units));
        require(self.requests[ref].merchant == address(0), ISettlement.SettlementAlreadyRequested(ref));
        self.requests[ref] = record;
        self.debts[record.payer][record.merchant] += units;
        self.burnt[record.program] += units;
        if (record.debtor != record.payer) {
            self.owed[record.debtor][record.payer] += units;
            _shift(self, record.debtor, record.payer, units);
        }
    }

    /// @dev See {ISettlement-markPaid}. The caller has found the request and checked who marks it.
    function markPaid(State storage self, ISettlement.Request storage record, bytes32 ref) internal {
        require(!record.paid, ISettlement.SettlementAlreadyPaid(ref));
        record.paid = true;
        self.debts[record.payer][record.merchant] -= record.units;
    }

    /// @dev See {ISettlement-settleNet}. The caller has checked who confirms.
    function settleNet(State storage self, bytes5 debtor, bytes5 creditor, uint256 units) internal {
        require(units != 0, ISettlement.SettlementInvalidUnits(units));
        uint256 owed = self.owed[debtor][creditor];
        require(units <= owed, ISettlement.SettlementExceedsOwed(debtor, creditor, units, owed));
        self.owed[debtor][creditor] = owed - units;
        _shift(self, creditor, debtor, units);
    }

    /// @dev The request of this name; reverts when there is none.
    function find(
        State storage self,
        bytes32 ref
    ) internal view returns (ISettlement.Request storage record) {
        record = self.requests[ref];
        require(record.merchant != address(0), ISettlement.SettlementUnknownRequest(ref));
    }

    /// @dev What one city loses the other gains: the sum over all cities stays zero.
    function _shift(State storage self, bytes5 from, bytes5 to, uint256 units) private {
        int256 change = units.toInt256();
        self.nets[from] -= change;
        self.nets[to] += change;
    }
}
