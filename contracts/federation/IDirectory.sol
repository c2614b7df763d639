// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title IDirectory
/// @notice Says which contract currently stands behind each name. There are no proxies: a new version is a new
/// address here, next to the hash of its code, so that everyone can see that it changed and to what.
interface IDirectory {
    /// @notice A name now points to another contract.
    /// @param name ASCII name of the contract, padded with zero bytes on the right
    /// @param target address of the contract, zero when the name was taken out
    /// @param codeHash EIP-1052 hash of the code at `target`, zero when the name was taken out
    event EntryChanged(bytes32 indexed name, address target, bytes32 codeHash);

    /// @notice The name is empty.
    error DirectoryEmptyName();

    /// @notice There is no code at the address.
    /// @param target the address given
    error DirectoryNoCode(address target);

    /// @notice The code at the address is not the code that was agreed.
    /// @param target the address given
    /// @param expected the hash given
    /// @param actual hash of the code at the address
    error DirectoryCodeHashMismatch(address target, bytes32 expected, bytes32 actual);

    /// @notice Points `name` to `target`, or takes the name out when `target` is zero. Only the owner.
    /// @param name ASCII name of the contract, padded with zero bytes on the right
    /// @param target address of the contract; must hold code unless zero
    /// @param codeHash EIP-1052 hash of the code that was agreed, zero when the name is taken out
    function set(bytes32 name, address target, bytes32 codeHash) external;

    /// @notice Looks a name up.
    /// @param name ASCII name of the contract, padded with zero bytes on the right
    /// @return target address of the contract, zero for an unknown name
    /// @return codeHash hash of its code when it was entered, zero for an unknown name
    function get(bytes32 name) external view returns (address target, bytes32 codeHash);

    /// @notice Hash of the code at an address, as `set` asks for it.
    /// @param target address of a contract
    /// @return codeHash EIP-1052 hash, zero for the zero address and for one that was never used
    function codeHashOf(address target) external view returns (bytes32 codeHash);
}
