// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "../trust/ICityRegistry.sol";

/// @title IStatusLists
/// @notice The state of every status list, epoch by epoch. Anyone rebuilds a list from its events and compares digests:
/// nothing is fetched from the issuing city, nothing can be rolled back, and all see the same list.
/// @dev A list is named by `listId = keccak256(abi.encodePacked(city, uri))`, so that nobody can open another city's
/// list first. Each entry has two bits, as in the Token Status List, all zero in epoch 0; the digest is SHA-256 of the
/// uncompressed `size / 4` bytes.
interface IStatusLists {
    /// @notice Latest state of a list.
    /// @param city UN/LOCODE of the city that publishes the list
    /// @param epoch number of epochs published so far
    /// @param time block time of the latest epoch, or of the creation
    /// @param size number of entries; zero for an unknown list
    /// @param digest SHA-256 of the list's bytes after the latest epoch; zero before the first
    struct List {
        bytes5 city;
        uint64 epoch;
        uint64 time;
        uint32 size;
        bytes32 digest;
    }

    /// @notice A city opened a list; all its entries are valid.
    /// @param city UN/LOCODE
    /// @param listId keccak256 of `city` and `uri`
    /// @param uri address of the status list token
    /// @param size number of entries
    event ListCreated(bytes5 indexed city, bytes32 indexed listId, string uri, uint32 size);

    /// @notice A city published the next epoch of a list.
    /// @param listId keccak256 of the city and the list's URI
    /// @param epoch number of the epoch, one more than the one before
    /// @param digest SHA-256 of the list's bytes after this epoch
    /// @param delta gap-coded positions of the bits that flipped since the epoch before, decoys among them
    event EpochPublished(bytes32 indexed listId, uint64 indexed epoch, bytes32 digest, bytes delta);

    /// @notice The list's URI is empty.
    /// @param uri the text given
    error StatusListsInvalidUri(string uri);

    /// @notice A list has at least 2^20 entries, so that an index hides in a crowd, and a multiple of eight.
    /// @param size the number given
    error StatusListsInvalidSize(uint32 size);

    /// @notice There is already a list with this URI.
    /// @param listId keccak256 of the city and the URI
    error StatusListsAlreadyExists(bytes32 listId);

    /// @notice There is no such list.
    /// @param listId the name given
    error StatusListsUnknownList(bytes32 listId);

    /// @notice Epochs are published one after the other, with no gap.
    /// @param listId keccak256 of the city and the list's URI
    /// @param epoch the number given
    /// @param expected the number that is next
    error StatusListsWrongEpoch(bytes32 listId, uint64 epoch, uint64 expected);

    /// @notice A digest is never zero.
    /// @param listId keccak256 of the city and the list's URI
    error StatusListsMissingDigest(bytes32 listId);

    /// @notice Opens a list. Only the controller of the city while active.
    /// @param city UN/LOCODE
    /// @param uri address of the status list token
    /// @param size number of entries, at least 2^20 and a multiple of eight
    function create(bytes5 city, string calldata uri, uint32 size) external;

    /// @notice Publishes the next epoch of a list. Only the controller of the list's city while active.
    /// @param listId keccak256 of the city and the list's URI
    /// @param epoch number of the epoch: one more than the head's
    /// @param digest SHA-256 of the list's bytes after this epoch
    /// @param delta gap-coded positions of the bits that flipped since the epoch before
    function publish(bytes32 listId, uint64 epoch, bytes32 digest, bytes calldata delta) external;

    /// @notice Latest state of a list.
    /// @param listId keccak256 of the city and the list's URI
    /// @return epoch number of epochs published so far
    /// @return digest SHA-256 of the list's bytes after the latest epoch, zero before the first
    /// @return size number of entries, zero for an unknown list
    /// @return time block time of the latest epoch, or of the creation
    function head(
        bytes32 listId
    ) external view returns (uint64 epoch, bytes32 digest, uint32 size, uint64 time);

    /// @notice The city that publishes a list.
    /// @param listId keccak256 of the city and the list's URI
    /// @return city UN/LOCODE, zero for an unknown list
    function cityOf(bytes32 listId) external view returns (bytes5 city);

    /// @notice The registry of cities this contract asks.
    /// @return registry the registry
    function cityRegistry() external view returns (ICityRegistry registry);
}
