import { createHash } from 'node:crypto'
import type { Db } from '../platform/database.ts'
import type { TrustTables } from './types.ts'

export type TrustStore = ReturnType<typeof createTrustStore>

/** Proofs once signed. */
export function createTrustStore(db: Db) {
  const tables = db.withTables<TrustTables>()
  const find = async (hash: string): Promise<string | undefined> =>
    (await tables.selectFrom('trust_proofs').select('jwt').where('input_hash', '=', hash).executeTakeFirst())?.jwt

  return {
    /** The JWT over a signing input: the one that was made first, whoever asks and however often. */
    async findOrSign(signingInput: string, sign: (signingInput: string) => Promise<string>): Promise<string> {
      const hash = createHash('sha256').update(signingInput).digest('hex')
      const known = await find(hash)
      if (known !== undefined) return known
      const jwt = `${signingInput}.${await sign(signingInput)}`
      await tables.insertInto('trust_proofs').values({ input_hash: hash, jwt }).onConflict((conflict) => conflict.doNothing()).execute()
      return await find(hash) ?? jwt
    },
  }
}
