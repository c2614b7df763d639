import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { decodeDelta } from '../../agent/status/delta.ts'
import { flipPositions } from '../../agent/status/status-bits.ts'
import { toNumber } from '../columns.ts'
import type { ChainTables } from '../tables.ts'
import { decodeEvent, fromEventRow } from './event-log.ts'

/** The bits of a status list after an epoch: what its deltas add up to. */
export interface StatusFold {
  readonly listId: string
  /** The StatusLists whose epochs these are. */
  readonly address: string
  readonly size: number
  epoch: number
  /** Two bits an entry, as in the Token Status List; changed in place. */
  readonly bits: Uint8Array
}

/** The bits are written down once in so many epochs; what lies between is folded in from the deltas. */
export const snapshotEveryEpochs = 256

/** Larger lists are not followed: two bits for each of 2^24 entries are 4 MiB in every reader. */
export const largestListSize = 2 ** 24

/** A list as it was created: all entries valid. */
export function createFold(listId: string, size: number, address: string): StatusFold {
  return { listId, address, size, epoch: 0, bits: new Uint8Array(size / 4) }
}

/**
 * Applies the delta of an epoch to what counted before. A delta that cannot be read changes nothing, for every reader alike.
 *
 * @returns whether the delta could be read
 */
export function applyDelta(fold: StatusFold, epoch: number, delta: Uint8Array): boolean {
  fold.epoch = epoch
  let positions: number[]
  try {
    positions = decodeDelta(delta, fold.size * 2)
  } catch {
    return false
  }
  flipPositions(fold.bits, positions)
  return true
}

/** SHA-256 of the uncompressed bits, hex. */
export function digestOf(fold: StatusFold): string {
  return `0x${createHash('sha256').update(fold.bits).digest('hex')}`
}

/**
 * Reads the bits after the last epoch up to `epoch`, of the contract that the list is in, from the last snapshot and the
 * deltas since. Whether that is what the city meant, the digest says.
 */
export async function loadFold(db: Kysely<ChainTables>, listId: string, epoch: number): Promise<StatusFold | undefined> {
  const list = await db
    .selectFrom('chain_status_lists')
    .select(['size', 'address', 'snapshot', 'snapshot_epoch'])
    .where('list_id', '=', listId)
    .executeTakeFirst()
  if (!list || toNumber(list.size) > largestListSize) return undefined
  const fold = createFold(listId, toNumber(list.size), list.address)
  if (list.snapshot && toNumber(list.snapshot_epoch) <= epoch) {
    fold.bits.set(list.snapshot)
    fold.epoch = toNumber(list.snapshot_epoch)
  }
  await advanceFold(db, fold, epoch)
  return fold
}

/** Folds in the epochs up to `epoch` that counted: what was published while the contract had no name flipped nothing. */
export async function advanceFold(db: Kysely<ChainTables>, fold: StatusFold, epoch: number): Promise<void> {
  while (fold.epoch < epoch) {
    const rows = await db
      .selectFrom('chain_status_epochs as epoch')
      .innerJoin('chain_events as event', (join) =>
        join.onRef('event.block_number', '=', 'epoch.block_number').onRef('event.log_index', '=', 'epoch.log_index')
      )
      .selectAll('event')
      .select('epoch.epoch')
      .where('epoch.list_id', '=', fold.listId)
      .where('epoch.address', '=', fold.address)
      .where('epoch.epoch', '>', fold.epoch)
      .where('epoch.epoch', '<=', epoch)
      .orderBy('epoch.epoch')
      .limit(snapshotEveryEpochs)
      .execute()
    if (rows.length === 0) return
    for (const row of rows) applyDelta(fold, toNumber(row.epoch), deltaOf(decodeEvent(fromEventRow(row))))
  }
}

export function deltaOf(args: Readonly<Record<string, unknown>>): Uint8Array {
  return Buffer.from(String(args['delta']).slice(2), 'hex')
}
