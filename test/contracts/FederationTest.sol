// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Guardian} from "../../contracts/federation/Guardian.sol";
import {IGuardian} from "../../contracts/federation/IGuardian.sol";
import {ICityRegistry} from "../../contracts/trust/ICityRegistry.sol";
import {CityRegistry} from "../../contracts/trust/CityRegistry.sol";
import {RewardPrograms} from "../../contracts/rewards/RewardPrograms.sol";
import {IRewardPrograms} from "../../contracts/rewards/IRewardPrograms.sol";
import {RewardToken} from "../../contracts/rewards/RewardToken.sol";
import {Settlement} from "../../contracts/rewards/Settlement.sol";
import {Notes} from "../../contracts/rewards/Notes.sol";
import {NoteKeys} from "./NoteKeys.sol";
import {Vm} from "./Vm.sol";

/// @dev Two active cities on a chain whose clock stands at a known time.
abstract contract FederationTest {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes5 internal constant PORTO = "PTOPO";
    bytes5 internal constant CLERMONT = "FRCFE";
    bytes5 internal constant NOWHERE = "ITROM";
    uint64 internal constant NOW = 1_800_000_000;

    address internal immutable OWNER = address(0xF0);
    address internal immutable PORTO_CONTROLLER = address(0xA1);
    address internal immutable CLERMONT_CONTROLLER = address(0xA2);

    address internal immutable GUARDIAN = address(0x6A);
    uint32 internal constant ROTATION_DELAY = 3 days;

    Guardian internal guardian;
    CityRegistry internal cities;

    function setUp() public virtual {
        vm.warp(NOW);
        guardian = new Guardian(OWNER);
        vm.prank(OWNER);
        guardian.appoint(GUARDIAN);
        cities = new CityRegistry(OWNER, guardian, ROTATION_DELAY);
        activate(PORTO, PORTO_CONTROLLER);
        activate(CLERMONT, CLERMONT_CONTROLLER);
    }

    function activate(bytes5 city, address controller) internal {
        vm.prank(OWNER);
        cities.admit(city, "City", didOf(city), controller, recoveryOf(controller), "https://city.example");
        vm.prank(OWNER);
        cities.activate(city, "agreement", "dpia");
    }

    function didOf(bytes5 city) internal pure returns (string memory) {
        return string.concat("did:web:", string(abi.encodePacked(city)), ".example");
    }

    /// @dev The recovery account of a city whose first controller is given.
    function recoveryOf(address controller) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("recovery", controller)))));
    }

    /// @dev Stops new writes of a contract.
    function pause(address target) internal {
        vm.prank(GUARDIAN);
        guardian.pause(target, keccak256(abi.encode(target, block.timestamp)));
    }

    /// @dev What a write says while its contract is paused, if the pause began just now.
    function paused(address target) internal view returns (bytes memory) {
        return
            abi.encodeWithSelector(IGuardian.GuardianPaused.selector, target, uint64(block.timestamp) + 72 hours);
    }

    function suspend(bytes5 city, uint64 until) internal {
        vm.prank(OWNER);
        cities.suspend(city, 1, until);
    }

    function remove(bytes5 city) internal {
        vm.prank(OWNER);
        cities.remove(city);
    }

    function wrongStatus(bytes5 city, ICityRegistry.CityStatus status) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICityRegistry.CityRegistryWrongStatus.selector, city, status);
    }

    function notController(bytes5 city, address account) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICityRegistry.CityRegistryNotController.selector, city, account);
    }

    function check(bool condition, string memory message) internal pure {
        require(condition, message);
    }
}

