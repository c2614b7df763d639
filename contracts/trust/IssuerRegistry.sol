// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Guarded} from "../federation/Guarded.sol";
import {IGuardian} from "../federation/IGuardian.sol";
import {ICityRegistry} from "./ICityRegistry.sol";
import {IIssuerRegistry} from "./IIssuerRegistry.sol";
import {Issuers} from "./Issuers.sol";

/// @title IssuerRegistry
/// @notice The issuer keys of all cities. The rules are in {Issuers}.
contract IssuerRegistry is IIssuerRegistry, Guarded {
    using Issuers for Issuers.State;
    using Issuers for IIssuerRegistry.Accreditation;

    ICityRegistry private immutable _CITIES;

    Issuers.State private _state;

    /// @notice Sets up an empty contract.
    /// @param cities registry that says who acts for a city
    /// @param guardian_ who can stop new writes of cities
    constructor(ICityRegistry cities, IGuardian guardian_) Guarded(guardian_) {
        _CITIES = cities;
    }

    /// @inheritdoc IIssuerRegistry
    function accredit(
        bytes5 city,
        bytes32 x,
        bytes32 y,
        string calldata credentialType,
        uint64 validFrom,
        uint64 validUntil
    ) external whenRunning {
        _CITIES.requireActiveController(city, msg.sender);
        require(bytes(credentialType).length != 0, IssuerRegistryInvalidType(credentialType));
        Issuers.requireKey(x, y);
        bytes32 thumbprint = Issuers.thumbprintOf(x, y);
        bytes32 typeId = keccak256(bytes(credentialType));
        _state.accredit(city, thumbprint, typeId, validFrom, validUntil);
        emit IssuerAccredited(city, thumbprint, typeId, x, y, credentialType, validFrom, validUntil);
    }

    /// @inheritdoc IIssuerRegistry
    function withdraw(bytes5 city, bytes32 thumbprint, bytes32 typeId, uint64 untrustedFrom) external {
        _CITIES.requireController(city, msg.sender);
        _state.withdraw(city, thumbprint, typeId, untrustedFrom);
        emit IssuerWithdrawn(city, thumbprint, typeId, untrustedFrom);
    }

    /// @inheritdoc IIssuerRegistry
    function accreditationOf(
        bytes5 city,
        bytes32 thumbprint,
        bytes32 typeId
    ) external view returns (Accreditation memory accreditation) {
        return _state.accreditations[city][thumbprint][typeId];
    }

    /// @inheritdoc IIssuerRegistry
    function isTrustedAt(
        bytes5 city,
        bytes32 thumbprint,
        bytes32 typeId,
        uint64 time
    ) external view returns (bool trusted) {
        return _state.accreditations[city][thumbprint][typeId].isTrustedAt(time);
    }

    /// @inheritdoc IIssuerRegistry
    function cityRegistry() external view returns (ICityRegistry registry) {
        return _CITIES;
    }

    /// @inheritdoc IIssuerRegistry
    function thumbprintOf(bytes32 x, bytes32 y) external pure returns (bytes32 thumbprint) {
        return Issuers.thumbprintOf(x, y);
    }
}
