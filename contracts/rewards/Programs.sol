// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {IRewardPrograms} from "./IRewardPrograms.sol";
import {Moduli} from "./Moduli.sol";
import {Notes} from "./Notes.sol";

/// @title Programs
/// @notice The rules of reward programmes: budget, period, denominations, merchants, notes.
library Programs {
    using Memory for bytes;
    using Memory for Memory.Slice;

    struct State {
        mapping(bytes32 program => IRewardPrograms.Program record) programs;
        mapping(bytes32 program => KeySet keys) keySets;
        mapping(bytes32 modulusHash => bool used) usedModuli;
        mapping(address merchant => Merchant record) merchants;
        mapping(bytes32 program => mapping(address note => bool spent)) spent;
    }

    /// @dev The city a merchant's account belongs to for good, and whether it is registered now.
    struct Merchant {
        bytes5 city;
        bool registered;
    }

    /// @dev The public keys of a programme. As values are powers of two, their sum says which there are.
    struct KeySet {
        address store;
        uint16 values;
    }

    /// @dev A denomination's public key, read from where it is stored. No note has value zero.
    struct Key {
        uint16 value;
        bytes32 domain;
        bytes modulus;
    }

    /// @dev Highest value of a note.
    uint16 internal constant MAXIMUM_VALUE = 1024;

    /// @dev How long people can still pay with their notes once the federation ends a shared programme.
    uint64 internal constant NOTICE = 30 days;

    /// @dev See {IRewardPrograms-create}.
    function create(
        State storage self,
        bytes32 program,
        bytes5 city,
        address sponsor,
        uint64 from,
        uint64 until
    ) internal {
        require(sponsor != address(0), IRewardPrograms.RewardProgramsInvalidSponsor(sponsor));
        require(
            from <= until && until >= block.timestamp,
            IRewardPrograms.RewardProgramsInvalidPeriod(from, until)
        );
        IRewardPrograms.Program storage record = self.programs[program];
        require(record.until == 0, IRewardPrograms.RewardProgramsAlreadyExists(program));
        record.city = city;
        record.from = from;
        record.until = until;
        record.sponsor = sponsor;
    }

    /// @dev Registers the denominations of a new programme.
    function setKeys(
        State storage self,
        bytes32 program,
        uint16[] calldata values,
        bytes[] calldata moduli
    ) internal {
        uint256 count = values.length;
        require(
            count != 0 && count == moduli.length,
            IRewardPrograms.RewardProgramsInvalidDenominations(count, moduli.length)
        );
        uint16 sum = 0;
        bytes memory all = "";
        for (uint256 i = 0; i < count; ++i) {
            uint16 value = values[i];
            bytes calldata modulus = moduli[i];
            // A power of two is above the sum of lower ones just when it is above each of them.
            require(
                value != 0 && value & (value - 1) == 0 && value <= MAXIMUM_VALUE && value > sum,
                IRewardPrograms.RewardProgramsInvalidValue(value)
            );
            require(
                Moduli.isValid(modulus) && modulus.length == moduli[0].length,
                IRewardPrograms.RewardProgramsInvalidModulus(modulus)
            );
            bytes32 modulusHash = keccak256(modulus);
            require(!self.usedModuli[modulusHash], IRewardPrograms.RewardProgramsModulusInUse(modulusHash));
            self.usedModuli[modulusHash] = true;
            sum += value;
            all = bytes.concat(all, modulus);
        }
        self.keySets[program] = KeySet({store: Moduli.write(all), values: sum});
    }

    /// @dev See {IRewardPrograms-share}. The caller has checked who shares.
    function share(State storage self, bytes32 program) internal {
        IRewardPrograms.Program storage record = self.programs[program];
        requireOwn(record, program);
        requireNotEnded(record, program);
        record.shared = true;
    }

    /// @dev See {IRewardPrograms-endShared}.
    function endShared(State storage self, bytes32 program, uint64 until) internal {
        IRewardPrograms.Program storage record = find(self, program);
        requireShared(record, program);
        uint64 earliest = uint64(block.timestamp) + NOTICE;
        uint64 current = record.until;
        require(
            earliest <= until && until < current,
            IRewardPrograms.RewardProgramsInvalidEnd(program, until, earliest, current)
        );
        require(record.from <= until, IRewardPrograms.RewardProgramsInvalidPeriod(record.from, until));
        record.until = until;
    }

    /// @dev See {IRewardPrograms-fund}. The caller has checked who funds.
    function fund(State storage self, bytes32 program, uint256 units) internal {
        IRewardPrograms.Program storage record = self.programs[program];
        require(units != 0, IRewardPrograms.RewardProgramsInvalidUnits(units));
        requireNotEnded(record, program);
        record.funded = SafeCast.toUint128(record.funded + units);
    }

    /// @dev See {IRewardPrograms-registerMerchant}.
    function registerMerchant(State storage self, bytes5 city, address merchant) internal {
        Merchant storage record = self.merchants[merchant];
        require(
            record.city == bytes5(0) || record.city == city,
            IRewardPrograms.RewardProgramsMerchantOfOtherCity(merchant, record.city)
        );
        require(
            !record.registered,
            IRewardPrograms.RewardProgramsMerchantAlreadyRegistered(city, merchant)
        );
        record.city = city;
        record.registered = true;
    }

    /// @dev See {IRewardPrograms-withdrawMerchant}.
    function withdrawMerchant(State storage self, bytes5 city, address merchant) internal {
        requireMerchant(self, city, merchant);
        self.merchants[merchant].registered = false;
    }

    /// @notice Spends notes against a programme's budget.
    /// @param self the state
    /// @param program name of the programme; the caller has found it
    /// @param digest what the owners of all these notes signed
    /// @param notes the notes
    /// @return units what the notes are worth together
    /// @return addresses the notes, in order
    function spend(
        State storage self,
        bytes32 program,
        bytes32 digest,
        IRewardPrograms.Note[] calldata notes
    ) internal returns (uint256 units, address[] memory addresses) {
        uint256 count = notes.length;
        require(count != 0, IRewardPrograms.RewardProgramsNoNotes());
        addresses = new address[](count);
        KeySet memory keySet = self.keySets[program];
        bytes memory moduli = Moduli.read(keySet.store);
        Key memory key;
        for (uint256 i = 0; i < count; ++i) {
            IRewardPrograms.Note calldata note = notes[i];
            // Prepared once for notes of one value that follow each other.
            if (note.value != key.value) key = _keyOf(keySet.values, moduli, program, note.value);
            // What a note needs while it is checked is given back after it: memory does not grow with their number.
            Memory.Pointer pointer = Memory.getFreeMemoryPointer();
            addresses[i] = _spend(self.spent[program], program, digest, key, note);
            Memory.unsafeSetFreeMemoryPointer(pointer);
            units += note.value;
        }
        IRewardPrograms.Program storage record = self.programs[program];
        uint256 left = record.funded - record.redeemed;
        require(units <= left, IRewardPrograms.RewardProgramsBudgetExceeded(program, units, left));
        // Cannot overflow: at most `funded`, which is a uint128.
        unchecked {
            record.redeemed += uint128(units);
        }
    }

    /// @notice See {IRewardPrograms-close}.
    /// @param self the state
    /// @param program name of the programme
    /// @return left what is to be burnt
    function close(State storage self, bytes32 program) internal returns (uint256 left) {
        IRewardPrograms.Program storage record = find(self, program);
        require(block.timestamp > record.until, IRewardPrograms.RewardProgramsNotEnded(program, record.until));
        require(!record.closed, IRewardPrograms.RewardProgramsAlreadyClosed(program));
        record.closed = true;
        return record.funded - record.redeemed;
    }

    /// @dev The programme of this name; reverts when there is none.
    function find(
        State storage self,
        bytes32 program
    ) internal view returns (IRewardPrograms.Program storage record) {
        record = self.programs[program];
        require(record.until != 0, IRewardPrograms.RewardProgramsUnknownProgram(program));
    }

    /// @dev Reverts unless the programme takes notes now.
    function requireOpen(IRewardPrograms.Program storage record, bytes32 program) internal view {
        require(
            record.from <= block.timestamp && block.timestamp <= record.until,
            IRewardPrograms.RewardProgramsNotOpen(program, record.from, record.until)
        );
    }

    /// @dev Reverts unless the merchant may be paid with the city's notes.
    function requireMerchant(State storage self, bytes5 city, address merchant) internal view {
        require(
            isMerchant(self, city, merchant),
            IRewardPrograms.RewardProgramsMerchantNotRegistered(city, merchant)
        );
    }

    /// @dev Whether the merchant may be paid with the city's notes.
    function isMerchant(State storage self, bytes5 city, address merchant) internal view returns (bool) {
        Merchant storage record = self.merchants[merchant];
        return record.registered && record.city == city;
    }

    /// @dev Reverts unless the programme is its city's own.
    function requireOwn(IRewardPrograms.Program storage record, bytes32 program) internal view {
        require(!record.shared, IRewardPrograms.RewardProgramsShared(program));
    }

    /// @dev Reverts unless the programme is the federation's.
    function requireShared(IRewardPrograms.Program storage record, bytes32 program) internal view {
        require(record.shared, IRewardPrograms.RewardProgramsNotShared(program));
    }

    /// @dev Reverts once the programme takes notes no longer.
    function requireNotEnded(IRewardPrograms.Program storage record, bytes32 program) internal view {
        require(
            block.timestamp <= record.until,
            IRewardPrograms.RewardProgramsNotOpen(program, record.from, record.until)
        );
    }

    /// @dev The public keys of a programme.
    function keys(
        State storage self,
        bytes32 program
    ) internal view returns (IRewardPrograms.Denomination[] memory denominations) {
        KeySet memory keySet = self.keySets[program];
        bytes memory moduli = keySet.values == 0 ? bytes("") : Moduli.read(keySet.store);
        denominations = new IRewardPrograms.Denomination[](_bits(keySet.values));
        uint16 value = 1;
        for (uint256 i = 0; i < denominations.length; value <<= 1) {
            if (keySet.values & value == 0) continue;
            denominations[i++] = IRewardPrograms.Denomination({
                value: value,
                modulus: _modulusOf(keySet.values, moduli, value)
            });
        }
    }

    function _spend(
        mapping(address note => bool spent) storage spent,
        bytes32 program,
        bytes32 digest,
        Key memory key,
        IRewardPrograms.Note calldata note
    ) private returns (address noteAddress) {
        noteAddress = ECDSA.recoverCalldata(digest, note.ownerSignature);
        require(!spent[noteAddress], IRewardPrograms.RewardProgramsNoteSpent(program, noteAddress));
        require(
            Notes.isSigned(key.modulus, key.domain, note.rsaSignature, noteAddress),
            IRewardPrograms.RewardProgramsNoteInvalid(program, noteAddress)
        );
        spent[noteAddress] = true;
    }

    function _keyOf(
        uint16 values,
        bytes memory moduli,
        bytes32 program,
        uint16 value
    ) private pure returns (Key memory key) {
        require(
            values & value != 0 && value & (value - 1) == 0,
            IRewardPrograms.RewardProgramsUnknownDenomination(program, value)
        );
        bytes memory modulus = _modulusOf(values, moduli, value);
        return Key({value: value, domain: Notes.domainOf(modulus), modulus: modulus});
    }

    /// @dev The moduli stand one after the other, all of one length, in the order of their values.
    function _modulusOf(uint16 values, bytes memory moduli, uint16 value) private pure returns (bytes memory) {
        uint256 length = moduli.length / _bits(values);
        return moduli.asSlice().slice(length * _bits(values & (value - 1)), length).toBytes();
    }

    /// @dev Number of bits set, counted in parallel: pairs, nibbles, bytes.
    function _bits(uint16 values) private pure returns (uint256 count) {
        // Cannot overflow: no field holds more than its bits, and the highest sum is 16.
        unchecked {
            count = values;
            count -= (count >> 1) & 0x5555;
            count = (count & 0x3333) + ((count >> 2) & 0x3333);
            count = (count + (count >> 4)) & 0x0f0f;
            count = (count + (count >> 8)) & 0x1f;
        }
    }
}
