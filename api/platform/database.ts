import { mkdirSync } from 'node:fs'
import { PGlite, types as pgliteTypes } from '@electric-sql/pglite'
import { Kysely, sql, type Generated } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import pg from 'pg'
import { SymbolonError } from '../../agent/errors.ts'
import type { CityConfig } from './config.ts'
import { createPGliteDialect, createPostgresDialect } from './transaction.ts'

export class DatabaseError extends SymbolonError<'ERR_DATABASE_MIGRATION' | 'ERR_DATABASE_DAMAGED'> {}

export interface PlatformTables {
  platform_sessions: {
    token_hash: string
    app: string
    subject: string
    issuer: string
    name_sealed: Uint8Array
    roles: string
    merchant_id: string | null
    created_at: Generated<Date>
    expires_at: Date
  }
  platform_accounts: {
    login_index: string
    account_id: string
    details_sealed: Uint8Array
    password_hash: string
    roles: string
    created_at: Generated<Date>
  }
  platform_oidc_records: {
    kind: string
    record_id: string
    payload_sealed: Uint8Array
    grant_id: string | null
    uid: string | null
    user_code: string | null
    consumed_at: Date | null
    expires_at: Date | null
  }
  platform_idempotency: {
    scope: string
    key_hash: string
    request_hash: string
    response_sealed: Uint8Array | null
    created_at: Generated<Date>
  }
  platform_settings: { name: string; value_sealed: Uint8Array }
  platform_jobs: { name: string; owner: string | null; held_until: Date | null; last_run_at: Date | null }
  platform_keys: {
    kid: string
    key_type: string
    public_key_hex: string
    public_jwk: string
    meta: string
    private_key_sealed: Uint8Array
    created_at: Generated<Date>
  }
  platform_dids: { did: string; alias: string | null; provider: string; record: string; created_at: Generated<Date> }
}

/** The city's database. A store names its own tables with `db.withTables<ResidentTables>()`. */
export type Db = Kysely<PlatformTables>

/**
 * Opens the city's database: a PGlite folder or a PostgreSQL server. Same SQL, same value types: `bytea` comes back as
 * `Uint8Array`, `timestamptz` as `Date`, `bigint` as `number`.
 */
export function openDatabase(options: CityConfig['database'] | { readonly kind: 'memory' }): Db {
  if (options.kind === 'postgres') {
    const pool = new pg.Pool({
      connectionString: options.url,
      max: 10,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      types: { getTypeParser: ((oid: number, format?: 'text') => (oid === 20 ? parseBigint : pg.types.getTypeParser(oid, format))) as typeof pg.types.getTypeParser },
    })
    // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
    pool.on('error', () => undefined)
    return new Kysely<PlatformTables>({ dialect: createPostgresDialect({ pool }) })
  }
  const open = (): PGlite => {
    if (options.kind === 'pglite') mkdirSync(options.folder, { recursive: true })
    return new PGlite({ ...(options.kind === 'pglite' ? { dataDir: options.folder } : {}), parsers: { [pgliteTypes.INT8]: parseBigint } })
  }
  return new Kysely<PlatformTables>({ dialect: createPGliteDialect({ pglite: open }) })
}

function parseBigint(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint of the database is beyond the safe integers')
  return value
}

/**
 * Brings the schema up to date. Safe to call from several processes at once: Kysely's migrator holds an advisory lock.
 *
 * @throws DatabaseError `ERR_DATABASE_MIGRATION`
 */
export async function migrate(db: Db, migrations: Readonly<Record<string, Migration>>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    allowUnorderedMigrations: true,
    migrationTableName: 'platform_migrations',
    migrationLockTableName: 'platform_migrations_lock',
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const failed = results?.find((result) => result.status === 'Error')?.migrationName
  throw new DatabaseError('ERR_DATABASE_MIGRATION', `the database cannot be brought up to date${failed === undefined ? '' : ` at ${failed}`}`, { cause: error })
}

/** Resolves when the database answers. */
export async function ping(db: Db): Promise<void> {
  await sql`select 1`.execute(db)
}
