// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";

/// @title Moduli
/// @notice The RSA moduli of a programme, kept together as the immutable arguments in the code of an account of their
/// own: reading all eleven costs some 3,000 gas there, and 16,800 for a single one in storage slots.
/// @dev The account is a minimal proxy to the zero address, where no code can ever be: calling it does nothing.
library Moduli {
    /// @dev Shortest modulus, RSA-2048.
    uint256 internal constant MINIMUM_LENGTH = 256;

    /// @dev Longest modulus, RSA-4096: keeps the price of one note within reason.
    uint256 internal constant MAXIMUM_LENGTH = 512;

    /// @dev Stores moduli for good.
    function write(bytes memory moduli) internal returns (address store) {
        return Clones.cloneWithImmutableArgs(address(0), moduli);
    }

    /// @dev Reads moduli back.
    function read(address store) internal view returns (bytes memory moduli) {
        return Clones.fetchCloneArgs(store);
    }

    /// @dev Whole 32-byte words, top bit set (so that the full-domain hash lies below), odd (as any product of two
    /// odd primes).
    function isValid(bytes calldata modulus) internal pure returns (bool) {
        uint256 length = modulus.length;
        return
            length >= MINIMUM_LENGTH &&
            length <= MAXIMUM_LENGTH &&
            length % 32 == 0 &&
            uint8(modulus[0]) & 0x80 != 0 &&
            uint8(modulus[length - 1]) & 0x01 != 0;
    }
}
