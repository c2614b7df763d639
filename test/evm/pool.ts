import type { TypedTransaction } from '@ethereumjs/tx'
import { bytesToHex } from '@ethereumjs/util'
import { RpcError } from './rpc-error.ts'

export const hashOf = (transaction: TypedTransaction): string => bytesToHex(transaction.hash())
export const senderOf = (transaction: TypedTransaction): string => transaction.getSenderAddress().toString()

/** What one unit of gas pays at most. */
export const feeCapOf = (transaction: TypedTransaction): bigint => 'maxFeePerGas' in transaction ? transaction.maxFeePerGas : transaction.gasPrice

/** Transactions that wait for a block, in the order they came. */
export class Pool {
  #waiting: TypedTransaction[] = []

  /** @throws RpcError when it is known, or another of its nonce waits and it does not pay a tenth more */
  add(transaction: TypedTransaction): void {
    if (this.find(hashOf(transaction)) !== undefined) throw new RpcError(-32000, 'already known')
    const rival = this.#waiting.findIndex((other) => senderOf(other) === senderOf(transaction) && other.nonce === transaction.nonce)
    const waiting = this.#waiting[rival]
    if (waiting === undefined) {
      this.#waiting.push(transaction)
      return
    }
    if (feeCapOf(transaction) * 10n < feeCapOf(waiting) * 11n) throw new RpcError(-32000, 'replacement transaction underpriced')
    this.#waiting[rival] = transaction
  }

  find(hash: string): TypedTransaction | undefined {
    return this.#waiting.find((transaction) => hashOf(transaction) === hash)
  }

  drop(transactions: readonly TypedTransaction[]): void {
    this.#waiting = this.#waiting.filter((transaction) => !transactions.includes(transaction))
  }

  /** How many of an account wait without a gap behind those that were mined. */
  countBehind(sender: string, nonce: bigint): bigint {
    const nonces = new Set(this.#waiting.filter((transaction) => senderOf(transaction) === sender).map((transaction) => transaction.nonce))
    let count = 0n
    while (nonces.has(nonce + count)) count += 1n
    return count
  }

  /** Those that pay the base fee, each account's in the order of their nonces. */
  inOrder(baseFeePerGas: bigint): TypedTransaction[] {
    const queues = Map.groupBy(this.#waiting.filter((transaction) => feeCapOf(transaction) >= baseFeePerGas), senderOf)
    for (const queue of queues.values()) queue.sort((a, b) => Number(a.nonce - b.nonce))
    return this.#waiting.flatMap((transaction) => queues.get(senderOf(transaction))?.splice(0) ?? [])
  }

  /** Those whose nonce was used by another can never be mined. */
  dropStale(sender: string, nonce: bigint): void {
    this.#waiting = this.#waiting.filter((transaction) => senderOf(transaction) !== sender || transaction.nonce >= nonce)
  }

  get all(): readonly TypedTransaction[] {
    return [...this.#waiting]
  }
}
