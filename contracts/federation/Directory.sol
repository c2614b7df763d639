// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IDirectory} from "./IDirectory.sol";

/// @title Directory
/// @notice The federation's list of contracts: name, address, code hash.
contract Directory is IDirectory, Ownable2Step {
    struct Entry {
        address target;
        bytes32 codeHash;
    }

    mapping(bytes32 name => Entry entry) private _entries;

    /// @notice Sets up an empty contract.
    /// @param initialOwner who may change entries
    constructor(address initialOwner) Ownable(initialOwner) {}

    /// @inheritdoc IDirectory
    function set(bytes32 name, address target, bytes32 codeHash) external onlyOwner {
        require(name != bytes32(0), DirectoryEmptyName());
        require(target == address(0) || target.code.length != 0, DirectoryNoCode(target));
        bytes32 actual = _codeHashOf(target);
        require(codeHash == actual, DirectoryCodeHashMismatch(target, codeHash, actual));
        _entries[name] = Entry({target: target, codeHash: codeHash});
        emit EntryChanged(name, target, codeHash);
    }

    /// @inheritdoc IDirectory
    function get(bytes32 name) external view returns (address target, bytes32 codeHash) {
        Entry storage entry = _entries[name];
        return (entry.target, entry.codeHash);
    }

    /// @inheritdoc IDirectory
    function codeHashOf(address target) external view returns (bytes32 codeHash) {
        return _codeHashOf(target);
    }

    /// @dev Zero for the zero address, whatever the chain says of it.
    function _codeHashOf(address target) private view returns (bytes32) {
        return target == address(0) ? bytes32(0) : target.codehash;
    }
}
