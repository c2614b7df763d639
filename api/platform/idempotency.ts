import { createHash, createHmac } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Db, PlatformTables } from './database.ts'
import { ApiError } from './errors.ts'
import type { Secrets } from './secrets.ts'
import { transact } from './transaction.ts'

/** How long a repeated request gets the first answer, in hours. */
export const idempotencyHours = 48

export interface StoredResponse {
  readonly status: number
  readonly body: unknown
}

export interface IdempotentRequest {
  /** Who asks for what: method, path and principal. Keys of different scopes never meet. */
  readonly scope: string
  readonly key: string
  readonly body: unknown
}

const hashKey = (key: string): string => createHash('sha256').update(key).digest('base64url')

/** Whether a request with this key was answered already. */
export async function isAnswered(db: Db, scope: string, key: string): Promise<boolean> {
  const row = await db.selectFrom('platform_idempotency').select('scope').where('scope', '=', scope).where('key_hash', '=', hashKey(key)).executeTakeFirst()
  return row !== undefined
}

/**
 * Runs `work` once for each key. The record of the answer commits with what `work` writes or not at all, so a process
 * killed half-way leaves neither; a second request with the same key waits for the first and gets its answer.
 * The answer stands sealed, the request only as a keyed hash. A refusal is not remembered: the request may be repeated.
 *
 * @throws ApiError `ERR_IDEMPOTENCY_CONFLICT` when the key came with another body before
 */
export async function runIdempotent(
  db: Db,
  secrets: Secrets,
  request: IdempotentRequest,
  work: (trx: Transaction<PlatformTables>) => Promise<StoredResponse>,
): Promise<StoredResponse & { readonly replayed: boolean }> {
  const keyHash = hashKey(request.key)
  const requestHash = createHmac('sha256', secrets.derive('idempotency-hash')).update(canonical(request.body)).digest('base64url')
  const place = `platform_idempotency:${request.scope}:${keyHash}`
  return await transact(db, async (trx) => {
    // Waits for a concurrent holder of the same key to commit or roll back.
    const inserted = await trx.insertInto('platform_idempotency')
      .values({ scope: request.scope, key_hash: keyHash, request_hash: requestHash, response_sealed: null })
      .onConflict((conflict) => conflict.columns(['scope', 'key_hash']).doNothing())
      .returning('key_hash')
      .executeTakeFirst()
    const row = trx.updateTable('platform_idempotency').where('scope', '=', request.scope).where('key_hash', '=', keyHash)
    if (inserted === undefined) {
      const known = await trx.selectFrom('platform_idempotency').selectAll()
        .where('scope', '=', request.scope).where('key_hash', '=', keyHash).executeTakeFirstOrThrow()
      if (known.request_hash !== requestHash || known.response_sealed === null) throw new ApiError('ERR_IDEMPOTENCY_CONFLICT')
      const stored = JSON.parse(secrets.openText('idempotency', place, known.response_sealed)) as StoredResponse
      return { ...stored, replayed: true }
    }
    const { status, body } = await work(trx)
    await row.set({ response_sealed: secrets.seal('idempotency', place, JSON.stringify({ status, body })) }).execute()
    return { status, body, replayed: false }
  })
}

/** Forgets answers older than `idempotencyHours`. */
export async function sweepIdempotency(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - idempotencyHours * 3_600_000)
  await db.deleteFrom('platform_idempotency').where('created_at', '<', before).execute()
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  }) ?? 'null'
}
