// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRecognitionRegistry} from "./IRecognitionRegistry.sol";

/// @title Recognitions
/// @notice The rules of agreements between cities.
library Recognitions {
    struct State {
        mapping(bytes5 recogniser =>
            mapping(bytes5 issuer =>
                mapping(bytes32 typeId => IRecognitionRegistry.Recognition recognition))) recognitions;
    }

    /// @dev See {IRecognitionRegistry-recognise}.
    function recognise(
        State storage self,
        bytes5 recogniser,
        bytes5 issuer,
        bytes32 typeId,
        uint256 benefitClasses,
        uint64 validUntil
    ) internal {
        require(recogniser != issuer, IRecognitionRegistry.RecognitionRegistrySelfRecognition(issuer));
        require(benefitClasses != 0, IRecognitionRegistry.RecognitionRegistryNoBenefits(benefitClasses));
        require(
            validUntil >= block.timestamp,
            IRecognitionRegistry.RecognitionRegistryInvalidPeriod(validUntil)
        );
        self.recognitions[recogniser][issuer][typeId] = IRecognitionRegistry.Recognition({
            benefitClasses: benefitClasses,
            validUntil: validUntil
        });
    }

    /// @dev See {IRecognitionRegistry-withdraw}.
    function withdraw(State storage self, bytes5 recogniser, bytes5 issuer, bytes32 typeId) internal {
        require(
            self.recognitions[recogniser][issuer][typeId].validUntil != 0,
            IRecognitionRegistry.RecognitionRegistryNotRecognised(recogniser, issuer, typeId)
        );
        delete self.recognitions[recogniser][issuer][typeId];
    }
}
