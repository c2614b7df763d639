// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {IRewardToken} from "../../contracts/rewards/IRewardToken.sol";
import {ISettlement} from "../../contracts/rewards/ISettlement.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {NoteKeys} from "./NoteKeys.sol";
import {RewardsTest} from "./FederationTest.sol";

contract RewardProgramsTest is RewardsTest {
    bytes32 internal constant OTHER = "other programme";

    function create(uint64 from, uint64 until, uint16[] memory values, bytes[] memory moduli) internal {
        vm.prank(PORTO_CONTROLLER);
        programs.create(OTHER, PORTO, "Other", SPONSOR, from, until, values, moduli);
    }

    function single(uint16 value, bytes memory modulus)
        internal
        pure
        returns (uint16[] memory values, bytes[] memory moduli)
    {
        values = new uint16[](1);
        moduli = new bytes[](1);
        values[0] = value;
        moduli[0] = modulus;
    }

    function test_KeysComeBackAsRegistered() public view {
        IRewardPrograms.Denomination[] memory keys = programs.keys(PROGRAM);
        check(keys.length == 3, "number");
        for (uint256 i = 0; i < 3; ++i) {
            check(keys[i].value == valueOf(i), "value");
            check(keccak256(keys[i].modulus) == keccak256(NoteKeys.modulus(i)), "modulus");
        }
        check(programs.keys(OTHER).length == 0, "keys of an unknown programme");
    }

    function testFuzz_AnySetOfPowersOfTwoCanBeDenominations(uint16 set, bytes32 seed) public {
        set = uint16((set % 2047) + 1);
        uint256 count = 0;
        for (uint16 bits = set; bits != 0; bits &= bits - 1) ++count;
        uint16[] memory values = new uint16[](count);
        bytes[] memory moduli = new bytes[](count);
        uint256 next = 0;
        for (uint16 value = 1; value <= 1024; value <<= 1) {
            if (set & value == 0) continue;
            values[next] = value;
            moduli[next++] = wellFormed(keccak256(abi.encode(seed, value)), 256);
        }
        create(FROM, UNTIL, values, moduli);
        IRewardPrograms.Denomination[] memory keys = programs.keys(OTHER);
        check(keys.length == count, "number");
        for (uint256 i = 0; i < count; ++i) {
            check(keys[i].value == values[i] && keccak256(keys[i].modulus) == keccak256(moduli[i]), "key");
        }
    }

    function testFuzz_ValuesArePowersOfTwoUpTo1024(uint16 value) public {
        (uint16[] memory values, bytes[] memory moduli) = single(value, NoteKeys.modulus(3));
        if (value == 0 || value > 1024 || value & (value - 1) != 0) {
            vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidValue.selector, value));
        }
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_ValuesAscend(uint8 first, uint8 second) public {
        (uint16[] memory values, bytes[] memory moduli) = (new uint16[](2), new bytes[](2));
        (values[0], values[1]) = (uint16(1 << (first % 11)), uint16(1 << (second % 11)));
        (moduli[0], moduli[1]) = (wellFormed("a", 256), wellFormed("b", 256));
        if (values[1] <= values[0]) {
            vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidValue.selector, values[1]));
        }
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_ModuliAreWholeWordsOddAndHaveTheirTopBit(uint16 length, uint8 top, uint8 bottom) public {
        length = length % 600;
        bytes memory modulus = wellFormed("seed", length);
        if (length != 0) {
            modulus[0] = bytes1(top);
            modulus[length - 1] = bytes1(bottom);
        }
        bool valid = length >= 256 && length <= 512 && length % 32 == 0 && top >= 128 && bottom % 2 == 1;
        (uint16[] memory values, bytes[] memory moduli) = single(1, modulus);
        if (!valid) {
            vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidModulus.selector, modulus));
        }
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_EveryWholeNumberOfWordsIsALength(uint8 words, uint8 other) public {
        uint256 length = 256 + 32 * uint256(words % 9);
        uint256 second = 256 + 32 * uint256(other % 9);
        (uint16[] memory values, bytes[] memory moduli) = (new uint16[](2), new bytes[](2));
        (values[0], values[1]) = (1, 2);
        (moduli[0], moduli[1]) = (wellFormed("a", length), wellFormed("b", second));
        if (length != second) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidModulus.selector, moduli[1])
            );
        }
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_AModulusIsUsedOnceInAllProgrammesAndCities(uint8 key, uint8 power) public {
        bytes memory modulus = NoteKeys.modulus(key % 3);
        (uint16[] memory values, bytes[] memory moduli) = single(uint16(1 << (power % 11)), modulus);
        bytes memory refusal =
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsModulusInUse.selector, keccak256(modulus));
        vm.expectRevert(refusal);
        create(FROM, UNTIL, values, moduli);
        vm.expectRevert(refusal);
        vm.prank(CLERMONT_CONTROLLER);
        programs.create(OTHER, CLERMONT, "Other", SPONSOR, FROM, UNTIL, values, moduli);
    }

    function test_OneModulusDoesNotSignTwoValues() public {
        (uint16[] memory values, bytes[] memory moduli) = (new uint16[](2), new bytes[](2));
        (values[0], values[1]) = (1, 1024);
        (moduli[0], moduli[1]) = (NoteKeys.modulus(3), NoteKeys.modulus(3));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsModulusInUse.selector, keccak256(NoteKeys.modulus(3))
            )
        );
        create(FROM, UNTIL, values, moduli);
    }

    function testFuzz_EachValueHasAModulus(uint8 values, uint8 moduli) public {
        vm.assume(values != moduli || values == 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsInvalidDenominations.selector, uint256(values), uint256(moduli)
            )
        );
        create(FROM, UNTIL, new uint16[](values), new bytes[](moduli));
    }

    function testFuzz_APeriodBeginsBeforeItEndsInTheFuture(uint64 from, uint64 until) public {
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        if (from > until || until < NOW) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidPeriod.selector, from, until)
            );
        }
        create(from, until, values, moduli);
    }

    function testFuzz_OnlyTheCitysControllerRunsAProgramme(address stranger) public {
        vm.assume(stranger != PORTO_CONTROLLER);
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        bytes memory refusal = notController(PORTO, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.create(OTHER, PORTO, "Other", SPONSOR, FROM, UNTIL, values, moduli);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.fund(PROGRAM, 1);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.registerMerchant(PORTO, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        programs.withdrawMerchant(PORTO, MERCHANT);
    }

    function test_AProgrammeHasANameASponsorAndIsCreatedOnce() public {
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidName.selector, ""));
        vm.prank(PORTO_CONTROLLER);
        programs.create(OTHER, PORTO, "", SPONSOR, FROM, UNTIL, values, moduli);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidSponsor.selector, address(0)));
        vm.prank(PORTO_CONTROLLER);
        programs.create(OTHER, PORTO, "Other", address(0), FROM, UNTIL, values, moduli);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsAlreadyExists.selector, PROGRAM));
        vm.prank(PORTO_CONTROLLER);
        programs.create(PROGRAM, PORTO, "Other", SPONSOR, FROM, UNTIL, values, moduli);
    }

    function testFuzz_FundingMintsIntoEscrowUntilTheLastSecond(uint128 first, uint64 wait) public {
        vm.assume(first != 0 && first != type(uint128).max);
        fund(first);
        check(token.balanceOf(address(programs), uint256(PROGRAM)) == first, "escrow");
        vm.warp(UNTIL);
        fund(1);
        check(programs.programOf(PROGRAM).funded == uint256(first) + 1, "funded");
        vm.warp(uint256(UNTIL) + 1 + wait);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotOpen.selector, PROGRAM, FROM, UNTIL)
        );
        fund(1);
    }

    function test_FundingNeedsUnitsAndAProgramme() public {
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidUnits.selector, 0));
        fund(0);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsUnknownProgram.selector, OTHER));
        programs.fund(OTHER, 1);
    }

    function testFuzz_MerchantsAreRegisteredAndWithdrawn(address merchant) public {
        bool invalid = merchant == address(0) || merchant == address(programs) || merchant == address(settlement);
        vm.assume(!invalid && merchant != MERCHANT);
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, merchant);
        check(programs.isMerchant(PORTO, merchant) && !programs.isMerchant(CLERMONT, merchant), "registered");
        vm.expectRevert(
            abi.encodeWithSelector(
                IRewardPrograms.RewardProgramsMerchantAlreadyRegistered.selector, PORTO, merchant
            )
        );
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, merchant);
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, merchant);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsMerchantNotRegistered.selector, PORTO, merchant)
        );
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, merchant);
    }

    function test_NoContractOfTheRewardsIsAMerchant() public {
        address[3] memory invalid = [address(0), address(programs), address(settlement)];
        for (uint256 i = 0; i < invalid.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsInvalidMerchant.selector, invalid[i])
            );
            vm.prank(PORTO_CONTROLLER);
            programs.registerMerchant(PORTO, invalid[i]);
        }
    }

    function testFuzz_ANotePaysItsValueOnce(uint256 seed, uint8 key, address submitter) public {
        uint256 ownerKey = ownerKeyOf(seed);
        key = key % 3;
        fund(100);
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        IRewardPrograms.Note[] memory notes = oneNote(key, ownerKey, digest);
        vm.prank(submitter);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        check(token.balanceOf(MERCHANT, uint256(PROGRAM)) == valueOf(key), "merchant");
        check(token.balanceOf(address(programs), uint256(PROGRAM)) == 100 - valueOf(key), "escrow");
        check(programs.programOf(PROGRAM).redeemed == valueOf(key), "redeemed");
        check(programs.isSpent(PROGRAM, vm.addr(ownerKey)), "spent");
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoteSpent.selector, PROGRAM, vm.addr(ownerKey))
        );
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function testFuzz_OnlyWhatTheOwnerSignedIsPaid(uint256 seed, bytes32 order, uint64 deadline) public {
        uint256 ownerKey = ownerKeyOf(seed);
        vm.assume(deadline >= NOW && (order != "order" || deadline != UNTIL));
        fund(1);
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        IRewardPrograms.Note[] memory notes = oneNote(0, ownerKey, digest);
        address other = ECDSA.recover(
            redeemDigest(PROGRAM, MERCHANT, order, deadline), notes[0].ownerSignature
        );
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, other)
        );
        programs.redeem(PROGRAM, MERCHANT, order, deadline, notes);
    }

    function testFuzz_ARandomSignatureIsNone(uint256 seed, bytes32 noise, uint16 value) public {
        uint256 ownerKey = ownerKeyOf(seed);
        fund(100);
        IRewardPrograms.Note[] memory notes = new IRewardPrograms.Note[](1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKey, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        notes[0] = IRewardPrograms.Note(value, wellFormed(noise, 256), abi.encodePacked(r, s, v));
        notes[0].rsaSignature[0] = 0;
        vm.expectRevert(
            value == 1 || value == 2 || value == 64
                ? abi.encodeWithSelector(
                    IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, vm.addr(ownerKey)
                )
                : value == 0
                    ? abi.encodeWithSelector(
                        IRewardPrograms.RewardProgramsNoteInvalid.selector, PROGRAM, vm.addr(ownerKey)
                    )
                    : abi.encodeWithSelector(
                        IRewardPrograms.RewardProgramsUnknownDenomination.selector, PROGRAM, value
                    )
        );
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function testFuzz_MalleatedOwnerSignaturesAreRefused(uint256 seed) public {
        fund(1);
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        IRewardPrograms.Note[] memory notes = oneNote(0, ownerKeyOf(seed), digest);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKeyOf(seed), digest);
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes32 high = bytes32(order - uint256(s));
        notes[0].ownerSignature = abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function testFuzz_DeadlineAndPeriodIncludeTheirLastSecond(uint64 time, uint64 deadline) public {
        time = FROM - 2 + (time % (UNTIL - FROM + 4));
        deadline = FROM - 2 + (deadline % (UNTIL - FROM + 4));
        fund(1);
        IRewardPrograms.Note[] memory notes =
            oneNote(0, 0xA11CE, redeemDigest(PROGRAM, MERCHANT, "order", deadline));
        vm.warp(time);
        if (time > deadline) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsDeadlinePassed.selector, deadline)
            );
        } else if (time < FROM || time > UNTIL) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotOpen.selector, PROGRAM, FROM, UNTIL)
            );
        }
        programs.redeem(PROGRAM, MERCHANT, "order", deadline, notes);
    }

    function testFuzz_TheBudgetIsTheLimit(uint8 units) public {
        units = uint8(64 + (units % 129));
        fund(units);
        redeemOne(2, 1);
        uint256 left = uint256(units) - 64;
        if (left < 64) {
            vm.expectRevert(
                abi.encodeWithSelector(IRewardPrograms.RewardProgramsBudgetExceeded.selector, PROGRAM, 64, left)
            );
            this.redeem64();
        } else {
            redeemOne(2, 2);
        }
    }

    /// @dev An external call, so that only its own revert is expected.
    function redeem64() external {
        redeemOne(2, 2);
    }

    function testFuzz_OnlyMerchantsOfTheProgrammesCityArePaid(address merchant) public {
        vm.assume(merchant != MERCHANT && merchant != address(0) && !token.isOperator(merchant));
        vm.prank(CLERMONT_CONTROLLER);
        programs.registerMerchant(CLERMONT, merchant);
        fund(1);
        IRewardPrograms.Note[] memory notes = oneNote(0, 7, redeemDigest(PROGRAM, merchant, "order", UNTIL));
        vm.expectRevert(
            abi.encodeWithSelector(IRewardPrograms.RewardProgramsMerchantNotRegistered.selector, PORTO, merchant)
        );
        programs.redeem(PROGRAM, merchant, "order", UNTIL, notes);
    }

    function test_ASuspendedOrRemovedCityPaysNothingAndRunsNothing() public {
        fund(10);
        IRewardPrograms.Note[] memory notes = oneNote(0, 7, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        suspend(PORTO, NOW + 10);
        bytes memory inactive = abi.encodeWithSelector(IRewardPrograms.RewardProgramsCityNotActive.selector, PORTO);
        vm.expectRevert(inactive);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        bytes memory refusal = wrongStatus(PORTO, ICityRegistry.CityStatus.Suspended);
        vm.expectRevert(refusal);
        fund(1);
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, address(9));
        vm.expectRevert(refusal);
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, MERCHANT);
        vm.warp(NOW + 11);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        notes = oneNote(0, 8, redeemDigest(PROGRAM, MERCHANT, "order", UNTIL));
        remove(PORTO);
        vm.expectRevert(inactive);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
    }

    function test_NoNotesNoRedemptionAndNoProgrammeNoRedemption() public {
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsNoNotes.selector));
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, new IRewardPrograms.Note[](0));
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsUnknownProgram.selector, OTHER));
        programs.redeem(OTHER, MERCHANT, "order", UNTIL, new IRewardPrograms.Note[](1));
    }

    function testFuzz_ClosingBurnsWhatIsLeftOnceAndOnlyAfterTheEnd(uint64 units, address anyone) public {
        units = uint64(uint256(units) + 1 > type(uint64).max ? 1 : units + 1);
        fund(units);
        redeemOne(0, 1);
        vm.warp(UNTIL);
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsNotEnded.selector, PROGRAM, UNTIL));
        programs.close(PROGRAM);
        vm.warp(uint256(UNTIL) + 1);
        vm.expectEmit(address(programs));
        emit IRewardPrograms.ProgramClosed(PROGRAM, units - 1);
        vm.prank(anyone);
        programs.close(PROGRAM);
        check(token.totalSupply(uint256(PROGRAM)) == 1 && programs.programOf(PROGRAM).closed, "burnt");
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsAlreadyClosed.selector, PROGRAM));
        programs.close(PROGRAM);
    }

    function test_AnUnknownProgrammeIsNotClosed() public {
        vm.expectRevert(abi.encodeWithSelector(IRewardPrograms.RewardProgramsUnknownProgram.selector, OTHER));
        programs.close(OTHER);
    }

    function wellFormed(bytes32 seed, uint256 length) internal pure returns (bytes memory modulus) {
        modulus = new bytes(length);
        for (uint256 i = 0; i < length; ++i) modulus[i] = seed[i % 32] | 0x01;
        if (length != 0) modulus[0] = bytes1(uint8(0x80)) | seed[0];
    }
}

