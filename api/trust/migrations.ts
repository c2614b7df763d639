import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Proofs of the trusted issuers' registry, kept because an ECDSA signature made again is another one. */
export const trustMigrations: Readonly<Record<string, Migration>> = {
  '080-trust-001-proofs': {
    async up(db) {
      await sql`create table trust_proofs (input_hash text primary key, jwt text not null)`.execute(db)
    },
  },
}
