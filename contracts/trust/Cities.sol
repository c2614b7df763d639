// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "./ICityRegistry.sol";

/// @title Cities
/// @notice The rules of membership: how a city comes in, pauses, changes hands and leaves.
library Cities {
    struct State {
        mapping(bytes5 city => ICityRegistry.City record) cities;
    }

    /// @dev In bytes: long enough for names in scripts that take three bytes for a letter.
    uint256 internal constant MAXIMUM_NAME_LENGTH = 64;

    /// @dev See {ICityRegistry-admit}.
    function admit(
        State storage self,
        bytes5 city,
        string calldata name,
        string calldata did,
        address controller,
        string calldata serviceUrl
    ) internal {
        require(isLocode(city), ICityRegistry.CityRegistryInvalidLocode(city));
        require(
            bytes(name).length != 0 && bytes(name).length <= MAXIMUM_NAME_LENGTH,
            ICityRegistry.CityRegistryInvalidName(name)
        );
        require(bytes(did).length != 0, ICityRegistry.CityRegistryInvalidDid(did));
        require(controller != address(0), ICityRegistry.CityRegistryInvalidController(controller));
        require(bytes(serviceUrl).length != 0, ICityRegistry.CityRegistryInvalidServiceUrl(serviceUrl));
        ICityRegistry.City storage record = self.cities[city];
        require(record.status == ICityRegistry.CityStatus.Unknown, ICityRegistry.CityRegistryAlreadyKnown(city));
        record.status = ICityRegistry.CityStatus.Admitted;
        record.controller = controller;
        record.admittedAt = uint64(block.timestamp);
        record.name = name;
        record.did = did;
        record.serviceUrl = serviceUrl;
    }

    /// @dev See {ICityRegistry-activate}.
    function activate(State storage self, bytes5 city, bytes32 agreementHash, bytes32 dpiaHash) internal {
        require(
            agreementHash != bytes32(0) && dpiaHash != bytes32(0),
            ICityRegistry.CityRegistryMissingDocument(agreementHash, dpiaHash)
        );
        ICityRegistry.City storage record = self.cities[city];
        ICityRegistry.CityStatus status = record.status;
        require(
            status == ICityRegistry.CityStatus.Admitted,
            ICityRegistry.CityRegistryWrongStatus(city, statusOf(record))
        );
        record.status = ICityRegistry.CityStatus.Active;
        record.agreementHash = agreementHash;
        record.dpiaHash = dpiaHash;
    }

    /// @dev See {ICityRegistry-suspend}.
    function suspend(State storage self, bytes5 city, uint16 reason, uint64 until) internal {
        require(until > block.timestamp, ICityRegistry.CityRegistryInvalidSuspension(until));
        ICityRegistry.City storage record = self.cities[city];
        require(
            record.status == ICityRegistry.CityStatus.Active,
            ICityRegistry.CityRegistryWrongStatus(city, record.status)
        );
        record.suspensionReason = reason;
        record.suspendedUntil = until;
        record.pendingController = address(0);
    }

    /// @dev See {ICityRegistry-reinstate}.
    function reinstate(State storage self, bytes5 city) internal {
        ICityRegistry.City storage record = self.cities[city];
        ICityRegistry.CityStatus status = statusOf(record);
        require(
            status == ICityRegistry.CityStatus.Suspended,
            ICityRegistry.CityRegistryWrongStatus(city, status)
        );
        record.suspensionReason = 0;
        record.suspendedUntil = 0;
    }

    /// @dev See {ICityRegistry-remove}.
    function remove(State storage self, bytes5 city) internal {
        ICityRegistry.City storage record = self.cities[city];
        requirePresent(record, city);
        record.status = ICityRegistry.CityStatus.Removed;
        record.pendingController = address(0);
    }

    /// @dev See {ICityRegistry-changeServiceUrl}.
    function changeServiceUrl(State storage self, bytes5 city, string calldata serviceUrl) internal {
        require(bytes(serviceUrl).length != 0, ICityRegistry.CityRegistryInvalidServiceUrl(serviceUrl));
        ICityRegistry.City storage record = self.cities[city];
        requireUnfrozen(record, city);
        requireController(record, city, msg.sender);
        record.serviceUrl = serviceUrl;
    }

    /// @dev See {ICityRegistry-offerController}.
    function offerController(State storage self, bytes5 city, address controller, bool byOwner) internal {
        ICityRegistry.City storage record = self.cities[city];
        if (!byOwner || statusOf(record) != ICityRegistry.CityStatus.Suspended) {
            requireUnfrozen(record, city);
            requireController(record, city, msg.sender);
        }
        record.pendingController = controller;
    }

    /// @dev See {ICityRegistry-acceptController}.
    function acceptController(State storage self, bytes5 city) internal {
        ICityRegistry.City storage record = self.cities[city];
        requirePresent(record, city);
        require(
            record.pendingController == msg.sender,
            ICityRegistry.CityRegistryNotOffered(city, msg.sender)
        );
        record.controller = msg.sender;
        record.pendingController = address(0);
    }

    /// @dev The status as of this block: a suspension ends by itself after its last second.
    function statusOf(ICityRegistry.City storage record) internal view returns (ICityRegistry.CityStatus status) {
        status = record.status;
        if (status == ICityRegistry.CityStatus.Active && block.timestamp <= record.suspendedUntil) {
            status = ICityRegistry.CityStatus.Suspended;
        }
    }

    /// @dev Reverts unless the city is active as of this block.
    function requireActive(ICityRegistry.City storage record, bytes5 city) internal view {
        ICityRegistry.CityStatus status = statusOf(record);
        require(status == ICityRegistry.CityStatus.Active, ICityRegistry.CityRegistryWrongStatus(city, status));
    }

    /// @dev Reverts unless the city was admitted and not removed.
    function requirePresent(ICityRegistry.City storage record, bytes5 city) internal view {
        ICityRegistry.CityStatus status = record.status;
        require(
            status == ICityRegistry.CityStatus.Admitted || status == ICityRegistry.CityStatus.Active,
            ICityRegistry.CityRegistryWrongStatus(city, status)
        );
    }

    /// @dev Reverts unless the city was admitted, is not removed and not suspended.
    function requireUnfrozen(ICityRegistry.City storage record, bytes5 city) internal view {
        ICityRegistry.CityStatus status = statusOf(record);
        require(
            status == ICityRegistry.CityStatus.Admitted || status == ICityRegistry.CityStatus.Active,
            ICityRegistry.CityRegistryWrongStatus(city, status)
        );
    }

    /// @dev Reverts unless the account is the city's controller.
    function requireController(ICityRegistry.City storage record, bytes5 city, address account) internal view {
        require(
            account != address(0) && record.controller == account,
            ICityRegistry.CityRegistryNotController(city, account)
        );
    }

    /// @dev UN/LOCODE: ISO 3166-1 alpha-2 letters, then three letters or digits 2 to 9.
    function isLocode(bytes5 city) internal pure returns (bool) {
        for (uint256 i = 0; i < 5; ++i) {
            bytes1 char = city[i];
            bool letter = char >= "A" && char <= "Z";
            bool digit = i >= 2 && char >= "2" && char <= "9";
            if (!letter && !digit) return false;
        }
        return true;
    }
}
