// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {IRewardToken} from "./IRewardToken.sol";

/// @title IRewardPrograms
/// @notice Budgets of points, and the notes that pay with them. A note is the address of a one-time key, signed blindly
/// by the city with the key of the note's value. Nobody can tell which withdrawal a note came from.
/// @dev Every `until` and `deadline` is inclusive: the last second, in Unix time, at which a note can be redeemed.
interface IRewardPrograms {
    /// @notice A reward programme.
    /// @param city UN/LOCODE of the city that signs the notes and owes the merchants; zero for an unknown programme
    /// @param from first second at which notes can be redeemed
    /// @param until last second at which notes can be redeemed
    /// @param closed true once what was left has been burnt
    /// @param shared true once the city gave the programme to the federation
    /// @param sponsor organisation that pays for the programme
    /// @param funded units minted so far
    /// @param redeemed units that went to merchants so far
    struct Program {
        bytes5 city;
        uint64 from;
        uint64 until;
        bool closed;
        bool shared;
        address sponsor;
        uint128 funded;
        uint128 redeemed;
    }

    /// @notice The public key that signs notes of one value; its exponent is 65537.
    /// @param value points a note is worth
    /// @param modulus RSA modulus, big-endian
    struct Denomination {
        uint16 value;
        bytes modulus;
    }

    /// @notice A note on its way to a merchant.
    /// @param value points the note is worth
    /// @param rsaSignature the city's unblinded signature over the full-domain hash of the note's address, as long as
    /// the modulus
    /// @param ownerSignature the one-time key's EIP-712 signature of the redemption, 65 bytes (r, s, v)
    struct Note {
        uint16 value;
        bytes rsaSignature;
        bytes ownerSignature;
    }

    /// @notice A city opened a programme.
    /// @param program name of the programme, 32 random bytes
    /// @param city UN/LOCODE
    /// @param name name of the programme for people
    /// @param sponsor organisation that pays for the programme
    /// @param from first second at which notes can be redeemed
    /// @param until last second at which notes can be redeemed
    event ProgramCreated(
        bytes32 indexed program,
        bytes5 indexed city,
        string name,
        address sponsor,
        uint64 from,
        uint64 until
    );

    /// @notice The one public key with which everybody's notes of this value are signed.
    /// @param program name of the programme
    /// @param value points a note is worth
    /// @param modulus RSA modulus, big-endian; the exponent is 65537
    event DenominationRegistered(bytes32 indexed program, uint16 indexed value, bytes modulus);

    /// @notice Units were minted into a programme's budget.
    /// @param program name of the programme
    /// @param units number of units added
    event ProgramFunded(bytes32 indexed program, uint256 units);

    /// @notice A city gave a programme to the federation, for good: the federation funds and ends it, and merchants of
    /// every active city are paid.
    /// @param program name of the programme
    event ProgramShared(bytes32 indexed program);

    /// @notice The federation ends a shared programme earlier.
    /// @param program name of the programme
    /// @param until last second at which notes can be redeemed from now on
    event ProgramEndChanged(bytes32 indexed program, uint64 until);

    /// @notice A merchant may be paid with a city's notes.
    /// @param city UN/LOCODE
    /// @param merchant account of the merchant's business
    event MerchantRegistered(bytes5 indexed city, address indexed merchant);

    /// @notice A merchant may no longer be paid with a city's notes.
    /// @param city UN/LOCODE
    /// @param merchant account of the merchant's business
    event MerchantWithdrawn(bytes5 indexed city, address indexed merchant);

    /// @notice Notes were paid to a merchant.
    /// @param program name of the programme
    /// @param merchant account of the merchant's business
    /// @param order the merchant's order, 32 random bytes
    /// @param units what the notes are worth together
    /// @param notes the notes, each an address never seen before and never valid again
    event NotesRedeemed(
        bytes32 indexed program,
        address indexed merchant,
        bytes32 indexed order,
        uint256 units,
        address[] notes
    );

    /// @notice A programme ended and what was left of its budget was burnt.
    /// @param program name of the programme
    /// @param burnt number of units
    event ProgramClosed(bytes32 indexed program, uint256 burnt);

    /// @notice There is already a programme of this name.
    /// @param program the name given
    error RewardProgramsAlreadyExists(bytes32 program);

    /// @notice There is no such programme.
    /// @param program the name given
    error RewardProgramsUnknownProgram(bytes32 program);

    /// @notice A programme's name is empty.
    /// @param name the text given
    error RewardProgramsInvalidName(string name);

    /// @notice A sponsor must not be the zero address.
    /// @param sponsor the address given
    error RewardProgramsInvalidSponsor(address sponsor);

