import type { Membership, MemberCity } from './membership.ts'
import { PermissioningError } from './errors.ts'
import type { Network, NetworkNode } from './network.ts'

/** Who may connect and who may send. */
export interface AllowLists {
  readonly nodes: readonly NetworkNode[]
  /** Addresses in lower case, sorted. */
  readonly accounts: readonly string[]
}

export interface AllowListPlan extends AllowLists {
  /** Validators of cities that are not active, kept because the chain would stand still without them. */
  readonly retained: readonly NetworkNode[]
}

export interface PlanOptions {
  /** The validators of the moment, by address; without them, those that the network file names. */
  readonly validators?: readonly string[]
  /** The nodes that the lists are written for. */
  readonly self?: readonly string[]
}

/**
 * How many of `count` validators must take part for a block to be made: two thirds, rounded up.
 *
 * @see https://besu.hyperledger.org/private-networks/how-to/configure/consensus/qbft
 */
export function quorumOf(count: number): number {
  return Math.ceil((2 * count) / 3)
}

/** Who may connect and send while there is no registry yet: everybody in the network file. */
export function foundingAllowLists(network: Network): AllowListPlan {
  return { nodes: byName(network.nodes), accounts: unique(network.foundingAccounts), retained: [] }
}

/**
 * Says who may connect and who may send, from the registry's members and the federation's network file.
 *
 * Nodes: those of active cities. Accounts: all that the contracts know, for a suspended city may appeal and change its keys, a
 * removed one still confirms what it was paid, and a merchant who left is still owed; what each may do the contracts decide.
 *
 * @throws PermissioningError `ERR_PERMISSIONING_LOCKOUT` when too few validators, or nobody who can act, would be left;
 *   `ERR_PERMISSIONING_SELF_EXCLUDED` when a node of `self` would be left out
 */
export function planAllowLists(network: Network, membership: Membership, { validators, self = [] }: PlanOptions = {}): AllowListPlan {
  const active = new Set(membership.cities.filter((city) => city.status === 'active').map((city) => city.locode))
  if (active.size === 0) {
    throw new PermissioningError('ERR_PERMISSIONING_LOCKOUT', `no city is active at block ${membership.block}: nobody could act any more, so the lists stay as they are`)
  }
  if (!membership.cities.some((city) => active.has(city.locode) && city.accounts.some((account) => !network.blockedAccounts.includes(account)))) {
    throw new PermissioningError('ERR_PERMISSIONING_LOCKOUT', 'the network file blocks every account of every active city: nobody could act any more')
  }
  const welcome = network.nodes.filter((node) => active.has(node.city))
  const needed = new Set((validators ?? network.nodes.filter((node) => node.role === 'validator').map((node) => node.address)).map((address) => address.toLowerCase()))
  const retained = retainedValidators(network, welcome, needed)
  const nodes = byName([...welcome, ...retained])
  for (const name of self) {
    const own = network.nodes.find((node) => node.name === name)
    if (!own) throw new PermissioningError('ERR_PERMISSIONING_NODE_UNSUITABLE', `there is no node ${name} in the network file`)
    if (!nodes.includes(own)) {
      throw new PermissioningError(
        'ERR_PERMISSIONING_SELF_EXCLUDED',
        `${name} runs for ${own.city}, which is ${statusOf(membership, own.city)}: its own lists stay as they are, and the other nodes let it go`
      )
    }
  }
  return { nodes, retained, accounts: accountsOf(network, membership, active) }
}

function retainedValidators(network: Network, welcome: readonly NetworkNode[], needed: ReadonlySet<string>): readonly NetworkNode[] {
  const isNeeded = (node: NetworkNode): boolean => needed.has(node.address.toLowerCase())
  const quorum = quorumOf(needed.size)
  if (welcome.filter(isNeeded).length >= quorum) return []
  const retained = network.nodes.filter((node) => isNeeded(node) && !welcome.includes(node))
  const reachable = welcome.filter(isNeeded).length + retained.length
  if (reachable < quorum) {
    throw new PermissioningError(
      'ERR_PERMISSIONING_LOCKOUT',
      `of ${needed.size} validators only ${reachable} are in the network file and ${quorum} are needed for a block: enter the others before the lists are renewed`
    )
  }
  return byName(retained)
}

function accountsOf(network: Network, membership: Membership, active: ReadonlySet<string>): readonly string[] {
  const blocked = new Set(network.blockedAccounts)
  const known = [
    ...membership.cities.flatMap((city) => city.accounts),
    ...membership.merchants,
    ...(membership.guardian === undefined ? [] : [membership.guardian]),
    ...network.relayers.filter(({ city }) => active.has(city)).map(({ account }) => account)
  ]
  return unique(known.filter((account) => !blocked.has(account)))
}

function statusOf(membership: Membership, locode: string): MemberCity['status'] | 'no member' {
  return membership.cities.find((city) => city.locode === locode)?.status ?? 'no member'
}

function byName(nodes: readonly NetworkNode[]): readonly NetworkNode[] {
  return nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function unique(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses.map((address) => address.toLowerCase()))].sort()
}
