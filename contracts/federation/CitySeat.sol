// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {ERC721Votes} from "@openzeppelin/contracts/token/ERC721/extensions/ERC721Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {ICitySeat} from "./ICitySeat.sol";

/// @title CitySeat
/// @notice The seats of all active cities. The registry of cities makes this contract and alone hands seats out.
contract CitySeat is ICitySeat, ERC721Votes {
    address private immutable _REGISTRY;

    mapping(address holder => bytes5 city) private _cities;

    modifier onlyRegistry() {
        require(msg.sender == _REGISTRY, CitySeatNotRegistry(msg.sender));
        _;
    }

    /// @notice Sets up an empty contract for the registry that makes it.
    constructor() ERC721("Symbolon city seat", "SEAT") EIP712("Symbolon city seat", "1") {
        _REGISTRY = msg.sender;
    }

    /// @inheritdoc ICitySeat
    function mint(bytes5 city, address holder) external onlyRegistry {
        _cities[holder] = city;
        // The holder is not called: a seat cannot be refused by its holder's code.
        _mint(holder, _seatOf(city));
    }

    /// @inheritdoc ICitySeat
    function burn(bytes5 city) external onlyRegistry {
        delete _cities[_requireOwned(_seatOf(city))];
        _burn(_seatOf(city));
    }

    /// @inheritdoc ICitySeat
    function move(bytes5 city, address holder) external onlyRegistry {
        address previous = _requireOwned(_seatOf(city));
        delete _cities[previous];
        _cities[holder] = city;
        _transfer(previous, holder, _seatOf(city));
    }

    /// @inheritdoc ICitySeat
    function cityOf(address holder) external view returns (bytes5 city) {
        return _cities[holder];
    }

    /// @inheritdoc ICitySeat
    function seatOf(bytes5 city) external view returns (address holder) {
        return _ownerOf(_seatOf(city));
    }

    /// @inheritdoc ICitySeat
    function totalSupply() external view returns (uint256 seats) {
        return _getTotalSupply();
    }

    /// @inheritdoc ICitySeat
    function cityRegistry() external view returns (address registry) {
        return _REGISTRY;
    }

    /// @notice Always reverts: a seat belongs to its city.
    function transferFrom(address, address, uint256) public virtual override(ERC721, IERC721) {
        revert CitySeatNotTransferable(msg.sender);
    }

    /// @notice Always reverts: a seat belongs to its city.
    function safeTransferFrom(
        address,
        address,
        uint256,
        bytes memory
    ) public virtual override(ERC721, IERC721) {
        revert CitySeatNotTransferable(msg.sender);
    }

    /// @notice Always reverts: there is nothing an approved account could do.
    function approve(address, uint256) public virtual override(ERC721, IERC721) {
        revert CitySeatNotTransferable(msg.sender);
    }

    /// @notice Always reverts: there is nothing an approved account could do.
    function setApprovalForAll(address, bool) public virtual override(ERC721, IERC721) {
        revert CitySeatNotTransferable(msg.sender);
    }

    /// @notice Always reverts: a city votes itself.
    function delegate(address) public virtual override {
        revert CitySeatNotDelegable(msg.sender);
    }

    /// @notice Always reverts: a city votes itself.
    function delegateBySig(address, uint256, uint256, uint8, bytes32, bytes32) public virtual override {
        revert CitySeatNotDelegable(msg.sender);
    }

    /// @notice Every holder votes for itself.
    /// @param account the holder
    /// @return delegatee the same account
    function delegates(address account) public view virtual override returns (address delegatee) {
        return account;
    }

    /// @notice The clock of votes.
    /// @return timepoint Unix seconds
    function clock() public view virtual override returns (uint48 timepoint) {
        return Time.timestamp();
    }

    /// @notice Says what the clock of votes counts.
    /// @return mode `mode=timestamp`
    function CLOCK_MODE() // solhint-disable-line func-name-mixedcase
        public
        view
        virtual
        override
        returns (string memory mode)
    {
        return "mode=timestamp";
    }

    function _seatOf(bytes5 city) private pure returns (uint256) {
        return uint256(uint40(city));
    }
}
