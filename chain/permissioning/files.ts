import { isIP } from 'node:net'
import { parse, stringify } from 'smol-toml'
import type { AllowLists } from './allow-lists.ts'
import { usesHostNames, type Network, type NetworkNode } from './network.ts'

/** Names of the files that follow the federation's membership. */
export const permissionsFile = 'permissions_config.toml'
export const staticNodesFile = 'static-nodes.json'

const header = '# Written by "symbolon besu" from the federation\'s registry: changes made here do not last.\n'

/**
 * Besu's permissions file.
 *
 * @see https://besu.hyperledger.org/private-networks/how-to/use-local-permissioning#permissions-configuration-file
 */
export function renderPermissions(lists: AllowLists): string {
  return `${header}${stringify({ 'accounts-allowlist': [...lists.accounts], 'nodes-allowlist': enodesOf(lists) })}\n`
}

/**
 * Besu's list of the nodes it keeps connected to. Besu does not start when one of them is not on the allow-list.
 *
 * @see https://besu.hyperledger.org/public-networks/how-to/connect/static-nodes
 */
export function renderStaticNodes(enodes: readonly string[]): string {
  return `${JSON.stringify(enodes, undefined, 2)}\n`
}

/** What the allow-list holds of nodes: every address that their connections come from. */
export function enodesOf(lists: Pick<AllowLists, 'nodes'>): string[] {
  return lists.nodes.flatMap((node) => node.enodes)
}

/** What a permissions file lists; undefined when it is no such file. */
export function parsePermissions(text: string): { readonly enodes: readonly string[]; readonly accounts: readonly string[] } | undefined {
  let value
  try {
    value = parse(text)
  } catch {
    return undefined
  }
  const { 'nodes-allowlist': enodes, 'accounts-allowlist': accounts } = value
  return isStrings(enodes) && isStrings(accounts) ? { enodes, accounts } : undefined
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** Where the files of a node stand in its container. */
export const besuPaths = {
  data: '/var/lib/besu',
  /** The first block. */
  network: '/etc/besu/network',
  /** What follows the membership: a folder of its own, because files in it are replaced, not rewritten. */
  permissions: '/etc/besu/permissions',
  keys: '/etc/besu/keys',
  /** The public key of those who give tokens, and the TLS key store. */
  rpc: '/etc/besu/rpc',
  tls: '/etc/besu/tls'
} as const

/** What a city's service and a reader of the chain call: answered without a token, to those who can reach the port at all. */
const openMethods = [
  'eth_blockNumber', 'eth_call', 'eth_chainId', 'eth_estimateGas', 'eth_gasPrice', 'eth_getBalance', 'eth_getBlockByHash', 'eth_getBlockByNumber', 'eth_getCode',
  'eth_getLogs', 'eth_getTransactionByHash', 'eth_getTransactionCount', 'eth_getTransactionReceipt', 'eth_maxPriorityFeePerGas', 'eth_feeHistory',
  'eth_sendRawTransaction', 'eth_syncing', 'net_version', 'web3_clientVersion'
]

/**
 * The configuration file of one node. A validator answers nobody without a token; a city's member node serves the city's service
 * the methods it needs.
 *
 * @see https://besu.hyperledger.org/public-networks/reference/cli/options
 */
export function renderNodeConfig(network: Network, node: NetworkNode): string {
  const config = {
    // Full sync, every past state kept, nothing pays for gas.
    profile: 'ENTERPRISE',
    'data-path': besuPaths.data,
    'genesis-file': `${besuPaths.network}/genesis.json`,
    'node-private-key-file': `${besuPaths.keys}/node.key`,
    identity: node.name,
    logging: 'INFO',
    'color-enabled': false,

    'p2p-port': node.port,
    ...(isIP(node.host) ? { 'p2p-host': node.host } : {}),
    'nat-method': 'NONE',
    'max-peers': 100,
    // Who is who comes from the files, not from strangers.
    'discovery-enabled': false,
    'static-nodes-file': `${besuPaths.permissions}/${staticNodesFile}`,
    ...(usesHostNames(network) ? { 'Xdns-enabled': true, 'Xdns-update-enabled': true } : {}),

    'permissions-nodes-config-file-enabled': true,
    'permissions-nodes-config-file': `${besuPaths.permissions}/${permissionsFile}`,
    'permissions-accounts-config-file-enabled': true,
    'permissions-accounts-config-file': `${besuPaths.permissions}/${permissionsFile}`,

    'min-gas-price': 0,
    'target-gas-limit': network.chain.gasLimit,

    'rpc-http-enabled': true,
    'rpc-http-host': '0.0.0.0',
    'rpc-http-port': 8545,
    'rpc-http-api': ['ETH', 'NET', 'WEB3', 'QBFT', 'PERM'],
    'host-allowlist': ['localhost', '127.0.0.1', ...hostNamesOf(node)],
    'rpc-http-authentication-enabled': true,
    'rpc-http-authentication-jwt-public-key-file': `${besuPaths.rpc}/jwt.pub.pem`,
    'rpc-http-authentication-jwt-algorithm': 'ES256',
    ...(node.role === 'member' ? { 'rpc-http-api-methods-no-auth': openMethods } : {}),
    'rpc-http-tls-enabled': true,
    'rpc-http-tls-keystore-file': `${besuPaths.tls}/keystore.p12`,
    'rpc-http-tls-keystore-password-file': `${besuPaths.tls}/keystore.password`,
    'rpc-http-tls-protocol': ['TLSv1.3', 'TLSv1.2'],

    'metrics-enabled': true,
    'metrics-host': '0.0.0.0',
    'metrics-port': 9545
  }
  return `# Besu configuration of ${node.name}, written by "symbolon besu generate".\n${stringify(config)}\n`
}

/** The names under which a node is called: its own, and its host with every shorter form of it. */
function hostNamesOf(node: NetworkNode): string[] {
  if (isIP(node.host)) return [node.name, node.host]
  const labels = node.host.split('.')
  return [...new Set([node.name, ...labels.map((_, index) => labels.slice(0, index + 1).join('.'))])]
}
