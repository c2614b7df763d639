// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Guarded} from "../federation/Guarded.sol";
import {IGuardian} from "../federation/IGuardian.sol";
import {ICityRegistry} from "./ICityRegistry.sol";
import {IRecognitionRegistry} from "./IRecognitionRegistry.sol";
import {Recognitions} from "./Recognitions.sol";

/// @title RecognitionRegistry
/// @notice The agreements between cities. The rules are in {Recognitions}.
contract RecognitionRegistry is IRecognitionRegistry, Guarded {
    using Recognitions for Recognitions.State;

    ICityRegistry private immutable _CITIES;

    Recognitions.State private _state;

    /// @notice Sets up an empty contract.
    /// @param cities registry that says who acts for a city
    /// @param guardian_ who can stop new writes of cities
    constructor(ICityRegistry cities, IGuardian guardian_) Guarded(guardian_) {
        _CITIES = cities;
    }

    /// @inheritdoc IRecognitionRegistry
    function recognise(
        bytes5 recogniser,
        bytes5 issuer,
        string calldata credentialType,
        uint256 benefitClasses,
        uint64 validUntil
    ) external whenRunning {
        _CITIES.requireActiveController(recogniser, msg.sender);
        require(_CITIES.isActive(issuer), RecognitionRegistryIssuerNotActive(issuer));
        require(bytes(credentialType).length != 0, RecognitionRegistryInvalidType(credentialType));
        bytes32 typeId = keccak256(bytes(credentialType));
        _state.recognise(recogniser, issuer, typeId, benefitClasses, validUntil);
        emit RecognitionGranted(recogniser, issuer, typeId, credentialType, benefitClasses, validUntil);
    }

    /// @inheritdoc IRecognitionRegistry
    function withdraw(bytes5 recogniser, bytes5 issuer, bytes32 typeId) external {
        _CITIES.requireController(recogniser, msg.sender);
        _state.withdraw(recogniser, issuer, typeId);
        emit RecognitionWithdrawn(recogniser, issuer, typeId);
    }

    /// @inheritdoc IRecognitionRegistry
    function recognitionOf(
        bytes5 recogniser,
        bytes5 issuer,
        bytes32 typeId
    ) external view returns (Recognition memory recognition) {
        return _state.recognitions[recogniser][issuer][typeId];
    }

    /// @inheritdoc IRecognitionRegistry
    function cityRegistry() external view returns (ICityRegistry registry) {
        return _CITIES;
    }
}
