// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "./ICityRegistry.sol";

/// @title IRecognitionRegistry
/// @notice Which city recognises which credential type of which other city, for which benefits, until when.
/// @dev A city needs no recognition of itself. A benefit class is a bit: class `n` is granted when
/// `benefitClasses & (1 << n)` is not zero; the federation's rules say what each class means.
interface IRecognitionRegistry {
    /// @notice One agreement, seen from the recognising city.
    /// @param benefitClasses one bit for each class of benefits; zero when there is no agreement
    /// @param validUntil last second of the agreement; zero when there is no agreement
    struct Recognition {
        uint256 benefitClasses;
        uint64 validUntil;
    }

    /// @notice A city recognises, or recognises on new terms, a credential type of another city.
    /// @param recogniser UN/LOCODE of the city that recognises
    /// @param issuer UN/LOCODE of the city whose credentials are recognised
    /// @param typeId keccak256 of `credentialType`
    /// @param credentialType credential type (`vct`)
    /// @param benefitClasses one bit for each class of benefits
    /// @param validUntil last second of the agreement
    event RecognitionGranted(
        bytes5 indexed recogniser,
        bytes5 indexed issuer,
        bytes32 indexed typeId,
        string credentialType,
        uint256 benefitClasses,
        uint64 validUntil
    );

    /// @notice A city no longer recognises a credential type of another city.
    /// @param recogniser UN/LOCODE of the city that recognised
    /// @param issuer UN/LOCODE of the city whose credentials were recognised
    /// @param typeId keccak256 of the credential type
    event RecognitionWithdrawn(bytes5 indexed recogniser, bytes5 indexed issuer, bytes32 indexed typeId);

    /// @notice A city does not recognise itself: its own cards count anyway.
    /// @param city UN/LOCODE
    error RecognitionRegistrySelfRecognition(bytes5 city);

    /// @notice The issuing city may not act now, so there is nothing to recognise.
    /// @param issuer UN/LOCODE
    error RecognitionRegistryIssuerNotActive(bytes5 issuer);

    /// @notice The credential type is empty.
    /// @param credentialType the text given
    error RecognitionRegistryInvalidType(string credentialType);

    /// @notice A recognition names at least one class of benefits.
    /// @param benefitClasses the classes given
    error RecognitionRegistryNoBenefits(uint256 benefitClasses);

    /// @notice The agreement has already ended.
    /// @param validUntil the time given
    error RecognitionRegistryInvalidPeriod(uint64 validUntil);

    /// @notice There is no such agreement.
    /// @param recogniser UN/LOCODE
    /// @param issuer UN/LOCODE
    /// @param typeId the credential type
    error RecognitionRegistryNotRecognised(bytes5 recogniser, bytes5 issuer, bytes32 typeId);

    /// @notice Recognises a credential type of another city, or changes the terms. Only the recognising city's
    /// controller while the city is active.
    /// @param recogniser UN/LOCODE of the city that recognises
    /// @param issuer UN/LOCODE of another, active city
    /// @param credentialType credential type (`vct`)
    /// @param benefitClasses one bit for each class of benefits, at least one
    /// @param validUntil last second of the agreement
    function recognise(
        bytes5 recogniser,
        bytes5 issuer,
        string calldata credentialType,
        uint256 benefitClasses,
        uint64 validUntil
    ) external;

    /// @notice Withdraws a recognition at once. Only the recognising city's controller, even while it is suspended.
    /// @param recogniser UN/LOCODE of the city that recognised
    /// @param issuer UN/LOCODE of the city whose credentials were recognised
    /// @param typeId keccak256 of the credential type
    function withdraw(bytes5 recogniser, bytes5 issuer, bytes32 typeId) external;

    /// @notice The terms of a recognition; all zero when there is none.
    /// @param recogniser UN/LOCODE of the city that recognises
    /// @param issuer UN/LOCODE of the city whose credentials are recognised
    /// @param typeId keccak256 of the credential type
    /// @return recognition the terms
    function recognitionOf(
        bytes5 recogniser,
        bytes5 issuer,
        bytes32 typeId
    ) external view returns (Recognition memory recognition);

    /// @notice The registry of cities this contract asks.
    /// @return registry the registry
    function cityRegistry() external view returns (ICityRegistry registry);
}
