import type { CityAgent } from '../../agent/agent.ts'
import { buildEpoch, type FlipPolicy } from '../../agent/status/epoch.ts'
import { allocateStatusIndex, createDecoyIndexes } from '../../agent/status/index-allocation.ts'
import { statusListIdOf } from '../../agent/status/list-id.ts'
import { createStatusBits, flipPositions, STATUS_LIST_SIZE } from '../../agent/status/status-bits.ts'
import { AgentError } from '../../agent/errors.ts'
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
  readonly epoch: number
  readonly bits: Uint8Array
}

/** Status lists: one source of bits, epochs at a fixed cadence, both faces. */
export function createStatusService(options: StatusServiceOptions): StatusService {
  const { db, store, agent, chain, issuer, publicUrl, clock, random, epochSeconds } = options
  const size = options.listSize ?? STATUS_LIST_SIZE
  const published = new Map<string, Published>()
  const served = new Map<string, { epoch: number; signedAtSeconds: number; token: string }>()
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
    await send(list, { epoch: 0, digest: new Uint8Array(0), delta: new Uint8Array(0), attempt: 0 })
    return { ...list, open: true, publishedAt: undefined }
  }

  const keyOf = (listId: string, { epoch, attempt }: Pick<PendingEpoch, 'epoch' | 'attempt'>): string => `status:${listId}:${epoch}${attempt === 0 ? '' : `:${attempt}`}`

  /** Has the outbox send an epoch, or, for epoch 0, the making of the list. */
  const send = async (list: Pick<StatusListRow, 'listId' | 'uri' | 'size'>, pending: PendingEpoch): Promise<void> => {
    const call = { account: options.account, contract: 'StatusLists', key: keyOf(list.listId, pending) } as const
    await store.savePending(list.listId, pending)
    if (pending.epoch === 0) {
      const city = `0x${Buffer.from(options.locode).toString('hex')}`
      await chain.enqueue({ ...call, method: 'create', args: [city, list.uri, list.size] })
    } else {
      const args = [statusListIdOf(options.locode, list.uri), pending.epoch, pending.digest, pending.delta] as const
      await chain.enqueue({ ...call, method: 'publish', args })
    }
  }

  /** Forgets epochs that the chain has, sends again what it refused, and tells how many are on their way. */
  const settlePending = async (list: StatusListRow): Promise<number> => {
    const waiting: { readonly pending: PendingEpoch; readonly failed: boolean }[] = []
    for (const pending of await store.listPending(list.listId)) {
      const state = (await chain.state(keyOf(list.listId, pending)))?.state
      if (state === 'confirmed' && waiting.length === 0) await store.deletePending(list.listId, pending.epoch)
      else waiting.push({ pending, failed: state === 'failed' })
    }
    // a city that was suspended, say, goes on where it stopped; what follows a refused epoch was refused too
    if (waiting[0]?.failed === true) {
      for (const { pending } of waiting.filter(({ failed }) => failed)) await send(list, { ...pending, attempt: pending.attempt + 1 })
    }
    return waiting.length
  }

  const bitsOf = async ({ listId, epoch }: StatusListRow): Promise<Uint8Array> => {
    const known = published.get(listId)
    if (known?.epoch === epoch) return known.bits
    const bits = createStatusBits(size)
    flipPositions(bits, await store.listSetPositions(listId))
    published.set(listId, { epoch, bits })
    return bits
  }

  const publishEpoch = async (list: StatusListRow): Promise<void> => {
    if (await settlePending(list) >= MAX_PENDING_EPOCHS) return
    const before = await bitsOf(list)
    const changes = await store.listChanges(list.listId)
    const next = await buildEpoch({ statusBits: before, changes, decoys: list.decoys, revocations: policy, suspensions: policy, random })
    const isSet = (position: number): boolean => ((next.statusBits[position >>> 3] ?? 0) >>> (position & 7) & 1) === 1
    const epoch = list.epoch + 1
    const now = clock()
    await store.advance(list.listId, epoch, { set: next.positions.filter(isSet), cleared: next.positions.filter((position) => !isSet(position)) }, now)
    await store.deleteChanges(changes.map(({ changeId }) => changeId))
    await send(list, { epoch, digest: next.digest, delta: next.delta, attempt: 0 })
    afterCommit(() => published.set(list.listId, { epoch, bits: next.statusBits }))
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
        || (await chain.state(keyOf(list.listId, { epoch: 1, attempt: 0 })))?.state === 'confirmed'
    },

    async serve(listId, face) {
      const list = await store.find(listId)
      if (list === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such status list.')
      const nowSeconds = Math.floor(clock().getTime() / 1000)
      const key = `${listId}/${face}`
      const known = served.get(key)
      if (known !== undefined && known.epoch === list.epoch && nowSeconds - known.signedAtSeconds < Math.max(epochSeconds / 2, 1)) {
        return { token: known.token, maxAgeSeconds: epochSeconds }
      }
      const token = await sign(list, face, nowSeconds)
      served.set(key, { epoch: list.epoch, signedAtSeconds: nowSeconds, token })
      return { token, maxAgeSeconds: epochSeconds }
    },
  }
}
