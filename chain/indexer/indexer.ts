import type { Kysely, Selectable, Transaction } from 'kysely'
import type { Deployment } from '../deployment.ts'
import { ChainError } from '../errors.ts'
import { fingerprintOf, verifyChainIdentity } from '../identity.ts'
import { createLoop } from '../loop.ts'
import { fetchHeader, withChainErrors, type BlockHeader, type ChainProvider } from '../rpc.ts'
import { toNumber } from '../columns.ts'
import type { ChainTables, CursorTable } from '../tables.ts'
import { readContractChanges, verifyKnownCode } from './contract-terms.ts'
import { decodeEvent, fetchStretch, fromEventRow, type ChainStretch, type RawEvent, type StretchRequest } from './event-log.ts'
import { clearDerived, project, type StatusFolds } from './projections.ts'
import { createWitness, type Witness, type WitnessState } from './witness.ts'

export interface IndexerOptions {
  readonly db: Kysely<ChainTables>
  readonly provider: ChainProvider
  readonly deployment: Deployment
  /** How often the chain is asked for a new block; default 250 ms. */
  readonly pollMs?: number
  /** Blocks in one transaction of the database; default 1,000. */
  readonly batchBlocks?: number
  /** A second node, run by somebody else: the index goes no further than both tell the same. */
  readonly witness?: ChainProvider
  /** How often both nodes are asked again about old blocks; default 60,000 ms. */
  readonly auditEveryMs?: number
  /** How long a second node that is away or behind is waited for before the index goes on alone; default 30,000 ms. */
  readonly witnessPatienceMs?: number
  readonly onProgress?: (progress: { block: number; headBlock: number }) => void
  readonly onRollback?: (rollback: { fromBlock: number; toBlock: number }) => void
  readonly onError?: (error: unknown) => void
}

export interface IndexerStatus {
  readonly state: 'stopped' | 'running' | 'waiting'
  readonly block?: number
  readonly headBlock?: number
  readonly error?: ChainError
  /** Absent without a second node. */
  readonly witness?: WitnessState
}

/** Keeps the tables of the index at the head of the chain. */
export interface Indexer {
  /**
   * Starts following the chain. A node that is away is waited for.
   *
   * @throws ChainError `ERR_CHAIN_MISMATCH`, `ERR_CHAIN_CODE_MISMATCH`
   */
  start(): Promise<void>
  stop(): Promise<void>
  /**
   * Indexes up to the head of this moment. Resolves to its block number.
   *
   * @throws ChainError `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_MISMATCH`, `ERR_CHAIN_CODE_MISMATCH`, `ERR_CHAIN_DISAGREEMENT`
   */
  catchUp(): Promise<number>
  /** Forgets everything and reads the chain again from the block of the deployment on. */
  rebuild(): Promise<void>
  status(): IndexerStatus
  /** Calls `listener` after each batch that this process wrote, and after each rollback. Returns the way to end that. */
  subscribe(listener: (block: number) => void): () => void
}

type Cursor = Selectable<CursorTable>
type Trx = Transaction<ChainTables>
const replayPage = 500
const keptEmptyBlocks = 512
/** How often in a row a node may have changed its chain while it was read, before it is said to contradict itself. */
const mostContradictions = 50

