// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICitySeat} from "../federation/ICitySeat.sol";

/// @title ICityRegistry
/// @notice Which cities are members, who acts for each of them, and where its service is.
/// @dev A city is named by its UN/LOCODE in ASCII (`PTOPO`, `FRCFE`). Every `until` on this chain is inclusive: it is
/// the last second, in Unix time, at which the thing still holds.
interface ICityRegistry {
    /// @notice Where a city stands. `Suspended` is never stored: it is `Active` with a suspension that still runs.
    enum CityStatus {
        Unknown,
        Admitted,
        Active,
        Suspended,
        Removed
    }

    /// @notice What is known about a city.
    /// @param controller account that acts for the city
    /// @param status where the city stands
    /// @param suspensionReason reason code of the latest suspension, zero when never suspended or reinstated
    /// @param suspendedUntil last second of the latest suspension, zero when never suspended or reinstated
    /// @param pendingController account that was offered control and has not accepted yet, or zero
    /// @param admittedAt block time of the admission
    /// @param recovery account that vetoes changes of control, and offers control when the controller's key is lost
    /// @param acceptableFrom first second at which the offer of control can be accepted, zero without an offer
    /// @param offerProtected true when the offer is not for the controller to replace
    /// @param appealed true once the city appealed against its latest suspension
    /// @param agreementHash SHA-256 of the joint-controller agreement, zero before activation
    /// @param dpiaHash SHA-256 of the data protection impact assessment, zero before activation
    /// @param name what the city is called, in its own language
    /// @param did the city's decentralised identifier
    /// @param serviceUrl origin of the city's service
    struct City {
        address controller;
        CityStatus status;
        uint16 suspensionReason;
        uint64 suspendedUntil;
        address pendingController;
        uint64 admittedAt;
        address recovery;
        uint64 acceptableFrom;
        bool offerProtected;
        bool appealed;
        bytes32 agreementHash;
        bytes32 dpiaHash;
        string name;
        string did;
        string serviceUrl;
    }

    /// @notice A city was admitted; it may act once it is activated.
    /// @param city UN/LOCODE
    /// @param name what the city is called, in its own language
    /// @param did decentralised identifier of the city
    /// @param controller account that acts for the city
    /// @param recovery account that vetoes changes of control, and offers control when the controller's key is lost
    /// @param serviceUrl origin of the city's service
    event CityAdmitted(
        bytes5 indexed city,
        string name,
        string did,
        address controller,
        address recovery,
        string serviceUrl
    );

    /// @notice A city showed its agreement and its impact assessment and may act from now on.
    /// @param city UN/LOCODE
    /// @param agreementHash SHA-256 of the joint-controller agreement
    /// @param dpiaHash SHA-256 of the data protection impact assessment
    event CityActivated(bytes5 indexed city, bytes32 agreementHash, bytes32 dpiaHash);

    /// @notice A city may not act until the suspension ends, by itself or by reinstatement.
    /// @param city UN/LOCODE
    /// @param reason reason code of the federation's rules
    /// @param until last second of the suspension
    event CitySuspended(bytes5 indexed city, uint16 reason, uint64 until);

    /// @notice A suspension was ended early.
    /// @param city UN/LOCODE
    event CityReinstated(bytes5 indexed city);

    /// @notice A suspended city appealed to the other cities.
    /// @param city UN/LOCODE
    /// @param statementHash SHA-256 of the city's published statement
    event SuspensionAppealed(bytes5 indexed city, bytes32 statementHash);

    /// @notice A city left, or was made to leave, for good.
    /// @param city UN/LOCODE
    event CityRemoved(bytes5 indexed city);

    /// @notice A city's service moved.
    /// @param city UN/LOCODE
    /// @param serviceUrl new origin of the city's service
    event ServiceUrlChanged(bytes5 indexed city, string serviceUrl);

    /// @notice Control over a city was offered to an account.
    /// @param city UN/LOCODE
    /// @param controller account that may accept; zero when an offer was taken back
    /// @param acceptableFrom first second at which it may; zero when an offer was taken back
    event ControllerOffered(bytes5 indexed city, address controller, uint64 acceptableFrom);

    /// @notice An offer of control was vetoed.
    /// @param city UN/LOCODE
    /// @param controller account that may no longer accept
    event ControllerVetoed(bytes5 indexed city, address controller);

    /// @notice An account accepted control over a city.
    /// @param city UN/LOCODE
    /// @param controller account that acts for the city from now on
    event ControllerChanged(bytes5 indexed city, address controller);

