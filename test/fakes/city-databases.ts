import type { Migration } from 'kysely/migration'
import { migrate, openDatabase, type Db } from '../../api/platform/database.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'

export interface DatabaseUnderTest {
  readonly name: string
  open(): Promise<Db>
}

let postgres: Promise<TestPostgres | undefined> | undefined

/** One PostgreSQL server for all suites of a run; undefined where there is none. */
export function sharedPostgres(): Promise<TestPostgres | undefined> {
  postgres ??= startPostgres()
  return postgres
}

after(async function stop() {
  // Thousands of files go.
  this.timeout(60_000)
  await (await postgres)?.stop()
})

/** Runs the same suite on PGlite and on PostgreSQL; the latter is skipped, and reported so, where it is not installed. */
export function onEachDatabase(migrations: Readonly<Record<string, Migration>>, suite: (db: () => Db) => void): void {
  for (const name of ['PGlite', 'PostgreSQL']) {
    describe(`on ${name}`, () => {
      let db: Db | undefined
      before(async function open() {
        this.timeout(60_000)
        if (name === 'PGlite') {
          db = openDatabase({ kind: 'memory' })
        } else {
          const server = await sharedPostgres()
          if (server === undefined) return this.skip()
          db = openDatabase({ kind: 'postgres', url: (await server.createDatabase()).url })
        }
        await migrate(db, migrations)
      })
      after(async () => { await db?.destroy() })
      suite(() => {
        if (db === undefined) throw new Error('the database is not open')
        return db
      })
    })
  }
}
