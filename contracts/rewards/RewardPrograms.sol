// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Guarded} from "../federation/Guarded.sol";
import {IGuardian} from "../federation/IGuardian.sol";
import {ICityRegistry} from "../trust/ICityRegistry.sol";
import {IRewardPrograms} from "./IRewardPrograms.sol";
import {IRewardToken} from "./IRewardToken.sol";
import {Moduli} from "./Moduli.sol";
import {Notes} from "./Notes.sol";
import {Programs} from "./Programs.sol";

/// @title RewardPrograms
/// @notice The reward programmes of all cities, and the escrow of their budgets. The rules are in {Programs}, the
/// notes in {Notes}.
contract RewardPrograms is IRewardPrograms, Guarded, Ownable2Step, EIP712 {
    using Programs for Programs.State;
    using Programs for IRewardPrograms.Program;

    bytes32 private constant REDEEM_TYPEHASH =
        keccak256("Redeem(bytes32 program,address merchant,bytes32 order,uint64 deadline)");

    ICityRegistry private immutable _CITIES;
    IRewardToken private immutable _TOKEN;

    Programs.State private _state;

    /// @notice Sets up an empty contract.
    /// @param cities registry that says who acts for a city
    /// @param token token that carries the units; this contract must be one of its operators
    /// @param initialOwner who funds and ends shared programmes
    /// @param guardian_ who can stop new writes of cities, merchants and anyone
    constructor(
        ICityRegistry cities,
        IRewardToken token,
        address initialOwner,
        IGuardian guardian_
    ) Guarded(guardian_) Ownable(initialOwner) EIP712("Symbolon", "1") {
        _CITIES = cities;
        _TOKEN = token;
    }

    /// @inheritdoc IRewardPrograms
    function create(
        bytes32 program,
        bytes5 city,
        string calldata name,
        address sponsor,
        uint64 from,
        uint64 until,
        uint16[] calldata values,
        bytes[] calldata moduli
    ) external whenRunning {
        _CITIES.requireActiveController(city, msg.sender);
        require(bytes(name).length != 0, RewardProgramsInvalidName(name));
        _state.create(program, city, sponsor, from, until);
        _state.setKeys(program, values, moduli);
        emit ProgramCreated(program, city, name, sponsor, from, until);
        for (uint256 i = 0; i < values.length; ++i) {
            emit DenominationRegistered(program, values[i], moduli[i]);
        }
    }

    /// @inheritdoc IRewardPrograms
    function fund(bytes32 program, uint256 units) external whenRunning {
        Program storage record = _state.find(program);
        _CITIES.requireActiveController(record.city, msg.sender);
        record.requireOwn(program);
        _fund(program, units);
    }

    /// @inheritdoc IRewardPrograms
    function share(bytes32 program) external whenRunning {
        _CITIES.requireActiveController(_state.find(program).city, msg.sender);
        _state.share(program);
        emit ProgramShared(program);
    }

    /// @inheritdoc IRewardPrograms
    function fundShared(bytes32 program, uint256 units) external onlyOwner {
        _state.find(program).requireShared(program);
        _fund(program, units);
    }

    /// @inheritdoc IRewardPrograms
    function endShared(bytes32 program, uint64 until) external onlyOwner {
        _state.endShared(program, until);
        emit ProgramEndChanged(program, until);
    }

    /// @inheritdoc IRewardPrograms
    function registerMerchant(bytes5 city, address merchant) external whenRunning {
        _CITIES.requireActiveController(city, msg.sender);
        require(
            merchant != address(0) && !_TOKEN.isOperator(merchant),
            RewardProgramsInvalidMerchant(merchant)
        );
        _state.registerMerchant(city, merchant);
        emit MerchantRegistered(city, merchant);
    }

    /// @inheritdoc IRewardPrograms
    function withdrawMerchant(bytes5 city, address merchant) external {
        _CITIES.requireActiveController(city, msg.sender);
        _state.withdrawMerchant(city, merchant);
        emit MerchantWithdrawn(city, merchant);
    }

    /// @inheritdoc IRewardPrograms
    function redeem(
        bytes32 program,
        address merchant,
        bytes32 order,
        uint64 deadline,
        Note[] calldata notes
    ) external whenRunning {
        require(block.timestamp <= deadline, RewardProgramsDeadlinePassed(deadline));
        Program storage record = _state.find(program);
        record.requireOpen(program);
        bytes5 city = record.city;
        _requireActive(city);
        if (record.shared) {
            city = _state.merchants[merchant].city;
            _state.requireMerchant(city, merchant);
            _requireActive(city);
        } else {
            _state.requireMerchant(city, merchant);
        }
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(REDEEM_TYPEHASH, program, merchant, order, deadline))
        );
        (uint256 units, address[] memory addresses) = _state.spend(program, digest, notes);
        emit NotesRedeemed(program, merchant, order, units, addresses);
        _TOKEN.move(uint256(program), merchant, units);
    }

    /// @inheritdoc IRewardPrograms
    function close(bytes32 program) external whenRunning {
        uint256 left = _state.close(program);
        emit ProgramClosed(program, left);
        _TOKEN.burn(uint256(program), address(this), left);
    }

    /// @inheritdoc IRewardPrograms
    function programOf(bytes32 program) external view returns (Program memory record) {
        return _state.programs[program];
    }

    /// @inheritdoc IRewardPrograms
    function keys(bytes32 program) external view returns (Denomination[] memory denominations) {
        return _state.keys(program);
    }

    /// @inheritdoc IRewardPrograms
    function isSpent(bytes32 program, address note) external view returns (bool spent) {
        return _state.spent[program][note];
    }

    /// @inheritdoc IRewardPrograms
    function isMerchant(bytes5 city, address merchant) external view returns (bool registered) {
        return _state.isMerchant(city, merchant);
    }

    /// @inheritdoc IRewardPrograms
    function cityOfMerchant(address merchant) external view returns (bytes5 city) {
        return _state.merchants[merchant].city;
    }

    /// @inheritdoc IRewardPrograms
    function cityRegistry() external view returns (ICityRegistry registry) {
        return _CITIES;
    }

    /// @inheritdoc IRewardPrograms
    function rewardToken() external view returns (IRewardToken token) {
        return _TOKEN;
    }

    /// @inheritdoc IRewardPrograms
    function fdh(bytes calldata modulus, address note) external pure returns (bytes memory hash) {
        require(Moduli.isValid(modulus), RewardProgramsInvalidModulus(modulus));
        return Notes.fdh(modulus, note);
    }

    function _fund(bytes32 program, uint256 units) private {
        _state.fund(program, units);
        emit ProgramFunded(program, units);
        _TOKEN.mint(uint256(program), units);
    }

    function _requireActive(bytes5 city) private view {
        require(_CITIES.isActive(city), RewardProgramsCityNotActive(city));
    }
}
