import { AsyncLocalStorage } from 'node:async_hooks'
import {
  CompiledQuery, PGliteAdapter, PGliteDialect, PostgresDialect,
  type DatabaseConnection, type Dialect, type Driver, type Kysely, type Transaction, type TransactionSettings,
} from 'kysely'

/*
 * A transaction that everything called inside joins. Without it a query on the pool from inside a transaction
 * waits for ever on PGlite, which has one connection, and silently escapes the transaction on PostgreSQL. Key and
 * DID stores are called by the agent, which knows nothing of transactions, so passing `trx` by hand is no way out.
 */

interface Scope {
  driver: JoiningDriver | undefined
  connection: DatabaseConnection | undefined
  joined: JoinedConnection | undefined
  transaction: Transaction<never> | undefined
  readonly afterCommit: (() => void)[]
}

const scopes = new AsyncLocalStorage<Scope>()

/**
 * Runs `work` in a transaction. Called inside another one on the same database it joins that one, and so does every
 * plain query on `db` made meanwhile. Commits when `work` resolves, rolls back when it rejects.
 */
export async function transact<Tables, Result>(
  db: Kysely<Tables>,
  work: (trx: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  if (db.isTransaction) return await work(db as Transaction<Tables>)
  const current = scopes.getStore()
  if (current?.connection !== undefined && current.transaction !== undefined) {
    return await work(current.transaction as unknown as Transaction<Tables>)
  }
  const scope: Scope = { driver: undefined, connection: undefined, joined: undefined, transaction: undefined, afterCommit: [] }
  const result = await scopes.run(scope, () => db.transaction().execute(async (trx) => {
    scope.transaction = trx as unknown as Transaction<never>
    return await work(trx)
  }))
  for (const listener of scope.afterCommit) listener()
  return result
}

/** Calls `listener` when the transaction around has committed; at once when there is none. */
export function afterCommit(listener: () => void): void {
  const current = scopes.getStore()
  if (current?.connection === undefined) listener()
  else current.afterCommit.push(listener)
}

/** Runs `work` outside any transaction around it: for jobs and timers started while one is open. */
export function detach<Result>(work: () => Result): Result {
  return scopes.exit(work)
}

class JoinedConnection implements DatabaseConnection {
  readonly #inner: DatabaseConnection
  depth = 0

  constructor(inner: DatabaseConnection) {
    this.#inner = inner
  }

  executeQuery: DatabaseConnection['executeQuery'] = async (query, options) => await this.#inner.executeQuery(query, options)
  streamQuery: DatabaseConnection['streamQuery'] = (query, size, options) => this.#inner.streamQuery(query, size, options)
}

/** Hands out the connection of the transaction around, if there is one; and one owner at a time when there is one connection. */
class JoiningDriver implements Driver {
  readonly #inner: Driver
  readonly #exclusive: boolean
  #tail: Promise<void> = Promise.resolve()
  readonly #releases = new WeakMap<DatabaseConnection, () => void>()

  constructor(inner: Driver, exclusive: boolean) {
    this.#inner = inner
    this.#exclusive = exclusive
  }

  init: Driver['init'] = async (options) => await this.#inner.init(options)
  destroy: Driver['destroy'] = async (options) => await this.#inner.destroy(options)

  acquireConnection: Driver['acquireConnection'] = async (options) => {
    const scope = scopes.getStore()
    if (scope?.driver === this && scope.joined !== undefined) return scope.joined
    if (!this.#exclusive) return await this.#inner.acquireConnection(options)
    const before = this.#tail
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#tail = promise
    await before
    try {
      const connection = await this.#inner.acquireConnection(options)
      this.#releases.set(connection, resolve)
      return connection
    } catch (error) {
      resolve()
      throw error
    }
  }

  releaseConnection: Driver['releaseConnection'] = async (connection, options) => {
    if (connection instanceof JoinedConnection) return
    const release = this.#releases.get(connection)
    this.#releases.delete(connection)
    try {
      await this.#inner.releaseConnection(connection, options)
    } finally {
      release?.()
    }
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    if (connection instanceof JoinedConnection) {
      connection.depth += 1
      await connection.executeQuery(CompiledQuery.raw(`savepoint joined_${connection.depth}`))
      return
    }
    await this.#inner.beginTransaction(connection, settings)
    const scope = scopes.getStore()
    if (scope !== undefined && scope.driver === undefined) {
      scope.driver = this
      scope.connection = connection
      scope.joined = new JoinedConnection(connection)
    }
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof JoinedConnection) {
      await connection.executeQuery(CompiledQuery.raw(`release savepoint joined_${connection.depth}`))
      connection.depth -= 1
      return
    }
    this.#leave(connection)
    await this.#inner.commitTransaction(connection)
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (connection instanceof JoinedConnection) {
      await connection.executeQuery(CompiledQuery.raw(`rollback to savepoint joined_${connection.depth}`))
      connection.depth -= 1
      return
    }
    this.#leave(connection)
    await this.#inner.rollbackTransaction(connection)
  }

  #leave(connection: DatabaseConnection): void {
    const scope = scopes.getStore()
    if (scope?.connection !== connection) return
    scope.connection = undefined
    scope.joined = undefined
    scope.transaction = undefined
  }
}

class UnlockedPGliteAdapter extends PGliteAdapter {
  // The joining driver does the locking: it must let the owner of the transaction in again.
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/** Kysely's PGlite dialect with joined transactions. */
export function createPGliteDialect(config: ConstructorParameters<typeof PGliteDialect>[0]): Dialect {
  const inner = new PGliteDialect(config)
  return {
    createAdapter: () => new UnlockedPGliteAdapter(),
    createDriver: () => new JoiningDriver(inner.createDriver(), true),
    createIntrospector: (db) => inner.createIntrospector(db),
    createQueryCompiler: () => inner.createQueryCompiler(),
  }
}

/** Kysely's PostgreSQL dialect with joined transactions. */
export function createPostgresDialect(config: ConstructorParameters<typeof PostgresDialect>[0]): Dialect {
  const inner = new PostgresDialect(config)
  return {
    createAdapter: () => inner.createAdapter(),
    createDriver: () => new JoiningDriver(inner.createDriver(), false),
    createIntrospector: (db) => inner.createIntrospector(db),
    createQueryCompiler: () => inner.createQueryCompiler(),
  }
}
