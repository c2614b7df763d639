import type { OutboxCall, OutboxEntry } from '../../chain/outbox/outbox.ts'
import type { ChainSender } from '../../api/platform/chain-sender.ts'

export interface MemoryChainSender extends ChainSender {
  readonly calls: OutboxCall[]
  /** Says what became of a call. */
  settle(key: string, state: 'confirmed' | 'failed', errorCode?: string, blockNumber?: number): void
}

/** Remembers what was sent, and lets a test say what the chain did with it. */
export function createMemoryChainSender(nowMs: () => number = () => 0): MemoryChainSender {
  const calls: OutboxCall[] = []
  const entries = new Map<string, OutboxEntry>()
  return {
    calls,
    async enqueue(call) {
      if (entries.has(call.key)) return
      calls.push(call as unknown as OutboxCall)
      entries.set(call.key, { key: call.key, account: call.account, contract: call.contract, method: call.method, state: 'queued', createdAtMs: nowMs() })
    },
    state: async (key) => entries.get(key),
    settle(key, state, errorCode, blockNumber) {
      const entry = entries.get(key)
      if (entry === undefined) throw new Error(`no call ${key}`)
      entries.set(key, {
        ...entry, state, resolvedAtMs: nowMs(),
        ...(errorCode === undefined ? {} : { errorCode: errorCode as never }), ...(blockNumber === undefined ? {} : { blockNumber }),
      })
    },
  }
}
