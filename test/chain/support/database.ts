import type { Kysely } from 'kysely'
import { chainMigrations } from '../../../chain/migrations.ts'
import { derivedTables, type ChainTables } from '../../../chain/tables.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'

export type ChainDb = Kysely<ChainTables>

const tables = [
  'chain_outbox_transactions', 'chain_outbox', 'chain_outbox_accounts', 'chain_identity', 'chain_cursor', 'chain_blocks', 'chain_events',
  ...derivedTables
] as const

/** Runs the suite on PGlite and, where it is installed, on PostgreSQL; the tables are empty before each test. */
export function onEachChainDatabase(suite: (db: () => ChainDb) => void): void {
  onEachDatabase(chainMigrations, (open) => {
    const db = () => open() as unknown as ChainDb
    beforeEach(async () => {
      for (const table of tables) await db().deleteFrom(table).execute()
    })
    suite(db)
  })
}
