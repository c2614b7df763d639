import { AbiCoder, getAddress, ZeroAddress, type EventFragment, type ParamType } from 'ethers'
import type { Selectable } from 'kysely'
import { contractInterfaces } from '../contracts.ts'
import { contractNames, type ContractName, type Deployment } from '../deployment.ts'
import { ChainError } from '../errors.ts'
import { fetchHeader, toQuantity, type BlockHeader, type ChainProvider } from '../rpc.ts'
import { toNumber } from '../columns.ts'
import type { EventTable } from '../tables.ts'
import { createContractTerms, verifyCode, type ContractChange } from './contract-terms.ts'
import { toName } from './event-args.ts'

/** An event of one of our contracts, as the chain gave it. */
export interface RawEvent {
  readonly blockNumber: number
  readonly logIndex: number
  readonly transactionHash: string
  readonly contract: ContractName
  /** Where the contract stands, with checksum. */
  readonly address: string
  readonly event: string
  readonly topics: readonly string[]
  readonly data: Uint8Array
}

/** A raw event as a node gave it, with the hash of its block. */
export interface MinedEvent extends RawEvent {
  readonly blockHash: string
}

/** A raw event with its arguments: whole numbers as `bigint`, bytes as lower-case hex, addresses with checksum. */
export interface DecodedEvent extends RawEvent {
  readonly args: Readonly<Record<string, unknown>>
  readonly blockTimeSeconds: number
}

/** A stretch of the chain that was read at one moment, so that its events and headers belong together. */
export interface ChainStretch {
  readonly events: readonly MinedEvent[]
  readonly headers: ReadonlyMap<number, BlockHeader>
  readonly last: BlockHeader
}

interface WireLog {
  readonly address: string
  readonly blockNumber: string
  readonly blockHash: string
  readonly logIndex: string
  readonly transactionHash: string
  readonly topics: readonly string[]
  readonly data: string
}

/** Which blocks are asked for, and what the index knows of our contracts up to there. */
export interface StretchRequest {
  readonly deployment: Pick<Deployment, 'contracts'>
  /** Changes of the Directory before `from`, in the order of the chain. */
  readonly changes: readonly ContractChange[]
  /** First and last block, both included. */
  readonly from: number
  readonly to: number
  /** Signatures of the events that are wanted, the Directory's own among them; all unless given. */
  readonly topics?: readonly string[]
}

/**
 * Fetches the events of a stretch of blocks: those of the contracts that the Directory names at each event's place.
 * Resolves to undefined when the chain changed meanwhile.
 *
 * @throws ChainError `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_RPC`, `ERR_CHAIN_CODE_MISMATCH`
 */
export async function fetchStretch(provider: ChainProvider, request: StretchRequest): Promise<ChainStretch | undefined> {
  const before = await fetchHeader(provider, request.to)
  const { events, changes } = await fetchEvents(provider, request)
  const headers = await fetchHeaders(provider, [...new Set(events.map((event) => event.blockNumber))])
  const code = await Promise.allSettled(changes.map(async (change) => { await verifyCode(provider, change) }))
  const last = await fetchHeader(provider, request.to)
  if (!before || !last || before.hash !== last.hash) return undefined
  if (events.some((event) => headers.get(event.blockNumber)?.hash !== event.blockHash)) return undefined
  // Only now, for a chain that changed meanwhile may have lost the contract.
  for (const outcome of code) if (outcome.status === 'rejected') throw outcome.reason
  return { events, headers, last }
}

/** Asks again with more addresses for as long as the events that came name contracts that were not asked about. */
export async function fetchEvents(provider: ChainProvider, { deployment, changes, from, to, topics }: StretchRequest) {
  let asked = createContractTerms(deployment, changes).addressesFrom(from)
  for (;;) {
    const filter = { fromBlock: toQuantity(from), toBlock: toQuantity(to), address: asked, ...(topics && { topics: [topics] }) }
    const logs = (await provider.send('eth_getLogs', [filter])) as WireLog[]
    const terms = createContractTerms(deployment, changes)
    const found: ContractChange[] = []
    const events = logs.toSorted(byPlace).flatMap((log) => {
      const event = toRawEvent(log, (address, topic, place) => terms.nameAt(address, topic, place))
      const change = event && toContractChange(event)
      if (change) {
        terms.add(change)
        found.push(change)
      }
      return event ?? []
    })
    const needed = terms.addressesFrom(from)
    if (needed.every((address) => asked.includes(address))) return { events, changes: found }
    asked = needed
  }
}

