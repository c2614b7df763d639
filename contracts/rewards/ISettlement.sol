// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {IRewardPrograms} from "./IRewardPrograms.sol";
import {IRewardToken} from "./IRewardToken.sol";

/// @title ISettlement
/// @notice What cities owe merchants for the units they took, what cities owe each other for it, and what has been paid
/// through the bank. A merchant is paid by its own city; where the programme is another city's, that city then owes the
/// merchant's.
interface ISettlement {
    /// @notice One request of a merchant.
    /// @param merchant account of the merchant's business; zero for an unknown request
    /// @param payer UN/LOCODE of the merchant's city, which pays
    /// @param debtor UN/LOCODE of the programme's city, which bears it
    /// @param paid true once the payer paid
    /// @param program name of the programme
    /// @param units number of units burnt
    struct Request {
        address merchant;
        bytes5 payer;
        bytes5 debtor;
        bool paid;
        bytes32 program;
        uint256 units;
    }

    /// @notice A merchant gave units back for money.
    /// @param ref name of the request, 32 random bytes
    /// @param program name of the programme
    /// @param debtor UN/LOCODE of the programme's city, which bears it
    /// @param payer UN/LOCODE of the merchant's city, which pays
    /// @param merchant account of the merchant's business
    /// @param units number of units burnt
    event SettlementRequested(
        bytes32 indexed ref,
        bytes32 indexed program,
        bytes5 debtor,
        bytes5 payer,
        address indexed merchant,
        uint256 units
    );

    /// @notice A city paid a request.
    /// @param ref name of the request
    /// @param bankReferenceHash SHA-256 of the bank's reference, salted by the city
    event SettlementPaid(bytes32 indexed ref, bytes32 bankReferenceHash);

    /// @notice A city has received what another one owed it, or part of it.
    /// @param debtor UN/LOCODE of the city that owed
    /// @param creditor UN/LOCODE of the city that was owed
    /// @param units number of units it has received the money for
    /// @param bankReferenceHash SHA-256 of the bank's reference, salted by the creditor
    event NetSettled(
        bytes5 indexed debtor,
        bytes5 indexed creditor,
        uint256 units,
        bytes32 bankReferenceHash
    );

    /// @notice A request needs at least one unit.
    /// @param units the number given
    error SettlementInvalidUnits(uint256 units);

    /// @notice The name is taken.
    /// @param ref the name given
    error SettlementAlreadyRequested(bytes32 ref);

    /// @notice There is no such request.
    /// @param ref the name given
    error SettlementUnknownRequest(bytes32 ref);

    /// @notice There is no such programme.
    /// @param program the name given
    error SettlementUnknownProgram(bytes32 program);

    /// @notice The request was already paid.
    /// @param ref the name given
    error SettlementAlreadyPaid(bytes32 ref);

    /// @notice A payment needs the hash of its bank reference.
    /// @param ref the name given
    error SettlementMissingBankReference(bytes32 ref);

    /// @notice A payment between cities needs the hash of its bank reference.
    /// @param debtor UN/LOCODE of the city that owes
    /// @param creditor UN/LOCODE of the city that is owed
    error SettlementMissingNetReference(bytes5 debtor, bytes5 creditor);

    /// @notice The city is owed less.
    /// @param debtor UN/LOCODE of the city that owes
    /// @param creditor UN/LOCODE of the city that is owed
    /// @param units the number given
    /// @param owed number of units owed
    error SettlementExceedsOwed(bytes5 debtor, bytes5 creditor, uint256 units, uint256 owed);

    /// @notice Burns units of the calling merchant and records the debt. What a merchant was paid it can always
    /// settle: whatever became of the programme, of the city's status or of its own registration.
    /// @param program name of the programme
    /// @param units number of units
    /// @param ref name of the request, 32 random bytes
    function request(bytes32 program, uint256 units, bytes32 ref) external;

    /// @notice Marks a request as paid. Only the controller of the merchant's city, whatever the city's status. Never
    /// paused.
    /// @param ref name of the request
    /// @param bankReferenceHash SHA-256 of the bank's reference, salted by the city
    function markPaid(bytes32 ref, bytes32 bankReferenceHash) external;

    /// @notice Confirms that a city has received what another one owed it, or part of it. Only the controller of the
    /// city that was owed, whatever its status: it is the one that would lose by saying so wrongly. Never paused.
    /// @param debtor UN/LOCODE of the city that owed
    /// @param creditor UN/LOCODE of the city that was owed
    /// @param units number of units it has received the money for
    /// @param bankReferenceHash SHA-256 of the bank's reference, salted by the creditor
    function settleNet(bytes5 debtor, bytes5 creditor, uint256 units, bytes32 bankReferenceHash) external;

    /// @notice A request; all zero for an unknown one.
    /// @param ref name of the request
    /// @return record the request
    function requestOf(bytes32 ref) external view returns (Request memory record);

    /// @notice What a city still owes a merchant of its own, in units of all programmes.
    /// @param payer UN/LOCODE of the merchant's city
    /// @param merchant account of the merchant's business
    /// @return units number of units requested and not paid
    function debtOf(bytes5 payer, address merchant) external view returns (uint256 units);

    /// @notice What a city still owes another one for what that one's merchants took.
    /// @param debtor UN/LOCODE of the city that owes
    /// @param creditor UN/LOCODE of the city that is owed
    /// @return units number of units
    function owed(bytes5 debtor, bytes5 creditor) external view returns (uint256 units);

    /// @notice What all other cities owe a city, less what it owes them. Over all cities the sum is zero.
    /// @param city UN/LOCODE
    /// @return units number of units, negative when the city owes more than it is owed
    function netOf(bytes5 city) external view returns (int256 units);

    /// @notice How many units of a programme were burnt here.
    /// @param program name of the programme
    /// @return units number of units
    function burntOf(bytes32 program) external view returns (uint256 units);

    /// @notice The registry of cities this contract asks.
    /// @return registry the registry
    function cityRegistry() external view returns (ICityRegistry registry);

    /// @notice The programmes this contract asks.
    /// @return programs the programmes
    function rewardPrograms() external view returns (IRewardPrograms programs);

    /// @notice The token that carries the units.
    /// @return token the token
    function rewardToken() external view returns (IRewardToken token);
}
