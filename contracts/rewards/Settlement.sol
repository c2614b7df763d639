// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Guarded} from "../federation/Guarded.sol";
import {IGuardian} from "../federation/IGuardian.sol";
import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {Debts} from "./Debts.sol";
import {IRewardPrograms} from "./IRewardPrograms.sol";
import {IRewardToken} from "./IRewardToken.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title Settlement
/// @notice The debts of all cities. The rules are in {Debts}.
contract Settlement is ISettlement, Guarded {
    using Debts for Debts.State;

    ICityRegistry private immutable _CITIES;
    IRewardPrograms private immutable _PROGRAMS;
    IRewardToken private immutable _TOKEN;

    Debts.State private _state;

    /// @notice Sets up an empty contract.
    /// @param programs programmes whose units are settled; this contract must be an operator of their token
    /// @param guardian_ who can stop new requests
    constructor(IRewardPrograms programs, IGuardian guardian_) Guarded(guardian_) {
        _PROGRAMS = programs;
        _CITIES = programs.cityRegistry();
        _TOKEN = programs.rewardToken();
    }

    /// @inheritdoc ISettlement
    function request(bytes32 program, uint256 units, bytes32 ref) external whenRunning {
        bytes5 debtor = _PROGRAMS.programOf(program).city;
        require(debtor != bytes5(0), SettlementUnknownProgram(program));
        bytes5 payer = _PROGRAMS.cityOfMerchant(msg.sender);
        _state.request(
            ref,
            Request({
                merchant: msg.sender,
                payer: payer,
                debtor: debtor,
                paid: false,
                program: program,
                units: units
            })
        );
        emit SettlementRequested(ref, program, debtor, payer, msg.sender, units);
        // Refuses who holds no units: only merchants of a city do.
        _TOKEN.burn(uint256(program), msg.sender, units);
    }

    /// @inheritdoc ISettlement
    function markPaid(bytes32 ref, bytes32 bankReferenceHash) external {
        Request storage record = _state.find(ref);
        _CITIES.requireController(record.payer, msg.sender);
        require(bankReferenceHash != bytes32(0), SettlementMissingBankReference(ref));
        _state.markPaid(record, ref);
        emit SettlementPaid(ref, bankReferenceHash);
    }

    /// @inheritdoc ISettlement
    function settleNet(bytes5 debtor, bytes5 creditor, uint256 units, bytes32 bankReferenceHash) external {
        _CITIES.requireController(creditor, msg.sender);
        require(bankReferenceHash != bytes32(0), SettlementMissingNetReference(debtor, creditor));
        _state.settleNet(debtor, creditor, units);
        emit NetSettled(debtor, creditor, units, bankReferenceHash);
    }

    /// @inheritdoc ISettlement
    function requestOf(bytes32 ref) external view returns (Request memory record) {
        return _state.requests[ref];
    }

    /// @inheritdoc ISettlement
    function debtOf(bytes5 payer, address merchant) external view returns (uint256 units) {
        return _state.debts[payer][merchant];
    }

    /// @inheritdoc ISettlement
    function owed(bytes5 debtor, bytes5 creditor) external view returns (uint256 units) {
        return _state.owed[debtor][creditor];
    }

    /// @inheritdoc ISettlement
    function netOf(bytes5 city) external view returns (int256 units) {
        return _state.nets[city];
    }

    /// @inheritdoc ISettlement
    function burntOf(bytes32 program) external view returns (uint256 units) {
        return _state.burnt[program];
    }

    /// @inheritdoc ISettlement
    function cityRegistry() external view returns (ICityRegistry registry) {
        return _CITIES;
    }

    /// @inheritdoc ISettlement
    function rewardPrograms() external view returns (IRewardPrograms programs) {
        return _PROGRAMS;
    }

    /// @inheritdoc ISettlement
    function rewardToken() external view returns (IRewardToken token) {
        return _TOKEN;
    }
}