    /// @notice A city has another recovery account.
    /// @param city UN/LOCODE
    /// @param recovery account that vetoes changes of control from now on
    event RecoveryChanged(bytes5 indexed city, address recovery);

    /// @notice Offers of control made from now on wait longer, or less long.
    /// @param delay seconds between an offer and its earliest acceptance
    event RotationDelayChanged(uint32 delay);

    /// @notice Not a UN/LOCODE: two letters, then three letters or digits 2 to 9.
    /// @param city the code given
    error CityRegistryInvalidLocode(bytes5 city);

    /// @notice The city is already in the registry, or once was.
    /// @param city the code given
    error CityRegistryAlreadyKnown(bytes5 city);

    /// @notice The city's status does not allow this.
    /// @param city UN/LOCODE
    /// @param status the status the city is in
    error CityRegistryWrongStatus(bytes5 city, CityStatus status);

    /// @notice The account does not act for the city.
    /// @param city UN/LOCODE
    /// @param account the account that called
    error CityRegistryNotController(bytes5 city, address account);

    /// @notice The account was not offered control over the city.
    /// @param city UN/LOCODE
    /// @param account the account that called
    error CityRegistryNotOffered(bytes5 city, address account);

    /// @notice The account can be accepted only later.
    /// @param city UN/LOCODE
    /// @param acceptableFrom first second at which it can
    error CityRegistryTooEarly(bytes5 city, uint64 acceptableFrom);

    /// @notice Nobody was offered control over the city.
    /// @param city UN/LOCODE
    error CityRegistryNothingOffered(bytes5 city);

    /// @notice The recovery account, or the owner, offered control: the controller cannot replace that offer.
    /// @param city UN/LOCODE
    /// @param controller account that control was offered to
    error CityRegistryOfferProtected(bytes5 city, address controller);

    /// @notice The account is not the city's recovery account.
    /// @param city UN/LOCODE
    /// @param account the account that called
    error CityRegistryNotRecovery(bytes5 city, address account);

    /// @notice A controller is neither the zero address nor the city's recovery account.
    /// @param controller the address given
    error CityRegistryInvalidController(address controller);

    /// @notice A recovery account is neither the zero address, nor the city's controller, nor to become it.
    /// @param recovery the address given
    error CityRegistryInvalidRecovery(address recovery);

    /// @notice The account acts, or acted until it was removed, for another city.
    /// @param controller the address given
    /// @param city UN/LOCODE of that city
    error CityRegistryControllerInUse(address controller, bytes5 city);

    /// @notice The identifier belongs, or belonged, to another city.
    /// @param did the text given
    /// @param city UN/LOCODE of that city
    error CityRegistryDidInUse(string did, bytes5 city);

    /// @notice A rotation delay is 1 second to 30 days.
    /// @param delay the seconds given
    error CityRegistryInvalidRotationDelay(uint32 delay);

    /// @notice A suspension gives its reason.
    /// @param city UN/LOCODE
    error CityRegistryMissingReason(bytes5 city);

    /// @notice An appeal needs the hash of its statement.
    /// @param city UN/LOCODE
    error CityRegistryMissingStatement(bytes5 city);

    /// @notice The city appealed against this suspension before.
    /// @param city UN/LOCODE
    error CityRegistryAlreadyAppealed(bytes5 city);

    /// @notice A city's name must be 1 to 64 bytes long.
    /// @param name the text given
    error CityRegistryInvalidName(string name);

    /// @notice The city's decentralised identifier is empty.
    /// @param did the text given
    error CityRegistryInvalidDid(string did);

    /// @notice The city's service URL is empty.
    /// @param serviceUrl the text given
    error CityRegistryInvalidServiceUrl(string serviceUrl);

    /// @notice Both documents are needed to activate a city.
    /// @param agreementHash the hash given
    /// @param dpiaHash the hash given
    error CityRegistryMissingDocument(bytes32 agreementHash, bytes32 dpiaHash);

    /// @notice A suspension must end in the future.
    /// @param until the time given
    error CityRegistryInvalidSuspension(uint64 until);

    /// @notice Admits a city. Only the owner.
    /// @param city UN/LOCODE, never used before
    /// @param name what the city is called, in its own language: 1 to 64 bytes in UTF-8
    /// @param did decentralised identifier of the city, never used before
    /// @param controller account that acts for the city, and for no other
    /// @param recovery account that vetoes changes of control, and offers control when the controller's key is lost
    /// @param serviceUrl origin of the city's service
    function admit(
        bytes5 city,
        string calldata name,
        string calldata did,
        address controller,
        address recovery,
        string calldata serviceUrl
    ) external;

