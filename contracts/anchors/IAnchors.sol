// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "../trust/ICityRegistry.sol";

/// @title IAnchors
/// @notice Roots of the append-only logs of each city (RFC 6962 Merkle trees): what was in a log at a time can be
/// proven later, and nobody can take it out unseen.
/// @dev Log 0 is the issuance log, log 1 the audit log. Leaves are salted commitments; salts stay off the chain.
interface IAnchors {
    /// @notice Latest anchor of a log.
    /// @param size number of leaves; zero when nothing was anchored yet
    /// @param time block time of the anchor
    /// @param root RFC 6962 root of the first `size` leaves
    struct Anchor {
        uint64 size;
        uint64 time;
        bytes32 root;
    }

    /// @notice A city anchored a log.
    /// @param city UN/LOCODE
    /// @param log number of the log
    /// @param size number of leaves
    /// @param root RFC 6962 root of the first `size` leaves
    event Anchored(bytes5 indexed city, uint8 indexed log, uint64 size, bytes32 root);

    /// @notice A log only grows.
    /// @param city UN/LOCODE
    /// @param log number of the log
    /// @param size the size given
    /// @param current the size on record
    error AnchorsNotGrowing(bytes5 city, uint8 log, uint64 size, uint64 current);

    /// @notice A root is never zero.
    /// @param city UN/LOCODE
    /// @param log number of the log
    error AnchorsMissingRoot(bytes5 city, uint8 log);

    /// @notice Anchors a log. Only the controller of the city while active.
    /// @param city UN/LOCODE
    /// @param log number of the log
    /// @param size number of leaves, more than before
    /// @param root RFC 6962 root of the first `size` leaves
    function anchor(bytes5 city, uint8 log, uint64 size, bytes32 root) external;

    /// @notice Latest anchor of a log; all zero when nothing was anchored yet.
    /// @param city UN/LOCODE
    /// @param log number of the log
    /// @return latest the anchor
    function head(bytes5 city, uint8 log) external view returns (Anchor memory latest);

    /// @notice The registry of cities this contract asks.
    /// @return registry the registry
    function cityRegistry() external view returns (ICityRegistry registry);
}
