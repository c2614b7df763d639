import { sql, type Selectable } from 'kysely'
import type { StatusIndexStore } from '../../agent/status/index-allocation.ts'
import type { StatusValue } from '../../agent/trust.ts'
import type { Db } from '../platform/database.ts'
import { afterCommit } from '../platform/transaction.ts'
import type { IssuanceTables, PendingEpoch, StatusListRow } from './types.ts'

/** Positions inserted with one statement. */
const CHUNK = 5_000

export interface StatusChangeRow {
  readonly changeId: number
  readonly index: number
  readonly value: StatusValue
}

export type StatusStore = ReturnType<typeof createStatusStore>

/** Status lists: which indexes are taken, which bits are set, what waits for the next epoch. */
export function createStatusStore(db: Db) {
  const tables = db.withTables<IssuanceTables>()

  const columns = ['list_id', 'uri', 'size', 'epoch', 'open', 'moves', 'published_at'] as const
  /** Half a megabyte a list, drawn once and never changed: read once too, not for each copy of each card. */
  const decoys = new Map<string, Uint32Array>()
  const readDecoys = async (listId: string): Promise<Uint32Array> => {
    const known = decoys.get(listId)
    if (known !== undefined) return known
    const row = await tables.selectFrom('issuance_status_lists').select('decoys').where('list_id', '=', listId).executeTakeFirstOrThrow()
    const found = new Uint32Array(Uint8Array.from(row.decoys).buffer)
    // a list that is rolled back is made again, with other decoys
    afterCommit(() => decoys.set(listId, found))
    return found
  }

  const read = async (row: Pick<Selectable<IssuanceTables['issuance_status_lists']>, typeof columns[number]>): Promise<StatusListRow> => ({
    listId: row.list_id,
    uri: row.uri,
    size: row.size,
    epoch: row.epoch,
    decoys: await readDecoys(row.list_id),
    open: row.open,
    moves: Number(row.moves),
    publishedAt: row.published_at ?? undefined,
  })

  const indexes: StatusIndexStore = {
    async take(listId, index) {
      const taken = await tables.insertInto('issuance_status_indexes').values({ list_id: listId, status_index: index })
        .onConflict((conflict) => conflict.columns(['list_id', 'status_index']).doNothing()).returning('status_index').executeTakeFirst()
      return taken !== undefined
    },
    async countTaken(listId) {
      const row = await tables.selectFrom('issuance_status_indexes').select((select) => select.fn.countAll<number>().as('count')).where('list_id', '=', listId).executeTakeFirstOrThrow()
      return Number(row.count)
    },
  }

  return {
    indexes,

    /** One process at a time makes lists and epochs, until its transaction ends. */
    async lock(): Promise<void> {
      await sql`select pg_advisory_xact_lock(hashtextextended('issuance:status-lists', 0))`.execute(db)
    },

    async insertList(list: { readonly listId: string; readonly uri: string; readonly size: number; readonly decoys: Uint32Array; readonly now: Date }): Promise<void> {
      await tables.insertInto('issuance_status_lists').values({
        list_id: list.listId, uri: list.uri, size: list.size, epoch: 0, decoys: new Uint8Array(list.decoys.slice().buffer), open: true,
        published_at: null, created_at: list.now,
      }).execute()
    },

    async listAll(): Promise<readonly StatusListRow[]> {
      return await Promise.all((await tables.selectFrom('issuance_status_lists').select(columns).orderBy('created_at').execute()).map(read))
    },

    async find(listId: string): Promise<StatusListRow | undefined> {
      const row = await tables.selectFrom('issuance_status_lists').select(columns).where('list_id', '=', listId).executeTakeFirst()
      return row === undefined ? undefined : await read(row)
    },

    /** The list that new cards go to. */
    async findOpen(): Promise<StatusListRow | undefined> {
      const row = await tables.selectFrom('issuance_status_lists').select(columns).where('open', '=', true).orderBy('created_at', 'desc').limit(1).executeTakeFirst()
      return row === undefined ? undefined : await read(row)
    },

    /** Begins a list anew from what stands in the contract that counts, where `epoch` was its last one: what was sent before is void. */
    async move(listId: string, epoch: number): Promise<void> {
      await tables.deleteFrom('issuance_status_epochs').where('list_id', '=', listId).execute()
      await tables.updateTable('issuance_status_lists').set({ epoch, moves: sql`moves + 1` }).where('list_id', '=', listId).execute()
    },

    async close(listId: string): Promise<void> {
      await tables.updateTable('issuance_status_lists').set({ open: false }).where('list_id', '=', listId).execute()
    },

    async addChanges(changes: readonly { readonly listId: string; readonly index: number; readonly value: StatusValue }[]): Promise<void> {
      if (changes.length === 0) return
      await tables.insertInto('issuance_status_changes')
        .values(changes.map(({ listId, index, value }) => ({ list_id: listId, status_index: index, value }))).execute()
    },

    /** What waits for the next epoch, in the order in which it happened. */
    async listChanges(listId: string): Promise<readonly StatusChangeRow[]> {
      const rows = await tables.selectFrom('issuance_status_changes').selectAll().where('list_id', '=', listId).orderBy('change_id').execute()
      return rows.map((row) => ({ changeId: Number(row.change_id), index: row.status_index, value: row.value as StatusValue }))
    },

    async deleteChanges(changeIds: readonly number[]): Promise<void> {
      if (changeIds.length > 0) await tables.deleteFrom('issuance_status_changes').where('change_id', 'in', [...changeIds]).execute()
    },

    async savePending(listId: string, { epoch, digest, delta, attempt }: PendingEpoch): Promise<void> {
      await tables.insertInto('issuance_status_epochs').values({ list_id: listId, epoch, digest, delta, attempt })
        .onConflict((conflict) => conflict.columns(['list_id', 'epoch']).doUpdateSet({ attempt })).execute()
    },

    async listPending(listId: string): Promise<readonly PendingEpoch[]> {
      return await tables.selectFrom('issuance_status_epochs').select(['epoch', 'digest', 'delta', 'attempt']).where('list_id', '=', listId).orderBy('epoch').execute()
    },

    /** Forgets epochs before one that arrived: the chain takes none without those before it. */
    async deletePendingBefore(listId: string, epoch: number): Promise<void> {
      await tables.deleteFrom('issuance_status_epochs').where('list_id', '=', listId).where('epoch', '<', epoch).execute()
    },

    async listSetPositions(listId: string): Promise<readonly number[]> {
      return (await tables.selectFrom('issuance_status_bits').select('position').where('list_id', '=', listId).execute()).map(({ position }) => position)
    },

    /** Writes down an epoch: its number, and the bits that are set or no longer set. */
    async advance(listId: string, epoch: number, flips: { readonly set: readonly number[]; readonly cleared: readonly number[] }, now: Date): Promise<void> {
      for (let at = 0; at < flips.set.length; at += CHUNK) {
        await tables.insertInto('issuance_status_bits').values(flips.set.slice(at, at + CHUNK).map((position) => ({ list_id: listId, position }))).execute()
      }
      for (let at = 0; at < flips.cleared.length; at += CHUNK) {
        await tables.deleteFrom('issuance_status_bits').where('list_id', '=', listId).where('position', 'in', flips.cleared.slice(at, at + CHUNK)).execute()
      }
      await tables.updateTable('issuance_status_lists').set({ epoch, published_at: now }).where('list_id', '=', listId).where('epoch', '=', epoch - 1).executeTakeFirstOrThrow()
    },
  }
}
