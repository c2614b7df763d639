import type { Accreditation, Locode, Recognition, TrustedCity } from '../trust.ts'

/* What a federation agreed on, as of one block: the one content that every dialect of `agent/trust-lists` says again. */

/** Where on the chain something was written. */
export interface ChainPlace {
  readonly blockNumber: number
  readonly transactionHash: string
  /** Position among the events of the block. */
  readonly logIndex: number
  /** Time of the block, seconds since 1970. */
  readonly atSeconds: number
}

export interface Suspension {
  readonly reason: number
  /** The last second of it, unless it is lifted before. */
  readonly untilSeconds: number
  readonly suspended: ChainPlace
  readonly reinstated?: ChainPlace
  /** The city objected, with the hash of what it has to say. */
  readonly appealed?: ChainPlace & { readonly statementHash: string }
}

/** An account that acted for a city from a block on. */
export interface ControllerTerm {
  readonly account: string
  readonly since: ChainPlace
}

export interface RegisteredCity extends TrustedCity {
  readonly controller: string
  /** As the last word of the chain: a suspension that is over may still stand here. */
  readonly suspendedUntilSeconds?: number
  readonly agreementHash?: string
  readonly dpiaHash?: string
  readonly admittedAtSeconds: number
  readonly admitted: ChainPlace
  readonly activated?: ChainPlace
  readonly removed?: ChainPlace
  /** In the order of the chain. A later one replaces what is left of an earlier one. */
  readonly suspensions: readonly Suspension[]
  /** In the order of the chain; the last one acts now. */
  readonly controllers: readonly ControllerTerm[]
}

export interface RegisteredAccreditation extends Accreditation {
  readonly accredited: ChainPlace
  /** The withdrawals, in the order of the chain: each names an earlier time than the one before. */
  readonly withdrawals: readonly (ChainPlace & { readonly untrustedFromSeconds: number })[]
}

export interface RegisteredRecognition extends Recognition {
  readonly granted: ChainPlace
  /** Where it was withdrawn, or replaced by another. */
  readonly ended?: ChainPlace
}

export interface TrustRegister {
  /** Names the federation: its `Directory`, which stays the same when a contract is replaced. */
  readonly authority: string
  readonly block: { readonly number: number; readonly hash: string; readonly timestampSeconds: number }
  /** The time for which it is said who is suspended and which key counts. Not before the block. */
  readonly atSeconds: number
  /** All that were ever admitted, by locode. */
  readonly cities: readonly RegisteredCity[]
  /** Withdrawn and lapsed ones among them, by city and in the order of the chain. */
  readonly accreditations: readonly RegisteredAccreditation[]
  /** Ended ones among them, by recogniser, issuer and type and in the order of the chain. */
  readonly recognitions: readonly RegisteredRecognition[]
}

/** The federation as an authority that others can name: `did:pkh` of its `Directory` contract. */
export function authorityIdOf(chainId: number, directory: string): string {
  return `did:pkh:eip155:${chainId}:${directory}`
}

export function findCity(register: TrustRegister, locode: Locode): RegisteredCity | undefined {
  return register.cities.find((city) => city.locode === locode)
}
