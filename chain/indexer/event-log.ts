import { AbiCoder, getAddress, type EventFragment, type ParamType } from 'ethers'
import type { Selectable } from 'kysely'
import { contractInterfaces } from '../contracts.ts'
import { contractNames, type ContractName, type Deployment } from '../deployment.ts'
import { ChainError } from '../errors.ts'
import { fetchHeader, toQuantity, type BlockHeader, type ChainProvider } from '../rpc.ts'
import { toNumber, type EventTable } from '../tables.ts'

/** An event of one of our contracts, as the chain gave it. */
export interface RawEvent {
  readonly blockNumber: number
  readonly logIndex: number
  readonly transactionHash: string
  readonly contract: ContractName
  readonly event: string
  readonly topics: readonly string[]
  readonly data: Uint8Array
}

/** A raw event with its arguments: whole numbers as `bigint`, bytes as lower-case hex, addresses with checksum. */
export interface DecodedEvent extends RawEvent {
  readonly args: Readonly<Record<string, unknown>>
  readonly blockTimeSeconds: number
}

/** A stretch of the chain that was read at one moment, so that its events and headers belong together. */
export interface ChainStretch {
  readonly events: readonly RawEvent[]
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

/**
 * Fetches the events of blocks `from` to `to`, both included. Resolves to undefined when the chain changed meanwhile.
 *
 * @throws ChainError `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_RPC`
 */
export async function fetchStretch(
  provider: ChainProvider,
  deployment: Deployment,
  from: number,
  to: number
): Promise<ChainStretch | undefined> {
  const before = await fetchHeader(provider, to)
  const filter = { fromBlock: toQuantity(from), toBlock: toQuantity(to), address: Object.values(deployment.contracts) }
  const logs = (await provider.send('eth_getLogs', [filter])) as WireLog[]
  const headers = await fetchHeaders(provider, [...new Set(logs.map((log) => Number(log.blockNumber)))])
  const last = await fetchHeader(provider, to)
  if (!before || !last || before.hash !== last.hash) return undefined
  if (logs.some((log) => headers.get(Number(log.blockNumber))?.hash !== log.blockHash)) return undefined
  const names = new Map(contractNames.map((name) => [deployment.contracts[name], name]))
  const events = logs.flatMap((log) => toRawEvent(log, names.get(getAddress(log.address))) ?? [])
  return { events, headers, last }
}

async function fetchHeaders(provider: ChainProvider, numbers: readonly number[]): Promise<Map<number, BlockHeader>> {
  const headers = new Map<number, BlockHeader>()
  for (let start = 0; start < numbers.length; start += 20) {
    const some = await Promise.all(numbers.slice(start, start + 20).map((number) => fetchHeader(provider, number)))
    for (const header of some) if (header) headers.set(header.number, header)
  }
  return headers
}

/** Undefined for events that no ABI of ours names, such as those of a later version of a contract. */
function toRawEvent(log: WireLog, contract: ContractName | undefined): RawEvent | undefined {
  const [signature] = log.topics
  if (contract === undefined || signature === undefined) return undefined
  const fragment = contractInterfaces[contract].getEvent(signature)
  if (!fragment) return undefined
  return {
    blockNumber: Number(log.blockNumber),
    logIndex: Number(log.logIndex),
    transactionHash: log.transactionHash,
    contract,
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
    const value: unknown = values[index]
    args[input.name] = input.type === 'string' ? toText(String(value)) : Array.isArray(value) ? [...(value as unknown[])] : value
  })
  return args
}

function typeInEvent(input: ParamType): string {
  return input.type === 'string' ? 'bytes' : input.type
}

function toText(hex: string): string {
  return Buffer.from(hex.slice(2), 'hex').toString('utf8').replaceAll('\u0000', '\ufffd')
}
