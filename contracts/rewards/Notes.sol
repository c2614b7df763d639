// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";

/// @title Notes
/// @notice RSA full-domain-hash signatures over the address of a one-time key.
/// @dev The hash is SHA-256 in counter mode, its domain separated by the hash of the modulus:
/// `domain = sha256("symbolon-note-fdh-v1" || sha256(modulus))`, `seed = sha256(domain || address)`,
/// `block i = sha256(seed || uint32(i))`; the blocks together have the modulus' length, and the top bit is cleared.
library Notes {
    using Memory for bytes;
    using Memory for Memory.Slice;

    /// @dev Public exponent of all note keys, 65537, big-endian.
    bytes internal constant EXPONENT = hex"010001";

    /// @dev Clears the top bit of the first block, which puts the hash below any modulus whose top bit is set.
    bytes32 private constant TOP_BIT_CLEARED = bytes32(type(uint256).max >> 1);

    /// @dev Whether `signature ** 65537 mod modulus` is the full-domain hash of `note`. The signature must be as long
    /// as the modulus and below it (RFC 8017, section 5.2.2): a second form of the same signature is none.
    function isSigned(bytes memory modulus, bytes calldata signature, address note) internal view returns (bool) {
        if (signature.length != modulus.length || !_isBelow(signature, modulus)) return false;
        (bool success, bytes memory power) = Math.tryModExp(signature, EXPONENT, modulus);
        if (!success) return false;
        bytes32 seed = _seed(modulus, note);
        Memory.Slice actual = power.asSlice();
        uint256 blocks = modulus.length / 32;
        for (uint256 i = 0; i < blocks; ++i) {
            if (actual.load(32 * i) != _block(seed, i)) return false;
        }
        return true;
    }

    /// @dev The full-domain hash itself, for those who want to compare. `modulus` has whole 32-byte words.
    function fdh(bytes memory modulus, address note) internal pure returns (bytes memory hash) {
        bytes32 seed = _seed(modulus, note);
        uint256 blocks = modulus.length / 32;
        for (uint256 i = 0; i < blocks; ++i) {
            hash = bytes.concat(hash, _block(seed, i));
        }
    }

    function _isBelow(bytes calldata signature, bytes memory modulus) private pure returns (bool) {
        Memory.Slice words = modulus.asSlice();
        for (uint256 i = 0; i < signature.length; i += 32) {
            bytes32 left = bytes32(signature[i:i + 32]);
            bytes32 right = words.load(i);
            if (left != right) return left < right;
        }
        return false;
    }

    function _seed(bytes memory modulus, address note) private pure returns (bytes32) {
        bytes32 domain = sha256(abi.encodePacked("symbolon-note-fdh-v1", sha256(modulus)));
        return sha256(abi.encodePacked(domain, note));
    }

    function _block(bytes32 seed, uint256 index) private pure returns (bytes32) {
        bytes32 digest = sha256(abi.encodePacked(seed, uint32(index)));
        return index == 0 ? digest & TOP_BIT_CLEARED : digest;
    }
}
