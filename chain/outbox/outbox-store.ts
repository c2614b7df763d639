import { sql, type Kysely, type Selectable, type Transaction } from 'kysely'
import { toNumber } from '../columns.ts'
import type { ChainTables, OutboxTable } from '../tables.ts'
import { parkedSuffix } from './hand-over.ts'

export type OutboxRow = Selectable<OutboxTable>

export interface SignedTransaction {
  readonly hash: string
  readonly nonce: number
  readonly raw: string
  readonly maxFeePerGas: bigint
  readonly signedAtMs: number
}

export interface Mined {
  readonly hash: string
  readonly blockNumber: number
  readonly blockHash: string
  readonly transactionIndex: number
}

/** The SQL of the outbox. Every change of a row is one transaction that first locks the account's lease. */
export function createOutboxStore(db: Kysely<ChainTables>, worker: string) {
  /** Runs `change` only while this worker holds the account; resolves to false when another took it over. */
  async function whileLeased(account: string, change: (trx: Transaction<ChainTables>) => Promise<boolean>) {
    return await db.transaction().execute(async (trx) => {
      const lease = await trx
        .selectFrom('chain_outbox_accounts')
        .select('lease_owner')
        .where('account', '=', account)
        .forUpdate()
        .executeTakeFirst()
      return lease?.lease_owner === worker && (await change(trx))
    })
  }

  return {
    async openAccounts(): Promise<string[]> {
      const rows = await db
        .selectFrom('chain_outbox')
        .select('account')
        .distinct()
        .where('state', 'in', ['queued', 'sent'])
        .where('account', 'not like', `%${parkedSuffix}`)
        .execute()
      return rows.map((row) => row.account)
    },

    async claim(account: string, nowMs: number, leaseMs: number): Promise<boolean> {
      const claimed = await db
        .insertInto('chain_outbox_accounts')
        .values({ account, lease_owner: worker, lease_until_ms: nowMs + leaseMs })
        .onConflict((conflict) =>
          conflict
            .column('account')
            .doUpdateSet({ lease_owner: worker, lease_until_ms: nowMs + leaseMs })
            .where((eb) =>
              eb.or([
                eb('chain_outbox_accounts.lease_owner', '=', worker),
                eb('chain_outbox_accounts.lease_owner', 'is', null),
                eb('chain_outbox_accounts.lease_until_ms', '<', nowMs)
              ])
            )
        )
        .returning('account')
        .execute()
      return claimed.length > 0
    },

    async releaseAll(): Promise<void> {
      await db
        .updateTable('chain_outbox_accounts')
        .set({ lease_owner: null, lease_until_ms: 0 })
        .where('lease_owner', '=', worker)
        .execute()
    },

    /** What was sent, by nonce, and the next `limit` of what waits, in the order of writing. */
    async openRows(account: string, limit: number): Promise<{ sent: OutboxRow[]; queued: OutboxRow[] }> {
      const open = db.selectFrom('chain_outbox').selectAll().where('account', '=', account)
      const sent = await open.where('state', '=', 'sent').orderBy('nonce').execute()
      const queued = await open.where('state', '=', 'queued').orderBy('id').limit(limit).execute()
      return { sent, queued }
    },

    async transactionsOf(rows: readonly OutboxRow[]): Promise<Map<string, SignedTransaction[]>> {
      const byRow = new Map<string, SignedTransaction[]>(rows.map((row) => [String(row.id), []]))
      if (rows.length === 0) return byRow
      const stored = await db
        .selectFrom('chain_outbox_transactions')
        .selectAll()
        .where('outbox_id', 'in', rows.map((row) => row.id))
        .orderBy('signed_at_ms')
        .execute()
      for (const row of stored) {
        byRow.get(String(row.outbox_id))?.push({
          hash: row.hash,
          nonce: toNumber(row.nonce),
          raw: row.raw,
          maxFeePerGas: BigInt(String(row.max_fee_per_gas)),
          signedAtMs: toNumber(row.signed_at_ms)
        })
      }
      return byRow
    },

    /** The row that must be sent again before anything else, in the order in which the chain once held them. */
    async firstReplayed(): Promise<string | undefined> {
      const row = await db
        .selectFrom('chain_outbox')
        .select('id')
        .where('state', 'in', ['queued', 'sent'])
        .where('replayed', '=', true)
        .orderBy('block_number')
        .orderBy('transaction_index')
        .orderBy('id')
        .executeTakeFirst()
      return row === undefined ? undefined : String(row.id)
    },

    async hasOpenBefore(row: OutboxRow): Promise<boolean> {
      const earlier = await db
        .selectFrom('chain_outbox')
        .select('id')
        .where('state', 'in', ['queued', 'sent'])
        .where('id', '<', row.id)
        .where('account', 'not like', `%${parkedSuffix}`)
        .limit(1)
        .executeTakeFirst()
      return earlier !== undefined
    },

    /** The highest nonce of this account that the chain is known to hold. */
    async lastConfirmedNonce(account: string): Promise<number> {
      const row = await db
        .selectFrom('chain_outbox')
        .select((eb) => eb.fn.max('nonce').as('nonce'))
        .where('account', '=', account)
        .where('state', '=', 'confirmed')
        .executeTakeFirst()
      return row?.nonce == null ? -1 : toNumber(row.nonce)
    },

    /** Stores a signed transaction with its row before anyone may broadcast it. */
    async storeSigned(row: OutboxRow, signed: SignedTransaction): Promise<boolean> {
      return await whileLeased(row.account, async (trx) => {
        const update = await trx
          .updateTable('chain_outbox')
          .set((eb) => ({
            state: 'sent' as const,
            nonce: signed.nonce,
            attempts: eb('attempts', '+', 1),
            error_code: null,
            error_detail: null
          }))
          .where('id', '=', row.id)
          .where('account', '=', row.account)
          .where('state', '=', row.state)
          .where((eb) => (row.nonce === null ? eb('nonce', 'is', null) : eb('nonce', '=', toNumber(row.nonce))))
          .executeTakeFirst()
        if (update.numUpdatedRows !== 1n) return false
        await trx
          .insertInto('chain_outbox_transactions')
          .values({
            hash: signed.hash,
            outbox_id: row.id,
            nonce: signed.nonce,
            raw: signed.raw,
            max_fee_per_gas: signed.maxFeePerGas.toString(),
            signed_at_ms: signed.signedAtMs
          })
          // The same call with the same nonce and fee is the same transaction: take it up again.
          .onConflict((conflict) => conflict.column('hash').doUpdateSet({ signed_at_ms: signed.signedAtMs }))
          .execute()
        return true
      })
    },

    async markBroadcast(row: OutboxRow, nowMs: number, detail: string | null): Promise<void> {
      await db
        .updateTable('chain_outbox')
        .set({
          first_sent_at_ms: sql<number>`coalesce(first_sent_at_ms, ${nowMs})`,
          last_sent_at_ms: nowMs,
          error_detail: detail
        })
        .where('id', '=', row.id)
        .where('state', '=', 'sent')
        .execute()
    },

    /** Takes rows out of flight; they get a fresh nonce, in order, when their turn comes. */
    async requeue(account: string, rows: readonly OutboxRow[], detail: string): Promise<boolean> {
      if (rows.length === 0) return true
      const ids = rows.map((row) => row.id)
      return await whileLeased(account, async (trx) => {
        await trx
          .updateTable('chain_outbox')
          .set({ state: 'queued', nonce: null, last_sent_at_ms: null, error_detail: detail })
          .where('id', 'in', ids)
          .where('state', '=', 'sent')
          .execute()
        return true
      })
    },

    async postpone(row: OutboxRow, dueAtMs: number, detail: string): Promise<void> {
      await db
        .updateTable('chain_outbox')
        .set((eb) => ({ due_at_ms: dueAtMs, attempts: eb('attempts', '+', 1), error_detail: detail }))
        .where('id', '=', row.id)
        .execute()
    },

    async confirm(row: OutboxRow, mined: Mined, nonce: number, nowMs: number): Promise<boolean> {
      return await whileLeased(row.account, async (trx) => {
        const update = await trx
          .updateTable('chain_outbox')
          .set({ state: 'confirmed', nonce, ...minedColumns(mined), error_code: null, error_detail: null })
          .set({ replayed: false, resolved_at_ms: nowMs })
          .where('id', '=', row.id)
          .where('state', 'in', ['queued', 'sent'])
          .executeTakeFirst()
        return update.numUpdatedRows === 1n
      })
    },

    async fail(row: OutboxRow, code: string, detail: string, mined: Mined | undefined, nowMs: number): Promise<boolean> {
      return await whileLeased(row.account, async (trx) => {
        const update = await trx
          .updateTable('chain_outbox')
          .set({ state: 'failed', error_code: code, error_detail: detail, replayed: false, resolved_at_ms: nowMs })
          .set(mined ? minedColumns(mined) : {})
          .where('id', '=', row.id)
          .where('state', 'in', ['queued', 'sent'])
          .executeTakeFirst()
        return update.numUpdatedRows === 1n
      })
    },

    /** The highest block at or below `ceiling` that holds a confirmed row. */
    async confirmedBlock(ceiling: number): Promise<{ number: number; hash: string } | undefined> {
      const row = await db
        .selectFrom('chain_outbox')
        .select(['block_number', 'block_hash'])
        .where('state', '=', 'confirmed')
        .where('block_number', '<=', ceiling)
        .orderBy('block_number', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && { number: toNumber(row.block_number ?? 0), hash: row.block_hash ?? '' }
    },

    /** Takes back what was confirmed after block `ancestor`: the chain holds it no longer. */
    async takeBack(ancestor: number): Promise<number> {
      return await db.transaction().execute(async (trx) => {
        await sql`select account from chain_outbox_accounts order by account for update`.execute(trx)
        const vanished = await trx
          .selectFrom('chain_outbox')
          .select((eb) => ['account', eb.fn.min('nonce').as('lowest'), eb.fn.max('nonce').as('highest')])
          .where('state', '=', 'confirmed')
          .where('block_number', '>', ancestor)
          .groupBy('account')
          .execute()
        for (const { account, lowest, highest } of vanished) {
          // What was in flight behind them may stand on nonces that are free again.
          await trx
            .updateTable('chain_outbox')
            .set({ state: 'queued', nonce: null, last_sent_at_ms: null })
            .where('account', '=', account)
            .where('state', '=', 'sent')
            .where('nonce', '>=', toNumber(lowest ?? 0))
            .where('nonce', '<=', toNumber(highest ?? 0))
            .execute()
        }
        const update = await trx
          .updateTable('chain_outbox')
          .set({ state: 'sent', replayed: true, resolved_at_ms: null, last_sent_at_ms: null, attempts: 0, due_at_ms: 0 })
          .where('state', '=', 'confirmed')
          .where('block_number', '>', ancestor)
          .executeTakeFirst()
        return Number(update.numUpdatedRows)
      })
    },

    async depth(): Promise<{ queued: number; sent: number; failed: number }> {
      const rows = await db
        .selectFrom('chain_outbox')
        .select((eb) => ['state', eb.fn.countAll<string | number>().as('rows')])
        .where('state', '!=', 'confirmed')
        .groupBy('state')
        .execute()
      const of = (state: string) => Number(rows.find((row) => row.state === state)?.rows ?? 0)
      return { queued: of('queued'), sent: of('sent'), failed: of('failed') }
    }
  }
}

export type OutboxStore = ReturnType<typeof createOutboxStore>

function minedColumns(mined: Mined) {
  return {
    block_number: mined.blockNumber,
    block_hash: mined.blockHash,
    transaction_index: mined.transactionIndex,
    transaction_hash: mined.hash
  }
}
