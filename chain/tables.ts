import type { ColumnType, Generated } from 'kysely'
import type { Bytes, Int8, NullableBytes, NullableInt8, Uint256 } from './columns.ts'
import type {
  CityEventTable, DirectoryChangeTable, GuardianTable, NetSettlementTable, NetTable, ParameterTable, PauseTable, ProposalCallTable, ProposalTable, SeatTable, VoteTable
} from './governance-tables.ts'

export type OutboxState = 'queued' | 'sent' | 'confirmed' | 'failed'

export interface OutboxTable {
  id: Generated<string | number>
  key: string
  account: string
  contract: string
  method: string
  /** ABI-encoded call, hex. */
  data: string
  state: OutboxState
  nonce: NullableInt8
  /** Set when a chain that came back shorter, or a re-organisation, took the transaction away again. */
  replayed: ColumnType<boolean, boolean | undefined, boolean>
  block_number: NullableInt8
  block_hash: string | null
  transaction_index: number | null
  transaction_hash: string | null
  error_code: string | null
  error_detail: string | null
  attempts: ColumnType<number, number | undefined, number>
  /** Not tried before; milliseconds since 1970. */
  due_at_ms: ColumnType<string | number, number | undefined, number>
  first_sent_at_ms: NullableInt8
  last_sent_at_ms: NullableInt8
  created_at_ms: Int8
  resolved_at_ms: NullableInt8
}

/** Every transaction ever signed for an outbox row, so that whichever was mined is recognised. */
export interface OutboxTransactionTable {
  hash: string
  outbox_id: string | number
  nonce: Int8
  raw: string
  max_fee_per_gas: Uint256
  signed_at_ms: Int8
}

export interface OutboxAccountTable {
  account: string
  lease_owner: string | null
  lease_until_ms: Int8
}

export interface ChainIdentityTable {
  id: number
  chain_id: Int8
  genesis_hash: string
  /** The deployment the index was built from, as JSON; another one means another index. */
  contracts: string
}

export interface CursorTable {
  id: number
  block_number: Int8
  block_hash: string
  block_time: Int8
}

/** Headers of the blocks that carry events, and of every block the index stopped at. */
export interface BlockTable {
  number: Int8
  hash: string
  parent_hash: string
  block_time: Int8
}

/** The events as the chain gave them. Every table below is derived from these rows and from nothing else. */
export interface EventTable {
  block_number: Int8
  log_index: number
  transaction_hash: string
  contract: string
  /** Where the contract stood: a new version has another address. */
  address: string
  event: string
  /** Topics joined by commas. */
  topics: string
  data: Bytes
}

export interface CityTable {
  locode: string
  name: string
  did: string
  controller: string
  recovery: string
  offered_controller: string | null
  acceptable_from: NullableInt8
  service_url: string
  /** As of the events alone; whether a suspension still runs depends on the time of asking. */
  status: 'pending' | 'active' | 'removed'
  suspension_reason: number
  suspended_until: NullableInt8
  agreement_hash: string | null
  dpia_hash: string | null
  admitted_at: Int8
}

export interface AccreditationTable {
  block_number: Int8
  log_index: number
  city: string
  thumbprint: string
  type_id: string
  x: string
  y: string
  credential_type: string
  valid_from: Int8
  valid_until: Int8
  untrusted_from: NullableInt8
}

export interface RecognitionTable {
  recogniser: string
  issuer: string
  type_id: string
  credential_type: string
  /** Bit n set: benefit class n. */
  benefit_classes: Uint256
  valid_until: Int8
  granted_at: Int8
  withdrawn: boolean
}

export interface StatusListTable {
  list_id: string
  /** The StatusLists in which the city said something last: its epochs are followed. */
  address: string
  city: string
  uri: string
  size: Int8
  epoch: Int8
  digest: string
  published_at: Int8
  /** What the deltas add up to is not what the head's digest says: nothing of the list may be believed. */
  broken: boolean
  /** Bits as of `snapshot_epoch`; later epochs are folded in from `chain_status_epochs`. Null: all zero. */
  snapshot: NullableBytes
  snapshot_epoch: Int8
  created_block: Int8
  created_at: Int8
}

