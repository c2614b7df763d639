// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @title ICitySeat
/// @notice One seat for each active city, one vote for each seat. A seat is held by the city's controller, from
/// activation until removal, and only the registry of cities hands it on.
/// @dev The token id is the UN/LOCODE read as a number. Holders vote for themselves and cannot delegate; times of votes
/// are Unix seconds (ERC-6372 `mode=timestamp`).
interface ICitySeat is IERC721 {
    /// @notice Only the registry of cities hands seats out, on and back.
    /// @param account the account that called
    error CitySeatNotRegistry(address account);

    /// @notice Holders cannot transfer a seat, nor approve anyone to.
    /// @param account the account that called
    error CitySeatNotTransferable(address account);

    /// @notice A city votes itself.
    /// @param account the account that called
    error CitySeatNotDelegable(address account);

    /// @notice Gives a city its seat. Only the registry.
    /// @param city UN/LOCODE
    /// @param holder the city's controller
    function mint(bytes5 city, address holder) external;

    /// @notice Takes a city's seat back. Only the registry.
    /// @param city UN/LOCODE
    function burn(bytes5 city) external;

    /// @notice Hands a city's seat to its new controller. Only the registry.
    /// @param city UN/LOCODE
    /// @param holder the city's new controller
    function move(bytes5 city, address holder) external;

    /// @notice The city whose seat an account holds.
    /// @param holder the account
    /// @return city UN/LOCODE, zero when it holds none
    function cityOf(address holder) external view returns (bytes5 city);

    /// @notice The account that holds a city's seat.
    /// @param city UN/LOCODE
    /// @return holder zero when the city has no seat
    function seatOf(bytes5 city) external view returns (address holder);

    /// @notice How many seats there are.
    /// @return seats number of seats
    function totalSupply() external view returns (uint256 seats);

    /// @notice The registry of cities that hands the seats out.
    /// @return registry the registry
    function cityRegistry() external view returns (address registry);
}
