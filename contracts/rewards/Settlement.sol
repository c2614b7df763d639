// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {Debts} from "./Debts.sol";
import {IRewardPrograms} from "./IRewardPrograms.sol";
import {IRewardToken} from "./IRewardToken.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title Settlement
/// @notice The debts of all cities. The rules are in {Debts}.
contract Settlement is ISettlement {
    using Debts for Debts.State;

    ICityRegistry private immutable _CITIES;
    IRewardPrograms private immutable _PROGRAMS;
    IRewardToken private immutable _TOKEN;

    Debts.State private _state;

    /// @notice Sets up an empty contract.
    /// @param programs programmes whose units are settled; this contract must be an operator of their token
    constructor(IRewardPrograms programs) {
        _PROGRAMS = programs;
        _CITIES = programs.cityRegistry();
        _TOKEN = programs.rewardToken();
    }

    /// @inheritdoc ISettlement
    function request(bytes32 program, uint256 units, bytes32 ref) external {
        bytes5 city = _PROGRAMS.programOf(program).city;
        require(city != bytes5(0), SettlementUnknownProgram(program));
        _state.request(ref, program, city, msg.sender, units);
        emit SettlementRequested(ref, program, city, msg.sender, units);
        _TOKEN.burn(uint256(program), msg.sender, units);
    }

    /// @inheritdoc ISettlement
    function markPaid(bytes32 ref, bytes32 bankReferenceHash) external {
        Request storage record = _state.find(ref);
        _CITIES.requireController(record.city, msg.sender);
        require(bankReferenceHash != bytes32(0), SettlementMissingBankReference(ref));
        _state.markPaid(record, ref);
        emit SettlementPaid(ref, bankReferenceHash);
    }

    /// @inheritdoc ISettlement
    function requestOf(bytes32 ref) external view returns (Request memory record) {
        return _state.requests[ref];
    }

    /// @inheritdoc ISettlement
    function debtOf(bytes5 city, address merchant) external view returns (uint256 units) {
        return _state.debts[city][merchant];
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
