import { encodeBytes32String, getAddress, Transaction, ZeroAddress, type TransactionLike } from 'ethers'
import type { ContractBook } from '../contract-book.ts'
import { contractInterfaces } from '../contracts.ts'
import type { ContractName, Deployment } from '../deployment.ts'
import { ChainError, rpcErrorOf } from '../errors.ts'
import { decodeRevert, isRevert } from '../reverts.ts'
import { fetchHeader, fetchReceipt, toQuantity, type BlockHeader, type ChainProvider, type Receipt } from '../rpc.ts'
import { toNumber } from '../columns.ts'
import { bumpFees, fetchFees, type Fees } from './fees.ts'
import type { OutboxRow, OutboxStore, SignedTransaction } from './outbox-store.ts'

/** Who signs. Never called inside a database transaction. */
export interface OutboxSigners {
  addressOf(account: string): Promise<string>
  /** Signs and serialises: `0x…`, ready for `eth_sendRawTransaction`. */
  signTransaction(account: string, transaction: TransactionLike): Promise<string>
}

export interface SenderOptions {
  readonly store: OutboxStore
  readonly provider: ChainProvider
  readonly signers: OutboxSigners
  readonly deployment: Deployment
  /** Where the index last saw the contracts. */
  readonly readBook: () => Promise<ContractBook>
  readonly clock: () => number
  readonly confirmations: number
  readonly stuckAfterMs: number
  readonly doubtMs: number
  readonly maxInFlight: number
  readonly othersPatienceMs: number
  /** Throws when the node serves another chain. */
  readonly verifyChain: () => Promise<void>
  readonly onResolved: (row: OutboxRow, state: 'confirmed' | 'failed', code: string | undefined) => void
}

/** `done`: nothing is left; `moved`: look again at once; `waiting`: look again a little later. */
export type StepOutcome = 'done' | 'moved' | 'waiting'

interface View {
  readonly account: string
  readonly address: string
  readonly head: BlockHeader
  /** Transactions of this address that the chain holds: the next free nonce. */
  readonly count: number
  /** The row that has to go first while a rollback is made good; undefined in normal times. */
  readonly replayedFirst: string | undefined
  /** Where the contracts stand at `head`, as far as they were asked for. */
  readonly targets: Map<string, string | undefined>
}

const knownAlready = /already known|already imported|known transaction|already in (the )?(mempool|pool)|nonce too low|nonce_too_low/i
const underpriced = /underpriced|fee too low|fee cap|max fee per gas|below.*(minimum|base fee)|gas price.*(low|below)/i
const maxReplayAttempts = 10
const maxRejections = 3
const refusedRetryMs = 1_000

