// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "./ICityRegistry.sol";

/// @title Cities
/// @notice The rules of membership: how a city comes in, pauses, changes hands and leaves.
library Cities {
    struct State {
        mapping(bytes5 city => ICityRegistry.City record) cities;
        mapping(address controller => bytes5 city) controllers;
        mapping(bytes32 didHash => bytes5 city) dids;
        uint32 rotationDelay;
    }

    /// @dev In bytes: long enough for names in scripts that take three bytes for a letter.
    uint256 internal constant MAXIMUM_NAME_LENGTH = 64;

    /// @dev Longest time an offer of control waits.
    uint32 internal constant MAXIMUM_ROTATION_DELAY = 30 days;

    /// @dev See {ICityRegistry-admit}.
    function admit(
        State storage self,
        bytes5 city,
        string calldata name,
        string calldata did,
        address controller,
        address recovery,
        string calldata serviceUrl
    ) internal {
        require(isLocode(city), ICityRegistry.CityRegistryInvalidLocode(city));
        require(
            bytes(name).length != 0 && bytes(name).length <= MAXIMUM_NAME_LENGTH,
            ICityRegistry.CityRegistryInvalidName(name)
        );
        require(bytes(did).length != 0, ICityRegistry.CityRegistryInvalidDid(did));
        require(controller != address(0), ICityRegistry.CityRegistryInvalidController(controller));
        require(
            recovery != address(0) && recovery != controller,
            ICityRegistry.CityRegistryInvalidRecovery(recovery)
        );
        require(bytes(serviceUrl).length != 0, ICityRegistry.CityRegistryInvalidServiceUrl(serviceUrl));
        ICityRegistry.City storage record = self.cities[city];
        require(record.status == ICityRegistry.CityStatus.Unknown, ICityRegistry.CityRegistryAlreadyKnown(city));
        bytes32 didHash = keccak256(bytes(did));
        require(self.dids[didHash] == bytes5(0), ICityRegistry.CityRegistryDidInUse(did, self.dids[didHash]));
        requireUnused(self, controller);
        self.dids[didHash] = city;
        self.controllers[controller] = city;
        record.status = ICityRegistry.CityStatus.Admitted;
        record.controller = controller;
        record.recovery = recovery;
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
        require(reason != 0, ICityRegistry.CityRegistryMissingReason(city));
        require(until > block.timestamp, ICityRegistry.CityRegistryInvalidSuspension(until));
        ICityRegistry.City storage record = self.cities[city];
        require(
            record.status == ICityRegistry.CityStatus.Active,
            ICityRegistry.CityRegistryWrongStatus(city, record.status)
        );
        record.suspensionReason = reason;
        record.suspendedUntil = until;
        record.appealed = false;
        _clearOffer(record);
    }

    /// @dev See {ICityRegistry-appeal}.
    function appeal(State storage self, bytes5 city, bytes32 statementHash) internal {
        require(statementHash != bytes32(0), ICityRegistry.CityRegistryMissingStatement(city));
        ICityRegistry.City storage record = self.cities[city];
        requireController(record, city, msg.sender);
        requireSuspended(record, city);
        require(!record.appealed, ICityRegistry.CityRegistryAlreadyAppealed(city));
        record.appealed = true;
    }

    /// @dev See {ICityRegistry-reinstate}.
    function reinstate(State storage self, bytes5 city) internal {
        ICityRegistry.City storage record = self.cities[city];
        requireSuspended(record, city);
        record.suspensionReason = 0;
        record.suspendedUntil = 0;
    }

    /// @notice See {ICityRegistry-remove}.
    /// @param self the state
    /// @param city UN/LOCODE
    /// @return seated whether the city had a seat
    function remove(State storage self, bytes5 city) internal returns (bool seated) {
        ICityRegistry.City storage record = self.cities[city];
        requirePresent(record, city);
        seated = record.status == ICityRegistry.CityStatus.Active;
        record.status = ICityRegistry.CityStatus.Removed;
        _clearOffer(record);
    }

    /// @dev See {ICityRegistry-setRotationDelay}.
    function setRotationDelay(State storage self, uint32 delay) internal {
        require(
            delay != 0 && delay <= MAXIMUM_ROTATION_DELAY,
            ICityRegistry.CityRegistryInvalidRotationDelay(delay)
        );
        self.rotationDelay = delay;
    }

    /// @dev See {ICityRegistry-changeServiceUrl}.
    function changeServiceUrl(State storage self, bytes5 city, string calldata serviceUrl) internal {
        require(bytes(serviceUrl).length != 0, ICityRegistry.CityRegistryInvalidServiceUrl(serviceUrl));
        ICityRegistry.City storage record = self.cities[city];
        requireUnfrozen(record, city);
        requireController(record, city, msg.sender);
        record.serviceUrl = serviceUrl;
    }

    /// @notice See {ICityRegistry-offerController}.
    /// @param self the state
    /// @param city UN/LOCODE
    /// @param controller account that may accept, or zero to take an offer back
    /// @param byRescuer true when the owner offers for a suspended city
    /// @return acceptableFrom first second at which it may
    function offerController(
        State storage self,
        bytes5 city,
        address controller,
        bool byRescuer
    ) internal returns (uint64 acceptableFrom) {
        ICityRegistry.City storage record = self.cities[city];
        bool byController = false;
        if (!byRescuer) {
            requireUnfrozen(record, city);
            byController = msg.sender != record.recovery;
            if (byController) requireController(record, city, msg.sender);
            require(
                !byController || !record.offerProtected,
                ICityRegistry.CityRegistryOfferProtected(city, record.pendingController)
            );
        }
        if (controller == address(0)) {
            _clearOffer(record);
            return 0;
        }
        require(controller != record.recovery, ICityRegistry.CityRegistryInvalidController(controller));
        requireUnused(self, controller);
        acceptableFrom = uint64(block.timestamp) + self.rotationDelay;
        record.pendingController = controller;
        record.acceptableFrom = acceptableFrom;
        record.offerProtected = !byController;
    }

    /// @notice See {ICityRegistry-vetoController}.
    /// @param self the state
    /// @param city UN/LOCODE
    /// @param byOwner true when the owner vetoes
    /// @return controller account that may no longer accept
    function vetoController(
        State storage self,
        bytes5 city,
        bool byOwner
    ) internal returns (address controller) {
        ICityRegistry.City storage record = self.cities[city];
        if (!byOwner) requireRecovery(record, city, msg.sender);
        controller = record.pendingController;
        require(controller != address(0), ICityRegistry.CityRegistryNothingOffered(city));
        _clearOffer(record);
    }

    /// @notice See {ICityRegistry-acceptController}.
    /// @param self the state
    /// @param city UN/LOCODE
    /// @return seated whether the city has a seat
    function acceptController(State storage self, bytes5 city) internal returns (bool seated) {
        ICityRegistry.City storage record = self.cities[city];
        requirePresent(record, city);
        require(
            record.pendingController == msg.sender,
            ICityRegistry.CityRegistryNotOffered(city, msg.sender)
        );
        require(
            block.timestamp >= record.acceptableFrom,
            ICityRegistry.CityRegistryTooEarly(city, record.acceptableFrom)
        );
        // Asked again: meanwhile the account may have come to act for another city.
        requireUnused(self, msg.sender);
        delete self.controllers[record.controller];
        self.controllers[msg.sender] = city;
        record.controller = msg.sender;
        _clearOffer(record);
        return record.status == ICityRegistry.CityStatus.Active;
    }

    /// @dev See {ICityRegistry-changeRecovery}.
    function changeRecovery(State storage self, bytes5 city, address recovery, bool byRescuer) internal {
        ICityRegistry.City storage record = self.cities[city];
        if (!byRescuer) {
            requireUnfrozen(record, city);
            requireRecovery(record, city, msg.sender);
        }
        require(
            recovery != address(0) && recovery != record.controller && recovery != record.pendingController,
            ICityRegistry.CityRegistryInvalidRecovery(recovery)
        );
        record.recovery = recovery;
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

    /// @dev Reverts unless the city is suspended as of this block.
    function requireSuspended(ICityRegistry.City storage record, bytes5 city) internal view {
        ICityRegistry.CityStatus status = statusOf(record);
        require(
            status == ICityRegistry.CityStatus.Suspended,
            ICityRegistry.CityRegistryWrongStatus(city, status)
        );
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

    /// @dev Reverts unless the account is the city's recovery account.
    function requireRecovery(ICityRegistry.City storage record, bytes5 city, address account) internal view {
        require(record.recovery == account, ICityRegistry.CityRegistryNotRecovery(city, account));
    }

    /// @dev Reverts when the account acts, or acted until it was removed, for a city.
    function requireUnused(State storage self, address controller) internal view {
        bytes5 city = self.controllers[controller];
        require(city == bytes5(0), ICityRegistry.CityRegistryControllerInUse(controller, city));
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

    function _clearOffer(ICityRegistry.City storage record) private {
        record.pendingController = address(0);
        record.acceptableFrom = 0;
        record.offerProtected = false;
    }
}
