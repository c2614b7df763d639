import { ChainError } from '../errors.ts'
import { createLoop } from '../loop.ts'
import { planAllowLists, type AllowLists, type AllowListPlan } from './allow-lists.ts'
import type { BesuNode } from './besu-node.ts'
import { PermissioningError } from './errors.ts'
import { enodesOf } from './files.ts'
import type { Membership, MembershipReader } from './membership.ts'
import { isNamed, type Network } from './network.ts'

export interface WatcherOptions {
  readonly members: MembershipReader
  /** Reads the federation's network file, each time anew: it changes too. */
  readonly readNetwork: () => Promise<Network>
  /** Replaces the files when they are not yet these; resolves to the names of those replaced. */
  readonly writeFiles: (lists: AllowLists) => Promise<readonly string[]>
  /** The nodes that are to take the lists, by name. */
  readonly nodes: ReadonlyMap<string, BesuNode>
  /** Names of the nodes that the lists are written for and may never leave out; default none. */
  readonly self?: readonly string[]
  /** Default 5,000 ms. */
  readonly pollMs?: number
  /** Longest pause after failures; default 60,000 ms. */
  readonly longestPauseMs?: number
  readonly onRenewed?: (renewal: Renewal) => void
  readonly onError?: (error: unknown) => void
}

/** How a node stands to the lists. */
export type NodeState = 'current' | 'reloaded' | 'restart-needed' | 'failed'

export interface Renewal {
  readonly block: number
  readonly plan: AllowListPlan
  /** Files that were replaced. */
  readonly replaced: readonly string[]
  readonly nodes: ReadonlyMap<string, { readonly state: NodeState; readonly error?: PermissioningError | ChainError }>
}

/** Keeps the allow-lists of Besu nodes those of the registry. */
export interface Watcher {
  start(): void
  stop(): Promise<void>
  /**
   * One renewal. A node that fails does not keep the others from theirs.
   *
   * @throws ChainError when the registry cannot be read; PermissioningError `ERR_PERMISSIONING_LOCKOUT`,
   *   `ERR_PERMISSIONING_SELF_EXCLUDED`, `ERR_PERMISSIONING_NETWORK_INVALID`: the files then stay as they are
   */
  renew(): Promise<Renewal>
}

/**
 * Follows the registry. Each time it compares, rather than remembers: what a file holds with what it should hold, and what
 * a node enforces with the file. So it may be killed and started at any time, and a node that was away takes the lists when
 * it is back.
 */
export function createWatcher(options: WatcherOptions): Watcher {
  const { members, nodes, self = [], pollMs = 5_000, longestPauseMs = 60_000 } = options

  async function renew(): Promise<Renewal> {
    const network = await options.readNetwork()
    const membership: Membership = await members.read()
    const validators = await fetchValidators()
    const plan = planAllowLists(network, membership, { self, ...(validators ? { validators } : {}) })
    const replaced = await options.writeFiles(plan)
    const states = await Promise.all([...nodes].map(async ([name, node]) => [name, await bringUpToDate(node, plan)] as const))
    return { block: membership.block, plan, replaced, nodes: new Map(states) }
  }

  /** From the first node that knows; undefined when none says so. */
  async function fetchValidators(): Promise<readonly string[] | undefined> {
    for (const node of nodes.values()) {
      try {
        return await node.fetchValidators('pending')
      } catch (error) {
        if (!(error instanceof PermissioningError) && !(error instanceof ChainError)) throw error
      }
    }
    return undefined
  }

  let failures = 0
  const loop = createLoop(async () => {
    try {
      const renewal = await renew()
      options.onRenewed?.(renewal)
      failures = [...renewal.nodes.values()].some(({ state }) => state === 'failed') ? failures + 1 : 0
    } catch (error) {
      failures += 1
      options.onError?.(error)
    }
    return Math.min(pollMs * 2 ** Math.min(failures, 10), Math.max(pollMs, longestPauseMs))
  })

  return {
    renew,
    start: () => { loop.start() },
    stop: async () => { await loop.stop() }
  }
}

async function bringUpToDate(node: BesuNode, plan: AllowLists): Promise<{ state: NodeState; error?: PermissioningError | ChainError }> {
  try {
    if (isInForce(await node.fetchAllowLists(), plan)) return { state: 'current' }
    await node.reloadPermissions()
    if (isInForce(await node.fetchAllowLists(), plan)) return { state: 'reloaded' }
    const message = 'the node read its permissions file again and its lists are not those that were written: is it given the folder that is written to?'
    return { state: 'failed', error: new PermissioningError('ERR_PERMISSIONING_NOT_TAKEN', message) }
  } catch (error) {
    if (error instanceof PermissioningError) return { state: error.code === 'ERR_PERMISSIONING_NOT_OFFERED' ? 'restart-needed' : 'failed', error }
    if (error instanceof ChainError) return { state: 'failed', error }
    throw error
  }
}

function isInForce(inNode: { readonly enodes: readonly string[]; readonly accounts: readonly string[] }, plan: AllowLists): boolean {
  // Where the file says a name Besu may say the address behind it: such a node is known by its key and port alone.
  const named = new Set(plan.nodes.filter(isNamed).map((node) => keyOf(node.enode)))
  const comparable = (enode: string): string => (named.has(keyOf(enode)) ? enode.replace(/@.*:/, '@:') : enode).toLowerCase()
  return isSame(inNode.enodes.map(comparable), enodesOf(plan).map(comparable)) && isSame(inNode.accounts.map(lower), plan.accounts)
}

function isSame(these: readonly string[], those: readonly string[]): boolean {
  return [...new Set(these)].sort().join() === [...new Set(those)].sort().join()
}

const lower = (text: string): string => text.toLowerCase()
const keyOf = (enode: string): string => lower(enode.slice('enode://'.length, enode.indexOf('@')))
