// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAnchors} from "./IAnchors.sol";

/// @title Logs
/// @notice The rules of anchoring.
library Logs {
    struct State {
        mapping(bytes5 city => mapping(uint8 log => IAnchors.Anchor anchor)) heads;
    }

    /// @dev See {IAnchors-anchor}.
    function anchor(State storage self, bytes5 city, uint8 log, uint64 size, bytes32 root) internal {
        require(root != bytes32(0), IAnchors.AnchorsMissingRoot(city, log));
        IAnchors.Anchor storage head = self.heads[city][log];
        require(size > head.size, IAnchors.AnchorsNotGrowing(city, log, size, head.size));
        head.size = size;
        head.time = uint64(block.timestamp);
        head.root = root;
    }
}
