// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {IRewardToken} from "../../contracts/rewards/IRewardToken.sol";
import {ISettlement} from "../../contracts/rewards/ISettlement.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {IIssuerRegistry} from "../../contracts/trust/IIssuerRegistry.sol";
import {IRecognitionRegistry} from "../../contracts/trust/IRecognitionRegistry.sol";
import {IssuerRegistry} from "../../contracts/trust/IssuerRegistry.sol";
import {RecognitionRegistry} from "../../contracts/trust/RecognitionRegistry.sol";
import {NoteKeys} from "./NoteKeys.sol";
import {RewardsTest} from "./FederationTest.sol";

/// @dev What is done is told: services, wallets and the public record live on it.
contract EventsTest is RewardsTest {
    string internal constant VCT = "https://porto.example/vct/city-card";
    /// @dev The generator of P-256, and its thumbprint computed elsewhere.
    bytes32 internal constant X = 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296;
    bytes32 internal constant Y = 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5;
    bytes32 internal constant THUMBPRINT = 0xc71d01700fb0328870f1ab580c939eea9786328764946db04470655c732f9743;

    function test_MembershipIsTold() public {
        vm.prank(OWNER);
        cities.admit(NOWHERE, "Roma", "did", address(1), address(2), "url");
        vm.expectEmit(address(cities));
        emit ICityRegistry.CityActivated(NOWHERE, "agreement", "dpia");
        vm.prank(OWNER);
        cities.activate(NOWHERE, "agreement", "dpia");
        vm.expectEmit(address(cities));
        emit ICityRegistry.ServiceUrlChanged(NOWHERE, "elsewhere");
        vm.prank(address(1));
        cities.changeServiceUrl(NOWHERE, "elsewhere");
        suspend(NOWHERE, NOW + 100);
        vm.expectEmit(address(cities));
        emit ICityRegistry.CityReinstated(NOWHERE);
        vm.prank(OWNER);
        cities.reinstate(NOWHERE);
        vm.expectEmit(address(cities));
        emit ICityRegistry.CityRemoved(NOWHERE);
        remove(NOWHERE);
    }

    function test_KeysAndAgreementsAreTold() public {
        bytes32 typeId = keccak256(bytes(VCT));
        IssuerRegistry issuers = new IssuerRegistry(cities, guardian);
        check(issuers.thumbprintOf(X, Y) == THUMBPRINT, "thumbprint");
        vm.expectEmit(address(issuers));
        emit IIssuerRegistry.IssuerAccredited(PORTO, THUMBPRINT, typeId, X, Y, VCT, NOW, NOW + 9);
        vm.prank(PORTO_CONTROLLER);
        issuers.accredit(PORTO, X, Y, VCT, NOW, NOW + 9);
        vm.expectEmit(address(issuers));
        emit IIssuerRegistry.IssuerWithdrawn(PORTO, THUMBPRINT, typeId, NOW + 3);
        vm.prank(PORTO_CONTROLLER);
        issuers.withdraw(PORTO, THUMBPRINT, typeId, NOW + 3);
        RecognitionRegistry recognitions = new RecognitionRegistry(cities, guardian);
        vm.expectEmit(address(recognitions));
        emit IRecognitionRegistry.RecognitionGranted(CLERMONT, PORTO, typeId, VCT, 5, NOW + 9);
        vm.prank(CLERMONT_CONTROLLER);
        recognitions.recognise(CLERMONT, PORTO, VCT, 5, NOW + 9);
        vm.expectEmit(address(recognitions));
        emit IRecognitionRegistry.RecognitionWithdrawn(CLERMONT, PORTO, typeId);
        vm.prank(CLERMONT_CONTROLLER);
        recognitions.withdraw(CLERMONT, PORTO, typeId);
    }

    function test_AProgrammeIsToldAndKept() public {
        (uint16[] memory values, bytes[] memory moduli) = denominations(3);
        vm.expectEmit(address(programs));
        emit IRewardPrograms.ProgramCreated("new", PORTO, "New", SPONSOR, FROM + 1, UNTIL);
        vm.expectEmit(address(programs));
        emit IRewardPrograms.DenominationRegistered("new", 1, NoteKeys.modulus(3));
        vm.prank(PORTO_CONTROLLER);
        programs.create("new", PORTO, "New", SPONSOR, FROM + 1, UNTIL, values, moduli);
        IRewardPrograms.Program memory record = programs.programOf("new");
        check(record.city == PORTO && record.sponsor == SPONSOR, "whose");
        check(record.from == FROM + 1 && record.until == UNTIL, "period");
        check(!record.shared && !record.closed && record.funded == 0 && record.redeemed == 0, "beginning");
    }

    function test_MerchantsAreTold() public {
        vm.expectEmit(address(programs));
        emit IRewardPrograms.MerchantRegistered(PORTO, address(9));
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, address(9));
        check(programs.cityOfMerchant(address(9)) == PORTO, "city");
        vm.expectEmit(address(programs));
        emit IRewardPrograms.MerchantWithdrawn(PORTO, address(9));
        vm.prank(PORTO_CONTROLLER);
        programs.withdrawMerchant(PORTO, address(9));
        check(!programs.isMerchant(PORTO, address(9)), "still paid");
    }

    function test_MoneyIsToldFromItsBeginningToItsEnd() public {
        vm.expectEmit(address(programs));
        emit IRewardPrograms.ProgramFunded(PROGRAM, 10);
        fund(10);
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        IRewardPrograms.Note[] memory notes = new IRewardPrograms.Note[](2);
        (notes[0], notes[1]) = (createNote(0, 5, digest), createNote(1, 6, digest));
        address[] memory addresses = new address[](2);
        (addresses[0], addresses[1]) = (vm.addr(5), vm.addr(6));
        vm.expectEmit(address(programs));
        emit IRewardPrograms.NotesRedeemed(PROGRAM, MERCHANT, "order", 3, addresses);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, notes);
        vm.prank(MERCHANT);
        settlement.request(PROGRAM, 3, "ref");
        vm.expectEmit(address(settlement));
        emit ISettlement.SettlementPaid("ref", "bank");
        vm.prank(PORTO_CONTROLLER);
        settlement.markPaid("ref", "bank");
    }

    function test_OperatorsAreTold() public {
        vm.expectEmit(address(token));
        emit IRewardToken.OperatorChanged(address(this), true);
        vm.prank(OWNER);
        token.setOperator(address(this), true);
        vm.expectEmit(address(token));
        emit IRewardToken.OperatorChanged(address(this), false);
        vm.prank(OWNER);
        token.setOperator(address(this), false);
        check(!token.isOperator(address(this)), "still one");
    }
}
