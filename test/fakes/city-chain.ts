import { createHash } from 'node:crypto'
import type { ChainSender } from '../../api/platform/chain-sender.ts'
import type { Db } from '../../api/platform/database.ts'
import { decodeDelta } from '../../agent/status/delta.ts'
import { statusListIdOf } from '../../agent/status/list-id.ts'
import { createStatusBits, flipPositions, readStatus, statusValue } from '../../agent/status/status-bits.ts'
import type { StatusSource } from '../../agent/trust.ts'
import type { OutboxEntry } from '../../chain/outbox/outbox.ts'
import type { StatusHomes } from '../../chain/status-homes.ts'

export interface FakeCall {
  readonly key: string
  readonly method: string
  readonly args: readonly unknown[]
  readonly state: OutboxEntry['state']
  /** The contract that took or refused it; empty while it waits. */
  readonly to: string
  readonly blockNumber?: number
}

/** A chain that takes calls from a table of the city's database, so that they roll back with it; strict as the contract is. */
export interface FakeChain extends ChainSender, StatusSource {
  /** The StatusLists that the federation names. */
  contract: string
  /** Where calls land that were on their way when the federation named another contract. */
  landsIn: string | undefined
  /** The last block; each call that is taken makes one. */
  block: number
  /** The last block of the index, when it is behind. */
  indexedBlock: number | undefined
  readonly homes: StatusHomes
  /** What newly written calls become, if the contract agrees; `queued` is a chain that is away, `failed` a city that is suspended. */
  outcome: OutboxEntry['state']
  calls(): Promise<readonly FakeCall[]>
  setStates(from: OutboxEntry['state'], to: OutboxEntry['state']): Promise<void>
  /** Says what becomes of one call; of one that was taken, that the chain took it back. */
  setState(key: string, to: OutboxEntry['state']): Promise<void>
}

interface ListState {
  readonly size: number
  epoch: number
  digest: string
}

interface Reading {
  contract: string
  epoch: number
  digest: string
  bits: Uint8Array
}

type Row = FakeCall & { readonly counts: boolean }
type Tables = {
  test_calls: {
    key: string; n?: number; call: string; state: OutboxEntry['state']; target: string | null; counts: boolean | null; block: number | null
    resolved_at_ms: number | null
  }
}

const noDigest = `0x${'00'.repeat(32)}`
const bytesOf = (value: unknown): Buffer => Buffer.from((value as { bytes: string }).bytes, 'hex')
const hexOf = (value: unknown): string => `0x${bytesOf(value).toString('hex')}`
const digestOf = (bits: Uint8Array): string => `0x${createHash('sha256').update(bits).digest('hex')}`

