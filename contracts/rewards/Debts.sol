// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISettlement} from "./ISettlement.sol";

/// @title Debts
/// @notice The rules of settlement: each request once, each paid once.
library Debts {
    struct State {
        mapping(bytes32 ref => ISettlement.Request record) requests;
        mapping(bytes5 city => mapping(address merchant => uint256 units)) debts;
        mapping(bytes32 program => uint256 units) burnt;
    }

    /// @dev See {ISettlement-request}. The caller burns the units.
    function request(
        State storage self,
        bytes32 ref,
        bytes32 program,
        bytes5 city,
        address merchant,
        uint256 units
    ) internal {
        require(units != 0, ISettlement.SettlementInvalidUnits(units));
        require(self.requests[ref].merchant == address(0), ISettlement.SettlementAlreadyRequested(ref));
        self.requests[ref] = ISettlement.Request({
            merchant: merchant,
            city: city,
            paid: false,
            program: program,
            units: units
        });
        self.debts[city][merchant] += units;
        self.burnt[program] += units;
    }

    /// @dev See {ISettlement-markPaid}. The caller has found the request and checked who marks it.
    function markPaid(State storage self, ISettlement.Request storage record, bytes32 ref) internal {
        require(!record.paid, ISettlement.SettlementAlreadyPaid(ref));
        record.paid = true;
        self.debts[record.city][record.merchant] -= record.units;
    }

    /// @dev The request of this name; reverts when there is none.
    function find(
        State storage self,
        bytes32 ref
    ) internal view returns (ISettlement.Request storage record) {
        record = self.requests[ref];
        require(record.merchant != address(0), ISettlement.SettlementUnknownRequest(ref));
    }
}