    /// @notice The period ends before it begins, or has already ended.
    /// @param from the time given
    /// @param until the time given
    error RewardProgramsInvalidPeriod(uint64 from, uint64 until);

    /// @notice There must be one modulus for each value, and at least one.
    /// @param values number of values given
    /// @param moduli number of moduli given
    error RewardProgramsInvalidDenominations(uint256 values, uint256 moduli);

    /// @notice Values are powers of two up to 1024, in ascending order.
    /// @param value the value given
    error RewardProgramsInvalidValue(uint16 value);

    /// @notice A modulus has 256 to 512 bytes, a multiple of 32, as many as the programme's others; it is odd and has
    /// its top bit set.
    /// @param modulus the bytes given
    error RewardProgramsInvalidModulus(bytes modulus);

    /// @notice A modulus signs notes of one value in one programme only: a note says neither, so one key for two values
    /// would turn small notes into large ones.
    /// @param modulusHash keccak256 of the modulus
    error RewardProgramsModulusInUse(bytes32 modulusHash);

    /// @notice The programme does not take notes, or money, now.
    /// @param program name of the programme
    /// @param from first second at which notes can be redeemed
    /// @param until last second at which notes can be redeemed
    error RewardProgramsNotOpen(bytes32 program, uint64 from, uint64 until);

    /// @notice The programme has not ended yet.
    /// @param program name of the programme
    /// @param until last second at which notes can be redeemed
    error RewardProgramsNotEnded(bytes32 program, uint64 until);

    /// @notice The programme was already closed.
    /// @param program name of the programme
    error RewardProgramsAlreadyClosed(bytes32 program);

    /// @notice The programme is the federation's: its city does not fund it, nor share it again.
    /// @param program name of the programme
    error RewardProgramsShared(bytes32 program);

    /// @notice The programme is a city's own: the federation neither funds nor ends it.
    /// @param program name of the programme
    error RewardProgramsNotShared(bytes32 program);

    /// @notice A shared programme ends earlier than it would, but people have 30 days to pay with their notes.
    /// @param program name of the programme
    /// @param until the time given
    /// @param earliest earliest end
    /// @param current the end so far
    error RewardProgramsInvalidEnd(bytes32 program, uint64 until, uint64 earliest, uint64 current);

    /// @notice The number of units does not make sense here.
    /// @param units the number given
    error RewardProgramsInvalidUnits(uint256 units);

    /// @notice The city that signed the notes, or the merchant's, may not act now.
    /// @param city UN/LOCODE
    error RewardProgramsCityNotActive(bytes5 city);

    /// @notice A merchant is neither the zero address nor a contract of the rewards.
    /// @param merchant the address given
    error RewardProgramsInvalidMerchant(address merchant);

    /// @notice The merchant is already registered with the city.
    /// @param city UN/LOCODE
    /// @param merchant the merchant given
    error RewardProgramsMerchantAlreadyRegistered(bytes5 city, address merchant);

    /// @notice A merchant's account belongs to one city, for good: it owes the merchant for what the merchant took.
    /// @param merchant the merchant given
    /// @param city UN/LOCODE of the city it belongs to
    error RewardProgramsMerchantOfOtherCity(address merchant, bytes5 city);

    /// @notice The merchant is not registered with the city.
    /// @param city UN/LOCODE; of a shared programme the merchant's own, zero when it has none
    /// @param merchant the merchant given
    error RewardProgramsMerchantNotRegistered(bytes5 city, address merchant);

    /// @notice The deadline the notes' owner set has passed.
    /// @param deadline last second at which the notes could be redeemed
    error RewardProgramsDeadlinePassed(uint64 deadline);

    /// @notice A redemption needs at least one note.
    error RewardProgramsNoNotes();

    /// @notice The programme has no notes of this value.
    /// @param program name of the programme
    /// @param value the value given
    error RewardProgramsUnknownDenomination(bytes32 program, uint16 value);

    /// @notice The note was redeemed before.
    /// @param program name of the programme
    /// @param note the note's address
    error RewardProgramsNoteSpent(bytes32 program, address note);

    /// @notice The city did not sign this note, or its owner did not sign this redemption.
    /// @param program name of the programme
    /// @param note the address recovered from the owner's signature
    error RewardProgramsNoteInvalid(bytes32 program, address note);

    /// @notice The programme's budget does not cover the notes.
    /// @param program name of the programme
    /// @param units what the notes are worth together
    /// @param left what is left of the budget
    error RewardProgramsBudgetExceeded(bytes32 program, uint256 units, uint256 left);

