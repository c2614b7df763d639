import type { Kysely, Transaction } from 'kysely'
import { authorityIdOf, type TrustRegister } from '../agent/trust-lists/trust-register.ts'
import type { Deployment } from './deployment.ts'
import { ChainError } from './errors.ts'
import { decodeEvent, fromEventRow } from './indexer/event-log.ts'
import { fetchHeader, type ChainProvider } from './rpc.ts'
import { toNumber } from './columns.ts'
import type { ChainTables } from './tables.ts'
import { applyTrustEvent, createTrustFold, toRegister, trustContracts, type TrustFold } from './trust-fold.ts'

export interface TrustHistoryOptions {
  readonly db: Kysely<ChainTables>
  readonly deployment: Pick<Deployment, 'chainId' | 'deployedAtBlock' | 'contracts'>
  /** Asked only for the time of a block of the past without any event of ours, which the index forgets. */
  readonly provider: ChainProvider
  /** Milliseconds since 1970; default `Date.now`. */
  readonly clock?: () => number
}

/** Which state is asked for: after a block, or after the last block at or before a time. */
export type Moment = { readonly block: number } | { readonly timeSeconds: number }

/** The index as of one instant. */
export interface TrustSnapshot {
  /**
   * What the federation agreed on, as of a moment; without one, as of the head of the index and this second.
   *
   * @throws ChainError `ERR_CHAIN_BLOCK_AHEAD`, `ERR_CHAIN_BLOCK_TOO_EARLY`, `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_MISMATCH`
   */
  at(moment?: Moment): Promise<TrustRegister>
  /** The tables of the index at the same instant, for the queries of this room. */
  readonly tables: Kysely<ChainTables>
}

export interface TrustHistory extends Pick<TrustSnapshot, 'at'> {
  /**
   * Runs `work` over one snapshot of the index: whatever it reads belongs to the same chain, also while blocks come in or
   * go away. The database must not be asked for anything else in it, for an embedded one has a single connection.
   */
  read<Result>(work: (snapshot: TrustSnapshot) => Promise<Result>): Promise<Result>
}

type Block = TrustRegister['block']
interface Checkpoint {
  readonly block: Block
  readonly fold: TrustFold
}

const replayPage = 500
/** Of the column, an int4. */
const largestLogIndex = 2 ** 31 - 1
/** Folds that are kept, to begin a replay from; each holds every city and key of the federation. */
const keptFolds = 16

/**
 * Reads the trust events of the index up to any block and says what they add up to. Nothing is stored: what it says of
 * the head is what the tables of the index say, and what it says of an earlier block is what they said then.
 */