/// @dev The rewards on top, with real RSA keys for the values 1, 2 and 64.
abstract contract RewardsTest is FederationTest {
    bytes32 internal constant PROGRAM = "clean rivers";
    uint64 internal constant FROM = NOW;
    uint64 internal constant UNTIL = NOW + 1000;
    address internal immutable SPONSOR = address(0x50);
    address internal immutable MERCHANT = address(0x3E);

    RewardToken internal token;
    RewardPrograms internal programs;
    Settlement internal settlement;

    function setUp() public virtual override {
        super.setUp();
        token = new RewardToken(OWNER);
        programs = new RewardPrograms(cities, token, OWNER, guardian);
        settlement = new Settlement(programs, guardian);
        vm.prank(OWNER);
        token.setOperator(address(programs), true);
        vm.prank(OWNER);
        token.setOperator(address(settlement), true);
        createProgram(PROGRAM, PORTO, PORTO_CONTROLLER, 0);
        vm.prank(PORTO_CONTROLLER);
        programs.registerMerchant(PORTO, MERCHANT);
    }

    function createProgram(bytes32 program, bytes5 city, address controller, uint256 firstKey) internal {
        (uint16[] memory values, bytes[] memory moduli) = denominations(firstKey);
        vm.prank(controller);
        programs.create(program, city, "Clean rivers", SPONSOR, FROM, UNTIL, values, moduli);
    }

    /// @dev Keys 0, 1, 2 for the values 1, 2, 64; or key 3 alone for the value 1.
    function denominations(uint256 firstKey) internal pure returns (uint16[] memory values, bytes[] memory moduli) {
        uint256 count = firstKey == 3 ? 1 : 3;
        values = new uint16[](count);
        moduli = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            values[i] = valueOf(i);
            moduli[i] = NoteKeys.modulus(firstKey + i);
        }
    }

    function valueOf(uint256 key) internal pure returns (uint16) {
        return [1, 2, 64, 1][key];
    }

    function fund(uint256 units) internal {
        vm.prank(PORTO_CONTROLLER);
        programs.fund(PROGRAM, units);
    }

    function redeemDigest(bytes32 program, address merchant, bytes32 order, uint64 deadline)
        internal
        view
        returns (bytes32)
    {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Symbolon"),
                keccak256("1"),
                block.chainid,
                address(programs)
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Redeem(bytes32 program,address merchant,bytes32 order,uint64 deadline)"),
                program,
                merchant,
                order,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    /// @dev What the city signs for the holder of `owner`: the hash to the power of the private exponent.
    function cityOnceSigned(uint256 key, address note) internal view returns (bytes memory signature) {
        bytes memory modulus = NoteKeys.modulus(key);
        bytes memory hash = Notes.fdh(modulus, note);
        bool success;
        (success, signature) = address(5).staticcall(
            abi.encodePacked(uint256(256), uint256(256), uint256(256), hash, NoteKeys.exponent(key), modulus)
        );
        require(success, "modexp");
    }

    function createNote(uint256 key, uint256 ownerKey, bytes32 digest)
        internal
        view
        returns (IRewardPrograms.Note memory note)
    {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ownerKey, digest);
        note.value = valueOf(key);
        note.rsaSignature = cityOnceSigned(key, vm.addr(ownerKey));
        note.ownerSignature = abi.encodePacked(r, s, v);
    }

    function oneNote(uint256 key, uint256 ownerKey, bytes32 digest)
        internal
        view
        returns (IRewardPrograms.Note[] memory notes)
    {
        notes = new IRewardPrograms.Note[](1);
        notes[0] = createNote(key, ownerKey, digest);
    }

    /// @dev Pays one note to the merchant.
    function redeemOne(uint256 key, uint256 ownerKey) internal {
        bytes32 digest = redeemDigest(PROGRAM, MERCHANT, "order", UNTIL);
        programs.redeem(PROGRAM, MERCHANT, "order", UNTIL, oneNote(key, ownerKey, digest));
    }

    function ownerKeyOf(uint256 seed) internal pure returns (uint256) {
        return (seed % (type(uint128).max - 1)) + 1;
    }

    /// @dev A modulus as the contracts take it, that belongs to no key.
    function wellFormed(bytes32 seed, uint256 length) internal pure returns (bytes memory modulus) {
        modulus = new bytes(length);
        for (uint256 i = 0; i < length; ++i) modulus[i] = seed[i % 32] | 0x01;
        if (length != 0) modulus[0] = bytes1(uint8(0x80)) | seed[0];
    }
}