contract RewardTokenTest is RewardsTest {
    function testFuzz_OnlyOperatorsMintMoveAndBurn(address stranger, uint256 id, uint256 units) public {
        vm.assume(stranger != address(programs) && stranger != address(settlement));
        bytes memory refusal = abi.encodeWithSelector(IRewardToken.RewardTokenNotOperator.selector, stranger);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        token.mint(id, units);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        token.move(id, stranger, units);
        vm.expectRevert(refusal);
        vm.prank(stranger);
        token.burn(id, stranger, units);
    }

    function testFuzz_HoldersCannotTransferNorApprove(address to, uint256 units) public {
        fund(64);
        redeemOne(2, 1);
        bytes memory refusal = abi.encodeWithSelector(IRewardToken.RewardTokenNotTransferable.selector, MERCHANT);
        vm.expectRevert(refusal);
        vm.prank(MERCHANT);
        token.safeTransferFrom(MERCHANT, to, uint256(PROGRAM), units, "");
        vm.expectRevert(refusal);
        vm.prank(MERCHANT);
        token.safeBatchTransferFrom(MERCHANT, to, new uint256[](0), new uint256[](0), "");
        vm.expectRevert(refusal);
        vm.prank(MERCHANT);
        token.setApprovalForAll(to, true);
    }

    function testFuzz_OnlyTheOwnerNamesOperatorsAndOnlyContracts(address stranger, uint160 account) public {
        vm.assume(stranger != OWNER && address(account).code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        token.setOperator(address(this), true);
        vm.expectRevert(
            abi.encodeWithSelector(IRewardToken.RewardTokenOperatorNotContract.selector, address(account))
        );
        vm.prank(OWNER);
        token.setOperator(address(account), true);
    }

    function testFuzz_AnOperatorMovesOnlyWhatItHolds(uint128 units, address to) public {
        vm.assume(to != address(0) && to != address(this));
        vm.prank(OWNER);
        token.setOperator(address(this), true);
        token.mint(1, units);
        token.move(1, to, units);
        check(token.balanceOf(to, 1) == units && token.balanceOf(address(this), 1) == 0, "moved");
        token.burn(1, to, units);
        check(token.totalSupply(1) == 0, "burnt");
        vm.prank(OWNER);
        token.setOperator(address(this), false);
        vm.expectRevert(abi.encodeWithSelector(IRewardToken.RewardTokenNotOperator.selector, address(this)));
        token.mint(1, 1);
    }

    function test_NothingIsMovedToNobodyNorBurntFromNobody() public {
        vm.prank(OWNER);
        token.setOperator(address(this), true);
        token.mint(1, 1);
        vm.expectRevert(abi.encodeWithSignature("ERC1155InvalidReceiver(address)", address(0)));
        token.move(1, address(0), 1);
        vm.expectRevert(abi.encodeWithSignature("ERC1155InvalidSender(address)", address(0)));
        token.burn(1, address(0), 1);
    }
}

contract SettlementTest is RewardsTest {
    function setUp() public override {
        super.setUp();
        fund(100);
        redeemOne(2, 1);
    }

    function request(uint256 units, bytes32 ref) internal {
        vm.prank(MERCHANT);
        settlement.request(PROGRAM, units, ref);
    }

    function testFuzz_ARequestBurnsAndRecordsTheDebt(uint8 units, bytes32 ref) public {
        units = uint8((units % 64) + 1);
        vm.expectEmit(address(settlement));
        emit ISettlement.SettlementRequested(ref, PROGRAM, PORTO, PORTO, MERCHANT, units);
        request(units, ref);
        check(token.balanceOf(MERCHANT, uint256(PROGRAM)) == 64 - uint256(units), "balance");
        check(settlement.debtOf(PORTO, MERCHANT) == units && settlement.burntOf(PROGRAM) == units, "debt");
        ISettlement.Request memory record = settlement.requestOf(ref);
        check(record.merchant == MERCHANT && record.units == units && !record.paid, "record");
    }

    function testFuzz_NobodySettlesWhatItDoesNotHold(uint256 units, address stranger) public {
        vm.assume(units > 64 && stranger != MERCHANT && stranger != address(programs) && stranger != address(0));
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC1155InsufficientBalance(address,uint256,uint256,uint256)", MERCHANT, 64, units, uint256(PROGRAM)
            )
        );
        request(units, "ref");
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC1155InsufficientBalance(address,uint256,uint256,uint256)", stranger, 0, 1, uint256(PROGRAM)
            )
        );
        vm.prank(stranger);
        settlement.request(PROGRAM, 1, "ref");
    }

    function test_ARequestHasUnitsAProgrammeAndANewName() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementInvalidUnits.selector, 0));
        request(0, "ref");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementUnknownProgram.selector, bytes32("none")));
        settlement.request("none", 1, "ref");
        request(1, "ref");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementAlreadyRequested.selector, bytes32("ref")));
        request(1, "ref");
    }

    function testFuzz_OnlyTheOwingCityMarksPaidAndOnce(address stranger, bytes32 bankReferenceHash) public {
        vm.assume(stranger != PORTO_CONTROLLER && bankReferenceHash != 0);
        request(10, "ref");
        vm.expectRevert(notController(PORTO, stranger));
        vm.prank(stranger);
        settlement.markPaid("ref", bankReferenceHash);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementMissingBankReference.selector, bytes32("ref")));
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("ref", 0);
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("ref", bankReferenceHash);
        check(settlement.debtOf(PORTO, MERCHANT) == 0 && settlement.requestOf("ref").paid, "paid");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementAlreadyPaid.selector, bytes32("ref")));
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("ref", bankReferenceHash);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementUnknownRequest.selector, bytes32("none")));
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("none", bankReferenceHash);
    }

    function test_AMerchantSettlesWhateverBecameOfItsCityAndProgramme() public {
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, MERCHANT);
        suspend(PORTO, NOW + 10);
        request(1, "suspended");
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("suspended", "bank");
        remove(PORTO);
        vm.warp(uint256(UNTIL) + 1);
        programs.close(PROGRAM);
        request(63, "removed");
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("removed", "bank");
        check(token.totalSupply(uint256(PROGRAM)) == 0, "supply");
    }
}
