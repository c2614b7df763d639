// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";

/// @title Notes
/// @notice RSA full-domain-hash signatures over the address of a one-time key.
/// @dev The hash is SHA-256 in counter mode, its domain separated by the hash of the modulus:
/// `domain = sha256("symbolon-note-fdh-v1" || sha256(modulus))`, `seed = sha256(domain || address)`,
/// `block i = sha256(seed || uint32(i))`; the blocks together have the modulus' length, and the top bit is cleared.
/// The length is a multiple of 32 (see {Moduli-isValid}).
library Notes {
    using Memory for bytes;
    using Memory for Memory.Slice;

    /// @dev Public exponent of all note keys, 65537, big-endian.
    bytes internal constant EXPONENT = hex"010001";

    /// @dev Clears the top bit of the first block, which puts the hash below any modulus whose top bit is set.
    bytes32 private constant TOP_BIT_CLEARED = bytes32(type(uint256).max >> 1);

    /// @notice Whether `signature ** 65537 mod modulus` is the full-domain hash of `note`. The signature must be as
    /// long as the modulus and below it (RFC 8017, section 5.2.2): a second form of the same signature is none.
    /// @param modulus the key's modulus
    /// @param domain {domainOf} the same modulus, which notes of one value share
    /// @param signature what the city's signature became when the holder unblinded it
    /// @param note the note's address
    /// @return signed true when the city signed this note
    function isSigned(
        bytes memory modulus,
        bytes32 domain,
        bytes calldata signature,
        address note
    ) internal view returns (bool signed) {
        uint256 length = modulus.length;
        if (signature.length != length || !_isBelow(signature, modulus)) return false;
        bytes memory buffer = abi.encodePacked(length, EXPONENT.length, length, signature, EXPONENT, modulus);
        bytes32 seed = _seed(domain, note);
        // Assembly because this is most of what a note costs beyond its fixed parts: Solidity has no expression for the
        // modexp precompile (EIP-198), and hashing block by block in scratch space takes 2,000 gas instead of 6,000.
        // {fdh} says the same in Solidity, and the tests hold one against the other.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // The result takes the place of the arguments.
            let power := add(buffer, 0x20)
            signed := staticcall(gas(), 0x05, power, mload(buffer), power, length)
            let mask := shr(1, not(0))
            mstore(0x00, seed)
            for { let offset := 0 } and(signed, lt(offset, length)) { offset := add(offset, 0x20) } {
                // Four bytes of counter behind the seed; the digest then takes their place.
                mstore(0x20, shl(224, shr(5, offset)))
                signed := staticcall(gas(), 0x02, 0x00, 0x24, 0x20, 0x20)
                signed := and(signed, eq(mload(add(power, offset)), and(mload(0x20), mask)))
                mask := not(0)
            }
        }
    }

    /// @dev The full-domain hash itself, for those who want to compare.
    function fdh(bytes memory modulus, address note) internal pure returns (bytes memory hash) {
        bytes32 seed = _seed(domainOf(modulus), note);
        uint256 blocks = modulus.length / 32;
        for (uint256 i = 0; i < blocks; ++i) {
            bytes32 digest = sha256(abi.encodePacked(seed, uint32(i)));
            hash = bytes.concat(hash, i == 0 ? digest & TOP_BIT_CLEARED : digest);
        }
    }

    /// @dev What separates the hashes of one key from those of another.
    function domainOf(bytes memory modulus) internal pure returns (bytes32) {
        return sha256(abi.encodePacked("symbolon-note-fdh-v1", sha256(modulus)));
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

    function _seed(bytes32 domain, address note) private pure returns (bytes32) {
        return sha256(abi.encodePacked(domain, note));
    }
}
