import { fetchHeader, type ChainProvider } from '../rpc.ts'

/** What a transaction offers for gas, in wei. */
export interface Fees {
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
  /** Chains from before EIP-1559 take one price. */
  readonly legacy: boolean
}

/**
 * Asks the node what a transaction has to offer now. A chain whose gas price is zero is a zero-fee chain.
 *
 * @see https://eips.ethereum.org/EIPS/eip-1559#specification
 */
export async function fetchFees(provider: ChainProvider): Promise<Fees> {
  const [gasPrice, head] = await Promise.all([provider.send('eth_gasPrice', []), fetchHeader(provider, 'latest')])
  const price = BigInt(String(gasPrice))
  if (head?.baseFeePerGas === undefined) return { maxFeePerGas: price, maxPriorityFeePerGas: price, legacy: true }
  if (price === 0n) return { maxFeePerGas: 0n, maxPriorityFeePerGas: 0n, legacy: false }
  const tip = price > head.baseFeePerGas ? price - head.baseFeePerGas : 0n
  return { maxFeePerGas: 2n * head.baseFeePerGas + tip, maxPriorityFeePerGas: tip, legacy: false }
}

/** The fees of a replacement: what the node asks now, and at least a quarter above what was offered (nodes want 10 %). */
export function bumpFees(now: Fees, offered: Omit<Fees, 'legacy'>): Fees {
  const raise = (fee: bigint, before: bigint) => {
    const atLeast = (before * 5n) / 4n + 1n
    return fee > atLeast ? fee : atLeast
  }
  const maxPriorityFeePerGas = raise(now.maxPriorityFeePerGas, offered.maxPriorityFeePerGas)
  const maxFeePerGas = raise(now.maxFeePerGas, offered.maxFeePerGas)
  return {
    maxFeePerGas: maxFeePerGas > maxPriorityFeePerGas ? maxFeePerGas : maxPriorityFeePerGas,
    maxPriorityFeePerGas,
    legacy: now.legacy
  }
}
