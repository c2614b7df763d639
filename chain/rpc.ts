import { ChainError, rpcErrorOf } from './errors.ts'

/** JSON-RPC of one Ethereum node. Any `ethers.JsonRpcApiProvider` is one too. */
export interface ChainProvider {
  send(method: string, params: unknown[]): Promise<unknown>
}

export interface RpcOptions {
  readonly rpcUrl: string
  /** Milliseconds until a call is given up; default 10,000. */
  readonly timeoutMs?: number
  /** Gives the token for one call to a node that asks for one (RFC 6750 §2.1). */
  readonly bearerToken?: () => Promise<string>
}

interface RpcAnswer {
  readonly result?: unknown
  readonly error?: { readonly code?: number; readonly message?: string; readonly data?: unknown }
}

/**
 * A JSON-RPC client without caches, polling or retries: the outbox and the index need the node's own
 * answers, errors included, and decide themselves when to ask again.
 *
 * @throws ChainError `ERR_CHAIN_UNREACHABLE` when the node does not answer, `ERR_CHAIN_RPC` when it answers
 *   with an error object.
 * @see https://www.jsonrpc.org/specification#response_object
 */
export function createRpcProvider({ rpcUrl, timeoutMs = 10_000, bearerToken }: RpcOptions): ChainProvider {
  let id = 0
  return {
    async send(method, params) {
      id += 1
      const authorization = bearerToken ? { authorization: `Bearer ${await bearerToken()}` } : {}
      let answer: RpcAnswer
      try {
        const response = await fetch(rpcUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...authorization },
          body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
          signal: AbortSignal.timeout(timeoutMs)
        })
        answer = (await response.json()) as RpcAnswer
      } catch (cause) {
        throw new ChainError('ERR_CHAIN_UNREACHABLE', `the chain node did not answer ${method}`, { cause })
      }
      if (answer.error) {
        throw new ChainError('ERR_CHAIN_RPC', `the chain node refused ${method}: ${answer.error.message ?? 'no message'}`, {
          cause: answer.error
        })
      }
      if (answer.result === undefined) {
        throw new ChainError('ERR_CHAIN_UNREACHABLE', `the chain node answered ${method} without a result`)
      }
      return answer.result
    }
  }
}

/**
 * Makes any provider's failures the two codes of this room, so that its callers tell a node that is away from a
 * node that says no.
 */
export function withChainErrors(provider: ChainProvider): ChainProvider {
  return {
    async send(method, params) {
      try {
        return await provider.send(method, params)
      } catch (error) {
        if (error instanceof ChainError) throw error
        const rpcError = rpcErrorOf(error)
        if (rpcError) {
          const message = `the chain node refused ${method}: ${rpcError.message ?? 'no message'}`
          throw new ChainError('ERR_CHAIN_RPC', message, { cause: rpcError })
        }
        throw new ChainError('ERR_CHAIN_UNREACHABLE', `the chain node did not answer ${method}`, { cause: error })
      }
    }
  }
}

/** The parts of a block header that this room reads. */
export interface BlockHeader {
  readonly number: number
  readonly hash: string
  readonly parentHash: string
  readonly receiptsRoot: string
  readonly timestampSeconds: number
  readonly baseFeePerGas: bigint | undefined
  readonly gasLimit: bigint
}

export interface Receipt {
  readonly transactionHash: string
  readonly succeeded: boolean
  readonly blockNumber: number
  readonly blockHash: string
  readonly transactionIndex: number
  readonly gasUsed: bigint
}

type Wire = Record<string, string | null | undefined>

/** A block number, or `latest`, as JSON-RPC writes it. */
export function toQuantity(value: number | bigint): string {
  return `0x${value.toString(16)}`
}

/** Fetches a header; `undefined` when the node has no such block. */
export async function fetchHeader(provider: ChainProvider, block: number | 'latest'): Promise<BlockHeader | undefined> {
  const tag = block === 'latest' ? block : toQuantity(block)
  const wire = (await provider.send('eth_getBlockByNumber', [tag, false])) as Wire | null
  if (!wire) return undefined
  return {
    number: Number(wire['number']),
    hash: String(wire['hash']),
    parentHash: String(wire['parentHash']),
    receiptsRoot: String(wire['receiptsRoot']),
    timestampSeconds: Number(wire['timestamp']),
    baseFeePerGas: wire['baseFeePerGas'] == null ? undefined : BigInt(wire['baseFeePerGas']),
    gasLimit: BigInt(String(wire['gasLimit']))
  }
}

/** Fetches the receipt of a mined transaction; `undefined` while it is not mined. */
export async function fetchReceipt(provider: ChainProvider, hash: string): Promise<Receipt | undefined> {
  const wire = (await provider.send('eth_getTransactionReceipt', [hash])) as Wire | null
  if (!wire?.['blockHash']) return undefined
  return {
    transactionHash: hash,
    succeeded: Number(wire['status']) === 1,
    blockNumber: Number(wire['blockNumber']),
    blockHash: wire['blockHash'],
    transactionIndex: Number(wire['transactionIndex']),
    gasUsed: BigInt(String(wire['gasUsed']))
  }
}
