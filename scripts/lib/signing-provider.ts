import type { EIP1193Provider, RequestArguments } from '@nomicfoundation/ignition-core'
import { Wallet, type TransactionRequest } from 'ethers'
import { DeploymentError } from './deployment-error.ts'

/** A JSON-RPC connection that signs for one account. */
export interface SigningProvider extends EIP1193Provider {
  /** The account, with checksum. */
  address: string
}

/** An error as the node gave it, in the shape EIP-1193 asks for. */
class ProviderRpcError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(error: { code: number; message: string; data?: unknown }) {
    super(error.message)
    this.code = error.code
    this.data = error.data
  }
}

/**
 * Connects to a node that knows no accounts: transactions are signed here and sent raw.
 *
 * @see https://eips.ethereum.org/EIPS/eip-1193#request-1
 */
export function createSigningProvider(rpcUrl: string, privateKey: string): SigningProvider {
  const wallet = new Wallet(privateKey)
  let id = 0
  const send = async (method: string, params: unknown): Promise<unknown> => {
    let body: { result?: unknown; error?: { code: number; message: string; data?: unknown } }
    try {
      const response = await fetch(rpcUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params }),
        signal: AbortSignal.timeout(30_000),
      })
      body = (await response.json()) as typeof body
    } catch (cause) {
      throw new DeploymentError('ERR_DEPLOYMENT_CHAIN_UNREACHABLE', `the chain at ${rpcUrl} does not answer`, { cause })
    }
    if (body.error !== undefined) throw new ProviderRpcError(body.error)
    return body.result
  }
  const sign = async (transaction: RpcTransaction): Promise<string> => {
    const { gas, nonce, ...rest } = transaction
    const chainId = Number(await send('eth_chainId', []))
    const type = rest.maxFeePerGas === undefined ? 0 : 2
    return await wallet.signTransaction({ ...rest, type, chainId, gasLimit: gas, nonce: Number(nonce) } as TransactionRequest)
  }
  return {
    address: wallet.address,
    request: async ({ method, params = [] }: RequestArguments) => {
      if (method === 'eth_accounts') return [wallet.address]
      if (method !== 'eth_sendTransaction') return await send(method, params)
      const [transaction] = params as [RpcTransaction]
      return await send('eth_sendRawTransaction', [await sign(transaction)])
    },
  }
}

interface RpcTransaction {
  from: string
  to?: string
  data: string
  gas: string
  nonce: string
  value?: string
  gasPrice?: string
  maxFeePerGas?: string
  maxPriorityFeePerGas?: string
}