export function createTrustHistory({ db, deployment, provider, clock = Date.now }: TrustHistoryOptions): TrustHistory {
  const authority = authorityIdOf(deployment.chainId, deployment.contracts.Directory)
  /** The most recently used last. A block's hash stands for all that came before it. */
  const checkpoints = new Map<string, Checkpoint>()

  async function read<Result>(work: (snapshot: TrustSnapshot) => Promise<Result>): Promise<Result> {
    return await db.transaction().setIsolationLevel('repeatable read').execute(async (trx) =>
      await work({ tables: trx, at: async (moment) => await readRegister(trx, moment) }))
  }

  async function readRegister(trx: Trx, moment: Moment | undefined): Promise<TrustRegister> {
    const head = await readHead(trx)
    const nowSeconds = Math.floor(clock() / 1000)
    const block = moment === undefined ? head : await find(trx, moment, head, nowSeconds)
    const atSeconds = moment === undefined ? nowSeconds : 'timeSeconds' in moment ? moment.timeSeconds : block.timestampSeconds
    // A clock that is behind the chain's own does not undo what the block says.
    return toRegister(await foldUpTo(trx, block.number), { authority, block, atSeconds: Math.max(atSeconds, block.timestampSeconds) })
  }

  async function readHead(trx: Trx): Promise<Block> {
    const cursor = await trx.selectFrom('chain_cursor').selectAll().executeTakeFirst()
    if (cursor === undefined) throw new ChainError('ERR_CHAIN_UNREACHABLE', 'the index has not read any block yet')
    return { number: toNumber(cursor.block_number), hash: cursor.block_hash, timestampSeconds: toNumber(cursor.block_time) }
  }

  async function find(trx: Trx, moment: Moment, head: Block, nowSeconds: number): Promise<Block> {
    if ('block' in moment) {
      if (moment.block > head.number) throw new ChainError('ERR_CHAIN_BLOCK_AHEAD', `block ${moment.block} is ahead of the index, which is at ${head.number}`)
      if (moment.block < deployment.deployedAtBlock) throw tooEarly(`block ${moment.block}`)
      return moment.block === head.number ? head : await findBlock(trx, moment.block, head)
    }
    if (moment.timeSeconds > Math.max(nowSeconds, head.timestampSeconds)) throw new ChainError('ERR_CHAIN_BLOCK_AHEAD', 'this time has not come yet')
    if (moment.timeSeconds >= head.timestampSeconds) return head
    const row = await blocksUpTo(trx).where('block_time', '<=', moment.timeSeconds).executeTakeFirst()
    if (row === undefined || toNumber(row.number) < deployment.deployedAtBlock) throw tooEarly('this time')
    return toBlock(row)
  }

  function tooEarly(what: string): ChainError {
    return new ChainError('ERR_CHAIN_BLOCK_TOO_EARLY', `${what} is before block ${deployment.deployedAtBlock}, in which the contracts were made`)
  }

  async function findBlock(trx: Trx, number: number, head: Block): Promise<Block> {
    const before = await blocksUpTo(trx).where('number', '<=', number).executeTakeFirst()
    if (before !== undefined && toNumber(before.number) === number) return toBlock(before)
    const after = await trx.selectFrom('chain_blocks').selectAll().where('number', '>', number).orderBy('number').limit(1).executeTakeFirst()
    const header = await fetchHeader(provider, number)
    const earliest = before === undefined ? 0 : toNumber(before.block_time)
    const latest = after === undefined ? head.timestampSeconds : toNumber(after.block_time)
    if (header?.number !== number || header.timestampSeconds < earliest || header.timestampSeconds > latest) {
      throw new ChainError('ERR_CHAIN_MISMATCH', `what the node says of block ${number} does not fit the blocks around it`)
    }
    return { number, hash: header.hash, timestampSeconds: header.timestampSeconds }
  }

  async function foldUpTo(trx: Trx, number: number): Promise<TrustFold> {
    const last = await trx
      .selectFrom('chain_events')
      .innerJoin('chain_blocks', 'chain_blocks.number', 'chain_events.block_number')
      .select(['chain_blocks.number', 'chain_blocks.hash', 'chain_blocks.block_time'])
      .where('chain_events.contract', 'in', [...trustContracts])
      .where('chain_events.block_number', '<=', number)
      .orderBy('chain_events.block_number', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (last === undefined) return createTrustFold()
    const known = checkpoints.get(last.hash)
    const fold = known?.fold ?? (await replay(trx, await nearestCheckpoint(trx, toNumber(last.number)), toNumber(last.number)))
    checkpoints.delete(last.hash)
    checkpoints.set(last.hash, { block: toBlock(last), fold })
    const [oldest] = checkpoints.keys()
    if (checkpoints.size > keptFolds && oldest !== undefined) checkpoints.delete(oldest)
    return fold
  }

  /** The latest fold at or before a block whose block is still the chain's. */
  async function nearestCheckpoint(trx: Trx, number: number): Promise<Checkpoint | undefined> {
    const earlier = [...checkpoints.values()].filter(({ block }) => block.number < number).sort((a, b) => b.block.number - a.block.number)
    for (const checkpoint of earlier) {
      const row = await trx.selectFrom('chain_blocks').select('hash').where('number', '=', checkpoint.block.number).executeTakeFirst()
      if (row?.hash === checkpoint.block.hash) return checkpoint
    }
    return undefined
  }

  return { read, at: async (moment) => await read(async ({ at }) => await at(moment)) }
}

type Trx = Transaction<ChainTables>

function blocksUpTo(trx: Trx) {
  return trx.selectFrom('chain_blocks').selectAll().orderBy('number', 'desc').limit(1)
}

function toBlock(row: { number: string | number; hash: string; block_time: string | number }): Block {
  return { number: toNumber(row.number), hash: row.hash, timestampSeconds: toNumber(row.block_time) }
}

async function replay(trx: Trx, from: Checkpoint | undefined, to: number): Promise<TrustFold> {
  const fold = createTrustFold(from?.fold)
  let after = { block: from?.block.number ?? -1, log: largestLogIndex }
  for (;;) {
    const rows = await trx
      .selectFrom('chain_events')
      .innerJoin('chain_blocks', 'chain_blocks.number', 'chain_events.block_number')
      .selectAll('chain_events')
      .select('chain_blocks.block_time')
      .where('chain_events.contract', 'in', [...trustContracts])
      .where('chain_events.block_number', '<=', to)
      .where((eb) =>
        eb.or([
          eb('chain_events.block_number', '>', after.block),
          eb.and([eb('chain_events.block_number', '=', after.block), eb('chain_events.log_index', '>', after.log)])
        ])
      )
      .orderBy('chain_events.block_number')
      .orderBy('chain_events.log_index')
      .limit(replayPage)
      .execute()
    for (const row of rows) {
      const event = fromEventRow(row)
      applyTrustEvent(fold, { ...event, args: decodeEvent(event), blockTimeSeconds: toNumber(row.block_time) })
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < replayPage) return fold
    after = { block: toNumber(last.block_number), log: last.log_index }
  }
}
