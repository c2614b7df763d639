import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { createTxFromRLP, type TypedTransaction } from '@ethereumjs/tx'
import { bytesToHex, hexToBytes, type PrefixedHexString } from '@ethereumjs/util'
import type { Wallet } from 'ethers'
import { Ledger, revertError, type Call, type Entry, type Mined } from './ledger.ts'
import { feeCapOf, hashOf, Pool, senderOf } from './pool.ts'
import { RpcError } from './rpc-error.ts'
import { blockOnWire, logsOnWire, quantity, receiptOnWire, transactionOnWire } from './wire.ts'

export interface NodeOptions {
  readonly chainId: number
  /** Accounts that have money; `eth_sendTransaction` signs for them. */
  readonly wallets: readonly Wallet[]
  readonly initialDate?: Date
}

/** A node that answers at an address. */
export interface RunningNode {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

type Params = readonly unknown[]
type Wire = Record<string, unknown>

/** What a snapshot remembers. */
interface Snapshot {
  readonly block: number
  readonly waiting: readonly TypedTransaction[]
  readonly offset: number
}

/**
 * A development node on EthereumJS, an implementation of the EVM that shares no code with those of anvil and Hardhat
 * (both run revm): what the contracts, the outbox and the index do must not hang on one of them. It speaks the part of
 * the JSON-RPC that they use, mines what it is sent at once unless told otherwise, asks for fees as a chain does that
 * starts at a base fee of zero, and keeps everything in memory.
 *
 * @see https://ethereum.github.io/execution-apis/
 */
export class EthereumJsNode {
  readonly #ledger: Ledger
  readonly #wallets: ReadonlyMap<string, Wallet>
  readonly #snapshots: Snapshot[] = []
  #pool = new Pool()
  #automine = true
  /** Seconds that this chain's clock is ahead. */
  #offset = 0
  #nextTimestamp: number | undefined
  #nextBaseFee: bigint | undefined
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(ledger: Ledger, wallets: readonly Wallet[]) {
    this.#ledger = ledger
    this.#wallets = new Map(wallets.map((wallet) => [wallet.address.toLowerCase(), wallet]))
  }

  static async create({ chainId, wallets, initialDate = new Date() }: NodeOptions): Promise<EthereumJsNode> {
    const balances = new Map(wallets.map(({ address }) => [address.toLowerCase(), 10n ** 24n]))
    const node = new EthereumJsNode(await Ledger.create({ chainId, balances, genesisTime: seconds(initialDate) }), wallets)
    node.#offset = seconds(initialDate) - seconds(new Date())
    return node
  }

  /** Answers one call; calls wait for each other. */
  async request(method: string, params: Params = []): Promise<unknown> {
    const answer = this.#queue.then(async () => await this.#answer(method, params))
    this.#queue = answer.catch(() => undefined)
    return await answer
  }

  async #answer(method: string, params: Params): Promise<unknown> {
    const handler = this.#methods[method]
    if (handler === undefined) throw new RpcError(-32601, `the method ${method} does not exist`)
    return await handler(...params as never[])
  }