    /// @notice Opens a programme. Only the controller of the city while active.
    /// @param program name of the programme, 32 random bytes
    /// @param city UN/LOCODE
    /// @param name name of the programme for people
    /// @param sponsor organisation that pays for the programme
    /// @param from first second at which notes can be redeemed
    /// @param until last second at which notes can be redeemed
    /// @param values points of each kind of note: powers of two up to 1024, ascending
    /// @param moduli RSA modulus for each value, big-endian, all of one length, never used before; the exponent is
    /// 65537
    function create(
        bytes32 program,
        bytes5 city,
        string calldata name,
        address sponsor,
        uint64 from,
        uint64 until,
        uint16[] calldata values,
        bytes[] calldata moduli
    ) external;

    /// @notice Mints units into a programme's budget. Only the controller of its city while active, until the
    /// programme's last second or until it is shared.
    /// @param program name of the programme
    /// @param units number of units
    function fund(bytes32 program, uint256 units) external;

    /// @notice Gives a programme to the federation, for good. Only the controller of its city while active, until the
    /// programme's last second.
    /// @param program name of the programme
    function share(bytes32 program) external;

    /// @notice Mints units into a shared programme's budget. Only the owner, until the programme's last second.
    /// @param program name of the programme
    /// @param units number of units
    function fundShared(bytes32 program, uint256 units) external;

    /// @notice Ends a shared programme earlier. Only the owner.
    /// @param program name of the programme
    /// @param until last second at which notes can be redeemed: 30 days from now at the earliest, before the end so far
    function endShared(bytes32 program, uint64 until) external;

    /// @notice Lets a merchant be paid with a city's notes. Only the controller of the city while active. The account
    /// belongs to this city from then on, for good.
    /// @param city UN/LOCODE
    /// @param merchant account of the merchant's business
    function registerMerchant(bytes5 city, address merchant) external;

    /// @notice Stops a merchant from being paid with a city's notes; what it holds it can still settle. Only the
    /// controller of the city while active. Never paused.
    /// @param city UN/LOCODE
    /// @param merchant account of the merchant's business
    function withdrawMerchant(bytes5 city, address merchant) external;

    /// @notice Pays notes to a merchant, all or none. Anyone may submit: who gets what is in the owners' signatures.
    /// @dev An owner signs EIP-712 `Redeem(bytes32 program,address merchant,bytes32 order,uint64 deadline)` in the
    /// domain (`Symbolon`, `1`, chain, this contract). One order may be paid in several batches.
    /// @param program name of the programme
    /// @param merchant account of the merchant's business, registered with the programme's city or, where the programme
    /// is shared, with any active one
    /// @param order the merchant's order, 32 random bytes
    /// @param deadline last second at which the notes can be redeemed
    /// @param notes the notes
    function redeem(
        bytes32 program,
        address merchant,
        bytes32 order,
        uint64 deadline,
        Note[] calldata notes
    ) external;

    /// @notice Ends a programme after its last second and burns what is left of its budget. Anyone may call it.
    /// @param program name of the programme
    function close(bytes32 program) external;

    /// @notice A programme; all zero for an unknown one.
    /// @param program name of the programme
    /// @return record the programme
    function programOf(bytes32 program) external view returns (Program memory record);

    /// @notice The public keys of a programme, ascending by value.
    /// @param program name of the programme
    /// @return denominations one for each value
    function keys(bytes32 program) external view returns (Denomination[] memory denominations);

    /// @notice Whether a note was redeemed.
    /// @param program name of the programme
    /// @param note the note's address
    /// @return spent true once it was redeemed
    function isSpent(bytes32 program, address note) external view returns (bool spent);

    /// @notice Whether a merchant may be paid with a city's notes.
    /// @param city UN/LOCODE
    /// @param merchant account of the merchant's business
    /// @return registered true when it may
    function isMerchant(bytes5 city, address merchant) external view returns (bool registered);

    /// @notice The city a merchant's account belongs to, registered now or not.
    /// @param merchant account of the merchant's business
    /// @return city UN/LOCODE, zero when it was never registered
    function cityOfMerchant(address merchant) external view returns (bytes5 city);

    /// @notice The registry of cities this contract asks.
    /// @return registry the registry
    function cityRegistry() external view returns (ICityRegistry registry);

    /// @notice The token that carries the units.
    /// @return token the token
    function rewardToken() external view returns (IRewardToken token);

    /// @notice The full-domain hash the city signs for a note: what the signature to the power of 65537 must give.
    /// @param modulus RSA modulus, big-endian
    /// @param note the note's address
    /// @return hash as many bytes as the modulus has, the top bit zero
    function fdh(bytes calldata modulus, address note) external pure returns (bytes memory hash);
}