export function createIndexer(options: IndexerOptions): Indexer {
  const { db, deployment, pollMs = 250, batchBlocks = 1_000, auditEveryMs = 60_000, witnessPatienceMs = 30_000 } = options
  const provider = withChainErrors(options.provider)
  const witness: Witness | undefined =
    options.witness && createWitness({ db, deployment, provider, witness: options.witness, pageBlocks: batchBlocks, patienceMs: witnessPatienceMs })
  let auditedAtMs = 0
  let contradictions = 0
  const folds: StatusFolds = new Map()
  /** The block up to which `folds` were brought; when another worker wrote after it, they may be of another history. */
  let foldedTo: string | undefined
  const listeners = new Set<(block: number) => void>()
  let verified = false
  let state: Omit<IndexerStatus, 'state'> = {}
  /** One at a time in this process; between processes the lock on `chain_identity` decides. */
  let turn: Promise<unknown> = Promise.resolve()

  async function catchUp(): Promise<number> {
    const mine = turn.then(advanceToHead, advanceToHead)
    turn = mine.catch(() => undefined)
    return await mine
  }

  async function advanceToHead(): Promise<number> {
    try {
      if (!verified) await verify()
      await audit()
      for (;;) {
        const head = await fetchHeader(provider, 'latest')
        if (!head) throw new ChainError('ERR_CHAIN_UNREACHABLE', 'the chain node has no blocks')
        const reached = await advance(head)
        if (reached !== undefined) {
          state = { block: reached, headBlock: head.number }
          return reached
        }
      }
    } catch (error) {
      verified = false
      folds.clear()
      throw error
    }
  }

  async function verify(): Promise<void> {
    await verifyChainIdentity(db, provider, deployment)
    await witness?.verifyChain((await fetchHeader(provider, 0))?.hash ?? '')
    await db.transaction().execute(async (trx) => {
      const known = await lock(trx)
      if (known === fingerprintOf(deployment)) return
      await forget(trx)
      await trx.updateTable('chain_identity').set({ contracts: fingerprintOf(deployment) }).execute()
    })
    await verifyKnownCode(db, provider)
    verified = true
  }

  async function audit(): Promise<void> {
    const cursor = witness && (await readCursor(db))
    // A lie once told is asked about until it is taken back.
    if (!cursor || (!witness.isAuditDue() && Date.now() < auditedAtMs + auditEveryMs)) return
    await witness.audit({ number: toNumber(cursor.block_number), hash: cursor.block_hash })
    auditedAtMs = Date.now()
  }

  /** One batch. Resolves to the block reached when that is the head, to undefined when there is more to do. */
  async function advance(head: BlockHeader): Promise<number | undefined> {
    const cursor = await readCursor(db)
    if (cursor) {
      const number = toNumber(cursor.block_number)
      const onChain = number === head.number ? head : number < head.number ? await fetchHeader(provider, number) : undefined
      if (onChain?.hash !== cursor.block_hash) {
        await rollBack(cursor, head)
        return undefined
      }
      if (number === head.number) return number
    }
    const from = cursor ? toNumber(cursor.block_number) + 1 : deployment.deployedAtBlock
    if (from > head.number) return head.number
    const stretch = await fetchAgreed({ deployment, changes: await readContractChanges(db), from, to: Math.min(head.number, from + batchBlocks - 1) })
    if (stretch === 'contradiction') return contradicted(from)
    if (stretch === 'wait') return from - 1
    const to = stretch.last.number
    contradictions = 0
    if (!(await append(cursor, stretch))) return undefined
    options.onProgress?.({ block: to, headBlock: head.number })
    for (const listener of listeners) listener(to)
    return to === head.number ? to : undefined
  }

  /** As much of a stretch as the witness tells the same of: the very answers that were compared. */
  async function fetchAgreed(request: StretchRequest): Promise<ChainStretch | 'contradiction' | 'wait'> {
    let { to } = request
    for (;;) {
      const stretch = await fetchStretch(provider, { ...request, to })
      if (!stretch) return 'contradiction'
      const agreed = (await witness?.agreedUpTo({ ...request, to }, stretch)) ?? to
      if (agreed === to) return stretch
      if (agreed < request.from) return 'wait'
      to = agreed
    }
  }

  /** The chain changed while it was read. That happens; but a node whose blocks and events never fit together lies. */
  function contradicted(from: number): undefined {
    contradictions += 1
    if (contradictions < mostContradictions) return undefined
    contradictions = 0
    throw new ChainError('ERR_CHAIN_DISAGREEMENT', `the node contradicts itself about the blocks from ${from} on: ask another node`)
  }

  async function append(cursor: Cursor | undefined, stretch: ChainStretch): Promise<boolean> {
    const written = await db
      .transaction()
      .execute(async (trx) => {
        await lock(trx)
        const now = await readCursor(trx)
        // Another worker was here meanwhile.
        if (now?.block_hash !== cursor?.block_hash) return false
        if (cursor?.block_hash !== foldedTo) folds.clear()
        await storeStretch(trx, stretch)
        await project(trx, withArgs(stretch.events, (number) => stretch.headers.get(number)?.timestampSeconds), folds)
        await moveCursor(trx, stretch.last)
        foldedTo = stretch.last.hash
        return true
      })
      .catch((error: unknown) => {
        folds.clear()
        throw error
      })
    return written
  }

  /**
   * Goes back to the last block that index and chain have in common: drops the events after it and derives all
   * tables again from those that are left, in one transaction, so that no reader sees anything in between.
   */
  async function rollBack(cursor: Cursor, head: BlockHeader): Promise<void> {
    // A chain that is shorter may be another one, or one from before the deployment.
    await verifyChainIdentity(db, provider, deployment)
    await witness?.confirmGone({ number: toNumber(cursor.block_number), hash: cursor.block_hash })
    const ancestor = await findAncestor(head)
    await db
      .transaction()
      .execute(async (trx) => {
        await lock(trx)
        const now = await readCursor(trx)
        if (now?.block_hash !== cursor.block_hash) return
        const keep = ancestor ? toNumber(ancestor.number) : -1
        await trx.deleteFrom('chain_events').where('block_number', '>', keep).execute()
        await trx.deleteFrom('chain_blocks').where('number', '>', keep).execute()
        await clearDerived(trx, folds)
        await replay(trx)
        foldedTo = ancestor?.hash
        await trx.deleteFrom('chain_cursor').execute()
        if (ancestor) {
          const { number, hash, block_time: blockTime } = ancestor
          await trx.insertInto('chain_cursor').values({ id: 1, block_number: toNumber(number), block_hash: hash, block_time: toNumber(blockTime) }).execute()
        }
      })
      .catch((error: unknown) => {
        folds.clear()
        throw error
      })
    const toBlock = ancestor ? toNumber(ancestor.number) : -1
    options.onRollback?.({ fromBlock: toNumber(cursor.block_number), toBlock })
    for (const listener of listeners) listener(toBlock)
  }

  async function findAncestor(head: BlockHeader) {
    let ceiling = head.number
    for (;;) {
      const block = await db
        .selectFrom('chain_blocks')
        .selectAll()
        .where('number', '<=', ceiling)
        .orderBy('number', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (!block) return undefined
      const onChain = await fetchHeader(provider, toNumber(block.number))
      if (onChain?.hash === block.hash) return block
      ceiling = toNumber(block.number) - 1
    }
  }

  async function replay(trx: Trx): Promise<void> {
    let after = { block: -1, log: -1 }
    for (;;) {
      const rows = await trx
        .selectFrom('chain_events')
        .innerJoin('chain_blocks', 'chain_blocks.number', 'chain_events.block_number')
        .selectAll('chain_events')
        .select('chain_blocks.block_time')
        .where((eb) =>
          eb.or([
            eb('chain_events.block_number', '>', after.block),
            eb.and([eb('chain_events.block_number', '=', after.block), eb('chain_events.log_index', '>', after.log)])
          ])
        )
        .orderBy('chain_events.block_number')
        .orderBy('chain_events.log_index')
        .limit(replayPage)
        .execute()
      const times = new Map(rows.map((row) => [toNumber(row.block_number), toNumber(row.block_time)]))
      await project(trx, withArgs(rows.map(fromEventRow), (number) => times.get(number)), folds)
      const last = rows.at(-1)
      if (!last || rows.length < replayPage) return
      after = { block: toNumber(last.block_number), log: last.log_index }
    }
  }

  async function forget(trx: Trx): Promise<void> {
    await clearDerived(trx, folds)
    await trx.deleteFrom('chain_events').execute()
    await trx.deleteFrom('chain_blocks').execute()
    await trx.deleteFrom('chain_cursor').execute()
  }

  let failures = 0
  const loop = createLoop(async () => {
    try {
      await catchUp()
      failures = 0
      return pollMs
    } catch (error) {
      failures += 1
      state = { ...state, ...(error instanceof ChainError ? { error } : {}) }
      options.onError?.(error)
      return Math.min(100 * 2 ** Math.min(failures, 5), 2_000)
    }
  })

  return {
    async start() {
      if (loop.isRunning()) return
      await verify().catch((error: unknown) => {
        if (!(error instanceof ChainError) || ['ERR_CHAIN_MISMATCH', 'ERR_CHAIN_CODE_MISMATCH'].includes(error.code)) throw error
      })
      loop.start()
    },
    stop: async () => { await loop.stop() },
    catchUp,
    async rebuild() {
      await turn
      await db.transaction().execute(async (trx) => {
        await lock(trx)
        await forget(trx)
      })
      await catchUp()
    },
    status() {
      const known = { ...state, ...(witness && { witness: witness.state() }) }
      if (!loop.isRunning()) return { ...known, state: 'stopped' }
      return { ...known, state: state.error ? 'waiting' : 'running' }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
  }
}

/** Only one worker writes the index at a time. Resolves to what the index was built from. */
async function lock(trx: Trx): Promise<string | undefined> {
  const row = await trx.selectFrom('chain_identity').select('contracts').where('id', '=', 1).forUpdate().executeTakeFirst()
  return row?.contracts
}

async function readCursor(db: Kysely<ChainTables>): Promise<Cursor | undefined> {
  return await db.selectFrom('chain_cursor').selectAll().where('id', '=', 1).executeTakeFirst()
}

async function moveCursor(trx: Trx, block: BlockHeader): Promise<void> {
  const cursor = { block_number: block.number, block_hash: block.hash, block_time: block.timestampSeconds }
  await trx
    .insertInto('chain_cursor')
    .values({ id: 1, ...cursor })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(cursor))
    .execute()
}

async function storeStretch(trx: Trx, stretch: ChainStretch): Promise<void> {
  const blocks = new Map(stretch.headers).set(stretch.last.number, stretch.last)
  const blockRows = [...blocks.values()].map((block) => ({
    number: block.number,
    hash: block.hash,
    parent_hash: block.parentHash,
    block_time: block.timestampSeconds
  }))
  for (const rows of pages(blockRows)) {
    await trx.insertInto('chain_blocks').values(rows).onConflict((conflict) => conflict.column('number').doNothing()).execute()
  }
  // Of the blocks without events only the latest are kept, as places where a short rollback can stop.
  await trx
    .deleteFrom('chain_blocks')
    .where('number', '<', stretch.last.number - keptEmptyBlocks)
    .where('number', '>=', stretch.last.number - 4 * keptEmptyBlocks)
    .where((eb) => eb.not(eb.exists(eb.selectFrom('chain_events').select('log_index').whereRef('block_number', '=', 'chain_blocks.number'))))
    .execute()
  const eventRows = stretch.events.map((event) => ({
    block_number: event.blockNumber,
    log_index: event.logIndex,
    transaction_hash: event.transactionHash,
    contract: event.contract,
    address: event.address,
    event: event.event,
    topics: event.topics.join(','),
    data: event.data
  }))
  for (const rows of pages(eventRows)) await trx.insertInto('chain_events').values(rows).execute()
}

function* pages<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += replayPage) yield rows.slice(start, start + replayPage)
}

function withArgs(events: readonly RawEvent[], timeOf: (block: number) => number | undefined) {
  return events.map((event) => ({ ...event, args: decodeEvent(event), blockTimeSeconds: timeOf(event.blockNumber) ?? 0 }))
}
