import { AgentError } from '../../agent/errors.ts'
import type { KeyRecord, KeyStore, KeyType, PublicJwk } from '../../agent/keys/key-store.ts'
import type { Db } from './database.ts'

/** The agent's keys in the city's database. Private keys arrive sealed and are never opened here. */
export function createKeyStore(db: Db): KeyStore {
  const read = (row: { kid: string; key_type: string; public_key_hex: string; public_jwk: string; meta: string; private_key_sealed: Uint8Array }): KeyRecord => ({
    kid: row.kid,
    type: row.key_type as KeyType,
    publicKeyHex: row.public_key_hex,
    publicJwk: JSON.parse(row.public_jwk) as PublicJwk,
    meta: JSON.parse(row.meta) as Record<string, unknown>,
    sealedPrivateKey: row.private_key_sealed,
  })
  return {
    async insertKey(record) {
      const inserted = await db.insertInto('platform_keys').values({
        kid: record.kid,
        key_type: record.type,
        public_key_hex: record.publicKeyHex,
        public_jwk: JSON.stringify(record.publicJwk),
        meta: JSON.stringify(record.meta),
        private_key_sealed: record.sealedPrivateKey,
      }).onConflict((conflict) => conflict.column('kid').doNothing()).returning('kid').executeTakeFirst()
      if (inserted === undefined) throw new AgentError('ERR_KEY_EXISTS', 'There is a key of this name already.')
    },
    async findKey(kid) {
      const row = await db.selectFrom('platform_keys').selectAll().where('kid', '=', kid).executeTakeFirst()
      return row === undefined ? undefined : read(row)
    },
    async listKeys() {
      return (await db.selectFrom('platform_keys').selectAll().orderBy('created_at').execute()).map(read)
    },
    async deleteKey(kid) {
      const deleted = await db.deleteFrom('platform_keys').where('kid', '=', kid).returning('kid').executeTakeFirst()
      return deleted !== undefined
    },
  }
}
