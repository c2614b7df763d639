import { quorumOf } from './allow-lists.ts'
import type { BesuNode, NodeState } from './besu-node.ts'
import { ChainError } from '../errors.ts'
import { PermissioningError } from './errors.ts'
import type { NetworkNode } from './network.ts'

export interface HealthOptions {
  readonly node: BesuNode
  /** What the network file says of it. */
  readonly about: NetworkNode
  readonly chainId: number
  /** The Besu it has to be, such as `26.3.0`; undefined: any. */
  readonly version?: string
  /** How many other nodes it needs at least; by default as many validators as make a quorum with it, for a member one. */
  readonly peers?: number
  /** How long it may take, in milliseconds. */
  readonly waitMs: number
  readonly pollMs?: number
}

export interface Health extends NodeState {
  /** The last block it made since we looked; undefined when it is no validator in force. */
  readonly made?: number
}

/**
 * Waits until a node is in order: it is the version asked for, has enough peers, does not lag behind, takes in new blocks and,
 * as a validator in force, makes blocks itself. A node that does not answer may be starting, and is asked again.
 *
 * @throws PermissioningError `ERR_PERMISSIONING_NODE_UNHEALTHY` with everything that was still wrong at the end, and those of
 *   `BesuNode` that waiting does not mend
 */
export async function waitForHealth({ node, about, chainId, version, peers, waitMs, pollMs = 1_000 }: HealthOptions): Promise<Health> {
  const deadline = Date.now() + waitMs
  let first: number | undefined
  for (;;) {
    let faults: readonly string[]
    let cause: unknown
    try {
      const state = await node.fetchState()
      first ??= state.block
      const validators = await node.fetchValidators()
      const isInForce = validators.includes(about.address)
      // The newest block is not counted yet, and a range without blocks is refused.
      const made = isInForce && state.block > first + 1 ? (await node.fetchMakers(first + 1)).get(about.address) : undefined
      const needed = peers ?? (isInForce ? quorumOf(validators.length) - 1 : 1)
      faults = [
        ...(state.chainId === chainId ? [] : [`it serves the chain ${state.chainId}, not ${chainId}`]),
        ...(version === undefined || isVersion(state.client, version) ? [] : [`it is ${state.client}, not ${version}`]),
        ...(state.peers >= needed ? [] : [`it has ${state.peers} of ${needed} peers`]),
        ...(state.isSyncing ? ['it still catches up'] : []),
        ...(state.block > first ? [] : [`it stands still at block ${state.block}`]),
        ...(isInForce && made === undefined ? [`it made no block since ${first}`] : [])
      ]
      if (faults.length === 0) return { ...state, ...(made === undefined ? {} : { made }) }
    } catch (error) {
      if (!(error instanceof ChainError) || error.code !== 'ERR_CHAIN_UNREACHABLE') throw error
      faults = [error.message]
      cause = error
    }
    if (Date.now() + pollMs > deadline) throw new PermissioningError('ERR_PERMISSIONING_NODE_UNHEALTHY', `${about.name}: ${faults.join('; ')}`, { cause })
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

/** Whether what a node calls itself, such as `besu/v26.3.0/linux-x86_64/…`, is a version. */
function isVersion(client: string, version: string): boolean {
  return client.split('/')[1] === `v${version}`
}

/**
 * Makes sure that the chain goes on with one validator less: more make blocks than a quorum needs. To be asked before one is
 * stopped, for another city may have one of its own down.
 *
 * @throws PermissioningError `ERR_PERMISSIONING_LOCKOUT`, and those of `BesuNode`
 */
export async function checkSpare(node: BesuNode): Promise<void> {
  const { block } = await node.fetchState()
  const validators = await node.fetchValidators()
  const makers = await node.fetchMakers(Math.max(0, block - 3 * validators.length))
  const count = validators.filter((validator) => makers.has(validator)).length
  const quorum = quorumOf(validators.length)
  if (count > quorum) return
  throw new PermissioningError('ERR_PERMISSIONING_LOCKOUT', `${count} of ${validators.length} validators make blocks, and ${quorum} are needed: with one less the chain would stand still`)
}

/**
 * Makes sure that nobody makes blocks with a validator's key at the moment: two machines with one key can sign two
 * blocks of one height. Resolves to how many blocks it was silent for.
 *
 * @throws PermissioningError `ERR_PERMISSIONING_KEY_IN_USE`; `ERR_PERMISSIONING_NODE_UNHEALTHY` when the node asked cannot
 *   know, or the chain is too short to tell
 */
export async function checkSilence(node: BesuNode, validator: NetworkNode): Promise<number> {
  const { block, isSyncing, peers } = await node.fetchState()
  if (isSyncing || peers === 0) throw new PermissioningError('ERR_PERMISSIONING_NODE_UNHEALTHY', `the node asked ${isSyncing ? 'still catches up' : 'has no peers'}: it does not know the newest blocks`)
  const validators = (await node.fetchValidators()).length
  // Everybody takes turns: who is there has made several blocks in so many.
  const from = block - 10 * validators
  if (from < 0) throw new PermissioningError('ERR_PERMISSIONING_NODE_UNHEALTHY', `the chain has ${block} blocks: too few to tell whether ${validator.name} makes any`)
  const last = (await node.fetchMakers(from)).get(validator.address)
  if (last !== undefined) {
    throw new PermissioningError(
      'ERR_PERMISSIONING_KEY_IN_USE',
      `${validator.name} made block ${last} of ${block}: its key is in use, or was a moment ago. Stop the machine that has it, see to it that it stays off, and ask again after ${10 * validators} blocks`
    )
  }
  return block - from
}
