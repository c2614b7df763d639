import { getAddress } from 'ethers'
import { ChainError, rpcErrorOf } from '../errors.ts'
import { toQuantity, withChainErrors, type ChainProvider } from '../rpc.ts'
import { PermissioningError } from './errors.ts'

/** How a node is at this moment. */
export interface NodeState {
  /** Such as `besu/v26.3.0/linux-x86_64/openjdk-java-25`. */
  readonly client: string
  readonly chainId: number
  readonly peers: number
  readonly isSyncing: boolean
  /** Number of the newest block it has. */
  readonly block: number
}

/** What a Besu node says of itself, and says and does about who belongs to the network. */
export interface BesuNode {
  /**
   * The lists in force in the node.
   *
   * @throws PermissioningError `ERR_PERMISSIONING_NOT_OFFERED`, `ERR_PERMISSIONING_UNAUTHORIZED`
   * @throws ChainError `ERR_CHAIN_UNREACHABLE`
   */
  fetchAllowLists(): Promise<{ readonly enodes: readonly string[]; readonly accounts: readonly string[] }>
  /**
   * Has the node read its permissions file again.
   *
   * @throws PermissioningError as `fetchAllowLists`, and `ERR_PERMISSIONING_RELOAD_REFUSED` when it cannot read the file
   */
  reloadPermissions(): Promise<void>
  /** The validators that made the newest block, or that will make the next one. */
  fetchValidators(at?: 'latest' | 'pending'): Promise<readonly string[]>
  /** Has this node, a validator, vote for a validator to be added or removed, in the blocks it makes. */
  proposeVote(validator: string, add: boolean): Promise<void>
  /** Takes back what `proposeVote` proposed. */
  discardVote(validator: string): Promise<void>
  /** What this node proposes at the moment, by address: true to add. */
  fetchProposals(): Promise<ReadonlyMap<string, boolean>>
  /**
   * How the node is.
   *
   * @throws PermissioningError `ERR_PERMISSIONING_NOT_OFFERED`, `ERR_PERMISSIONING_UNAUTHORIZED`
   * @throws ChainError `ERR_CHAIN_UNREACHABLE`
   */
  fetchState(): Promise<NodeState>
  /** Who made blocks from `from` on, without the newest one, and the last that each made. */
  fetchMakers(from: number): Promise<ReadonlyMap<string, number>>
}

/** JSON-RPC: no such method; Besu: a method of an API group that is not enabled. */
const notOffered = new Set([-32_601, -32_604])
/** Besu: no token, or one that does not allow the method. */
const unauthorized = -40_100
/** Besu: everything about allow-lists that is not in order. */
const allowListError = -32_000

/**
 * A client of the `PERM` and `QBFT` groups of a Besu node's JSON-RPC, and of what a node says of itself.
 *
 * @see https://besu.hyperledger.org/private-networks/reference/api#permissioning-methods
 * @see https://besu.hyperledger.org/private-networks/reference/api#qbft-methods
 */
export function createBesuNode(given: ChainProvider): BesuNode {
  const provider = withChainErrors(given)

  async function call(method: string, params: unknown[], onAllowListError: () => PermissioningError = () => off(method)): Promise<unknown> {
    try {
      return await provider.send(method, params)
    } catch (cause) {
      if (!(cause instanceof ChainError) || cause.code !== 'ERR_CHAIN_RPC') throw cause
      const code = rpcErrorOf(cause.cause)?.code
      if (code === unauthorized) {
        throw new PermissioningError('ERR_PERMISSIONING_UNAUTHORIZED', `the node does not let us call ${method}: give a token that allows ${permissionOf(method)}`, { cause })
      }
      if (code !== undefined && notOffered.has(code)) throw off(method, cause)
      if (code === allowListError && method.startsWith('perm_')) throw onAllowListError()
      throw cause
    }
  }

  return {
    async fetchAllowLists() {
      const enodes = toStrings(await call('perm_getNodesAllowlist', []), 'perm_getNodesAllowlist')
      const accounts = toStrings(await call('perm_getAccountsAllowlist', []), 'perm_getAccountsAllowlist')
      return { enodes, accounts }
    },
    async reloadPermissions() {
      await call('perm_reloadPermissionsFromFile', [], () => new PermissioningError(
        'ERR_PERMISSIONING_RELOAD_REFUSED',
        'the node could not read its permissions file again and goes on with its old lists: see its log, and whether it is given the folder of the file rather than the file alone'
      ))
    },
    async fetchValidators(at = 'latest') {
      return toStrings(await call('qbft_getValidatorsByBlockNumber', [at]), 'qbft_getValidatorsByBlockNumber').map((address) => getAddress(address))
    },
    async proposeVote(validator, add) {
      await call('qbft_proposeValidatorVote', [validator.toLowerCase(), add])
    },
    async discardVote(validator) {
      await call('qbft_discardValidatorVote', [validator.toLowerCase()])
    },
    async fetchProposals() {
      const answer = await call('qbft_getPendingVotes', [])
      if (typeof answer !== 'object' || answer === null) throw unreadable('qbft_getPendingVotes')
      return new Map(Object.entries(answer).map(([address, add]) => [getAddress(address), add === true]))
    },
    async fetchState() {
      const client = await call('web3_clientVersion', [])
      const syncing = await call('eth_syncing', [])
      return {
        client: typeof client === 'string' ? client : '',
        chainId: toNumber(await call('eth_chainId', []), 'eth_chainId'),
        peers: toNumber(await call('net_peerCount', []), 'net_peerCount'),
        isSyncing: syncing !== false,
        block: toNumber(await call('eth_blockNumber', []), 'eth_blockNumber')
      }
    },
    async fetchMakers(from) {
      const answer = await call('qbft_getSignerMetrics', [toQuantity(from)])
      if (!Array.isArray(answer)) throw unreadable('qbft_getSignerMetrics')
      return new Map((answer as Readonly<Record<string, unknown>>[])
        .filter(({ proposedBlockCount }) => toNumber(proposedBlockCount, 'qbft_getSignerMetrics') > 0)
        .map(({ address, lastProposedBlockNumber }) => [getAddress(String(address)), toNumber(lastProposedBlockNumber, 'qbft_getSignerMetrics')]))
    }
  }
}

function off(method: string, cause?: unknown): PermissioningError {
  const group = method.split('_')[0]?.toUpperCase() ?? ''
  return new PermissioningError(
    'ERR_PERMISSIONING_NOT_OFFERED',
    group === 'PERM'
      ? 'the node does not offer its allow-lists: it needs PERM in rpc-http-api and both permissions-…-config-file-enabled; until then restart its nodes one after the other when the file changes'
      : `the node does not offer ${method}: it needs ${group} in rpc-http-api, and a network with that consensus`,
    { cause }
  )
}

/** The name of a method in a token's permissions. */
function permissionOf(method: string): string {
  return method.replace('_', ':')
}

function toStrings(answer: unknown, method: string): readonly string[] {
  if (!Array.isArray(answer) || !answer.every((item) => typeof item === 'string')) throw unreadable(method)
  return answer as string[]
}

function toNumber(answer: unknown, method: string): number {
  if (typeof answer !== 'string' || !/^0x[0-9a-f]+$/i.test(answer)) throw unreadable(method)
  return Number(answer)
}

function unreadable(method: string): ChainError {
  return new ChainError('ERR_CHAIN_RPC', `the node's answer to ${method} is not one`)
}
