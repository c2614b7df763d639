// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Anchors} from "../../contracts/anchors/Anchors.sol";
import {IAnchors} from "../../contracts/anchors/IAnchors.sol";
import {IStatusLists} from "../../contracts/status/IStatusLists.sol";
import {StatusLists} from "../../contracts/status/StatusLists.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {FederationTest} from "./FederationTest.sol";

contract StatusListsTest is FederationTest {
    string internal constant URI = "https://porto.example/status/1";
    bytes32 internal constant LIST = keccak256(abi.encodePacked(bytes5("PTOPO"), URI));

    StatusLists internal lists;

    function setUp() public override {
        super.setUp();
        lists = new StatusLists(cities, guardian);
        vm.prank(PORTO_CONTROLLER);
        lists.create(PORTO, URI, 1 << 20);
    }

    function publish(uint64 epoch, bytes32 digest, bytes memory delta) internal {
        vm.prank(PORTO_CONTROLLER);
        lists.publish(LIST, epoch, digest, delta);
    }

    function testFuzz_OnlyTheCitysControllerCreatesAndPublishes(address stranger) public {
        vm.assume(stranger != PORTO_CONTROLLER);
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        lists.create(PORTO, "other", 1 << 20);
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        lists.publish(LIST, 1, "digest", "");
    }

    function testFuzz_AListIsACrowd(uint32 size) public {
        if (size < 1 << 20 || size % 8 != 0) {
            vm.expectRevert(abi.encodeWithSelector(IStatusLists.StatusListsInvalidSize.selector, size));
        }
        vm.prank(PORTO_CONTROLLER);
        lists.create(PORTO, "other", size);
    }

    function testFuzz_ACityOpensAListOnceAndNobodyElseInItsPlace(string memory uri) public {
        vm.assume(keccak256(bytes(uri)) != keccak256(bytes(URI)));
        if (bytes(uri).length == 0) {
            vm.expectRevert(abi.encodeWithSelector(IStatusLists.StatusListsInvalidUri.selector, uri));
        }
        vm.prank(PORTO_CONTROLLER);
        lists.create(PORTO, uri, 1 << 20);
        vm.expectRevert(abi.encodeWithSelector(IStatusLists.StatusListsAlreadyExists.selector, LIST));
        vm.prank(PORTO_CONTROLLER);
        lists.create(PORTO, URI, 1 << 20);
        vm.prank(CLERMONT_CONTROLLER);
        lists.create(CLERMONT, URI, 1 << 20);
        check(lists.cityOf(LIST) == PORTO, "city");
        check(lists.cityOf(keccak256(abi.encodePacked(CLERMONT, URI))) == CLERMONT, "other city");
    }

    function testFuzz_EpochsFollowEachOther(uint8 epochs, uint64 wrong, bytes memory delta) public {
        epochs = epochs % 20;
        for (uint64 epoch = 1; epoch <= epochs; ++epoch) {
            vm.warp(NOW + epoch);
            publish(epoch, keccak256(abi.encode(epoch)), delta);
        }
        (uint64 head, bytes32 digest, uint32 size, uint64 time) = lists.head(LIST);
        check(head == epochs && size == 1 << 20 && time == NOW + epochs, "head");
        check(digest == (epochs == 0 ? bytes32(0) : keccak256(abi.encode(uint64(epochs)))), "digest");
        vm.assume(wrong != uint64(epochs) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IStatusLists.StatusListsWrongEpoch.selector, LIST, wrong, uint64(epochs) + 1
            )
        );
        publish(wrong, "digest", delta);
    }

    function testFuzz_TheEventCarriesTheDelta(bytes32 digest, bytes memory delta) public {
        vm.assume(digest != 0);
        vm.expectEmit(address(lists));
        emit IStatusLists.EpochPublished(LIST, 1, digest, delta);
        publish(1, digest, delta);
    }

    function testFuzz_NothingIsPublishedToAnUnknownList(bytes32 listId) public {
        vm.assume(listId != LIST);
        vm.expectRevert(abi.encodeWithSelector(IStatusLists.StatusListsUnknownList.selector, listId));
        vm.prank(PORTO_CONTROLLER);
        lists.publish(listId, 1, "digest", "");
    }

    function test_ADigestIsNeverZero() public {
        vm.expectRevert(abi.encodeWithSelector(IStatusLists.StatusListsMissingDigest.selector, LIST));
        publish(1, 0, "");
    }

    function testFuzz_ASuspendedCityPublishesAgainAfterwards(uint32 duration) public {
        uint64 until = NOW + 1 + uint64(duration);
        suspend(PORTO, until);
        bytes memory refusal = wrongStatus(PORTO, ICityRegistry.CityStatus.Suspended);
        vm.expectRevert(refusal);
        publish(1, "digest", "");
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        lists.create(PORTO, "other", 1 << 20);
        vm.warp(uint256(until) + 1);
        publish(1, "digest", "");
        remove(PORTO);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Removed));
        publish(2, "digest", "");
    }
}

contract AnchorsTest is FederationTest {
    Anchors internal anchors;

    function setUp() public override {
        super.setUp();
        anchors = new Anchors(cities, guardian);
    }

    function testFuzz_ALogOnlyGrows(uint8 log, uint64 first, uint64 second, bytes32 root) public {
        vm.assume(first != 0 && root != 0);
        vm.prank(PORTO_CONTROLLER);
        anchors.anchor(PORTO, log, first, "root");
        if (second <= first) {
            vm.expectRevert(
                abi.encodeWithSelector(IAnchors.AnchorsNotGrowing.selector, PORTO, log, second, first)
            );
        }
        vm.prank(PORTO_CONTROLLER);
        anchors.anchor(PORTO, log, second, root);
        IAnchors.Anchor memory head = anchors.head(PORTO, log);
        check(head.size == (second > first ? second : first) && head.time == NOW, "head");
        check(head.root == (second > first ? root : bytes32("root")), "root");
        check(anchors.head(CLERMONT, log).size == 0 && anchors.head(PORTO, ~log).size == 0, "other logs");
    }

    function testFuzz_OnlyTheController(address stranger) public {
        vm.assume(stranger != PORTO_CONTROLLER);
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        anchors.anchor(PORTO, 0, 1, "root");
    }

    function test_NoEmptyRootAndNoEmptyLog() public {
        vm.expectRevert(abi.encodeWithSelector(IAnchors.AnchorsMissingRoot.selector, PORTO, 0));
        vm.prank(PORTO_CONTROLLER);
        anchors.anchor(PORTO, 0, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IAnchors.AnchorsNotGrowing.selector, PORTO, 0, 0, 0));
        vm.prank(PORTO_CONTROLLER);
        anchors.anchor(PORTO, 0, 0, "root");
    }

    function test_ASuspendedCityAnchorsNothing() public {
        suspend(PORTO, NOW + 1);
        vm.expectRevert(wrongStatus(PORTO, ICityRegistry.CityStatus.Suspended));
        vm.prank(PORTO_CONTROLLER);
        anchors.anchor(PORTO, 0, 1, "root");
    }
}
