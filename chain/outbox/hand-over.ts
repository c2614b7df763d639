import type { Kysely, Transaction } from 'kysely'
import type { ChainTables } from '../tables.ts'

/** Calls of an account whose name ends so are kept and not sent, until they are handed over to one that sends. */
export const parkedSuffix = ':parked'

/**
 * Gives what an account has not begun to send to another account, in the order of writing. What is on its way stays.
 * Joins the caller's transaction.
 */
export async function handOverCalls(trx: Transaction<ChainTables>, from: string, to: string): Promise<void> {
  // The sender changes a row only under this lock: what it is signing now it has signed before we go on.
  await trx.selectFrom('chain_outbox_accounts').select('account').where('account', '=', from).forUpdate().execute()
  await trx
    .updateTable('chain_outbox')
    .set({ account: to })
    .where('account', '=', from)
    .where('state', '=', 'queued')
    .where('nonce', 'is', null)
    .where('attempts', '=', 0)
    .where('replayed', '=', false)
    .execute()
}

/** Whether an account has calls that are neither confirmed nor failed. */
export async function hasOpenCalls(db: Kysely<ChainTables>, account: string): Promise<boolean> {
  const row = await db
    .selectFrom('chain_outbox')
    .select('id')
    .where('account', '=', account)
    .where('state', 'in', ['queued', 'sent'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
