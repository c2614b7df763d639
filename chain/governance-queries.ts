import { hexlify } from 'ethers'
import type { Kysely, Selectable } from 'kysely'
import type { Locode } from '../agent/trust.ts'
import { readContractBook, type ContractBook } from './contract-book.ts'
import type { ContractName } from './deployment.ts'
import { isPausable } from './contracts.ts'
import { decodeCalls, type Calls, type DecodedAction } from './governance-actions.ts'
import { placeOf, readExecutions, toPlace, type EventPlace } from './governance-executions.ts'
import { latestBlock } from './queries.ts'
import { toNumber } from './columns.ts'
import type { ParameterName, ProposalTable, VoteTable } from './governance-tables.ts'
import type { ChainTables } from './tables.ts'

/* What the index knows of how the federation governs itself. Nothing here asks the chain. */

type Db = Kysely<ChainTables>

/**
 * As the federation counts them, with `executable` told apart from `queued`: the timelock has waited long enough and anyone
 * may carry it out.
 */
export type ProposalState = 'pending' | 'active' | 'defeated' | 'succeeded' | 'queued' | 'executable' | 'executed' | 'cancelled'

export interface Tally {
  readonly for: number
  readonly against: number
  readonly abstain: number
  /** Seats that may vote: those at the snapshot; until then those of now. */
  readonly seats: number
  /** Seats that must vote for or abstain. */
  readonly quorum: number
  readonly quorumReached: boolean
}

export interface Proposal {
  /** The Governor's number of it, in decimal digits. */
  readonly proposalId: string
  /** The city whose seat the account held when it proposed. */
  readonly proposer: { readonly account: string; readonly city?: Locode }
  readonly description: string
  readonly actions: readonly DecodedAction[]
  /** What queueing and execution are called with, together with the description's hash. */
  readonly calls: Calls
  readonly descriptionHash: string
  readonly state: ProposalState
  readonly created: EventPlace
  /** Who holds a seat at this second, votes; the vote begins after it. */
  readonly snapshotSeconds: number
  /** Last second of the vote. */
  readonly deadlineSeconds: number
  /** First second at which it can be carried out. */
  readonly etaSeconds?: number
  readonly queued?: EventPlace
  readonly executed?: EventPlace
  readonly cancelled?: EventPlace
  readonly tally: Tally
}

export interface ProposalFilter {
  /** Default: now, and not before the latest block. */
  readonly atSeconds?: number
  readonly state?: ProposalState
  /** Default 100. */
  readonly limit?: number
  readonly offset?: number
}

/** Proposals, the latest first, each with its state at a time. */
export async function listProposals(db: Db, { atSeconds, state, limit = 100, offset = 0 }: ProposalFilter = {}): Promise<readonly Proposal[]> {
  const rows = await db.selectFrom('chain_proposals').selectAll().orderBy('block_number', 'desc').orderBy('log_index', 'desc').execute()
  const proposals = await describe(db, rows, atSeconds)
  return proposals.filter((proposal) => state === undefined || proposal.state === state).slice(offset, offset + limit)
}

export async function findProposal(db: Db, proposalId: string, { atSeconds }: { readonly atSeconds?: number } = {}): Promise<Proposal | undefined> {
  const rows = await db.selectFrom('chain_proposals').selectAll().where('proposal_id', '=', proposalId).execute()
  return (await describe(db, rows, atSeconds))[0]
}

export interface Vote {
  readonly proposalId: string
  readonly voter: string
  /** The city whose seat the voter held when it voted. */
  readonly city?: Locode
  readonly support: 'for' | 'against' | 'abstain'
  readonly weight: number
  readonly reason: string
  readonly cast: EventPlace
}

/** Votes on a proposal, in the order of the chain. */
export async function listVotes(db: Db, proposalId: string): Promise<readonly Vote[]> {
  const rows = await db
    .selectFrom('chain_votes')
    .selectAll()
    .where('proposal_id', '=', proposalId)
    .orderBy('block_number')
    .orderBy('log_index')
    .execute()
  return rows.map(toVote)
}

export interface Pause {
  readonly target: string
  readonly contract?: ContractName
  readonly incident: string
  readonly paused: EventPlace
  /** Last second of it, unless the federation clears it before. */
  readonly untilSeconds: number
  readonly cleared?: EventPlace
  /** The proposal that cleared it. */
  readonly clearedBy?: string
  /** Whether it lasts at the time asked about. */
  readonly running: boolean
  /** Whether the contract asks the guardian before it takes an entry. A pause of anything else stops nothing. */
  readonly effective: boolean
}