/** The steps of the one sender that an account has at a time. Holds no state that a crash could lose. */
export function createSender(options: SenderOptions) {
  const { store, provider, signers, deployment, clock } = options
  /** When something was first seen that a lagging node could have made up. */
  const doubts = new Map<string, number>()
  const rejections = new Map<string, number>()
  /** Since when a call that would revert has waited for calls of other accounts. */
  const held = new Map<string, number>()
  /** Transactions this process gave to the node as it now runs; after a restart of either, all are given again. */
  const broadcasts = new Set<string>()
  let lastHead = 0

  async function step(account: string): Promise<StepOutcome> {
    const address = await signers.addressOf(account).catch((cause: unknown) => {
      throw new ChainError('ERR_CHAIN_SIGNER', `the key store does not know the account ${account}`, { cause })
    })
    const head = await fetchHeader(provider, 'latest')
    if (!head) throw new ChainError('ERR_CHAIN_UNREACHABLE', 'the chain node has no blocks')
    await takeBackVanished(head)
    if (head.number < lastHead) broadcasts.clear()
    lastHead = head.number
    const count = Number(await provider.send('eth_getTransactionCount', [address, toQuantity(head.number)]))
    const view: View = { account, address, head, count, replayedFirst: await store.firstReplayed(), targets: new Map() }
    const { sent, queued } = await store.openRows(account, options.maxInFlight)
    if (sent.length + queued.length === 0) return 'done'

    const moved = [await settle(view, [...sent, ...queued.filter((row) => toNumber(row.attempts) > 0)])]
    const flying = moved[0] ? (await store.openRows(account, options.maxInFlight)).sent : sent
    moved.push(await keepFlying(view, flying))
    moved.push(await sendQueued(view))
    return moved.includes(true) ? 'moved' : 'waiting'
  }

  /** Finds out whether the chain still holds what it had confirmed, and takes back what it does not. */
  async function takeBackVanished(head: BlockHeader): Promise<void> {
    let known = await store.confirmedBlock(Number.MAX_SAFE_INTEGER)
    let vanished = false
    while (known) {
      const onChain = known.number > head.number ? undefined : await fetchHeader(provider, known.number)
      if (onChain?.hash === known.hash) break
      vanished = true
      known = await store.confirmedBlock(Math.min(known.number - 1, head.number))
    }
    if (!vanished) return
    await options.verifyChain()
    await store.takeBack(known?.number ?? -1)
  }

  /** Resolves what the chain holds. */
  async function settle(view: View, rows: readonly OutboxRow[]): Promise<boolean> {
    let moved = false
    const stored = await store.transactionsOf(rows)
    for (const row of rows) {
      const candidates = (stored.get(String(row.id)) ?? []).filter((transaction) => transaction.nonce < view.count)
      if (candidates.length === 0) continue
      const receipts = await Promise.all(candidates.map((candidate) => fetchReceipt(provider, candidate.hash)))
      const index = receipts.findIndex((receipt) => receipt !== undefined)
      const receipt = receipts[index]
      const transaction = candidates[index]
      if (receipt && transaction) {
        if (view.head.number - receipt.blockNumber + 1 >= options.confirmations) {
          moved = (await resolve(view, row, receipt, transaction)) || moved
        }
      } else if (row.state === 'sent' && toNumber(row.nonce ?? 0) < view.count && isCertain(`taken:${row.id}:${row.nonce}`)) {
        moved = (await store.requeue(view.account, [row], 'its nonce went to another transaction')) || moved
      }
    }
    return moved
  }

  async function resolve(view: View, row: OutboxRow, receipt: Receipt, transaction: SignedTransaction): Promise<boolean> {
    const mined = {
      hash: receipt.transactionHash,
      blockNumber: receipt.blockNumber,
      blockHash: receipt.blockHash,
      transactionIndex: receipt.transactionIndex
    }
    if (receipt.succeeded) {
      const resolved = await store.confirm(row, mined, transaction.nonce, clock())
      if (resolved) options.onResolved(row, 'confirmed', undefined)
      return resolved
    }
    const { gasLimit, to } = Transaction.from(transaction.raw)
    if (receipt.gasUsed * 100n >= gasLimit * 98n && toNumber(row.attempts) < maxRejections) {
      // The estimate was too low: nothing happened on the chain, and a new estimate may do.
      return await store.requeue(view.account, [row], 'ran out of gas')
    }
    const call = { from: view.address, to, data: row.data }
    const error = await provider.send('eth_call', [call, toQuantity(receipt.blockNumber - 1)]).then(
      () => undefined,
      (cause: unknown) => cause
    )
    const revert = decodeRevert(error)
    return await fail(row, revert.code, revert.detail, mined)
  }

  /** Broadcasts what was signed and is not on the chain yet; replaces what is stuck; closes gaps. */
  async function keepFlying(view: View, sent: readonly OutboxRow[]): Promise<boolean> {
    const waiting = sent.filter((row) => row.state === 'sent' && toNumber(row.nonce ?? 0) >= view.count)
    const gap = waiting.findIndex((row, index) => toNumber(row.nonce ?? 0) !== view.count + index)
    if (gap >= 0) {
      // A chain that forgot a transaction forgot its nonce: what stands behind it cannot be mined as it is.
      if (!isCertain(`gap:${view.account}:${view.count}`)) return false
      return await store.requeue(view.account, waiting.slice(gap), 'the chain forgot the nonce before')
    }
    let moved = false
    const stored = await store.transactionsOf(waiting)
    for (const row of waiting) {
      if (view.replayedFirst !== undefined && view.replayedFirst !== String(row.id)) break
      const current = (stored.get(String(row.id)) ?? []).findLast((transaction) => transaction.nonce === toNumber(row.nonce ?? 0))
      if (!current) continue
      const lastSentMs = row.last_sent_at_ms === null ? undefined : toNumber(row.last_sent_at_ms)
      if (lastSentMs === undefined || !broadcasts.has(current.hash)) {
        moved = (await broadcast(view, row, current)) || moved
      } else if (clock() - lastSentMs >= options.stuckAfterMs) {
        if (current.nonce === view.count && clock() - current.signedAtMs >= options.stuckAfterMs) await replace(view, row, current)
        else await broadcast(view, row, current)
      }
    }
    return moved
  }

  async function replace(view: View, row: OutboxRow, current: SignedTransaction, refusals = 0): Promise<void> {
    const now = await fetchFees(provider)
    if (now.maxFeePerGas === 0n) {
      await broadcast(view, row, current)
      return
    }
    const offered = Transaction.from(current.raw)
    const price = offered.gasPrice ?? 0n
    const fees = bumpFees(now, {
      maxFeePerGas: offered.maxFeePerGas ?? price,
      maxPriorityFeePerGas: offered.maxPriorityFeePerGas ?? price
    })
    const replacement = await sign(view, row, offered.to ?? '', current.nonce, offered.gasLimit, fees)
    if (await store.storeSigned(row, replacement)) await broadcast(view, row, replacement, refusals)
  }

  async function sendQueued(view: View): Promise<boolean> {
    const { sent, queued } = await store.openRows(view.account, options.maxInFlight)
    if (queued.length === 0) return false
    let nonce = Math.max(view.count, ...sent.map((row) => toNumber(row.nonce ?? 0) + 1))
    if (nonce <= (await store.lastConfirmedNonce(view.account))) return false
    let inFlight = sent.length
    let moved = false
    const fees = await fetchFees(provider)
    for (const row of queued) {
      if (inFlight >= options.maxInFlight || toNumber(row.due_at_ms) > clock()) break
      if (view.replayedFirst !== undefined && view.replayedFirst !== String(row.id)) break
      const target = await findTarget(view, row.contract)
      if (target === undefined) {
        moved = (await fail(row, 'ERR_CHAIN_TARGET_UNKNOWN', `the federation has taken ${row.contract} out of its Directory`, undefined)) || moved
        continue
      }
      const gasLimit = await estimate(view, row, target, inFlight > 0)
      if (gasLimit === 'failed') {
        moved = true
        continue
      }
      if (gasLimit === 'later') break
      const signed = await sign(view, row, target, nonce, gasLimit, fees)
      if (!(await store.storeSigned(row, signed))) break
      await broadcast(view, { ...row, state: 'sent', nonce }, signed)
      nonce += 1
      inFlight += 1
      moved = true
    }
    return moved
  }

  /**
   * Asks the node for gas in the block that comes next: what is possible may hang on its time. A call that would revert is failed only when nothing that was written before it is
   * still on its way, for that could be what it waits for.
   */
  async function estimate(view: View, row: OutboxRow, to: string, behindOthers: boolean): Promise<bigint | 'later' | 'failed'> {
    const call = { from: view.address, to, data: row.data }
    try {
      const gas = BigInt(String(await provider.send('eth_estimateGas', [call, 'pending'])))
      held.delete(String(row.id))
      const withReserve = (gas * 5n) / 4n + 20_000n
      return withReserve < view.head.gasLimit ? withReserve : view.head.gasLimit
    } catch (error) {
      if (!isRevert(error)) throw error
      if (behindOthers || (await isHeldByOthers(row))) return 'later'
      const revert = decodeRevert(error)
      if (row.replayed && toNumber(row.attempts) < maxReplayAttempts) {
        // After a rollback the event this call needs may be another city's to bring back.
        await store.postpone(row, clock() + 500 * 2 ** Math.min(toNumber(row.attempts), 4), revert.code)
        return 'later'
      }
      await fail(row, revert.code, revert.detail, undefined)
      return 'failed'
    }
  }

  /** A call of another account may be what a call waits for; one that never goes, its key being gone, must not hold it for ever. */
  async function isHeldByOthers(row: OutboxRow): Promise<boolean> {
    const id = String(row.id)
    if (await store.hasOpenBefore(row)) {
      const since = held.get(id) ?? clock()
      held.set(id, since)
      if (clock() - since < options.othersPatienceMs) return true
    }
    held.delete(id)
    return false
  }

  async function sign(view: View, row: OutboxRow, to: string, nonce: number, gasLimit: bigint, fees: Fees): Promise<SignedTransaction> {
    const request: TransactionLike = {
      chainId: deployment.chainId,
      nonce,
      to,
      data: row.data,
      value: 0n,
      gasLimit,
      ...(fees.legacy
        ? { type: 0, gasPrice: fees.maxFeePerGas }
        : { type: 2, maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas: fees.maxPriorityFeePerGas })
    }
    let raw: string
    try {
      raw = await signers.signTransaction(view.account, request)
    } catch (cause) {
      throw new ChainError('ERR_CHAIN_SIGNER', `the key store did not sign for the account ${view.account}`, { cause })
    }
    const signed = Transaction.from(raw)
    if (signed.from?.toLowerCase() !== view.address.toLowerCase() || signed.to !== to || signed.nonce !== nonce || signed.data !== row.data) {
      throw new ChainError('ERR_CHAIN_SIGNER', `the key store signed something else for the account ${view.account}`)
    }
    return { hash: signed.hash ?? '', nonce, raw, maxFeePerGas: fees.maxFeePerGas, signedAtMs: clock() }
  }

  async function broadcast(view: View, row: OutboxRow, transaction: SignedTransaction, refusals = 0): Promise<boolean> {
    broadcasts.add(transaction.hash)
    try {
      await provider.send('eth_sendRawTransaction', [transaction.raw])
    } catch (error) {
      const refusal = rpcErrorOf(error)?.message
      if (refusal === undefined) throw error
      if (!knownAlready.test(refusal)) {
        await refused(view, row, transaction, refusal, refusals + 1)
        return false
      }
    }
    rejections.delete(transaction.hash)
    await store.markBroadcast(row, clock(), null)
    return true
  }

  async function refused(view: View, row: OutboxRow, transaction: SignedTransaction, refusal: string, inARow: number): Promise<void> {
    const detail = refusal.slice(0, 300)
    // Soon, though not at once: whatever the node dislikes may pass.
    await store.markBroadcast(row, clock() - options.stuckAfterMs + refusedRetryMs, detail)
    if (transaction.nonce !== view.count) return
    if (underpriced.test(refusal) && inARow < maxRejections) {
      await replace(view, row, transaction, inARow)
      return
    }
    const times = (rejections.get(transaction.hash) ?? 0) + 1
    rejections.set(transaction.hash, times)
    if (times < maxRejections) return
    // The node will never take these bytes. The next ones stand on the same nonce, so that only one of them can be mined.
    rejections.delete(transaction.hash)
    await store.requeue(view.account, [row], detail)
  }

  async function fail(row: OutboxRow, code: string, detail: string, mined: Parameters<OutboxStore['fail']>[3]): Promise<boolean> {
    const resolved = await store.fail(row, code, detail, mined, clock())
    if (resolved) options.onResolved(row, 'failed', code)
    return resolved
  }

  /** True once the same thing has been seen for `doubtMs`: one answer of a lagging node is not enough to act on. */
  function isCertain(doubt: string): boolean {
    const since = doubts.get(doubt)
    if (since === undefined || clock() - since > options.doubtMs * 20) {
      doubts.set(doubt, clock())
      return false
    }
    if (clock() - since < options.doubtMs) return false
    doubts.delete(doubt)
    return true
  }

  /**
   * Where a contract stands at the head of the chain: where the Directory says. The index may be behind, and what is sent
   * to a contract that was replaced counts for nothing. Undefined when the name was taken out.
   */
  async function findTarget(view: View, contract: string): Promise<string | undefined> {
    if (view.targets.has(contract)) return view.targets.get(contract)
    const target = await fetchTarget(view, contract as ContractName)
    view.targets.set(contract, target)
    return target
  }

  async function fetchTarget({ head }: View, contract: ContractName): Promise<string | undefined> {
    const { current } = await options.readBook()
    const data = contractInterfaces.Directory.encodeFunctionData('get', [encodeBytes32String(contract)])
    const answer = await provider.send('eth_call', [{ to: current.Directory ?? deployment.contracts.Directory, data }, toQuantity(head.number)])
    const [target] = contractInterfaces.Directory.decodeFunctionResult('get', String(answer)) as unknown as [string]
    // A name that was never entered stands for the contract of the deployment, as it does in the index.
    return target === ZeroAddress ? current[contract] : getAddress(target)
  }

  return {
    step,
    /** Takes back what the chain forgot, also when there is nothing to send. */
    async sweep(): Promise<void> {
      const head = await fetchHeader(provider, 'latest')
      if (head) await takeBackVanished(head)
    },
    /** After the node was away nothing is known of what it still holds in its pool. */
    forgetBroadcasts(): void {
      broadcasts.clear()
      held.clear()
    }
  }
}
