import type { Generated } from 'kysely'

export type RewardTables = {
  rewards_programs: {
    program_id: string
    name: string
    units: number
    awarded: number
    valid_from: Date
    valid_until: Date
    created_at: Generated<Date>
  }
  rewards_denominations: { program_id: string; value: number; modulus: Uint8Array; kid: string }
  rewards_balances: { resident_id: string; program_id: string; balance: number }
  rewards_awards: {
    award_id: string
    resident_id: string
    program_id: string
    points: number
    reason_sealed: Uint8Array
    awarded_by: string
    created_at: Date
  }
  /** How much a resident took out and when: what the balance is made of. Which notes is nobody's business. */
  rewards_withdrawals: { withdrawal_id: string; resident_id: string; program_id: string; points: number; created_at: Date }
  /** Blinded values that were signed, as hashes: the same value again gets the same signature and costs nothing. */
  rewards_signed: { program_id: string; blinded_hash: string; resident_id: string; value: number }
  rewards_nonces: { nonce_hash: string; expires_at: Date }
  rewards_sessions: { token_hash: string; resident_id: string; expires_at: Date }
}

export interface Denomination {
  readonly value: number
  readonly modulus: Uint8Array
}

export interface Program {
  readonly programId: string
  readonly name: string
  /** The budget, in points. */
  readonly units: number
  readonly awarded: number
  readonly validFrom: Date
  readonly validUntil: Date
}

export interface HistoryEntry {
  readonly at: Date
  readonly programId: string
  readonly points: number
  readonly kind: 'award' | 'withdrawal'
  readonly reason: string | undefined
}

export interface Balance {
  readonly programId: string
  readonly name: string
  readonly balance: number
}

/** What the chain says of a programme. */
export interface ProgramTotals {
  readonly funded: bigint
  readonly redeemed: bigint
  readonly closed: boolean
  /** The federation has replaced the contract that holds it: what is redeemed there counts for nothing. */
  readonly replaced: boolean
}

/** A programme with its keys and what the chain says of it. */
export type ListedProgram = Program & { readonly totals: ProgramTotals | undefined; readonly denominations: readonly Denomination[] }

/** What rewards need of the index. */
export interface RewardsIndex {
  /** By programme, in lower case; those that the chain does not know are left out. */
  findTotals(programIds: readonly string[]): Promise<ReadonlyMap<string, ProgramTotals>>
  /** Addresses of redeemed notes in the order of the chain, after the first `after` ones. */
  listSpentNotes(programId: string, after: number, limit: number): Promise<readonly string[]>
}