/** Pauses of contracts, the latest first. */
export async function listPauses(db: Db, { atSeconds }: { readonly atSeconds?: number } = {}): Promise<readonly Pause[]> {
  const [at, book, executions] = [await timeOf(db, atSeconds), await readContractBook(db), await readExecutions(db)]
  const rows = await db.selectFrom('chain_pauses').selectAll().orderBy('block_number', 'desc').orderBy('log_index', 'desc').execute()
  return rows.map((row) => {
    const contract = book.nameOf(row.target)
    const cleared = toPlace(row.cleared_block, row.cleared_transaction, row.cleared_at)
    const clearedBy = row.cleared_transaction === null ? undefined : executions.causeOf(row.cleared_transaction, row.cleared_log ?? 0)
    const untilSeconds = toNumber(row.until)
    return {
      target: row.target,
      ...(contract && { contract }),
      incident: row.incident,
      paused: placeOf(row, row.paused_at),
      untilSeconds,
      ...(cleared && { cleared }),
      ...(clearedBy !== undefined && { clearedBy }),
      running: at <= untilSeconds && (cleared === undefined || at < cleared.atSeconds) && at >= toNumber(row.paused_at),
      effective: contract !== undefined && isPausable(contract)
    }
  })
}

export interface GuardianTerm {
  /** Absent: nobody may pause. */
  readonly account?: string
  readonly place: EventPlace
  readonly proposalId?: string
}

/** Who may pause now, and all who could, the latest first. */
export async function findGuardian(db: Db): Promise<{ readonly account?: string; readonly history: readonly GuardianTerm[] }> {
  const executions = await readExecutions(db)
  const rows = await db.selectFrom('chain_guardians').selectAll().orderBy('block_number', 'desc').orderBy('log_index', 'desc').execute()
  const history = rows.map((row) => ({
    ...(row.account !== null && { account: row.account }),
    place: placeOf(row, row.appointed_at),
    ...executions.proposalOf(row)
  }))
  const account = history[0]?.account
  return { ...(account !== undefined && { account }), history }
}

export interface Parameter {
  readonly parameter: ParameterName
  /** Seconds; the quorum in per cent of all seats. */
  readonly value: number
  /** The latest first; the first value of all is the deployment's. */
  readonly history: readonly { readonly value: number; readonly place: EventPlace; readonly proposalId?: string }[]
}

/** The rules the federation votes by. */
export async function listParameters(db: Db): Promise<readonly Parameter[]> {
  const executions = await readExecutions(db)
  const rows = await db.selectFrom('chain_parameters').selectAll().orderBy('block_number', 'desc').orderBy('log_index', 'desc').execute()
  const names = ['votingDelay', 'votingPeriod', 'quorumNumerator', 'timelockDelay', 'rotationDelay'] as const
  return names.flatMap((parameter) => {
    const history = rows
      .filter((row) => row.name === parameter)
      .map((row) => ({ value: toNumber(row.value), place: placeOf(row, row.changed_at), ...executions.proposalOf(row) }))
    const [latest] = history
    return latest === undefined ? [] : [{ parameter, value: latest.value, history }]
  })
}

export interface DirectoryChange {
  readonly name: string
  /** Absent: the name was taken out. */
  readonly target?: string
  readonly codeHash: string
  readonly place: EventPlace
  readonly proposalId?: string
  /** Whether it is the latest word on this name. */
  readonly current: boolean
}

/** Every word of the Directory, the latest first. */
export async function directoryHistory(db: Db, { name }: { readonly name?: string } = {}): Promise<readonly DirectoryChange[]> {
  const executions = await readExecutions(db)
  const rows = await db
    .selectFrom('chain_directory_changes')
    .selectAll()
    .$if(name !== undefined, (query) => query.where('name', '=', name ?? ''))
    .orderBy('block_number', 'desc')
    .orderBy('log_index', 'desc')
    .execute()
  return rows.map((row, index) => ({
    name: row.name,
    ...(row.target !== null && { target: row.target }),
    codeHash: row.code_hash,
    place: placeOf(row, row.changed_at),
    ...executions.proposalOf(row),
    current: !rows.slice(0, index).some((later) => later.name === row.name)
  }))
}