/** The StatusLists in which a list was opened. Its next epoch in any of them takes the list there. */
export interface StatusHomeTable {
  list_id: string
  address: string
}

export interface StatusEpochTable {
  list_id: string
  /** The StatusLists that it was published in: each counts for itself. */
  address: string
  epoch: Int8
  digest: string
  published_at: Int8
  block_number: Int8
  log_index: number
  delta_bytes: number
}

export interface ProgramTable {
  program_id: string
  /** The RewardPrograms that holds it. */
  address: string
  city: string
  name: string
  sponsor: string
  valid_from: Int8
  valid_until: Int8
  funded: Uint256
  redeemed: Uint256
  burnt: Uint256
  /** From then on only the federation funds it, and merchants of all cities are paid from it. */
  shared: boolean
  closed: boolean
  created_at: Int8
}

export interface DenominationTable {
  program_id: string
  value: number
  modulus: Bytes
}

export interface MerchantTable {
  city: string
  address: string
  /** The RewardPrograms in which the city registered it. */
  contract: string
  active: boolean
  registered_at: Int8
  /** Where the city last said which. */
  block_number: Int8
  log_index: number
}

export interface RedemptionTable {
  block_number: Int8
  log_index: number
  program_id: string
  merchant: string
  order_id: string
  units: Uint256
  note_count: number
  transaction_hash: string
  redeemed_at: Int8
}

export interface SpentNoteTable {
  program_id: string
  note: string
  block_number: Int8
  log_index: number
}

export interface SettlementTable {
  ref: string
  /** The Settlement that holds it. */
  address: string
  program_id: string
  /** The programme's city, which bears it. */
  city: string
  /** The merchant's city, which pays. */
  payer: string
  merchant: string
  units: Uint256
  requested_at: Int8
  bank_reference_hash: string | null
  paid_at: NullableInt8
}

export interface AnchorTable {
  city: string
  log: number
  size: Int8
  root: string
  anchored_at: Int8
}

export interface DirectoryTable {
  name: string
  target: string
  code_hash: string
  changed_at: Int8
}

/** The tables of this room; a city's database type is an intersection that includes it. */
export interface ChainTables {
  chain_outbox: OutboxTable
  chain_outbox_transactions: OutboxTransactionTable
  chain_outbox_accounts: OutboxAccountTable
  chain_identity: ChainIdentityTable
  chain_cursor: CursorTable
  chain_blocks: BlockTable
  chain_events: EventTable
  chain_cities: CityTable
  chain_accreditations: AccreditationTable
  chain_recognitions: RecognitionTable
  chain_status_lists: StatusListTable
  chain_status_homes: StatusHomeTable
  chain_status_epochs: StatusEpochTable
  chain_programs: ProgramTable
  chain_denominations: DenominationTable
  chain_merchants: MerchantTable
  chain_redemptions: RedemptionTable
  chain_spent_notes: SpentNoteTable
  chain_settlements: SettlementTable
  chain_anchors: AnchorTable
  chain_directory: DirectoryTable
  chain_directory_changes: DirectoryChangeTable
  chain_city_events: CityEventTable
  chain_seats: SeatTable
  chain_proposals: ProposalTable
  chain_proposal_calls: ProposalCallTable
  chain_votes: VoteTable
  chain_parameters: ParameterTable
  chain_guardians: GuardianTable
  chain_pauses: PauseTable
  chain_nets: NetTable
  chain_net_settlements: NetSettlementTable
}

/** Tables derived from `chain_events`, in the order in which they may be emptied. */
export const derivedTables = [
  'chain_cities',
  'chain_accreditations',
  'chain_recognitions',
  'chain_status_epochs',
  'chain_status_homes',
  'chain_status_lists',
  'chain_programs',
  'chain_denominations',
  'chain_merchants',
  'chain_redemptions',
  'chain_spent_notes',
  'chain_settlements',
  'chain_anchors',
  'chain_directory',
  'chain_directory_changes',
  'chain_city_events',
  'chain_seats',
  'chain_proposal_calls',
  'chain_votes',
  'chain_proposals',
  'chain_parameters',
  'chain_guardians',
  'chain_pauses',
  'chain_nets',
  'chain_net_settlements'
] as const satisfies readonly (keyof ChainTables)[]
