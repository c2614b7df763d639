// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {ICitySeat} from "./ICitySeat.sol";
import {IFederation} from "./IFederation.sol";

/// @title Ballots
/// @notice The federation's own rules of proposals and votes, next to OpenZeppelin's.
library Ballots {
    /// @dev Longest description of a proposal, in bytes.
    uint256 internal constant MAXIMUM_DESCRIPTION_LENGTH = 10_000;
    /// @dev Longest reason of a vote, in bytes.
    uint256 internal constant MAXIMUM_REASON_LENGTH = 1000;
    /// @dev Longest time between a proposal and its vote.
    uint48 internal constant MAXIMUM_VOTING_DELAY = 30 days;
    /// @dev Longest vote.
    uint32 internal constant MAXIMUM_VOTING_PERIOD = 90 days;

    /// @dev Reverts unless the account holds the seat of a city that is active now.
    function requireActiveCity(ICityRegistry cities, ICitySeat seats, address account) internal view {
        bytes5 city = seats.cityOf(account);
        require(cities.isActive(city), IFederation.FederationNotActiveCity(account, city));
    }

    /// @dev Reverts unless each action sends no money and calls a function of a contract.
    function requireValidActions(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas
    ) internal view {
        for (uint256 i = 0; i < targets.length; ++i) {
            IFederation.ActionFault fault = _faultOf(targets[i], values[i], calldatas[i]);
            require(
                fault == IFederation.ActionFault.None,
                IFederation.FederationInvalidAction(i, targets[i], fault)
            );
        }
    }

    /// @dev Reverts when a text is longer than allowed.
    function requireShort(string memory text, uint256 maximum) internal pure {
        uint256 length = bytes(text).length;
        require(length <= maximum, IFederation.FederationTextTooLong(length, maximum));
    }

    function _faultOf(
        address target,
        uint256 value,
        bytes memory data
    ) private view returns (IFederation.ActionFault) {
        if (value != 0) return IFederation.ActionFault.ValueNotZero;
        if (data.length < 4) return IFederation.ActionFault.CalldataTooShort;
        if (target.code.length == 0) return IFederation.ActionFault.NoCode;
        return IFederation.ActionFault.None;
    }
}
