import { createHash } from 'node:crypto'
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import type { Db } from '../database.ts'
import type { Secrets } from '../secrets.ts'

/** Keeps what the embedded provider knows in the city's database, sealed; identifiers, which are bearer secrets, only as hashes. */
export function createOidcAdapter(db: Db, secrets: Secrets, clock: () => Date): AdapterFactory {
  const hash = (value: string): string => createHash('sha256').update(value).digest('base64url')
  return (kind): Adapter => {
    const place = (recordId: string): string => `platform_oidc_records.payload:${kind}:${recordId}`
    const find = async (column: 'record_id' | 'uid' | 'user_code', value: string): Promise<AdapterPayload | undefined> => {
      const row = await db.selectFrom('platform_oidc_records').selectAll().where('kind', '=', kind).where(column, '=', hash(value)).executeTakeFirst()
      if (row === undefined || (row.expires_at !== null && row.expires_at <= clock())) return undefined
      const payload = JSON.parse(secrets.openText('oidc', place(row.record_id), row.payload_sealed)) as AdapterPayload
      return row.consumed_at === null ? payload : { ...payload, consumed: Math.floor(row.consumed_at.getTime() / 1000) }
    }
    return {
      async upsert(id, payload, expiresIn) {
        const recordId = hash(id)
        const values = {
          payload_sealed: secrets.seal('oidc', place(recordId), JSON.stringify(payload)),
          grant_id: payload.grantId === undefined ? null : hash(payload.grantId),
          uid: payload.uid === undefined ? null : hash(payload.uid),
          user_code: payload.userCode === undefined ? null : hash(payload.userCode),
          expires_at: expiresIn === undefined ? null : new Date(clock().getTime() + expiresIn * 1000),
        }
        await db.insertInto('platform_oidc_records').values({ kind, record_id: recordId, consumed_at: null, ...values })
          .onConflict((conflict) => conflict.columns(['kind', 'record_id']).doUpdateSet(values)).execute()
      },
      find: async (id) => await find('record_id', id),
      findByUid: async (uid) => await find('uid', uid),
      findByUserCode: async (userCode) => await find('user_code', userCode),
      async consume(id) {
        await db.updateTable('platform_oidc_records').set({ consumed_at: clock() }).where('kind', '=', kind).where('record_id', '=', hash(id)).execute()
      },
      async destroy(id) {
        await db.deleteFrom('platform_oidc_records').where('kind', '=', kind).where('record_id', '=', hash(id)).execute()
      },
      async revokeByGrantId(grantId) {
        await db.deleteFrom('platform_oidc_records').where('kind', '=', kind).where('grant_id', '=', hash(grantId)).execute()
      },
    }
  }
}

/** Deletes records that have expired. */
export async function sweepOidcRecords(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('platform_oidc_records').where('expires_at', '<', now).execute()
}
