import type { CityAgent } from '../../agent/agent.ts'
import { buildEpoch, type FlipPolicy } from '../../agent/status/epoch.ts'
import { allocateStatusIndex, createDecoyIndexes } from '../../agent/status/index-allocation.ts'
import { statusListIdOf } from '../../agent/status/list-id.ts'
import { createStatusBits, flipPositions, STATUS_LIST_SIZE } from '../../agent/status/status-bits.ts'
import { AgentError } from '../../agent/errors.ts'
import { encodeDelta } from '../../agent/status/delta.ts'
import type { StatusHomes } from '../../chain/status-homes.ts'
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
const DECOY_SHARE = 8

interface Published {
  readonly version: string
  readonly bits: Uint8Array
}

/** A list in another contract, and what was published of it there before. */
interface Move {
  readonly list: StatusListRow
  readonly base: Uint8Array
}

const creation: PendingEpoch = { epoch: 0, digest: new Uint8Array(0), delta: new Uint8Array(0), attempt: 0 }

/** Epochs begin anew in another contract. */
const versionOf = ({ moves, epoch }: Pick<StatusListRow, 'moves' | 'epoch'>): string => `${moves}:${epoch}`

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
    return { ...list, open: true, contract: undefined, moves: 0, publishedAt: undefined }
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

  /** Forgets epochs that index and chain have, sends again what the chain refused, and tells how many are on their way. */
  const settlePending = async (list: StatusListRow, indexedBlock: number): Promise<number> => {
    const waiting: { readonly pending: PendingEpoch; readonly state: string | undefined }[] = []
    for (const pending of await store.listPending(list.listId)) {
      const entry = await chain.state(keyOf(list, pending))
      if (entry?.state === 'confirmed' && waiting.length === 0 && (entry.blockNumber ?? 0) <= indexedBlock) await store.deletePending(list.listId, pending.epoch)
      else waiting.push({ pending, state: entry?.state })
    }
    const open = waiting.filter(({ state }) => state !== 'confirmed')
    // a city that was suspended, say, goes on where it stopped; what follows a refused epoch was refused too
    if (open[0]?.state === 'failed') {
      for (const { pending, state } of open) if (state === 'failed') await send(list, { ...pending, attempt: pending.attempt + 1 })
    }
    return open.length
  }

  /** Whether something sent to a list may still arrive, or has arrived and the index does not know. */
  const isOnTheWay = async (list: StatusListRow, indexedBlock: number): Promise<boolean> => {
    for (const pending of await store.listPending(list.listId)) {
      const entry = await chain.state(keyOf(list, pending))
      if (entry?.state === 'queued' || entry?.state === 'sent' || (entry?.state === 'confirmed' && (entry.blockNumber ?? 0) > indexedBlock)) return true
    }
    return false
  }

  const bitsOf = async (list: StatusListRow): Promise<Uint8Array> => {
    const known = published.get(list.listId)
    if (known?.version === versionOf(list)) return known.bits
    const bits = createStatusBits(size)
    flipPositions(bits, await store.listSetPositions(list.listId))
    published.set(list.listId, { version: versionOf(list), bits })
    return bits
  }

  /** Follows the federation to the StatusLists that it names now; undefined while something is on its way to the old one. */
  const moveTo = async (list: StatusListRow, now: { readonly contract: string; readonly block: number }): Promise<Move | undefined> => {
    if (await isOnTheWay(list, now.block)) return undefined
    const home = await homes.find(options.locode, list.uri, now.contract)
    const moved = { ...list, contract: now.contract, epoch: home?.epoch ?? 0, moves: list.moves + 1 }
    await store.move(list.listId, moved)
    if (home === undefined) await send(moved, creation)
    return { list: moved, base: home?.bits ?? createStatusBits(size) }
  }

  const publishEpoch = async (stored: StatusListRow): Promise<void> => {
    const now = await homes.current()
    const before = await bitsOf(stored)
    let move: Move | undefined
    if (now !== undefined && stored.contract === undefined) await store.settleIn(stored.listId, now.contract)
    else if (now !== undefined && stored.contract !== now.contract) {
      move = await moveTo(stored, now)
      if (move === undefined) return
    }
    if (move === undefined && await settlePending(stored, now?.block ?? 0) >= MAX_PENDING_EPOCHS) return
    const list = move?.list ?? stored
    const changes = await store.listChanges(list.listId)
    const next = await buildEpoch({ statusBits: before, changes, decoys: list.decoys, revocations: policy, suspensions: policy, random })
    const isSet = (position: number): boolean => ((next.statusBits[position >>> 3] ?? 0) >>> (position & 7) & 1) === 1
    const epoch = list.epoch + 1
    await store.advance(list.listId, epoch, { set: next.positions.filter(isSet), cleared: next.positions.filter((position) => !isSet(position)) }, clock())
    await store.deleteChanges(changes.map(({ changeId }) => changeId))
    // the first epoch in another contract says everything that contract does not know
    const delta = move === undefined ? next.delta : encodeDelta(listDifferences(move.base, next.statusBits))
    await send(list, { epoch, digest: next.digest, delta, attempt: 0 })
    afterCommit(() => published.set(list.listId, { version: versionOf({ ...list, epoch }), bits: next.statusBits }))
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
      for (const { listId } of await store.listAll()) {
        await transact(db, async () => {
          await store.lock()
          const list = await store.find(listId)
          if (list !== undefined) await publishEpoch(list)
        })
      }
    },

    async isPublished() {
      const list = await store.findOpen()
      if (list === undefined || list.epoch === 0) return false
      return (await store.listPending(list.listId)).every(({ epoch }) => epoch > 1)
        || (await chain.state(keyOf(list, { epoch: 1, attempt: 0 })))?.state === 'confirmed'
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
