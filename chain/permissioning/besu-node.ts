import { getAddress } from 'ethers'
import { ChainError, rpcErrorOf } from '../errors.ts'
import { withChainErrors, type ChainProvider } from '../rpc.ts'
import { PermissioningError } from './errors.ts'

/** What a Besu node says and does about who belongs to the network. */
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
}

/** JSON-RPC: no such method; Besu: a method of an API group that is not enabled. */
const notOffered = new Set([-32_601, -32_604])
/** Besu: no token, or one that does not allow the method. */
const unauthorized = -40_100
/** Besu: everything about allow-lists that is not in order. */
const allowListError = -32_000

/**
 * A client of the `PERM` and `QBFT` groups of a Besu node's JSON-RPC.
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

function unreadable(method: string): ChainError {
  return new ChainError('ERR_CHAIN_RPC', `the node's answer to ${method} is not one`)
}