export const createFakeChain = async (db: Db, locode: string, nowSeconds: () => number): Promise<FakeChain> => {
  const tables = db.withTables<Tables>()
  await db.schema.createTable('test_calls').addColumn('n', 'serial').addColumn('key', 'text', (c) => c.primaryKey()).addColumn('call', 'text').addColumn('state', 'text')
    .addColumn('target', 'text').addColumn('counts', 'boolean').addColumn('block', 'integer').addColumn('resolved_at_ms', 'double precision').execute()
  const listIdOf = ({ method, args }: FakeCall): unknown => method === 'create' ? statusListIdOf(locode, String(args[1])) : args[0]

  const rows = async (): Promise<readonly Row[]> => (await tables.selectFrom('test_calls').selectAll().orderBy('n').execute()).map((row) => ({
    key: row.key, state: row.state, to: row.target ?? '', counts: row.counts === true, ...(row.block === null ? {} : { blockNumber: row.block }),
    ...JSON.parse(row.call) as { method: string; args: readonly unknown[] },
  }))
  const taken = async (listId: unknown): Promise<readonly Row[]> =>
    (await rows()).filter((row) => row.state === 'confirmed' && listIdOf(row) === listId).sort((a, b) => (a.blockNumber ?? 0) - (b.blockNumber ?? 0))

  /** What a contract holds of a list. */
  const stateIn = async (contract: string, listId: unknown): Promise<ListState | undefined> => {
    let list: ListState | undefined
    for (const { method, args, to } of await taken(listId)) {
      if (to !== contract) continue
      if (method === 'create') list = { size: args[2] as number, epoch: 0, digest: noDigest }
      else if (list !== undefined) Object.assign(list, { epoch: args[1], digest: hexOf(args[2]) })
    }
    return list
  }

  /** What readers make of a list in each contract, and which one spoke last: what did not count flips nothing. */
  const read = async (listId: unknown) => {
    const homes = new Map<string, Reading>()
    let last: Reading | undefined
    for (const { method, args, to, counts } of await taken(listId)) {
      if (!counts) continue
      const known = homes.get(to)
      if (method === 'create') {
        const home = { contract: to, epoch: 0, digest: noDigest, bits: createStatusBits(args[2] as number) }
        homes.set(to, home)
        last ??= home
        continue
      }
      if (last === undefined) continue
      const home = known ?? { contract: to, epoch: 0, digest: noDigest, bits: createStatusBits(last.bits.length * 4) }
      flipPositions(home.bits, decodeDelta(bytesOf(args[3]), home.bits.length * 8))
      if (known === undefined && digestOf(home.bits) !== hexOf(args[2])) continue
      last = Object.assign(home, { epoch: args[1] as number, digest: hexOf(args[2]) })
      homes.set(to, home)
    }
    return { homes, last }
  }
  const isBroken = ({ epoch, digest, bits }: Reading): boolean => epoch > 0 && digestOf(bits) !== digest

  /** The reason for which the contract refuses a call. */
  const refusalOf = async (call: FakeCall, to: string): Promise<string | undefined> => {
    const list = await stateIn(to, listIdOf(call))
    if (call.method === 'create') return list === undefined ? undefined : 'ERR_STATUS_LISTS_ALREADY_EXISTS'
    if (list === undefined) return 'ERR_STATUS_LISTS_UNKNOWN_LIST'
    if (hexOf(call.args[2]) === noDigest) return 'ERR_STATUS_LISTS_MISSING_DIGEST'
    return call.args[1] === list.epoch + 1 ? undefined : 'ERR_STATUS_LISTS_WRONG_EPOCH'
  }
  const settle = async (call: FakeCall, outcome: OutboxEntry['state']): Promise<void> => {
    const to = chain.landsIn ?? chain.contract
    const isTaken = outcome === 'confirmed' && await refusalOf(call, to) === undefined
    const isSettled = outcome === 'confirmed' || outcome === 'failed'
    if (isTaken) chain.block += 1
    await tables.updateTable('test_calls').where('key', '=', call.key).set({
      state: isSettled && !isTaken ? 'failed' : outcome, target: isSettled ? to : null, counts: isTaken && to === chain.contract,
      block: isTaken ? chain.block : null, resolved_at_ms: isSettled ? nowSeconds() * 1_000 : null,
    }).execute()
  }

  const chain: FakeChain = {
    outcome: 'confirmed',
    contract: `0x${'51'.repeat(20)}`,
    landsIn: undefined,
    block: 1,
    indexedBlock: undefined,
    homes: {
      current: async () => chain.indexedBlock === undefined || chain.indexedBlock === chain.block ? { contract: chain.contract, block: chain.block } : undefined,
      async isAt(city, uri, { contract, epoch, digest }) {
        const [{ last }, state] = [await read(statusListIdOf(city, uri)), await stateIn(contract, statusListIdOf(city, uri))]
        return last?.contract === contract && !isBroken(last) && [last, state].every((one) => one?.epoch === epoch && one.digest === digest)
      },
      async find(city, uri, contract) {
        const state = await stateIn(contract, statusListIdOf(city, uri))
        return state && { epoch: state.epoch, bits: (await read(statusListIdOf(city, uri))).homes.get(contract)?.bits ?? createStatusBits(state.size) }
      },
    },
    async enqueue(call) {
      const args = call.args.map((value: unknown) => value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('hex') } : value)
      await tables.insertInto('test_calls').values({
        key: call.key, call: JSON.stringify({ method: call.method, args }), state: 'queued', target: null, counts: null, block: null, resolved_at_ms: null,
      }).execute()
      await settle({ key: call.key, method: call.method, args, state: 'queued', to: '' }, chain.outcome)
    },
    async state(key) {
      const row = await tables.selectFrom('test_calls').selectAll().where('key', '=', key).executeTakeFirst()
      return row && {
        key, account: '', contract: 'StatusLists', method: '', state: row.state, createdAtMs: 0,
        ...(row.block === null ? {} : { blockNumber: row.block }), ...(row.resolved_at_ms === null ? {} : { resolvedAtMs: row.resolved_at_ms }),
      }
    },
    calls: rows,
    async setStates(from, to) {
      for (const call of (await rows()).filter(({ state }) => state === from)) await settle(call, to)
    },
    async setState(key, to) {
      const call = (await rows()).find((row) => row.key === key)
      if (call !== undefined) await settle(call, to)
    },
    async readStatus(uri, index, city = locode) {
      const { last } = await read(statusListIdOf(city, uri))
      if (last === undefined || isBroken(last)) return undefined
      return { city, value: statusValue(readStatus(last.bits, index)) ?? 'invalid', epoch: last.epoch, updatedAtSeconds: nowSeconds() }
    },
  }
  return chain
}
