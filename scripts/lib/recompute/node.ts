import { RecomputeError } from './recompute-error.ts'

/** A log as `eth_getLogs` gives it. */
export interface Log {
  readonly address: string
  readonly topics: readonly string[]
  readonly data: string
  readonly blockNumber: string
  readonly logIndex: string
  readonly transactionHash: string
}

export interface Header {
  readonly number: number
  readonly hash: string
  readonly timeSeconds: number
}

interface RpcAnswer {
  readonly id?: number
  readonly result?: unknown
  readonly error?: { readonly code?: number; readonly message?: string }
}

/** The node answered, and refused. */
class Refused extends Error {}

const timeoutMs = 60_000
const batchSize = 50

/** The few questions to a node that counting again takes. */
export class Node {
  readonly #url: string
  readonly #headers = new Map<number, Header>()
  #chunkBlocks: number

  constructor(url: string, chunkBlocks: number) {
    this.#url = url
    this.#chunkBlocks = chunkBlocks
  }

  async chainId(): Promise<number> {
    const chainId = await this.#ask('eth_chainId', [])
    if (typeof chainId !== 'string') throw new RecomputeError(`What answers at ${this.#url} is no JSON-RPC node: check --rpc.`)
    return Number(chainId)
  }

  async code(address: string): Promise<string> {
    return String(await this.#ask('eth_getCode', [address, 'latest']))
  }

  /** @throws RecomputeError when the node has no such block */
  async header(number: number): Promise<Header> {
    await this.fetchHeaders([number])
    const header = this.#headers.get(number)
    if (header === undefined) throw new RecomputeError(`The node has no block ${number}: it is behind the service, or on another chain. Wait, or ask another node.`)
    return header
  }

  /** Asks for several headers at once, to have them at hand. */
  async fetchHeaders(numbers: Iterable<number>): Promise<void> {
    const wanted = [...new Set(numbers)].filter((number) => !this.#headers.has(number))
    for (let start = 0; start < wanted.length; start += batchSize) {
      const some = wanted.slice(start, start + batchSize)
      const answers = await this.#post(some.map((number, id) => ({ jsonrpc: '2.0', id, method: 'eth_getBlockByNumber', params: [toQuantity(number), false] })))
      for (const { result, error } of answers) {
        if (error !== undefined) throw new RecomputeError(`The node refused eth_getBlockByNumber: ${error.message ?? 'no message'}.`)
        const wire = result as { number: string; hash: string; timestamp: string } | null
        if (wire === null || wire === undefined) continue
        const header = { number: Number(wire.number), hash: wire.hash, timeSeconds: Number(wire.timestamp) }
        this.#headers.set(header.number, header)
      }
    }
  }

  /** Forgets what is no longer needed. */
  forgetHeaders(): void {
    this.#headers.clear()
  }

  /** The logs of a stretch of blocks in the order of the chain, a chunk at a time; a node that refuses is asked for less. */
  async *logs(addresses: readonly string[], from: number, to: number): AsyncGenerator<{ readonly logs: readonly Log[]; readonly to: number }> {
    let start = from
    while (start <= to) {
      const end = Math.min(to, start + this.#chunkBlocks - 1)
      const filter = { address: addresses, fromBlock: toQuantity(start), toBlock: toQuantity(end) }
      let logs: Log[]
      try {
        logs = (await this.#ask('eth_getLogs', [filter])) as Log[]
      } catch (error) {
        if (!(error instanceof Refused) || this.#chunkBlocks === 1) throw error instanceof Refused ? new RecomputeError(error.message) : error
        this.#chunkBlocks = Math.max(1, Math.floor(this.#chunkBlocks / 2))
        continue
      }
      yield { logs: logs.toSorted((a, b) => Number(a.blockNumber) - Number(b.blockNumber) || Number(a.logIndex) - Number(b.logIndex)), to: end }
      start = end + 1
    }
  }

  async #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    const [answer] = await this.#post({ jsonrpc: '2.0', id: 0, method, params })
    if (answer?.error !== undefined) throw new Refused(`The node refused ${method}: ${answer.error.message ?? 'no message'}.`)
    return answer?.result
  }

  async #post(body: object): Promise<readonly RpcAnswer[]> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), signal: AbortSignal.timeout(timeoutMs),
      })
      const content = (await response.json()) as RpcAnswer | RpcAnswer[]
      return Array.isArray(content) ? content : [content]
    } catch (cause) {
      throw new RecomputeError(`The node at ${this.#url} cannot be reached, or is no JSON-RPC node: check --rpc.`, { cause })
    }
  }
}

function toQuantity(value: number): string {
  return `0x${value.toString(16)}`
}