async function describe(db: Db, rows: readonly Selectable<ProposalTable>[], atSeconds: number | undefined): Promise<readonly Proposal[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.proposal_id)
  const [at, book] = [await timeOf(db, atSeconds), await readContractBook(db)]
  const calls = await db.selectFrom('chain_proposal_calls').selectAll().where('proposal_id', 'in', ids).orderBy('position').execute()
  const votes = await db.selectFrom('chain_votes').select(['proposal_id', 'support', 'weight']).where('proposal_id', 'in', ids).execute()
  const seats = await db.selectFrom('chain_seats').selectAll().orderBy('block_number').orderBy('log_index').execute()
  const quorums = await db
    .selectFrom('chain_parameters')
    .selectAll()
    .where('name', '=', 'quorumNumerator')
    .orderBy('block_number', 'desc')
    .orderBy('log_index', 'desc')
    .execute()
  const callsOf = Map.groupBy(calls, (call) => call.proposal_id)
  const votesOf = Map.groupBy(votes, (vote) => vote.proposal_id)
  return rows.map((row) => {
    const countedAt = Math.min(toNumber(row.snapshot), at)
    const holders = new Map<string, string | null>()
    for (const seat of seats) if (toNumber(seat.since) <= countedAt) holders.set(seat.city, seat.holder)
    const numerator = quorums.find((quorum) => toNumber(quorum.changed_at) <= countedAt)?.value
    const taken = [...holders.values()].filter((holder) => holder !== null).length
    const tally = count(votesOf.get(row.proposal_id) ?? [], taken, toNumber(numerator ?? 0))
    return toProposal(row, callsOf.get(row.proposal_id) ?? [], tally, book, at)
  })
}

function count(votes: readonly Pick<Selectable<VoteTable>, 'support' | 'weight'>[], seats: number, numerator: number): Tally {
  const sumOf = (support: number) => votes.filter((vote) => vote.support === support).reduce((sum, vote) => sum + Number(vote.weight), 0)
  const [against, inFavour, abstain] = [sumOf(0), sumOf(1), sumOf(2)]
  // Rounded up, as the Federation does: half of five is three.
  const quorum = Math.ceil((seats * numerator) / 100)
  return { for: inFavour, against, abstain, seats, quorum, quorumReached: inFavour + abstain >= quorum }
}

function toProposal(
  row: Selectable<ProposalTable>,
  callRows: readonly { readonly target: string; readonly value: string | number; readonly data: Uint8Array }[],
  tally: Tally,
  book: ContractBook,
  at: number
): Proposal {
  const calls = {
    targets: callRows.map((call) => call.target),
    values: callRows.map((call) => BigInt(String(call.value))),
    calldatas: callRows.map((call) => hexlify(call.data))
  }
  const queued = toPlace(row.queued_block, row.queued_transaction, row.queued_at)
  const executed = toPlace(row.executed_block, row.executed_transaction, row.executed_at)
  const cancelled = toPlace(row.cancelled_block, row.cancelled_transaction, row.cancelled_at)
  const state = stateAt(row, tally, at)
  return {
    proposalId: row.proposal_id,
    proposer: { account: row.proposer, ...(row.city !== null && { city: row.city }) },
    description: row.description,
    actions: decodeCalls(calls, book, { isOver: ['executed', 'cancelled', 'defeated'].includes(state) }),
    calls,
    descriptionHash: row.description_hash,
    state,
    created: placeOf(row, row.created_at),
    snapshotSeconds: toNumber(row.snapshot),
    deadlineSeconds: toNumber(row.deadline),
    ...(row.eta !== null && { etaSeconds: toNumber(row.eta) }),
    ...(queued && { queued }),
    ...(executed && { executed }),
    ...(cancelled && { cancelled }),
    tally
  }
}

/** @see https://docs.openzeppelin.com/contracts/5.x/api/governance#Governor-state-uint256- */
function stateAt(row: Selectable<ProposalTable>, tally: Tally, at: number): ProposalState {
  if (row.executed_at !== null && toNumber(row.executed_at) <= at) return 'executed'
  if (row.cancelled_at !== null && toNumber(row.cancelled_at) <= at) return 'cancelled'
  if (at <= toNumber(row.snapshot)) return 'pending'
  if (at <= toNumber(row.deadline)) return 'active'
  if (!tally.quorumReached || tally.for <= tally.against) return 'defeated'
  if (row.eta === null || row.queued_at === null || at < toNumber(row.queued_at)) return 'succeeded'
  return at < toNumber(row.eta) ? 'queued' : 'executable'
}

/** The time a state is told for: a clock that is behind the chain's own does not undo what the chain says. */
export async function timeOf(db: Db, atSeconds: number | undefined): Promise<number> {
  if (atSeconds !== undefined) return atSeconds
  const block = await latestBlock(db)
  return Math.max(Math.floor(Date.now() / 1000), block?.timestampSeconds ?? 0)
}

function toVote(row: Selectable<VoteTable>): Vote {
  return {
    proposalId: row.proposal_id,
    voter: row.voter,
    ...(row.city !== null && { city: row.city }),
    support: row.support === 1 ? 'for' : row.support === 0 ? 'against' : 'abstain',
    weight: Number(row.weight),
    reason: row.reason,
    cast: placeOf(row, row.cast_at)
  }
}

