// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "./ICityRegistry.sol";

/// @title IIssuerRegistry
/// @notice Which keys sign credentials for which city, of which type, and when. A did:web document counts only where
/// its keys are the thumbprints listed here, so that taking over a city's domain forges nothing.
/// @dev A credential type is named by `typeId = keccak256(bytes(credentialType))`, where `credentialType` is the `vct`.
interface IIssuerRegistry {
    /// @notice One key, accredited for one type.
    /// @param validFrom first second of the accreditation
    /// @param validUntil last second of the accreditation; zero when there is none
    /// @param untrustedFrom first second at which the key is no longer trusted; `type(uint64).max` until withdrawn
    struct Accreditation {
        uint64 validFrom;
        uint64 validUntil;
        uint64 untrustedFrom;
    }

    /// @notice A city accredited a key for a credential type.
    /// @param city UN/LOCODE
    /// @param thumbprint RFC 7638 SHA-256 thumbprint of the key
    /// @param typeId keccak256 of `credentialType`
    /// @param x first coordinate of the P-256 public key, big-endian
    /// @param y second coordinate of the P-256 public key, big-endian
    /// @param credentialType credential type (`vct`) the key may sign
    /// @param validFrom first second of the accreditation
    /// @param validUntil last second of the accreditation
    event IssuerAccredited(
        bytes5 indexed city,
        bytes32 indexed thumbprint,
        bytes32 indexed typeId,
        bytes32 x,
        bytes32 y,
        string credentialType,
        uint64 validFrom,
        uint64 validUntil
    );

    /// @notice A city withdrew a key.
    /// @param city UN/LOCODE
    /// @param thumbprint RFC 7638 SHA-256 thumbprint of the key
    /// @param typeId keccak256 of the credential type
    /// @param untrustedFrom first second at which the key is no longer trusted
    event IssuerWithdrawn(
        bytes5 indexed city,
        bytes32 indexed thumbprint,
        bytes32 indexed typeId,
        uint64 untrustedFrom
    );

    /// @notice Not a point of the curve P-256.
    /// @param x first coordinate given
    /// @param y second coordinate given
    error IssuerRegistryInvalidKey(bytes32 x, bytes32 y);

    /// @notice The credential type is empty.
    /// @param credentialType the text given
    error IssuerRegistryInvalidType(string credentialType);

    /// @notice The period ends before it begins, or has already ended.
    /// @param validFrom the time given
    /// @param validUntil the time given
    error IssuerRegistryInvalidPeriod(uint64 validFrom, uint64 validUntil);

    /// @notice The key was already accredited for the type; to prolong, use a new key.
    /// @param city UN/LOCODE
    /// @param thumbprint thumbprint of the key
    /// @param typeId the credential type
    error IssuerRegistryAlreadyAccredited(bytes5 city, bytes32 thumbprint, bytes32 typeId);

    /// @notice The key was never accredited for the type.
    /// @param city UN/LOCODE
    /// @param thumbprint thumbprint of the key
    /// @param typeId the credential type
    error IssuerRegistryNotAccredited(bytes5 city, bytes32 thumbprint, bytes32 typeId);

    /// @notice A withdrawal can only move to an earlier time.
    /// @param untrustedFrom the time given
    /// @param current the time on record
    error IssuerRegistryInvalidWithdrawal(uint64 untrustedFrom, uint64 current);

    /// @notice Accredits a P-256 key for a credential type. Only the controller of the city while active.
    /// @param city UN/LOCODE
    /// @param x first coordinate of the public key, big-endian
    /// @param y second coordinate of the public key, big-endian
    /// @param credentialType credential type (`vct`) the key may sign
    /// @param validFrom first second of the accreditation
    /// @param validUntil last second of the accreditation
    function accredit(
        bytes5 city,
        bytes32 x,
        bytes32 y,
        string calldata credentialType,
        uint64 validFrom,
        uint64 validUntil
    ) external;

    /// @notice Withdraws a key from a given time on. Only the controller of the city, even while the city is suspended.
    /// Can be repeated with an earlier time, never with a later one.
    /// @param city UN/LOCODE
    /// @param thumbprint thumbprint of the key
    /// @param typeId the credential type
    /// @param untrustedFrom first second at which the key is no longer trusted; may lie in the past
    function withdraw(bytes5 city, bytes32 thumbprint, bytes32 typeId, uint64 untrustedFrom) external;

    /// @notice The accreditation of a key for a type; all zero when there is none.
    /// @param city UN/LOCODE
    /// @param thumbprint thumbprint of the key
    /// @param typeId the credential type
    /// @return accreditation the record
    function accreditationOf(
        bytes5 city,
        bytes32 thumbprint,
        bytes32 typeId
    ) external view returns (Accreditation memory accreditation);

    /// @notice Whether a key was accredited and trusted at a time. Says nothing of the city's own status.
    /// @param city UN/LOCODE
    /// @param thumbprint thumbprint of the key
    /// @param typeId the credential type
    /// @param time Unix time in seconds
    /// @return trusted true when the accreditation covers `time`
    function isTrustedAt(
        bytes5 city,
        bytes32 thumbprint,
        bytes32 typeId,
        uint64 time
    ) external view returns (bool trusted);

    /// @notice The registry of cities this contract asks.
    /// @return registry the registry
    function cityRegistry() external view returns (ICityRegistry registry);

    /// @notice The RFC 7638 thumbprint of a P-256 public key.
    /// @param x first coordinate, big-endian
    /// @param y second coordinate, big-endian
    /// @return thumbprint SHA-256 of the canonical JWK
    function thumbprintOf(bytes32 x, bytes32 y) external pure returns (bytes32 thumbprint);
}
