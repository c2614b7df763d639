// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title IGuardian
/// @notice The federation's emergency brake. One account may stop new writes of one contract for a short time, once for
/// each incident. The stop ends by itself; it never touches what is recorded, and never what the federation decides,
/// what cities withdraw, nor what was paid.
interface IGuardian {
    /// @notice New writes of a contract were stopped.
    /// @param target the contract
    /// @param incident name of the incident, a hash or 32 random bytes
    /// @param until last second of the pause
    event WritesPaused(address indexed target, bytes32 indexed incident, uint64 until);

    /// @notice The federation dealt with a pause: it is over, and the contract can be paused again.
    /// @param target the contract
    event PauseCleared(address indexed target);

    /// @notice Another account may pause from now on.
    /// @param guardian account of the guardian, zero when nobody may
    event GuardianAppointed(address guardian);

    /// @notice Only the guardian may pause.
    /// @param account the account that called
    error GuardianNotGuardian(address account);

    /// @notice Only a contract can be paused.
    /// @param target the address given
    error GuardianNoCode(address target);

    /// @notice A pause names its incident.
    /// @param target the contract
    error GuardianMissingIncident(address target);

    /// @notice There was a pause for this incident before.
    /// @param incident the name given
    error GuardianIncidentUsed(bytes32 incident);

    /// @notice The contract was paused before and the federation has not cleared it.
    /// @param target the contract
    /// @param until last second of that pause
    error GuardianNotCleared(address target, uint64 until);

    /// @notice There is no pause to clear.
    /// @param target the contract
    error GuardianNothingToClear(address target);

    /// @notice New writes of the contract are stopped.
    /// @param target the contract
    /// @param until last second of the pause
    error GuardianPaused(address target, uint64 until);

    /// @notice Stops new writes of a contract for 72 hours. Only the guardian; each incident once, and each contract
    /// once until the federation clears it.
    /// @param target the contract
    /// @param incident name of the incident, a hash or 32 random bytes, never used before
    function pause(address target, bytes32 incident) external;

    /// @notice Ends a pause, if it still runs, and lets the contract be paused again. Only the owner.
    /// @param target the contract
    function clear(address target) external;

    /// @notice Names the account that may pause. Only the owner.
    /// @param account account of the guardian, or zero so that nobody may
    function appoint(address account) external;

    /// @notice The account that may pause.
    /// @return account zero when nobody may
    function guardian() external view returns (address account);

    /// @notice The last second of a contract's latest pause.
    /// @param target the contract
    /// @return until zero when it was never paused, or the pause was cleared
    function pausedUntil(address target) external view returns (uint64 until);

    /// @notice Whether there was a pause for an incident.
    /// @param incident name of the incident
    /// @return used true once there was
    function isIncidentUsed(bytes32 incident) external view returns (bool used);

    /// @notice Reverts while new writes of a contract are stopped.
    /// @param target the contract
    function requireRunning(address target) external view;
}
