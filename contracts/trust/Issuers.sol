// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {IIssuerRegistry} from "./IIssuerRegistry.sol";

/// @title Issuers
/// @notice The rules of accreditation.
library Issuers {
    struct State {
        mapping(bytes5 city =>
            mapping(bytes32 thumbprint =>
                mapping(bytes32 typeId => IIssuerRegistry.Accreditation accreditation))) accreditations;
    }

    /// @dev See {IIssuerRegistry-accredit}.
    function accredit(
        State storage self,
        bytes5 city,
        bytes32 thumbprint,
        bytes32 typeId,
        uint64 validFrom,
        uint64 validUntil
    ) internal {
        require(
            validFrom <= validUntil && validUntil >= block.timestamp,
            IIssuerRegistry.IssuerRegistryInvalidPeriod(validFrom, validUntil)
        );
        IIssuerRegistry.Accreditation storage accreditation = self.accreditations[city][thumbprint][typeId];
        require(
            accreditation.validUntil == 0,
            IIssuerRegistry.IssuerRegistryAlreadyAccredited(city, thumbprint, typeId)
        );
        accreditation.validFrom = validFrom;
        accreditation.validUntil = validUntil;
        accreditation.untrustedFrom = type(uint64).max;
    }

    /// @dev See {IIssuerRegistry-withdraw}.
    function withdraw(
        State storage self,
        bytes5 city,
        bytes32 thumbprint,
        bytes32 typeId,
        uint64 untrustedFrom
    ) internal {
        IIssuerRegistry.Accreditation storage accreditation = self.accreditations[city][thumbprint][typeId];
        require(
            accreditation.validUntil != 0,
            IIssuerRegistry.IssuerRegistryNotAccredited(city, thumbprint, typeId)
        );
        uint64 current = accreditation.untrustedFrom;
        require(
            untrustedFrom < current,
            IIssuerRegistry.IssuerRegistryInvalidWithdrawal(untrustedFrom, current)
        );
        accreditation.untrustedFrom = untrustedFrom;
    }

    /// @dev See {IIssuerRegistry-isTrustedAt}.
    function isTrustedAt(
        IIssuerRegistry.Accreditation storage accreditation,
        uint64 time
    ) internal view returns (bool) {
        return
            accreditation.validUntil != 0 &&
            accreditation.validFrom <= time &&
            time <= accreditation.validUntil &&
            time < accreditation.untrustedFrom;
    }

    /// @dev Reverts unless the coordinates are a point of P-256.
    function requireKey(bytes32 x, bytes32 y) internal pure {
        require(P256.isValidPublicKey(x, y), IIssuerRegistry.IssuerRegistryInvalidKey(x, y));
    }

    /// @dev SHA-256 of the JWK with its required members in lexicographic order and no white space,
    /// https://www.rfc-editor.org/rfc/rfc7638#section-3
    function thumbprintOf(bytes32 x, bytes32 y) internal pure returns (bytes32) {
        return
            sha256(
                abi.encodePacked(
                    '{"crv":"P-256","kty":"EC","x":"',
                    Base64.encodeURL(abi.encodePacked(x)),
                    '","y":"',
                    Base64.encodeURL(abi.encodePacked(y)),
                    '"}'
                )
            );
    }
}
