import { createBlock, type Block } from '@ethereumjs/block'
import { createCustomCommon, Hardfork, Mainnet, type Common } from '@ethereumjs/common'
import { MerkleStateManager } from '@ethereumjs/statemanager'
import type { TypedTransaction } from '@ethereumjs/tx'
import { Account, bytesToHex, createAddressFromString, createZeroAddress, hexToBytes, type PrefixedHexString } from '@ethereumjs/util'
import { buildBlock, createVM, type RunTxResult, type VM } from '@ethereumjs/vm'
import { RpcError } from './rpc-error.ts'

const emptyRoot = new Uint8Array(32)

/** A transaction in a block and what came of it. */
export interface Mined {
  readonly transaction: TypedTransaction
  readonly result: RunTxResult
  readonly index: number
  /** Of its first log among those of the block. */
  readonly firstLog: number
}

/** A block with what came of its transactions. */
export interface Entry {
  readonly block: Block
  readonly mined: readonly Mined[]
}

/** A call that leaves no trace. */
export interface Call {
  readonly from?: string
  readonly to?: string | null
  readonly data?: string
  readonly value?: bigint
  readonly gas?: bigint
  /** Code that stands at an address for this call alone. */
  readonly codes?: ReadonlyMap<string, string>
}

export interface LedgerOptions {
  readonly chainId: number
  /** Wei by address. */
  readonly balances: ReadonlyMap<string, bigint>
  /** Seconds since 1970. */
  readonly genesisTime: number
  readonly gasLimit?: bigint
}

/** Blocks and state of one chain on EthereumJS, in memory. One thing at a time: callers wait for each other. */
export class Ledger {
  readonly common: Common
  readonly entries: Entry[]
  readonly #vm: VM
  readonly #state: MerkleStateManager

  private constructor(vm: VM, state: MerkleStateManager, common: Common, genesis: Block) {
    this.#vm = vm
    this.#state = state
    this.common = common
    this.entries = [{ block: genesis, mined: [] }]
  }

  static async create({ chainId, balances, genesisTime, gasLimit = 60_000_000n }: LedgerOptions): Promise<Ledger> {
    const common = createCustomCommon({ chainId }, Mainnet, { hardfork: Hardfork.Cancun })
    const stateManager = new MerkleStateManager({ common })
    for (const [address, balance] of balances) await stateManager.putAccount(createAddressFromString(address), new Account(0n, balance))
    await stateManager.flush()
    const header = {
      number: 0, timestamp: genesisTime, gasLimit, baseFeePerGas: 0, difficulty: 0, stateRoot: await stateManager.getStateRoot(), parentBeaconBlockRoot: emptyRoot,
    }
    return new Ledger(await createVM({ common, stateManager }), stateManager, common, createBlock({ header, withdrawals: [] }, { common }))
  }

  get head(): Block {
    return this.#at(this.entries.length - 1).block
  }

  #at(number: number): Entry {
    const entry = this.entries[number]
    if (entry === undefined) throw new RpcError(-32000, 'header not found')
    return entry
  }

  /**
   * Mines what can be mined of the transactions, in order.
   *
   * @returns those that were refused, such as one with a nonce that does not fit
   */
  async mine(transactions: readonly TypedTransaction[], timestamp: number, baseFeePerGas?: bigint): Promise<TypedTransaction[]> {
    const headerData = { timestamp, parentBeaconBlockRoot: emptyRoot, coinbase: createZeroAddress(), ...(baseFeePerGas === undefined ? {} : { baseFeePerGas }) }
    const builder = await buildBlock(this.#vm, { parentBlock: this.head, headerData, withdrawals: [], blockOpts: { common: this.common, putBlockIntoBlockchain: false } })
    const mined: Mined[] = []
    const refused: TypedTransaction[] = []
    let firstLog = 0
    for (const transaction of transactions) {
      try {
        const result = await builder.addTransaction(transaction)
        mined.push({ transaction, result, index: mined.length, firstLog })
        firstLog += result.receipt.logs.length
      } catch {
        refused.push(transaction)
      }
    }
    const { block } = await builder.build()
    this.entries.push({ block, mined })
    return refused
  }

  async account(address: string, block?: number): Promise<{ nonce: bigint; balance: bigint }> {
    const { nonce = 0n, balance = 0n } = await (await this.#stateAt(block)).stateManager.getAccount(createAddressFromString(address)) ?? {}
    return { nonce, balance }
  }

  async code(address: string, block?: number): Promise<string> {
    return bytesToHex(await (await this.#stateAt(block)).stateManager.getCode(createAddressFromString(address)))
  }

  /** Sets what only a test may set. */
  async change(address: string, fields: { nonce?: bigint; balance?: bigint }): Promise<void> {
    await this.#state.modifyAccountFields(createAddressFromString(address), fields)
    await this.#state.flush()
  }

  /**
   * Runs a call on the state after a block.
   *
   * @param timestamp of the block it is run in; that block's own when left out
   * @throws RpcError 3 with the revert's data
   */
  async call({ from, to, data = '0x', value = 0n, gas, codes }: Call, block?: number, timestamp?: number): Promise<{ returned: string; gasUsed: bigint; refund: bigint }> {
    const vm = await this.#stateAt(block, true)
    for (const [address, code] of codes ?? []) await vm.stateManager.putCode(createAddressFromString(address), bytes(code))
    const { header } = this.#at(block ?? this.entries.length - 1).block
    const inBlock = createBlock(
      { header: { ...header, baseFeePerGas: 0n, ...(timestamp === undefined ? {} : { number: header.number + 1n, timestamp }) } },
      { common: this.common, skipConsensusFormatValidation: true }
    )
    const { execResult } = await vm.evm.runCall({
      ...(to == null ? {} : { to: createAddressFromString(to) }),
      caller: from === undefined ? createZeroAddress() : createAddressFromString(from),
      origin: from === undefined ? createZeroAddress() : createAddressFromString(from),
      data: bytes(data), value, skipBalance: true, block: inBlock, gasLimit: gas ?? header.gasLimit,
    })
    const returned = bytesToHex(execResult.returnValue)
    if (execResult.exceptionError !== undefined) throw revertError(execResult.exceptionError.error, returned)
    return { returned, gasUsed: execResult.executionGasUsed, refund: execResult.gasRefund ?? 0n }
  }

  /** The state after a block; for a call a copy, so that the call leaves no trace. */
  async #stateAt(block?: number, copy = false): Promise<VM> {
    if (block === undefined && !copy) return this.#vm
    const vm = await this.#vm.shallowCopy()
    const root = block === undefined ? await this.#state.getStateRoot() : this.#at(block).block.header.stateRoot
    await vm.stateManager.setStateRoot(root)
    return vm
  }

  /** Forgets all blocks after this one. */
  async revertTo(number: number): Promise<void> {
    this.entries.length = number + 1
    await this.#state.setStateRoot(this.head.header.stateRoot)
  }
}

/** What an execution client answers to a call that failed. */
export function revertError(exception: string, returned: string): RpcError {
  return exception === 'revert' ? new RpcError(3, 'execution reverted', returned) : new RpcError(-32000, exception)
}

function bytes(hex: string): Uint8Array {
  return hexToBytes(hex as PrefixedHexString)
}
