// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IStatusLists} from "./IStatusLists.sol";

/// @title Lists
/// @notice The rules of status lists.
library Lists {
    struct State {
        mapping(bytes32 listId => IStatusLists.List list) lists;
    }

    /// @dev Fewest entries of a list: the crowd an index hides in.
    uint32 internal constant MINIMUM_SIZE = 1 << 20;

    /// @dev See {IStatusLists-create}.
    function create(State storage self, bytes5 city, bytes32 listId, uint32 size) internal {
        require(size >= MINIMUM_SIZE && size % 8 == 0, IStatusLists.StatusListsInvalidSize(size));
        IStatusLists.List storage list = self.lists[listId];
        require(list.size == 0, IStatusLists.StatusListsAlreadyExists(listId));
        list.city = city;
        list.size = size;
        list.time = uint64(block.timestamp);
    }

    /// @dev See {IStatusLists-publish}. The caller has found the list and checked who publishes.
    function publish(IStatusLists.List storage list, bytes32 listId, uint64 epoch, bytes32 digest) internal {
        require(digest != bytes32(0), IStatusLists.StatusListsMissingDigest(listId));
        uint64 expected = list.epoch + 1;
        require(epoch == expected, IStatusLists.StatusListsWrongEpoch(listId, epoch, expected));
        list.epoch = epoch;
        list.time = uint64(block.timestamp);
        list.digest = digest;
    }

    /// @dev The list of this name; reverts when there is none.
    function find(State storage self, bytes32 listId) internal view returns (IStatusLists.List storage list) {
        list = self.lists[listId];
        require(list.size != 0, IStatusLists.StatusListsUnknownList(listId));
    }
}
