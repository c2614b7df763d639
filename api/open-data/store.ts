import { sql, type Transaction } from 'kysely'
import { decodeEvent, fromEventRow } from '../../chain/indexer/event-log.ts'
import { listEpochHeadsAt, type EpochHead } from '../../chain/past-queries.ts'
import { toNumber } from '../../chain/columns.ts'
import type { ChainTables } from '../../chain/tables.ts'
import { chainTables } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'
import { foldedEvents, OpenDataFold } from './fold.ts'

/** Sums over the redemptions of one programme. */
export interface Redeemed {
  readonly units: bigint
  readonly redemptions: number
}

export interface RedemptionRecord {
  readonly block: number
  readonly logIndex: number
  readonly programId: string
  readonly merchant: string
  readonly orderId: string
  readonly units: string
  readonly notes: number
  readonly redeemedAtSeconds: number
  readonly transaction: string
}

export type OpenDataStore = ReturnType<typeof createOpenDataStore>

interface Checkpoint {
  readonly block: number
  readonly hash: string
  readonly fold: OpenDataFold
}

const replayPage = 500
/** Folds that are kept, to begin a replay from. */
const keptFolds = 8
/** No block has as many: the largest number of its column. */
const lastLogIndex = 2 ** 31 - 1

/** Reads the index as of a block. Everything here is made of rows that are written once, with their block. */
export function createOpenDataStore(db: Db) {
  const tables = chainTables(db)
  /** The most recently used last; a block's hash stands for all that came before it. */
  const checkpoints = new Map<string, Checkpoint>()

  return {
    /** What the events up to a block add up to, all read as of one instant of the index. */
    async foldUpTo(block: number): Promise<OpenDataFold> {
      return await tables.transaction().setIsolationLevel('repeatable read').execute(async (trx) => {
        const last = await trx
          .selectFrom('chain_events')
          .innerJoin('chain_blocks', 'chain_blocks.number', 'chain_events.block_number')
          .select(['chain_blocks.number', 'chain_blocks.hash'])
          .where('chain_events.event', 'in', foldedEvents)
          .where('chain_events.block_number', '<=', block)
          .orderBy('chain_events.block_number', 'desc')
          .limit(1)
          .executeTakeFirst()
        if (last === undefined) return new OpenDataFold()
        const number = toNumber(last.number)
        const fold = checkpoints.get(last.hash)?.fold ?? await replay(trx, await nearest(trx, number), number)
        keep({ block: number, hash: last.hash, fold })
        return fold
      })
    },

    async redeemedByProgram(block: number): Promise<ReadonlyMap<string, Redeemed>> {
      const rows = await tables
        .selectFrom('chain_redemptions')
        .select((eb) => ['program_id', eb.fn.sum<string | number>('units').as('units'), eb.fn.countAll<string | number>().as('redemptions')])
        .where('block_number', '<=', block)
        .groupBy('program_id')
        .execute()
      return new Map(rows.map((row) => [row.program_id, { units: BigInt(String(row.units)), redemptions: Number(row.redemptions) }]))
    },

    /** Redemptions from a block on: `limit` of them and one more, to tell whether there are others, or all of a block with more. */
    async redemptions(fromBlock: number, toBlock: number, limit: number): Promise<readonly RedemptionRecord[]> {
      const read = async (from: number, to: number, most: number | undefined) => await tables
        .selectFrom('chain_redemptions')
        .selectAll()
        .where('block_number', '>=', from)
        .where('block_number', '<=', to)
        .orderBy('block_number')
        .orderBy('log_index')
        .$if(most !== undefined, (query) => query.limit(most ?? 0))
        .execute()
      const some = await read(fromBlock, toBlock, limit + 1)
      const [first, over] = [some[0], some[limit]]
      const isOneBlock = first !== undefined && over !== undefined && toNumber(first.block_number) === toNumber(over.block_number)
      const rows = isOneBlock ? await read(toNumber(first.block_number), toNumber(first.block_number), undefined) : some
      return rows.map((row) => ({
        block: toNumber(row.block_number), logIndex: row.log_index, programId: row.program_id, merchant: row.merchant, orderId: row.order_id,
        units: String(row.units), notes: row.note_count, redeemedAtSeconds: toNumber(row.redeemed_at), transaction: row.transaction_hash
      }))
    },

    listHeads: async (block: number): Promise<ReadonlyMap<string, EpochHead>> => await listEpochHeadsAt(tables, block)
  }

  function keep(checkpoint: Checkpoint): void {
    checkpoints.delete(checkpoint.hash)
    checkpoints.set(checkpoint.hash, checkpoint)
    const [oldest] = checkpoints.keys()
    if (checkpoints.size > keptFolds && oldest !== undefined) checkpoints.delete(oldest)
  }

  /** The latest fold before a block whose own block is still the chain's. */
  async function nearest(trx: Trx, block: number): Promise<Checkpoint | undefined> {
    const earlier = [...checkpoints.values()].filter((one) => one.block < block).sort((a, b) => b.block - a.block)
    for (const checkpoint of earlier) {
      const row = await trx.selectFrom('chain_blocks').select('hash').where('number', '=', checkpoint.block).executeTakeFirst()
      if (row?.hash === checkpoint.hash) return checkpoint
    }
    return undefined
  }
}

type Trx = Transaction<ChainTables>

async function replay(trx: Trx, from: Checkpoint | undefined, to: number): Promise<OpenDataFold> {
  const fold = new OpenDataFold(from?.fold)
  let after = { block: from?.block ?? -1, log: lastLogIndex }
  for (;;) {
    const rows = await trx
      .selectFrom('chain_events')
      .innerJoin('chain_blocks', 'chain_blocks.number', 'chain_events.block_number')
      .selectAll('chain_events')
      .select('chain_blocks.block_time')
      .where('chain_events.event', 'in', foldedEvents)
      .where('chain_events.block_number', '<=', to)
      .where(sql<boolean>`(chain_events.block_number, chain_events.log_index) > (${after.block}, ${after.log})`)
      .orderBy('chain_events.block_number')
      .orderBy('chain_events.log_index')
      .limit(replayPage)
      .execute()
    for (const row of rows) {
      const event = fromEventRow(row)
      fold.apply({ ...event, args: decodeEvent(event), blockTimeSeconds: toNumber(row.block_time) })
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < replayPage) return fold
    after = { block: toNumber(last.block_number), log: last.log_index }
  }
}
