import type { Kysely } from 'kysely'
import type { Deployment } from '../deployment.ts'
import { ChainError } from '../errors.ts'
import { fetchHeader, withChainErrors, type BlockHeader, type ChainProvider } from '../rpc.ts'
import { toNumber } from '../columns.ts'
import type { ChainTables } from '../tables.ts'
import { readContractChanges } from './contract-terms.ts'
import { fetchEvents, fetchHeaders, fromEventRow, type ChainStretch, type RawEvent, type StretchRequest } from './event-log.ts'

/** `away`: it does not answer, or does not have the blocks that it was asked about. */
export type WitnessState = 'agrees' | 'away' | 'disagrees'

/** A second node, run by somebody else, that is asked whether the first one tells the truth. */
export interface Witness {
  /**
   * How far what the node told of a stretch may be believed: its last block when the witness tells the same, an earlier
   * one up to which it does or is there yet. A witness that stays away for longer than it is waited for is done without.
   *
   * @throws ChainError `ERR_CHAIN_DISAGREEMENT` when they differ from the first block on
   */
  agreedUpTo(request: StretchRequest, stretch: ChainStretch): Promise<number>
  /**
   * Asks both nodes again about blocks that are in the index: the latest, and the next page of the old ones. Those that
   * were taken without the witness come first.
   *
   * @throws ChainError `ERR_CHAIN_DISAGREEMENT`
   */
  audit(cursor: { readonly number: number; readonly hash: string }): Promise<void>
  /**
   * Asked before the index goes back: the chain may only have changed if the witness says so too.
   *
   * @throws ChainError `ERR_CHAIN_DISAGREEMENT`
   */
  confirmGone(block: { readonly number: number; readonly hash: string }): Promise<void>
  /** @throws ChainError `ERR_CHAIN_MISMATCH` when it serves another chain */
  verifyChain(genesisHash: string): Promise<void>
  /** Whether an audit is due at once: the nodes disagreed, or the index went on without the witness. */
  isAuditDue(): boolean
  state(): WitnessState
}

export interface WitnessOptions {
  readonly db: Kysely<ChainTables>
  readonly deployment: Deployment
  readonly provider: ChainProvider
  readonly witness: ChainProvider
  /** Blocks of one page of an audit. */
  readonly pageBlocks: number
  /** How long a witness that is away or behind is waited for, milliseconds. */
  readonly patienceMs: number
}

/** What is told of each block: its header and its events, as text. */
type Story = ReadonlyMap<number, string>

export function createWitness({ db, deployment, provider, pageBlocks, patienceMs, ...options }: WitnessOptions): Witness {
  const witness = withChainErrors(options.witness)
  let state: WitnessState = 'away'
  /** Since when the witness has not been where the index wants to go. */
  let missedSinceMs: number | undefined
  /** First block of the next page to audit. */
  let next = deployment.deployedAtBlock
  /** Whether blocks from `next` on were taken without the witness. */
  let wentAlone = false

  /** Undefined when the witness does not answer. */
  async function ask<Answer>(question: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      return await question()
    } catch (error) {
      if (!(error instanceof ChainError) || !['ERR_CHAIN_UNREACHABLE', 'ERR_CHAIN_RPC'].includes(error.code)) throw error
      state = 'away'
      return undefined
    }
  }

  async function askHead(): Promise<number> {
    return (await ask(async () => await fetchHeader(witness, 'latest')))?.number ?? -1
  }

  /** What to believe of a stretch that the witness cannot speak of: nothing yet, and all of it once patience is over. */
  function miss({ from, to }: StretchRequest): number {
    state = 'away'
    missedSinceMs ??= Date.now()
    if (Date.now() - missedSinceMs < patienceMs) return from - 1
    next = Math.min(next, from)
    wentAlone = true
    return to
  }

  function disagreement(block: number): ChainError {
    state = 'disagrees'
    return new ChainError(
      'ERR_CHAIN_DISAGREEMENT',
      `the node and its witness tell different stories of block ${block}; the index stays where it is. Compare both with a third ` +
        'node, replace the one that lies, and build the index anew if it has followed that one'
    )
  }

  return {
    async agreedUpTo(request, stretch) {
      const head = await askHead()
      if (head < request.from) return miss(request)
      if (head < request.to) return head
      const told = await ask(async () => await fetchStory(witness, request, [request.to]))
      if (told === undefined) return miss(request)
      missedSinceMs = undefined
      const difference = firstDifference(told, toStory(new Map(stretch.headers).set(stretch.last.number, stretch.last), stretch.events))
      if (difference === undefined) {
        state = 'agrees'
        return request.to
      }
      // The last block may differ because one before it does that carries no event.
      const first = difference < request.to ? difference : await firstOtherHeader(provider, witness, request.from, request.to)
      if (first <= request.from) throw disagreement(first)
      state = 'disagrees'
      return first - 1
    },

    async audit(cursor) {
      if (next > cursor.number) next = deployment.deployedAtBlock
      const [from, to] = [next, Math.min(cursor.number, next + pageBlocks - 1)]
      if (to < from) return
      // Not the chain the index followed: whether it may go back is asked of the witness before it does.
      if ((await fetchHeader(provider, cursor.number))?.hash !== cursor.hash) return
      if ((await askHead()) < cursor.number) return
      const stored = await readStory(db, from, to)
      const changes = (await readContractChanges(db)).filter((change) => change.blockNumber < from)
      const request = { deployment, changes, from, to }
      const blocks = [...stored.keys(), cursor.number]
      const told = await ask(async () => await fetchStory(witness, request, blocks))
      if (told === undefined) return
      const mine = await fetchStory(provider, request, blocks)
      const difference = firstDifference(told, mine) ?? firstDifference(withoutRoots(told), new Map([...withoutRoots(mine), ...stored]))
      if (difference !== undefined) throw disagreement(difference)
      next = to + 1
      if (next > cursor.number) wentAlone = false
      state = 'agrees'
    },

    async confirmGone(block) {
      const told = await ask(async () => await fetchHeader(witness, block.number))
      if (told?.hash === block.hash) throw disagreement(block.number)
    },

    async verifyChain(genesisHash) {
      const told = await ask(async () => await fetchHeader(witness, 0))
      if (told !== undefined && told.hash !== genesisHash) {
        throw new ChainError('ERR_CHAIN_MISMATCH', 'the node that is to bear witness serves another chain: correct SYMBOLON_RPC_WITNESS_URL')
      }
    },

    isAuditDue: () => wentAlone || state === 'disagrees',
    state: () => state
  }
}

