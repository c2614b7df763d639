import { randomUUID } from 'node:crypto'
import type { Kysely, Selectable, Transaction } from 'kysely'
import { readContractBook } from '../contract-book.ts'
import { encodeCall, type MethodArgs, type MethodName } from '../contracts.ts'
import type { ContractName, Deployment } from '../deployment.ts'
import { ChainError } from '../errors.ts'
import { verifyChainIdentity } from '../identity.ts'
import type { RevertCode } from '../reverts.ts'
import { withChainErrors, type ChainProvider } from '../rpc.ts'
import { toNumber } from '../columns.ts'
import type { ChainTables, OutboxState, OutboxTable } from '../tables.ts'
import { createLoop } from '../loop.ts'
import { createOutboxStore } from './outbox-store.ts'
import { createSender, type OutboxSigners, type StepOutcome } from './sender.ts'

/** A call of a contract that is to be sent once. */
export interface OutboxCall<C extends ContractName = ContractName, M extends MethodName<C> = MethodName<C>> {
  /** Whose key signs; a name the signers know. Calls of one account are sent in the order of writing. */
  readonly account: string
  readonly contract: C
  readonly method: M
  readonly args: MethodArgs<C, M>
  /** Names the call for ever: the same key with the same call again changes nothing. */
  readonly key: string
}

export interface OutboxEntry {
  readonly key: string
  readonly account: string
  readonly contract: string
  readonly method: string
  readonly state: OutboxState
  readonly transactionHash?: string
  readonly blockNumber?: number
  /** Why it failed. */
  readonly errorCode?: RevertCode
  readonly errorDetail?: string
  readonly createdAtMs: number
  readonly resolvedAtMs?: number
}

export interface OutboxDepth {
  readonly queued: number
  readonly sent: number
  readonly failed: number
}

export interface OutboxOptions {
  readonly db: Kysely<ChainTables>
  readonly provider: ChainProvider
  readonly signers: OutboxSigners
  readonly deployment: Deployment
  /** Milliseconds since 1970; default `Date.now`. */
  readonly clock?: () => number
  /** Names this worker among those that share the database. Give a fixed name only where there can be no other worker. */
  readonly worker?: string
  /** Blocks that make a transaction final, its own among them; default 1, right for QBFT and for the embedded chain. */
  readonly confirmations?: number
  /** How long the database is left alone when nobody nudges; default 500 ms. */
  readonly pollMs?: number
  /** After how long without a block a transaction is replaced, or sent again where there are no fees; default 30,000 ms. */
  readonly stuckAfterMs?: number
  /** How long a node must keep saying that a nonce was lost or taken before that is believed; default 1,000 ms. */
  readonly doubtMs?: number
  /** Transactions of one account on their way at a time; default 16. */
  readonly maxInFlight?: number
  readonly leaseMs?: number
  /** How long a call that would revert waits for earlier calls of other accounts, which it may need; default 600,000 ms. */
  readonly othersPatienceMs?: number
  readonly onResolved?: (entry: { key: string; state: 'confirmed' | 'failed'; code: string | undefined }) => void
  readonly onDepth?: (depth: OutboxDepth) => void
  readonly onError?: (error: unknown) => void
}

export interface OutboxStatus {
  readonly state: 'stopped' | 'running' | 'waiting'
  /** What is waited for: the node, or the right chain. */
  readonly error?: ChainError
}

/** Sends what a city decides to the chain, once and in order, whatever ends in between. */
export interface Outbox {
  /**
   * Writes a call in the caller's own transaction: it is sent if and only if that commits.
   *
   * @throws ChainError `ERR_CHAIN_CALL_INVALID`, `ERR_CHAIN_KEY_CONFLICT`
   */
  enqueue<C extends ContractName, M extends MethodName<C>>(trx: Transaction<ChainTables>, call: OutboxCall<C, M>): Promise<void>
  state(key: string): Promise<OutboxEntry | undefined>
  /**
   * Resolves when the call is confirmed or failed. Not inside a transaction.
   *
   * @throws ChainError `ERR_CHAIN_TIMEOUT`
   */
  waitFor(key: string, options: { readonly timeoutMs: number }): Promise<OutboxEntry>
  depth(): Promise<OutboxDepth>
  /** Looks at the database now. */
  nudge(): void
  start(): void
  /** Resolves when nothing is being sent any more. What is left is sent at the next start. */
  stop(): Promise<void>
  status(): OutboxStatus
}

const busyPollMs = 25
const alertMs = 1_000
const sweepMs = 1_000