function byPlace(a: WireLog, b: WireLog): number {
  return Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex)
}

function toContractChange(event: RawEvent): ContractChange | undefined {
  if (event.contract !== 'Directory' || event.event !== 'EntryChanged') return undefined
  const args = decodeEvent(event)
  const name = contractNames.find((candidate) => candidate === toName(args['name']))
  if (name === undefined) return undefined
  const { blockNumber, logIndex } = event
  const target = args['target'] === ZeroAddress ? undefined : String(args['target'])
  return { name, target, codeHash: String(args['codeHash']), blockNumber, logIndex }
}

export async function fetchHeaders(provider: ChainProvider, numbers: readonly number[]): Promise<Map<number, BlockHeader>> {
  const headers = new Map<number, BlockHeader>()
  for (let start = 0; start < numbers.length; start += 20) {
    const some = await Promise.all(numbers.slice(start, start + 20).map((number) => fetchHeader(provider, number)))
    for (const header of some) if (header) headers.set(header.number, header)
  }
  return headers
}

/** Undefined for events of contracts that do not stand behind a name at this place, and for events no ABI of ours names. */
function toRawEvent(
  log: WireLog,
  nameAt: (address: string, topic: string, place: { blockNumber: number; logIndex: number }) => ContractName | undefined
): MinedEvent | undefined {
  const [signature] = log.topics
  if (signature === undefined) return undefined
  const address = getAddress(log.address)
  const place = { blockNumber: Number(log.blockNumber), logIndex: Number(log.logIndex) }
  const contract = nameAt(address, signature, place)
  const fragment = contract && contractInterfaces[contract].getEvent(signature)
  if (!contract || !fragment) return undefined
  return {
    ...place,
    blockHash: log.blockHash,
    transactionHash: log.transactionHash,
    contract,
    address,
    event: fragment.name,
    topics: log.topics,
    data: Buffer.from(log.data.slice(2), 'hex')
  }
}

export function fromEventRow(row: Selectable<EventTable>): RawEvent {
  return {
    blockNumber: toNumber(row.block_number),
    logIndex: row.log_index,
    transactionHash: row.transaction_hash,
    contract: row.contract as ContractName,
    address: row.address,
    event: row.event,
    topics: row.topics.split(','),
    data: row.data
  }
}

/**
 * Decodes an event's arguments. Text that is not UTF-8 is read with replacement characters, and without U+0000, so
 * that nothing anybody writes on the chain can stop an index.
 *
 * @throws ChainError `ERR_CHAIN_EVENT_UNREADABLE` when the event is not of our ABIs
 */
export function decodeEvent(event: RawEvent): Readonly<Record<string, unknown>> {
  const fragment = contractInterfaces[event.contract].getEvent(event.topics[0] ?? '')
  if (!fragment) throw new ChainError('ERR_CHAIN_EVENT_UNREADABLE', `not an event of ${event.contract}: ${event.event}`)
  try {
    return decodeArgs(fragment, event)
  } catch (cause) {
    throw new ChainError('ERR_CHAIN_EVENT_UNREADABLE', `cannot read ${event.contract}.${event.event}`, { cause })
  }
}

function decodeArgs(fragment: EventFragment, event: RawEvent): Record<string, unknown> {
  const coder = AbiCoder.defaultAbiCoder()
  const indexed = fragment.inputs.filter((input) => input.indexed === true)
  const plain = fragment.inputs.filter((input) => input.indexed !== true)
  const args: Record<string, unknown> = {}
  indexed.forEach((input, index) => {
    args[input.name] = coder.decode([input.type], event.topics[index + 1] ?? '0x')[0]
  })
  const values = coder.decode(plain.map(typeInEvent), event.data)
  plain.forEach((input, index) => {
    args[input.name] = toArgument(input, values[index])
  })
  return args
}

function toArgument(input: ParamType, value: unknown): unknown {
  if (input.type === 'string') return toText(String(value))
  if (!Array.isArray(value)) return value
  const items = [...(value as unknown[])]
  return input.type === 'string[]' ? items.map((item) => toText(String(item))) : items
}

/** Text as the bytes it is on the chain: it need not be UTF-8. */
function typeInEvent(input: ParamType): string {
  return input.type.replace(/^string/, 'bytes')
}

function toText(hex: string): string {
  return Buffer.from(hex.slice(2), 'hex').toString('utf8').replaceAll('\u0000', '\ufffd')
}
