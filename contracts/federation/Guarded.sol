// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IGuardian} from "./IGuardian.sol";

/// @title Guarded
/// @notice A contract whose new writes the guardian can stop for a short time.
abstract contract Guarded {
    IGuardian private immutable _GUARDIAN;

    /// @dev For new writes of cities, merchants and anyone; not for the owner's, nor for what withdraws trust.
    modifier whenRunning() {
        _requireRunning();
        _;
    }

    /// @notice Remembers whom to ask.
    /// @param guardian_ who can stop new writes
    constructor(IGuardian guardian_) {
        _GUARDIAN = guardian_;
    }

    /// @notice The contract that says whether new writes are stopped.
    /// @return guardian_ the contract
    function guardian() external view returns (IGuardian guardian_) {
        return _GUARDIAN;
    }

    /// @dev Reverts while new writes of this contract are stopped.
    function _requireRunning() internal view {
        _GUARDIAN.requireRunning(address(this));
    }
}
