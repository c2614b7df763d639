// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

/// @title IRewardToken
/// @notice Units of reward programmes: one ERC-1155 id for each programme, one unit for each point. Only organisations
/// hold it, and only the programme and settlement contracts move it.
/// @dev The id is the programme's name read as a number. Receivers are not called, so no unit can be refused or locked
/// by its receiver's code. The standard's own transfers and approvals are switched off.
interface IRewardToken is IERC1155 {
    /// @notice A contract may, or may no longer, mint, move and burn units.
    /// @param operator the contract
    /// @param allowed true when it may
    event OperatorChanged(address indexed operator, bool allowed);

    /// @notice The caller may not mint, move or burn units.
    /// @param account the caller
    error RewardTokenNotOperator(address account);

    /// @notice Only a contract can be an operator: no key alone mints.
    /// @param operator the address given
    error RewardTokenOperatorNotContract(address operator);

    /// @notice Holders cannot transfer units, nor approve anyone to.
    /// @param holder the caller
    error RewardTokenNotTransferable(address holder);

    /// @notice Lets a contract mint, move and burn units, or stops it. Only the owner.
    /// @param operator the contract
    /// @param allowed true to let it
    function setOperator(address operator, bool allowed) external;

    /// @notice Mints units to the calling operator.
    /// @param id programme
    /// @param units number of units
    function mint(uint256 id, uint256 units) external;

    /// @notice Moves units from the calling operator to an organisation.
    /// @param id programme
    /// @param to who receives
    /// @param units number of units
    function move(uint256 id, address to, uint256 units) external;

    /// @notice Burns units of a holder. Only operators; each burns only its caller's or its own units.
    /// @param id programme
    /// @param from whose units
    /// @param units number of units
    function burn(uint256 id, address from, uint256 units) external;

    /// @notice Whether a contract may mint, move and burn units.
    /// @param account the contract
    /// @return allowed true when it may
    function isOperator(address account) external view returns (bool allowed);
}
