import { ZeroHash } from 'ethers'
import type { Kysely } from 'kysely'
import { toLocode, toSeconds } from './indexer/event-args.ts'
import { decodeEvent, fromEventRow } from './indexer/event-log.ts'
import type { StatusListHead } from './queries.ts'
import type { RewardProgram } from './reward-queries.ts'
import { toNumber } from './columns.ts'
import type { ChainTables } from './tables.ts'

/* What the index said of programmes and status lists when it was at an earlier block: from rows that are written once. */

export type PastProgram = Omit<RewardProgram, 'denominations'>

type Step = (program: PastProgram, args: Readonly<Record<string, unknown>>) => PastProgram

const steps: Readonly<Record<string, Step>> = {
  ProgramFunded: (program, args) => ({ ...program, funded: program.funded + (args['units'] as bigint) }),
  ProgramShared: (program) => ({ ...program, shared: true }),
  ProgramEndChanged: (program, args) => ({ ...program, validUntilSeconds: toSeconds(args['until']) }),
  ProgramClosed: (program, args) => ({ ...program, closed: true, burnt: program.burnt + (args['burnt'] as bigint) })
}

/** Programmes as they stood after a block, in the order of `listPrograms`. */
export async function listProgramsAt(db: Kysely<ChainTables>, block: number): Promise<readonly PastProgram[]> {
  const rows = await db
    .selectFrom('chain_events')
    .innerJoin('chain_blocks', 'chain_blocks.number', 'chain_events.block_number')
    .selectAll('chain_events')
    .select('chain_blocks.block_time')
    .where('chain_events.contract', '=', 'RewardPrograms')
    .where('chain_events.event', 'in', ['ProgramCreated', ...Object.keys(steps)])
    .where('chain_events.block_number', '<=', block)
    .orderBy('chain_events.block_number')
    .orderBy('chain_events.log_index')
    .execute()
  const redeemed = await db
    .selectFrom('chain_redemptions')
    .select((eb) => ['program_id', eb.fn.sum<string | number>('units').as('units')])
    .where('block_number', '<=', block)
    .groupBy('program_id')
    .execute()
  const units = new Map(redeemed.map((row) => [row.program_id, BigInt(String(row.units))]))
  const programs = new Map<string, PastProgram>()
  for (const row of rows) {
    const event = fromEventRow(row)
    const args = decodeEvent(event)
    const programId = String(args['program'])
    const known = programs.get(programId)
    if (event.event === 'ProgramCreated' && known === undefined) {
      programs.set(programId, {
        programId, contract: event.address, city: toLocode(args['city']), name: String(args['name']), sponsor: String(args['sponsor']),
        validFromSeconds: toSeconds(args['from']), validUntilSeconds: toSeconds(args['until']), createdAtSeconds: toNumber(row.block_time),
        funded: 0n, redeemed: units.get(programId) ?? 0n, burnt: 0n, shared: false, closed: false
      })
    }
    // One of the same name in a later RewardPrograms is not that programme.
    if (known?.contract === event.address) programs.set(programId, steps[event.event]?.(known, args) ?? known)
  }
  return [...programs.values()].sort((a, b) => a.createdAtSeconds - b.createdAtSeconds || compare(a.name, b.name) || compare(a.programId, b.programId))
}

/** Heads of the status lists as they stood after a block, in the order of `listStatusLists`. */
export async function listStatusListsAt(db: Kysely<ChainTables>, block: number): Promise<readonly Omit<StatusListHead, 'broken'>[]> {
  const lists = await db
    .selectFrom('chain_status_lists')
    .select(['list_id', 'city', 'uri', 'size', 'created_at'])
    .where('created_block', '<=', block)
    .orderBy('uri')
    .orderBy('city')
    .execute()
  const heads = await listEpochHeadsAt(db, block)
  return lists.map((list) => {
    const empty = { epoch: 0, digest: ZeroHash, publishedAtSeconds: toNumber(list.created_at) }
    return { listId: list.list_id, city: list.city, uri: list.uri, size: toNumber(list.size), ...(heads.get(list.list_id) ?? empty) }
  })
}

/** The last thing said of a status list. */
export type EpochHead = Pick<StatusListHead, 'epoch' | 'digest' | 'publishedAtSeconds'>

/** The last epoch of each list up to a block, by list id; lists of which nothing was said yet are left out. */
export async function listEpochHeadsAt(db: Kysely<ChainTables>, block: number): Promise<ReadonlyMap<string, EpochHead>> {
  const rows = await epochHeadsAt(db, block).execute()
  return new Map(rows.map((row) => [row.list_id, { epoch: toNumber(row.epoch), digest: row.digest, publishedAtSeconds: toNumber(row.published_at) }]))
}

/** List by list, for there are many epochs of each: the index leads to the last one. */
export function epochHeadsAt(db: Kysely<ChainTables>, block: number) {
  return db
    .selectFrom('chain_status_lists')
    .innerJoinLateral(
      (eb) => eb
        .selectFrom('chain_status_epochs')
        .select(['epoch', 'digest', 'published_at'])
        .whereRef('chain_status_epochs.list_id', '=', 'chain_status_lists.list_id')
        .where('block_number', '<=', block)
        // The last one on the chain, for a list begins anew in another contract.
        .orderBy('block_number', 'desc')
        .orderBy('log_index', 'desc')
        .limit(1)
        .as('head'),
      (join) => join.onTrue()
    )
    .select(['chain_status_lists.list_id', 'head.epoch', 'head.digest', 'head.published_at'])
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