  readonly #methods: Record<string, (...params: never[]) => unknown> = {
    web3_clientVersion: () => 'EthereumJS',
    net_version: () => String(this.#ledger.common.chainId()),
    eth_chainId: () => quantity(this.#ledger.common.chainId()),
    eth_syncing: () => false,
    eth_accounts: () => [...this.#wallets.keys()],
    eth_blockNumber: () => quantity(this.#ledger.head.header.number),
    eth_gasPrice: () => quantity(this.#baseFee()),
    eth_maxPriorityFeePerGas: () => '0x0',
    eth_getBalance: async (address: string, tag?: string) => quantity((await this.#ledger.account(address, this.#numberOf(tag))).balance),
    eth_getCode: async (address: string, tag?: string) => await this.#ledger.code(address, this.#numberOf(tag)),
    eth_getTransactionCount: async (address: string, tag?: string) => {
      const { nonce } = await this.#ledger.account(address, this.#numberOf(tag))
      return quantity(tag === 'pending' ? nonce + this.#pool.countBehind(address.toLowerCase(), nonce) : nonce)
    },
    eth_getBlockByNumber: (tag: string, full: boolean) => {
      const entry = this.#ledger.entries[this.#numberOf(tag) ?? this.#ledger.entries.length - 1]
      return entry === undefined ? null : blockOnWire(entry, full)
    },
    eth_getBlockByHash: (hash: string, full: boolean) => {
      const entry = this.#entryOf(hash)
      return entry === undefined ? null : blockOnWire(entry, full)
    },
    eth_getTransactionByHash: (hash: string) => {
      const waiting = this.#pool.find(hash)
      if (waiting !== undefined) return transactionOnWire(waiting)
      const [entry, mined] = this.#findMined(hash) ?? []
      return entry && mined ? transactionOnWire(mined.transaction, entry, mined) : null
    },
    eth_getTransactionReceipt: (hash: string) => {
      const found = this.#findMined(hash)
      return found ? receiptOnWire(...found) : null
    },
    eth_getLogs: (filter: LogFilter) => this.#logs(filter),
    eth_call: async (call: Wire, tag?: string, overrides?: Record<string, { code?: string }>) => {
      const codes = new Map(Object.entries(overrides ?? {}).flatMap(([address, { code }]) => (code === undefined ? [] : [[address, code] as const])))
      const [block, time] = tag === 'pending' ? [undefined, this.#nextTime()] : [this.#numberOf(tag), undefined]
      return (await this.#ledger.call({ ...callOf(call), codes }, block, time)).returned
    },
    eth_estimateGas: async (call: Wire) => quantity(await this.#estimate(call)),
    eth_sendRawTransaction: async (raw: string) => await this.#accept(raw),
    eth_sendTransaction: async (transaction: Wire) => await this.#acceptUnsigned(transaction),
    evm_mine: async () => {
      await this.#mine()
      return '0x0'
    },
    evm_setAutomine: async (on: boolean) => {
      this.#automine = on
      if (on && this.#pool.all.length > 0) await this.#mine()
      return true
    },
    evm_increaseTime: (by: number | string) => {
      this.#offset += Number(by)
      return quantity(this.#offset)
    },
    evm_setNextBlockTimestamp: (time: number | string) => {
      if (Number(time) <= Number(this.#ledger.head.header.timestamp)) throw new RpcError(-32000, 'the time lies before that of the latest block')
      this.#nextTimestamp = Number(time)
      return null
    },
    evm_snapshot: () => {
      this.#snapshots.push({ block: this.#ledger.entries.length - 1, waiting: this.#pool.all, offset: this.#offset })
      return quantity(this.#snapshots.length)
    },
    evm_revert: async (id: string) => {
      const snapshot = this.#snapshots[Number(id) - 1]
      if (snapshot === undefined) return false
      this.#snapshots.length = Number(id) - 1
      await this.#ledger.revertTo(snapshot.block)
      this.#offset = snapshot.offset
      this.#nextTimestamp = undefined
      this.#pool = new Pool()
      for (const transaction of snapshot.waiting) this.#pool.add(transaction)
      return true
    },
    hardhat_setBalance: async (address: string, balance: string) => {
      await this.#ledger.change(address, { balance: BigInt(balance) })
      return true
    },
    hardhat_setNonce: async (address: string, nonce: string) => {
      await this.#ledger.change(address, { nonce: BigInt(nonce) })
      return true
    },
    hardhat_setNextBlockBaseFeePerGas: (fee: string) => {
      this.#nextBaseFee = BigInt(fee)
      return true
    },
    hardhat_dropTransaction: (hash: string) => {
      const found = this.#pool.find(hash)
      if (found !== undefined) this.#pool.drop([found])
      return found !== undefined
    },
  }

  #numberOf(tag: string | { blockHash?: string } | undefined): number | undefined {
    if (tag === undefined || tag === 'latest' || tag === 'pending') return undefined
    if (tag === 'safe' || tag === 'finalized') return this.#ledger.entries.length - 1
    if (tag === 'earliest') return 0
    if (typeof tag === 'string') return Number(tag)
    const entry = this.#entryOf(tag.blockHash ?? '')
    if (entry === undefined) throw new RpcError(-32000, 'header not found')
    return Number(entry.block.header.number)
  }

  #entryOf(hash: string): Entry | undefined {
    return this.#ledger.entries.find(({ block }) => bytesToHex(block.hash()) === hash)
  }

  #findMined(hash: string): [Entry, Mined] | undefined {
    for (const entry of this.#ledger.entries) {
      const mined = entry.mined.find(({ transaction }) => hashOf(transaction) === hash)
      if (mined) return [entry, mined]
    }
    return undefined
  }

  #logs({ fromBlock, toBlock, blockHash, address, topics = [] }: LogFilter): unknown[] {
    const last = this.#ledger.entries.length - 1
    const from = this.#numberOf(blockHash === undefined ? fromBlock : { blockHash }) ?? last
    const to = this.#numberOf(blockHash === undefined ? toBlock : { blockHash }) ?? last
    const addresses = address === undefined ? undefined : [address].flat().map((one) => one.toLowerCase())
    return this.#ledger.entries.slice(from, to + 1)
      .flatMap((entry) => entry.mined.flatMap((mined) => logsOnWire(entry, mined)))
      .filter((log) => addresses?.includes(log.address) ?? true)
      .filter((log) => topics.every((topic, index) => topic === null || [topic].flat().includes(log.topics[index] ?? '')))
  }

  #baseFee(): bigint {
    return this.#nextBaseFee ?? this.#ledger.head.header.calcNextBaseFee()
  }

  #nextTime(): number {
    return this.#nextTimestamp ?? Math.max(Number(this.#ledger.head.header.timestamp) + 1, seconds(new Date()) + this.#offset)
  }

  async #mine(): Promise<void> {
    const { header } = this.#ledger.head
    const timestamp = this.#nextTime()
    const fits = await this.#executable(header.gasLimit)
    const refused = await this.#ledger.mine(fits, timestamp, this.#nextBaseFee)
    // The clock goes on from there: it is ahead when a time was set, or when blocks came faster than one in a second.
    this.#offset = timestamp - seconds(new Date())
    this.#nextTimestamp = undefined
    this.#nextBaseFee = undefined
    this.#pool.drop([...fits, ...refused])
    for (const sender of new Set(fits.map(senderOf))) this.#pool.dropStale(sender, (await this.#ledger.account(sender)).nonce)
  }

  /** Those of the pool that can be mined now: no gap in the nonces, money enough, room in the block. */
  async #executable(gasLimit: bigint): Promise<TypedTransaction[]> {
    const nonces = new Map<string, bigint>()
    const fits: TypedTransaction[] = []
    let room = gasLimit
    for (const transaction of this.#pool.inOrder(this.#baseFee())) {
      const sender = senderOf(transaction)
      const nonce = nonces.get(sender) ?? (await this.#ledger.account(sender)).nonce
      if (transaction.nonce !== nonce || transaction.gasLimit > room) continue
      nonces.set(sender, nonce + 1n)
      room -= transaction.gasLimit
      fits.push(transaction)
    }
    return fits
  }

  async #accept(raw: string): Promise<string> {
    const transaction = createTxFromRLP(hexToBytes(raw as PrefixedHexString), { common: this.#ledger.common })
    const { nonce, balance } = await this.#ledger.account(senderOf(transaction))
    if (this.#findMined(hashOf(transaction)) !== undefined) throw new RpcError(-32000, 'already known')
    if (transaction.nonce < nonce) throw new RpcError(-32000, `nonce too low: next nonce ${nonce}, tx nonce ${transaction.nonce}`)
    if (transaction.gasLimit > this.#ledger.head.header.gasLimit) throw new RpcError(-32000, 'exceeds block gas limit')
    if (transaction.gasLimit < transaction.getIntrinsicGas()) throw new RpcError(-32000, 'intrinsic gas too low')
    if (feeCapOf(transaction) * transaction.gasLimit + transaction.value > balance) throw new RpcError(-32000, 'insufficient funds for gas * price + value')
    if (this.#automine && feeCapOf(transaction) < this.#baseFee()) throw new RpcError(-32000, 'max fee per gas less than block base fee')
    this.#pool.add(transaction)
    if (this.#automine) await this.#mine()
    return hashOf(transaction)
  }

  /** As Hardhat does: signs, and tells at once when what was mined reverted. */
  async #acceptUnsigned(transaction: Wire): Promise<string> {
    const wallet = this.#wallets.get(String(transaction['from']).toLowerCase())
    if (wallet === undefined) throw new RpcError(-32602, 'unknown account')
    const call = callOf(transaction)
    const { nonce } = await this.#ledger.account(wallet.address)
    const raw = await wallet.signTransaction({
      type: 2, chainId: this.#ledger.common.chainId(), to: call.to ?? null, data: call.data ?? '0x', value: call.value ?? 0n,
      nonce: Number(transaction['nonce'] ?? nonce + this.#pool.countBehind(wallet.address.toLowerCase(), nonce)),
      gasLimit: call.gas ?? await this.#estimate(transaction), maxFeePerGas: this.#baseFee() * 2n, maxPriorityFeePerGas: 0n,
    })
    const hash = await this.#accept(raw)
    const exception = this.#findMined(hash)?.[1].result.execResult
    if (exception?.exceptionError !== undefined) throw revertError(exception.exceptionError.error, bytesToHex(exception.returnValue))
    return hash
  }

  /** The least gas that a transaction passes with, to one part in sixty-four. */
  async #estimate(wire: Wire): Promise<bigint> {
    const call = callOf(wire)
    const limit = this.#ledger.head.header.gasLimit
    const intrinsic = intrinsicGasOf(call)
    const { gasUsed } = await this.#ledger.call({ ...call, gas: limit - intrinsic }, undefined, this.#nextTime())
    const passes = async (gas: bigint): Promise<boolean> =>
      await this.#ledger.call({ ...call, gas: gas - intrinsic }, undefined, this.#nextTime()).then(() => true, () => false)
    let low = gasUsed + intrinsic
    if (await passes(low)) return low
    let high = limit
    for (let guess = low + low / 32n; high - low > low / 64n; guess = (low + high) / 2n) {
      if (await passes(guess)) high = guess
      else low = guess
    }
    return high
  }
}

interface LogFilter {
  readonly fromBlock?: string
  readonly toBlock?: string
  readonly blockHash?: string
  readonly address?: string | string[]
  readonly topics?: readonly (string | string[] | null)[]
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

function callOf({ from, to, data, input, value, gas }: Wire): Call {
  return {
    ...(from == null ? {} : { from: String(from) }),
    ...(to == null ? {} : { to: String(to) }),
    ...(data == null && input == null ? {} : { data: String(data ?? input) }),
    ...(value == null ? {} : { value: BigInt(String(value)) }),
    ...(gas == null ? {} : { gas: BigInt(String(gas)) }),
  }
}

/** What a transaction costs before its first step, after Shanghai (EIP-2028, EIP-3860). */
function intrinsicGasOf({ to, data = '0x' }: Call): bigint {
  const bytes = hexToBytes(data as PrefixedHexString)
  let gas = 21_000n
  for (const byte of bytes) gas += byte === 0 ? 4n : 16n
  return to == null ? gas + 32_000n + 2n * BigInt(Math.ceil(bytes.length / 32)) : gas
}

/** Starts a node on a port of its own. */
export async function startEthereumJsNode(options: NodeOptions): Promise<RunningNode> {
  const node = await EthereumJsNode.create(options)
  const server = createServer((request, response) => {
    void answerOf(node, request).then((answer) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  // A test that ends without closing it ends all the same.
  server.unref()
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface RpcRequest {
  readonly id?: unknown
  readonly method: string
  readonly params?: Params
}

async function answerOf(node: EthereumJsNode, request: IncomingMessage): Promise<unknown> {
  const body = (await json(request)) as RpcRequest | RpcRequest[]
  const answer = async ({ id, method, params = [] }: RpcRequest): Promise<unknown> => {
    try {
      return { jsonrpc: '2.0', id, result: await node.request(method, params) }
    } catch (error) {
      const { code = -32603, message, data } = error as Partial<RpcError> & Error
      return { jsonrpc: '2.0', id, error: { code, message, data } }
    }
  }
  return Array.isArray(body) ? await Promise.all(body.map(answer)) : await answer(body)
}