export function createOutbox(options: OutboxOptions): Outbox {
  const { db, signers, deployment, clock = Date.now, worker = randomUUID(), pollMs = 500, leaseMs = 5_000 } = options
  const provider = withChainErrors(options.provider)
  const store = createOutboxStore(db, worker)
  const sender = createSender({
    store,
    provider,
    signers,
    deployment,
    readBook: () => readContractBook(db, deployment),
    clock,
    confirmations: options.confirmations ?? 1,
    stuckAfterMs: options.stuckAfterMs ?? 30_000,
    doubtMs: options.doubtMs ?? 1_000,
    maxInFlight: options.maxInFlight ?? 16,
    othersPatienceMs: options.othersPatienceMs ?? 600_000,
    verifyChain: () => verifyChainIdentity(db, provider, deployment),
    onResolved: (row, state, code) => options.onResolved?.({ key: row.key, state, code })
  })

  let waiting: ChainError | undefined
  /** Until when the database is looked at often: a nudge can come before the commit that it announces. */
  let alertUntilMs = 0
  const troubles = new Map<string, { times: number; untilMs: number }>()

  let verified = false
  let failures = 0
  let idleRounds = 0
  let sweptAtMs = 0
  const loop = createLoop(async () => {
    try {
      const accounts = await store.openAccounts()
      const sweep = Date.now() - sweptAtMs >= sweepMs
      if (!verified && (accounts.length > 0 || sweep)) {
        await verifyChainIdentity(db, provider, deployment)
        sender.forgetBroadcasts()
        verified = true
      }
      if (sweep) {
        if (accounts.length === 0) await sender.sweep()
        options.onDepth?.(await store.depth())
        sweptAtMs = Date.now()
      }
      const outcomes = await Promise.all(accounts.map((account) => workOn(account)))
      failures = 0
      waiting = undefined
      idleRounds = outcomes.includes('moved') ? 0 : idleRounds + 1
      if (idleRounds === 0) return 0
      const isAlert = outcomes.includes('waiting') || Date.now() < alertUntilMs
      return isAlert ? Math.min(busyPollMs * Math.min(idleRounds, 10), pollMs) : pollMs
    } catch (error) {
      // The node may come back as another chain: look at it again before anything is sent.
      verified = false
      failures += 1
      waiting = error instanceof ChainError ? error : undefined
      options.onError?.(error)
      return Math.min(100 * 2 ** Math.min(failures, 5), 2_000)
    }
  })

  /** Errors of one account are its own; only a node that is away, or is another chain, stops all. */
  async function workOn(account: string): Promise<StepOutcome> {
    const trouble = troubles.get(account)
    if (trouble && Date.now() < trouble.untilMs) return 'done'
    try {
      if (!(await store.claim(account, clock(), leaseMs))) return 'waiting'
      const outcome = await sender.step(account)
      troubles.delete(account)
      return outcome
    } catch (error) {
      if (error instanceof ChainError && (error.code === 'ERR_CHAIN_UNREACHABLE' || error.code === 'ERR_CHAIN_MISMATCH')) throw error
      const times = (trouble?.times ?? 0) + 1
      troubles.set(account, { times, untilMs: Date.now() + Math.min(100 * 2 ** times, 5_000) })
      options.onError?.(error)
      return 'done'
    }
  }

  const outbox: Outbox = {
    async enqueue(trx, call) {
      const data = encodeCall(call.contract, call.method, call.args)
      const { account, contract, method, key } = call
      const inserted = await trx
        .insertInto('chain_outbox')
        .values({ key, account, contract, method, data, state: 'queued', created_at_ms: clock() })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .returning('id')
        .executeTakeFirst()
      if (!inserted) {
        const known = await trx.selectFrom('chain_outbox').select(['account', 'contract', 'data']).where('key', '=', key).executeTakeFirst()
        if (known?.account !== account || known.contract !== contract || known.data !== data) {
          throw new ChainError('ERR_CHAIN_KEY_CONFLICT', 'this outbox key belongs to another call')
        }
      }
      alertUntilMs = Date.now() + alertMs
      loop.nudge()
    },

    async state(key) {
      const row = await db.selectFrom('chain_outbox').selectAll().where('key', '=', key).executeTakeFirst()
      return row && toEntry(row)
    },

    async waitFor(key, { timeoutMs }) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const entry = await outbox.state(key)
        if (entry && (entry.state === 'confirmed' || entry.state === 'failed')) return entry
        if (Date.now() >= deadline) throw new ChainError('ERR_CHAIN_TIMEOUT', `not on the chain after ${timeoutMs} ms`)
        await new Promise((resolve) => setTimeout(resolve, busyPollMs))
      }
    },

    depth: () => store.depth(),
    nudge: () => { loop.nudge() },
    start() {
      if (!loop.isRunning()) verified = false
      loop.start()
    },
    async stop() {
      await loop.stop()
      waiting = undefined
      await store.releaseAll()
    },
    status() {
      if (!loop.isRunning()) return { state: 'stopped' }
      return waiting ? { state: 'waiting', error: waiting } : { state: 'running' }
    }
  }
  return outbox
}

function toEntry(row: Selectable<OutboxTable>): OutboxEntry {
  return {
    key: row.key,
    account: row.account,
    contract: row.contract,
    method: row.method,
    state: row.state,
    createdAtMs: toNumber(row.created_at_ms),
    ...(row.transaction_hash === null ? {} : { transactionHash: row.transaction_hash }),
    ...(row.block_number === null ? {} : { blockNumber: toNumber(row.block_number) }),
    ...(row.error_code === null ? {} : { errorCode: row.error_code as RevertCode }),
    ...(row.error_detail === null ? {} : { errorDetail: row.error_detail }),
    ...(row.resolved_at_ms === null ? {} : { resolvedAtMs: toNumber(row.resolved_at_ms) })
  }
}
