// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {ERC1155Supply} from "@openzeppelin/contracts/token/ERC1155/extensions/ERC1155Supply.sol";
import {IRewardToken} from "./IRewardToken.sol";

/// @title RewardToken
/// @notice Units of all reward programmes.
contract RewardToken is IRewardToken, ERC1155Supply, Ownable2Step {
    mapping(address operator => bool allowed) private _operators;

    modifier onlyOperator() {
        require(_operators[msg.sender], RewardTokenNotOperator(msg.sender));
        _;
    }

    /// @notice Sets up an empty contract.
    /// @param initialOwner who may name operators
    constructor(address initialOwner) ERC1155("") Ownable(initialOwner) {}

    /// @inheritdoc IRewardToken
    function setOperator(address operator, bool allowed) external onlyOwner {
        require(!allowed || operator.code.length != 0, RewardTokenOperatorNotContract(operator));
        _operators[operator] = allowed;
        emit OperatorChanged(operator, allowed);
    }

    /// @inheritdoc IRewardToken
    function mint(uint256 id, uint256 units) external onlyOperator {
        _shift(address(0), msg.sender, id, units);
    }

    /// @inheritdoc IRewardToken
    function move(uint256 id, address to, uint256 units) external onlyOperator {
        // `_update` would burn what goes to the zero address.
        require(to != address(0), ERC1155InvalidReceiver(to));
        _shift(msg.sender, to, id, units);
    }

    /// @inheritdoc IRewardToken
    function burn(uint256 id, address from, uint256 units) external onlyOperator {
        // `_update` would mint what comes from the zero address, to nobody.
        require(from != address(0), ERC1155InvalidSender(from));
        _shift(from, address(0), id, units);
    }

    /// @inheritdoc IRewardToken
    function isOperator(address account) external view returns (bool allowed) {
        return _operators[account];
    }

    /// @notice Always reverts: units move only through a programme or its settlement.
    function safeTransferFrom(
        address,
        address,
        uint256,
        uint256,
        bytes memory
    ) public virtual override(ERC1155, IERC1155) {
        revert RewardTokenNotTransferable(msg.sender);
    }

    /// @notice Always reverts: units move only through a programme or its settlement.
    function safeBatchTransferFrom(
        address,
        address,
        uint256[] memory,
        uint256[] memory,
        bytes memory
    ) public virtual override(ERC1155, IERC1155) {
        revert RewardTokenNotTransferable(msg.sender);
    }

    /// @notice Always reverts: there is nothing an approved account could do.
    function setApprovalForAll(address, bool) public virtual override(ERC1155, IERC1155) {
        revert RewardTokenNotTransferable(msg.sender);
    }

    /// @dev Moves units without calling the receiver.
    function _shift(address from, address to, uint256 id, uint256 units) private {
        uint256[] memory ids = new uint256[](1);
        uint256[] memory values = new uint256[](1);
        ids[0] = id;
        values[0] = units;
        _update(from, to, ids, values);
    }
}