    /// @notice Activates an admitted city and gives its controller the city's seat. Only the owner.
    /// @param city UN/LOCODE
    /// @param agreementHash SHA-256 of the joint-controller agreement, not zero
    /// @param dpiaHash SHA-256 of the data protection impact assessment, not zero
    function activate(bytes5 city, bytes32 agreementHash, bytes32 dpiaHash) external;

    /// @notice Suspends an active city, or changes a running suspension. Only the owner. A suspension freezes
    /// all that the city's controller could do but withdraw keys, withdraw recognitions and mark debts as paid, and
    /// takes back an offer of control. The city keeps its seat, but neither proposes nor votes.
    /// @param city UN/LOCODE
    /// @param reason reason code of the federation's rules, not zero
    /// @param until last second of the suspension, in the future
    function suspend(bytes5 city, uint16 reason, uint64 until) external;

    /// @notice Ends a running suspension early. Only the owner.
    /// @param city UN/LOCODE
    function reinstate(bytes5 city) external;

    /// @notice Removes a city for good and takes its seat back. Only the owner. Neither its code nor its identifier nor
    /// its controller is ever used again, so old keys cannot come back.
    /// @param city UN/LOCODE
    function remove(bytes5 city) external;

    /// @notice Appeals to the other cities against a running suspension. Only the city's controller, once for each
    /// suspension or change of one. Never paused.
    /// @param city UN/LOCODE
    /// @param statementHash SHA-256 of the city's published statement, not zero
    function appeal(bytes5 city, bytes32 statementHash) external;

    /// @notice Changes how long offers of control wait. Only the owner. Running offers keep their time.
    /// @param delay seconds between an offer and its earliest acceptance, 1 second to 30 days
    function setRotationDelay(uint32 delay) external;

    /// @notice Moves a city's service. Only its controller, unless suspended or removed.
    /// @param city UN/LOCODE
    /// @param serviceUrl new origin of the city's service
    function changeServiceUrl(bytes5 city, string calldata serviceUrl) external;

    /// @notice Offers control over a city to an account, which may accept after the rotation delay. Only its controller
    /// or its recovery account, unless suspended or removed; while the city is suspended only the owner, so that a city
    /// can recover from stolen keys. The controller cannot replace an offer of one of the others.
    /// @param city UN/LOCODE
    /// @param controller account that may accept, or zero to take an offer back
    function offerController(bytes5 city, address controller) external;

    /// @notice Takes an offer of control back. Only the recovery account or the owner. Never paused.
    /// @param city UN/LOCODE
    function vetoController(bytes5 city) external;

    /// @notice Accepts control over a city, and with it the city's seat. Only the account it was offered to, after the
    /// rotation delay.
    /// @param city UN/LOCODE
    function acceptController(bytes5 city) external;

    /// @notice Changes a city's recovery account. Only that account, unless suspended or removed; while the city is
    /// suspended only the owner, so that a city can recover from stolen keys.
    /// @param city UN/LOCODE
    /// @param recovery account that vetoes changes of control from now on
    function changeRecovery(bytes5 city, address recovery) external;

    /// @notice Everything the registry knows about a city; all zero for an unknown one.
    /// @param city UN/LOCODE
    /// @return record the city, with its status as of this block
    function cityOf(bytes5 city) external view returns (City memory record);

    /// @notice Whether a city is activated, not suspended and not removed.
    /// @param city UN/LOCODE
    /// @return active true when the city may act
    function isActive(bytes5 city) external view returns (bool active);

    /// @notice The account that acts for a city, whatever the city's status.
    /// @param city UN/LOCODE
    /// @return controller zero for an unknown city
    function controllerOf(bytes5 city) external view returns (address controller);

    /// @notice The city an account acts for, whatever the city's status.
    /// @param controller the account
    /// @return city UN/LOCODE, zero when it acts for none
    function cityOfController(address controller) external view returns (bytes5 city);

    /// @notice How long an offer of control waits.
    /// @return delay seconds
    function rotationDelay() external view returns (uint32 delay);

    /// @notice The seats of all active cities, handed out by this contract.
    /// @return citySeats the seats
    function seats() external view returns (ICitySeat citySeats);

    /// @notice Reverts unless `account` is the controller of `city` and the city is active.
    /// @param city UN/LOCODE
    /// @param account account to check
    function requireActiveController(bytes5 city, address account) external view;

    /// @notice Reverts unless `account` is the controller of `city`, whatever the city's status.
    /// @param city UN/LOCODE
    /// @param account account to check
    function requireController(bytes5 city, address account) external view;
}
