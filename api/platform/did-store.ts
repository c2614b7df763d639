import type { DidRecord, DidStore } from '../../agent/dids/did-store.ts'
import type { Db } from './database.ts'

/** The city's DIDs in its database. */
export function createDidStore(db: Db): DidStore {
  const read = (row: { record: string }): DidRecord => {
    const record = JSON.parse(row.record) as Partial<DidRecord> & Pick<DidRecord, 'did' | 'provider' | 'kids' | 'services'>
    return { ...record, alias: record.alias, controllerKid: record.controllerKid }
  }
  return {
    async saveDid(record) {
      const values = { alias: record.alias ?? null, provider: record.provider, record: JSON.stringify(record) }
      await db.insertInto('platform_dids').values({ did: record.did, ...values })
        .onConflict((conflict) => conflict.column('did').doUpdateSet(values)).execute()
    },
    async findDid(did) {
      const row = await db.selectFrom('platform_dids').select('record').where('did', '=', did).executeTakeFirst()
      return row === undefined ? undefined : read(row)
    },
    async findDidByAlias(alias) {
      const row = await db.selectFrom('platform_dids').select('record').where('alias', '=', alias).executeTakeFirst()
      return row === undefined ? undefined : read(row)
    },
    async listDids() {
      return (await db.selectFrom('platform_dids').select('record').orderBy('created_at').execute()).map(read)
    },
    async deleteDid(did) {
      const deleted = await db.deleteFrom('platform_dids').where('did', '=', did).returning('did').executeTakeFirst()
      return deleted !== undefined
    },
  }
}
