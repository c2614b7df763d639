import type { TypedTransaction } from '@ethereumjs/tx'
import { bytesToHex } from '@ethereumjs/util'
import type { Entry, Mined } from './ledger.ts'
import { feeCapOf, hashOf, senderOf } from './pool.ts'

/* Blocks, transactions, receipts and logs as JSON-RPC writes them: https://ethereum.github.io/execution-apis/ */

export const quantity = (value: bigint | number): string => `0x${value.toString(16)}`

export function blockOnWire({ block, mined }: Entry, full: boolean): Record<string, unknown> {
  const { header } = block
  const { uncleHash, coinbase, transactionsTrie, receiptTrie, ...rest } = header.toJSON()
  return {
    ...rest,
    hash: bytesToHex(block.hash()),
    sha3Uncles: uncleHash,
    miner: coinbase,
    transactionsRoot: transactionsTrie,
    receiptsRoot: receiptTrie,
    totalDifficulty: '0x0',
    size: quantity(block.serialize().length),
    transactions: mined.map((one) => (full ? transactionOnWire(one.transaction, { block, mined }, one) : hashOf(one.transaction))),
    uncles: [],
    withdrawals: [],
  }
}

export function transactionOnWire(transaction: TypedTransaction, entry?: Entry, mined?: Mined): Record<string, unknown> {
  const { gasLimit, data, ...rest } = transaction.toJSON()
  return {
    ...rest,
    type: quantity(transaction.type),
    hash: hashOf(transaction),
    from: senderOf(transaction),
    to: transaction.to?.toString() ?? null,
    gas: gasLimit,
    gasPrice: quantity(feeCapOf(transaction)),
    input: data,
    blockHash: entry ? bytesToHex(entry.block.hash()) : null,
    blockNumber: entry ? quantity(entry.block.header.number) : null,
    transactionIndex: mined ? quantity(mined.index) : null,
  }
}

export function receiptOnWire(entry: Entry, mined: Mined): Record<string, unknown> {
  const { transaction, result, index } = mined
  return {
    ...place(entry, mined),
    type: quantity(transaction.type),
    from: senderOf(transaction),
    to: transaction.to?.toString() ?? null,
    contractAddress: result.createdAddress?.toString() ?? null,
    status: quantity(result.execResult.exceptionError === undefined ? 1 : 0),
    cumulativeGasUsed: quantity(entry.mined.slice(0, index + 1).reduce((sum, one) => sum + one.result.totalGasSpent, 0n)),
    gasUsed: quantity(result.totalGasSpent),
    effectiveGasPrice: quantity(result.amountSpent / (result.totalGasSpent || 1n)),
    logsBloom: bytesToHex(result.receipt.bitvector),
    logs: logsOnWire(entry, mined),
  }
}

/** The logs of a transaction. */
export function logsOnWire(entry: Entry, mined: Mined) {
  return mined.result.receipt.logs.map(([address, topics, data], index) => ({
    ...place(entry, mined),
    address: bytesToHex(address),
    topics: topics.map((topic) => bytesToHex(topic)) as string[],
    data: bytesToHex(data),
    logIndex: quantity(mined.firstLog + index),
    removed: false,
  }))
}

function place({ block }: Entry, { transaction, index }: Mined) {
  return {
    blockHash: bytesToHex(block.hash()),
    blockNumber: quantity(block.header.number),
    transactionHash: hashOf(transaction),
    transactionIndex: quantity(index),
  }
}
