import type { CityAgent } from '../../agent/agent.ts'
import { buildEpoch, type FlipPolicy } from '../../agent/status/epoch.ts'
import { allocateStatusIndex, createDecoyIndexes } from '../../agent/status/index-allocation.ts'
import { statusListIdOf } from '../../agent/status/list-id.ts'
import { createStatusBits, flipPositions, STATUS_LIST_SIZE } from '../../agent/status/status-bits.ts'
import { AgentError } from '../../agent/errors.ts'
import { encodeDelta } from '../../agent/status/delta.ts'
import type { StatusHome, StatusHomes } from '../../chain/status-homes.ts'
import type { StatusValue } from '../../agent/trust.ts'
import type { ChainSender } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'
import { ApiError } from '../platform/errors.ts'
import { afterCommit, transact } from '../platform/transaction.ts'
import type { StatusStore } from './status-store.ts'
import type { Copy, PendingEpoch, StatusListRow } from './types.ts'

export interface StatusServiceOptions {
  readonly db: Db
  readonly store: StatusStore
  readonly agent: Pick<CityAgent, 'createStatusListToken' | 'createBitstringStatusList'>
  readonly chain: ChainSender
  /** Where lists stand on the chain, as the city's index knows it. */
  readonly homes: StatusHomes
  readonly issuer: { readonly did: string; readonly kid: string; readonly x5c: readonly string[] }
  readonly locode: string
  readonly publicUrl: string
  /** The account of the city on the chain, as the outbox knows it. */
  readonly account: string
  readonly epochSeconds: number
  readonly clock: () => Date
  readonly random: (length: number) => Uint8Array
  /** Entries of a list; 2^20 unless a test wants less. */
  readonly listSize?: number
}

export type StatusFace = 'token' | 'revocation' | 'suspension'

export interface StatusService {
  /** Takes an index for one copy of a card. Inside the transaction that issues it. */
  allocate(): Promise<{ readonly listId: string; readonly index: number }>
  /** Has the copies change their status at the next epoch. Inside the transaction that changes the card. */
  change(copies: readonly Copy[], value: StatusValue): Promise<void>
  uriOf(listId: string): string
  /** Makes the first list when there is none, and the next epoch of each list, for the outbox to publish. */
  publishEpochs(): Promise<void>
  /** Whether new cards go to a list that verifiers can know. */
  isPublished(): Promise<boolean>
  /** A list as it is served. @throws ApiError `ERR_NOT_FOUND` */
  serve(listId: string, face: StatusFace): Promise<{ readonly token: string; readonly maxAgeSeconds: number }>
}

/** Epochs that may be on their way to the chain at a time. While the chain is away, changes gather in the one after. */
const MAX_PENDING_EPOCHS = 3
/** What is never at rest is never compared: every so many epochs all that were sent have to arrive before the next is made. */
const REST_EPOCHS = 16
/** Longest pause before what the chain refused is said again: a pause of the contract or a suspension ends at any time. */
const MAX_PAUSE_SECONDS = 300
const DECOY_SHARE = 8
/** In each byte of a list, the low bit of its four entries. */
const INVALID_BITS = 0b01010101

interface Published {
  readonly version: string
  readonly bits: Uint8Array
}

/** The StatusLists that counts, and the block as of which it does. */
type Current = NonNullable<Awaited<ReturnType<StatusHomes['current']>>>

/**
 * What the next epoch of a list goes on from: the one before, which is on the chain or on its way; or what stands in the
 * contract that counts, when that is not what was sent.
 */
type Ground =
  | { readonly kind: 'before'; readonly arrived: number }
  | { readonly kind: 'contract'; readonly home: StatusHome | undefined; readonly attempt: number }

/** `waiting`: it may still arrive. `mined`: the chain has it, and the index does not know. `arrived`: both have it. */
type Passage = 'waiting' | 'mined' | 'arrived' | 'refused'

const creation: PendingEpoch = { epoch: 0, digest: new Uint8Array(0), delta: new Uint8Array(0), attempt: 0 }

