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
    struct State {
        mapping(bytes32 program => IRewardPrograms.Program record) programs;
        mapping(bytes32 program => uint16[] values) values;
        mapping(bytes32 program => mapping(uint16 value => address store)) moduli;
        mapping(bytes32 modulusHash => bool used) usedModuli;
        mapping(bytes5 city => mapping(address merchant => bool registered)) merchants;
        mapping(bytes32 program => mapping(address note => bool spent)) spent;
    }

    /// @dev Highest value of a note.
    uint16 internal constant MAXIMUM_VALUE = 1024;

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

    /// @dev Registers one denomination; values come in ascending order.
    function addDenomination(State storage self, bytes32 program, uint16 value, bytes calldata modulus) internal {
        uint16[] storage values = self.values[program];
        uint256 count = values.length;
        require(
            value != 0 &&
                value & (value - 1) == 0 &&
                value <= MAXIMUM_VALUE &&
                (count == 0 || value > values[count - 1]),
            IRewardPrograms.RewardProgramsInvalidValue(value)
        );
        require(Moduli.isValid(modulus), IRewardPrograms.RewardProgramsInvalidModulus(modulus));
        bytes32 modulusHash = keccak256(modulus);
        require(!self.usedModuli[modulusHash], IRewardPrograms.RewardProgramsModulusInUse(modulusHash));
        self.usedModuli[modulusHash] = true;
        values.push(value);
        self.moduli[program][value] = Moduli.write(modulus);
    }

    /// @dev See {IRewardPrograms-fund}. The caller has checked who funds.
    function fund(State storage self, bytes32 program, uint256 units) internal {
        IRewardPrograms.Program storage record = self.programs[program];
        require(units != 0, IRewardPrograms.RewardProgramsInvalidUnits(units));
        require(
            block.timestamp <= record.until,
            IRewardPrograms.RewardProgramsNotOpen(program, record.from, record.until)
        );
        record.funded = SafeCast.toUint128(record.funded + units);
    }

    /// @dev See {IRewardPrograms-registerMerchant}.
    function registerMerchant(State storage self, bytes5 city, address merchant) internal {
        require(
            !self.merchants[city][merchant],
            IRewardPrograms.RewardProgramsMerchantAlreadyRegistered(city, merchant)
        );
        self.merchants[city][merchant] = true;
    }

    /// @dev See {IRewardPrograms-withdrawMerchant}.
    function withdrawMerchant(State storage self, bytes5 city, address merchant) internal {
        requireMerchant(self, city, merchant);
        self.merchants[city][merchant] = false;
    }

    /// @dev Spends notes against a programme's budget.
    /// @param digest what the owners of all these notes signed
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
        for (uint256 i = 0; i < count; ++i) {
            // What a note needs while it is checked is given back after it: memory grows with the longest note, not
            // with their number.
            Memory.Pointer pointer = Memory.getFreeMemoryPointer();
            addresses[i] = _spend(self, program, digest, notes[i]);
            units += notes[i].value;
            Memory.unsafeSetFreeMemoryPointer(pointer);
        }
        IRewardPrograms.Program storage record = self.programs[program];
        uint256 left = record.funded - record.redeemed;
        require(units <= left, IRewardPrograms.RewardProgramsBudgetExceeded(program, units, left));
        // Cannot overflow: at most `funded`, which is a uint128.
        unchecked {
            record.redeemed += uint128(units);
        }
    }

    /// @dev See {IRewardPrograms-close}.
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
            self.merchants[city][merchant],
            IRewardPrograms.RewardProgramsMerchantNotRegistered(city, merchant)
        );
    }

    /// @dev The public keys of a programme.
    function keys(
        State storage self,
        bytes32 program
    ) internal view returns (IRewardPrograms.Denomination[] memory denominations) {
        uint16[] storage values = self.values[program];
        denominations = new IRewardPrograms.Denomination[](values.length);
        for (uint256 i = 0; i < denominations.length; ++i) {
            uint16 value = values[i];
            denominations[i] = IRewardPrograms.Denomination({
                value: value,
                modulus: Moduli.read(self.moduli[program][value])
            });
        }
    }

    function _spend(
        State storage self,
        bytes32 program,
        bytes32 digest,
        IRewardPrograms.Note calldata note
    ) private returns (address noteAddress) {
        noteAddress = ECDSA.recoverCalldata(digest, note.ownerSignature);
        address store = self.moduli[program][note.value];
        require(store != address(0), IRewardPrograms.RewardProgramsUnknownDenomination(program, note.value));
        require(
            !self.spent[program][noteAddress],
            IRewardPrograms.RewardProgramsNoteSpent(program, noteAddress)
        );
        require(
            Notes.isSigned(Moduli.read(store), note.rsaSignature, noteAddress),
            IRewardPrograms.RewardProgramsNoteInvalid(program, noteAddress)
        );
        self.spent[program][noteAddress] = true;
    }
}
