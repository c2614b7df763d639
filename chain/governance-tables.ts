import type { Bytes, Int8, NullableInt8, Uint256 } from './columns.ts'

/* What the index knows of how the cities decide and what they owe each other. */

/** Where an event stands: its own place in the order of the chain. */
interface PlacedTable {
  block_number: Int8
  log_index: number
  transaction_hash: string
}

export interface DirectoryChangeTable extends PlacedTable {
  name: string
  /** Null: the name was taken out. */
  target: string | null
  code_hash: string
  changed_at: Int8
}

/** What happened to a city, one row for each event. */
export interface CityEventTable extends PlacedTable {
  city: string
  kind: CityEventKind
  /** What is particular to the kind, as JSON. */
  detail: string
  happened_at: Int8
}

export type CityEventKind =
  | 'admitted'
  | 'activated'
  | 'suspended'
  | 'appealed'
  | 'reinstated'
  | 'removed'
  | 'controller_offered'
  | 'controller_vetoed'
  | 'controller_changed'
  | 'recovery_changed'
  | 'service_url_changed'

/** Who holds a city's seat from an event on. */
export interface SeatTable extends PlacedTable {
  city: string
  /** Null: nobody any more. */
  holder: string | null
  since: Int8
}

export interface ProposalTable extends PlacedTable {
  proposal_id: string
  /** Under this id the proposal waits in the timelock. */
  operation_id: string
  proposer: string
  /** The city whose seat the proposer held. */
  city: string | null
  description: string
  description_hash: string
  created_at: Int8
  /** Last second before the vote: who holds a seat then, votes. */
  snapshot: Int8
  /** Last second of the vote. */
  deadline: Int8
  eta: NullableInt8
  queued_at: NullableInt8
  queued_block: NullableInt8
  queued_transaction: string | null
  executed_at: NullableInt8
  executed_block: NullableInt8
  /** Of the last event of the execution: what it caused comes before. */
  executed_log: number | null
  executed_transaction: string | null
  cancelled_at: NullableInt8
  cancelled_block: NullableInt8
  cancelled_transaction: string | null
}

export interface ProposalCallTable {
  proposal_id: string
  position: number
  target: string
  value: Uint256
  data: Bytes
}

export interface VoteTable extends PlacedTable {
  proposal_id: string
  voter: string
  /** The city whose seat the voter held. */
  city: string | null
  /** 0 against, 1 for, 2 abstain. */
  support: number
  weight: Uint256
  reason: string
  cast_at: Int8
}

export interface ParameterTable extends PlacedTable {
  name: ParameterName
  value: Int8
  changed_at: Int8
}

export type ParameterName = 'votingDelay' | 'votingPeriod' | 'quorumNumerator' | 'timelockDelay' | 'rotationDelay'

export interface GuardianTable extends PlacedTable {
  /** Null: nobody may pause. */
  account: string | null
  appointed_at: Int8
}

export interface PauseTable extends PlacedTable {
  target: string
  incident: string
  until: Int8
  paused_at: Int8
  cleared_at: NullableInt8
  cleared_block: NullableInt8
  cleared_log: number | null
  cleared_transaction: string | null
}

/** What one city owes another for points that the other's merchants took. */
export interface NetTable {
  debtor: string
  creditor: string
  units: Uint256
}

export interface NetSettlementTable extends PlacedTable {
  debtor: string
  creditor: string
  units: Uint256
  bank_reference_hash: string
  settled_at: Int8
}