/** Epochs begin anew in another contract. */
const versionOf = ({ moves, epoch }: Pick<StatusListRow, 'moves' | 'epoch'>): string => `${moves}:${epoch}`

const digestHexOf = ({ epoch, digest }: PendingEpoch): string => `0x${epoch === 0 ? '00'.repeat(32) : Buffer.from(digest).toString('hex')}`

/** Positions of the entries that are invalid in `other` and not in `one`, ascending. */
function listForgotten(one: Uint8Array, other: Uint8Array): readonly number[] {
  return listDifferences(one, one.map((byte, i) => byte | (other[i] ?? 0) & INVALID_BITS))
}

/** Positions of the bits in which two lists of one size differ, ascending. */
function listDifferences(one: Uint8Array, other: Uint8Array): readonly number[] {
  const positions: number[] = []
  for (const [i, byte] of other.entries()) {
    for (let rest = byte ^ (one[i] ?? 0), bit = 0; rest !== 0; rest >>>= 1, bit += 1) if ((rest & 1) === 1) positions.push(i * 8 + bit)
  }
  return positions
}

/** Status lists: one source of bits, epochs at a fixed cadence, both faces. */
export function createStatusService(options: StatusServiceOptions): StatusService {
  const { db, store, agent, chain, homes, issuer, publicUrl, clock, random, epochSeconds } = options
  const size = options.listSize ?? STATUS_LIST_SIZE
  const published = new Map<string, Published>()
  const served = new Map<string, { version: string; signedAtSeconds: number; token: string }>()
  const uriOf = (listId: string): string => `${publicUrl}/status/${listId}`
  // Cadence in seconds is a demonstration: fewer flips, or the decoys would be used up within days.
  const policy: FlipPolicy = epochSeconds < 60 ? { flips: 1, noise: 1 } : { flips: 2, noise: 2 }

  /** The list that new cards go to, made if there is none. Inside a transaction. */
  const openList = async (full?: string): Promise<StatusListRow> => {
    await store.lock()
    if (full !== undefined) await store.close(full)
    const known = await store.findOpen()
    if (known !== undefined) return known
    const listId = String((await store.listAll()).length + 1)
    const list = { listId, uri: uriOf(listId), size, epoch: 0, decoys: createDecoyIndexes({ count: Math.floor(size / DECOY_SHARE), random, size }) }
    await store.insertList({ ...list, now: clock() })
    await send({ ...list, moves: 0 }, creation)
    return { ...list, open: true, moves: 0, publishedAt: undefined }
  }

  const keyOf = ({ listId, moves }: Pick<StatusListRow, 'listId' | 'moves'>, { epoch, attempt }: Pick<PendingEpoch, 'epoch' | 'attempt'>): string =>
    `status:${listId}:${moves === 0 ? '' : `moved-${moves}:`}${epoch}${attempt === 0 ? '' : `:${attempt}`}`

  /** Has the outbox send an epoch, or, for epoch 0, the making of the list. */
  const send = async (list: Pick<StatusListRow, 'listId' | 'uri' | 'size' | 'moves'>, pending: PendingEpoch): Promise<void> => {
    const call = { account: options.account, contract: 'StatusLists', key: keyOf(list, pending) } as const
    await store.savePending(list.listId, pending)
    if (pending.epoch === 0) {
      const city = `0x${Buffer.from(options.locode).toString('hex')}`
      await chain.enqueue({ ...call, method: 'create', args: [city, list.uri, list.size] })
    } else {
      const args = [statusListIdOf(options.locode, list.uri), pending.epoch, pending.digest, pending.delta] as const
      await chain.enqueue({ ...call, method: 'publish', args })
    }
  }

  const entryOf = async (list: StatusListRow, pending: PendingEpoch, block: number): Promise<{ readonly pending: PendingEpoch; readonly passage: Passage; readonly resolvedAtMs: number }> => {
    const entry = await chain.state(keyOf(list, pending))
    const passage = entry?.state === 'queued' || entry?.state === 'sent' ? 'waiting'
      : entry?.state !== 'confirmed' ? 'refused'
        : (entry.blockNumber ?? 0) <= block ? 'arrived' : 'mined'
    return { pending, passage, resolvedAtMs: entry?.resolvedAtMs ?? 0 }
  }

  /**
   * Decides what the next epoch of a list goes on from. Undefined: none is made now. What is sent goes to the contract that
   * counts when its turn comes, which need not be the one it was meant for, and a chain can forget: so once nothing is on its
   * way, contract and readers are asked whether they have what was sent.
   */
  const findGround = async (list: StatusListRow, now: Current | undefined): Promise<Ground | undefined> => {
    const sent: Awaited<ReturnType<typeof entryOf>>[] = []
    for (const pending of await store.listPending(list.listId)) sent.push(await entryOf(list, pending, now?.block ?? -1))
    const last = sent.at(-1)?.pending
    const refused = sent.find(({ passage }) => passage === 'refused')
    const waiting = sent.filter(({ passage }) => passage === 'waiting').length
    const isAtRest = waiting === 0 && sent.every(({ passage }) => passage !== 'mined')
    if (refused === undefined) {
      const before = { kind: 'before', arrived: sent.findLast(({ passage }) => passage === 'arrived')?.pending.epoch ?? 0 } as const
      const isRestDue = list.epoch > 0 && list.epoch % REST_EPOCHS === 0
      if (now === undefined || !isAtRest) return waiting < (isRestDue ? 1 : MAX_PENDING_EPOCHS) ? before : undefined
      const isKnown = last !== undefined && await homes.isAt(options.locode, list.uri, { contract: now.contract, epoch: last.epoch, digest: digestHexOf(last) })
      if (isKnown) return before
    } else if (now === undefined || !isAtRest || clock().getTime() < refused.resolvedAtMs + pauseMs(refused.pending.attempt)) {
      return undefined
    }
    return {
      kind: 'contract', home: await homes.find(options.locode, list.uri, now.contract),
      attempt: refused === undefined ? 0 : Math.max(...sent.map(({ pending }) => pending.attempt)) + 1,
    }
  }

  /** The first time it is said again at once: the federation may just have replaced the contract. */
  const pauseMs = (attempt: number): number => attempt === 0 ? 0 : 1_000 * Math.min(epochSeconds * 2 ** (attempt - 1), Math.max(MAX_PAUSE_SECONDS, epochSeconds))

  const bitsOf = async (list: StatusListRow): Promise<Uint8Array> => {
    const known = published.get(list.listId)
    if (known?.version === versionOf(list)) return known.bits
    const bits = createStatusBits(list.size)
    flipPositions(bits, await store.listSetPositions(list.listId))
    published.set(list.listId, { version: versionOf(list), bits })
    return bits
  }

  const publishEpoch = async (stored: StatusListRow, ground: Ground): Promise<void> => {
    const known = await bitsOf(stored)
    let list = stored
    let before = known
    if (ground.kind === 'before') await store.deletePendingBefore(list.listId, ground.arrived)
    else {
      // a revocation is for good: one that a database of an earlier day knows nothing of stays
      before = Uint8Array.from(known)
      flipPositions(before, listForgotten(known, ground.home?.bits ?? known))
      list = { ...stored, epoch: ground.home?.epoch ?? 0, moves: stored.moves + 1 }
      await store.move(list.listId, list.epoch)
      if (ground.home === undefined) await send(list, { ...creation, attempt: ground.attempt })
    }
    const changes = await store.listChanges(list.listId)
    const next = await buildEpoch({ statusBits: before, changes, decoys: list.decoys, revocations: policy, suspensions: policy, random })
    const isSet = (position: number): boolean => ((next.statusBits[position >>> 3] ?? 0) >>> (position & 7) & 1) === 1
    const epoch = list.epoch + 1
    const flips = ground.kind === 'before' ? next.positions : listDifferences(known, next.statusBits)
    await store.advance(list.listId, epoch, { set: flips.filter(isSet), cleared: flips.filter((position) => !isSet(position)) }, clock())
    await store.deleteChanges(changes.map(({ changeId }) => changeId))
    // the first epoch on new ground says everything that readers do not know
    const [delta, attempt] = ground.kind === 'before' ? [next.delta, 0]
      : [encodeDelta(listDifferences(ground.home?.bits ?? createStatusBits(list.size), next.statusBits)), ground.attempt]
    await send(list, { epoch, digest: next.digest, delta, attempt })
    afterCommit(() => published.set(list.listId, { version: versionOf({ ...list, epoch }), bits: next.statusBits }))
  }

  /** Looks first, for contract and index are not asked inside a transaction; then makes the epoch, if nobody did meanwhile. */
  const publishNext = async (list: StatusListRow, now: Current | undefined): Promise<void> => {
    const ground = await findGround(list, now)
    if (ground === undefined) return
    await transact(db, async () => {
      await store.lock()
      const stored = await store.find(list.listId)
      if (stored !== undefined && versionOf(stored) === versionOf(list)) await publishEpoch(stored, ground)
    })
  }

  const sign = async (list: StatusListRow, face: StatusFace, nowSeconds: number): Promise<string> => {
    const statusBits = await bitsOf(list)
    const until = nowSeconds + Math.max(4 * epochSeconds, 60)
    if (face === 'token') {
      return await agent.createStatusListToken({
        uri: list.uri, statusBits, issuedAtSeconds: nowSeconds, expiresAtSeconds: until, ttlSeconds: epochSeconds, header: { kid: issuer.kid, x5c: issuer.x5c },
      })
    }
    return await agent.createBitstringStatusList({
      url: `${list.uri}/${face}`, issuerDid: issuer.did, purpose: face, statusBits, validFromSeconds: nowSeconds, validUntilSeconds: until,
      header: { kid: `${issuer.did}#${issuer.kid}`, x5c: issuer.x5c },
    })
  }

  return {
    uriOf,

    async allocate() {
      const take = async ({ listId, decoys }: StatusListRow) => ({
        listId, index: await allocateStatusIndex({ listId, store: store.indexes, random, decoys, size }),
      })
      const list = await store.findOpen() ?? await openList()
      try {
        return await take(list)
      } catch (error) {
        if (!(error instanceof AgentError) || error.code !== 'ERR_STATUS_LIST_FULL') throw error
        return await take(await openList(list.listId))
      }
    },

    async change(copies, value) {
      await store.addChanges(copies.map(({ listId, statusIndex }) => ({ listId, index: statusIndex, value })))
    },

    async publishEpochs() {
      await transact(db, async () => { await openList() })
      const now = await homes.current()
      const failures: unknown[] = []
      for (const list of await store.listAll()) {
        // one list that cannot go on keeps no other from it
        await publishNext(list, now).catch((error: unknown) => failures.push(error))
      }
      if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, 'status lists could not go on')
    },

    async isPublished() {
      const list = await store.findOpen()
      if (list === undefined || list.epoch === 0) return false
      const first = (await store.listPending(list.listId)).filter(({ epoch }) => epoch <= 1)
      for (const pending of first) if ((await chain.state(keyOf(list, pending)))?.state !== 'confirmed') return false
      return true
    },

    async serve(listId, face) {
      const list = await store.find(listId)
      if (list === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such status list.')
      const nowSeconds = Math.floor(clock().getTime() / 1000)
      const key = `${listId}/${face}`
      const known = served.get(key)
      if (known !== undefined && known.version === versionOf(list) && nowSeconds - known.signedAtSeconds < Math.max(epochSeconds / 2, 1)) {
        return { token: known.token, maxAgeSeconds: epochSeconds }
      }
      const token = await sign(list, face, nowSeconds)
      served.set(key, { version: versionOf(list), signedAtSeconds: nowSeconds, token })
      return { token, maxAgeSeconds: epochSeconds }
    },
  }
}