/** Events of a stretch, and the headers of their blocks and of the `others`. */
async function fetchStory(node: ChainProvider, request: StretchRequest, others: readonly number[]): Promise<Story> {
  const { events } = await fetchEvents(node, request)
  const headers = await fetchHeaders(node, [...new Set([...events.map((event) => event.blockNumber), ...others])])
  return toStory(headers, events)
}

/** What the index has written down of blocks. It keeps no receipts root. */
async function readStory(db: Kysely<ChainTables>, from: number, to: number): Promise<Story> {
  const rows = await db
    .selectFrom('chain_events')
    .selectAll()
    .where('block_number', '>=', from)
    .where('block_number', '<=', to)
    .orderBy('block_number')
    .orderBy('log_index')
    .execute()
  const blocks = await db.selectFrom('chain_blocks').selectAll().where('number', '>=', from).where('number', '<=', to).execute()
  const headers = blocks.map((row) => [
    toNumber(row.number),
    { hash: row.hash, parentHash: row.parent_hash, timestampSeconds: toNumber(row.block_time) }
  ] as const)
  return toStory(new Map(headers), rows.map(fromEventRow))
}

type ToldHeader = Pick<BlockHeader, 'hash' | 'parentHash' | 'timestampSeconds'> & { readonly receiptsRoot?: string }

function toStory(headers: ReadonlyMap<number, ToldHeader>, events: readonly RawEvent[]): Story {
  const byBlock = Map.groupBy(events, (event) => event.blockNumber)
  const numbers = new Set([...headers.keys(), ...byBlock.keys()])
  return new Map([...numbers].map((number) => [number, tell(headers.get(number), byBlock.get(number) ?? [])]))
}

function tell(header: ToldHeader | undefined, events: readonly RawEvent[]): string {
  const told = events.map(({ logIndex, transactionHash, contract, address, event, topics, data }) => [
    logIndex, transactionHash, contract, address, event, topics.join(','), Buffer.from(data).toString('base64')
  ])
  const head = header && [header.hash, header.parentHash, header.timestampSeconds]
  return JSON.stringify([head ?? null, told]) + rootMark + (header?.receiptsRoot ?? '')
}

const rootMark = ' receipts '

function withoutRoots(story: Story): Story {
  return new Map([...story].map(([number, told]) => [number, told.slice(0, told.lastIndexOf(rootMark)) + rootMark]))
}

function firstDifference(a: Story, b: Story): number | undefined {
  const numbers = [...new Set([...a.keys(), ...b.keys()])].toSorted((one, other) => one - other)
  return numbers.find((number) => a.get(number) !== b.get(number))
}

/** The first block of which two nodes have different headers, when they have them of block `to`; else `to`. */
async function firstOtherHeader(node: ChainProvider, witness: ChainProvider, from: number, to: number): Promise<number> {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const [mine, told] = await Promise.all([fetchHeader(node, middle), fetchHeader(witness, middle)])
    if (mine?.hash === told?.hash) low = middle + 1
    else high = middle
  }
  return low
}
