import { computeAddress, getAddress, SigningKey } from 'ethers'
import { isIP } from 'node:net'
import { z } from 'zod'
import { PermissioningError } from './errors.ts'

const addressSchema = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'not an address')
  .transform((value) => getAddress(value.toLowerCase()))
const locodeSchema = z.string().regex(/^[A-Z]{2}[A-Z2-9]{3}$/, 'not a UN/LOCODE')
const hostSchema = z
  .string()
  .refine((host) => isIP(host) === 4 || (!/^[\d.]+$/.test(host) && /^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/.test(host)), 'not an IPv4 address or a host name')

const nodeSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$/, 'a name is lower-case letters, digits and hyphens'),
  city: locodeSchema,
  role: z.enum(['validator', 'member']),
  founding: z.boolean().default(false),
  host: hostSchema,
  alsoFrom: z.array(hostSchema).default([]),
  port: z.int().min(1).max(65_535).default(30_303),
  publicKey: z.string().regex(/^0x[0-9a-f]{128}$/, 'not a public key: 0x and 128 lower-case hexadecimal digits').optional()
})

const networkSchema = z.strictObject({
  version: z.literal(1),
  chain: z.strictObject({
    chainId: z.int().positive(),
    blockPeriodSeconds: z.int().min(1).max(60).default(2),
    requestTimeoutSeconds: z.int().min(2).max(600).default(4),
    epochLength: z.int().min(100).default(30_000),
    gasLimit: z.int().min(10_000_000).max(0x1fffffffffffff).default(30_000_000),
    contractSizeLimit: z.int().min(24_576).max(2_147_483_647).default(24_576)
  }),
  nodes: z.array(nodeSchema).min(1),
  foundingAccounts: z.array(addressSchema).default([]),
  blockedAccounts: z.array(addressSchema).default([]),
  relayers: z.array(z.strictObject({ city: locodeSchema, account: addressSchema })).default([])
})

/** What runs a node of the network, as the federation agreed on it. */
export interface NetworkNode {
  readonly name: string
  /** UN/LOCODE of the city that runs it. */
  readonly city: string
  readonly role: 'validator' | 'member'
  /** Whether it is a validator from the first block on. */
  readonly founding: boolean
  readonly host: string
  /** Other hosts that its connections come from, such as a NAT gateway. */
  readonly alsoFrom: readonly string[]
  readonly port: number
  /** `enode://<public key>@<host>:<port>`: where it is reached. */
  readonly enode: string
  /** Where its connections may come from: `enode` first, then the same with each host of `alsoFrom`. */
  readonly enodes: readonly string[]
  /** The account of the node's key: what QBFT knows a validator by. */
  readonly address: string
}

export type ChainParameters = z.infer<typeof networkSchema>['chain']

/** The federation's network file: what the chain is made of that the chain itself does not say. */
export interface Network {
  readonly chain: ChainParameters
  readonly nodes: readonly NetworkNode[]
  /** Accounts that may send before there is a registry: those that take part in the founding. */
  readonly foundingAccounts: readonly string[]
  /** Accounts that may not send although the contracts know them: stolen keys, until the registry has new ones. */
  readonly blockedAccounts: readonly string[]
  /** Accounts that send for a city and stand nowhere on the chain. */
  readonly relayers: readonly { readonly city: string; readonly account: string }[]
}

/**
 * Parses the federation's network file, read from YAML. No I/O. Enode URLs and validators' accounts are derived from the
 * nodes' public keys, so that the two cannot disagree.
 *
 * @throws PermissioningError `ERR_PERMISSIONING_NETWORK_INVALID`
 */
export function parseNetwork(value: unknown): Network {
  const parsed = networkSchema.safeParse(value)
  if (!parsed.success) throw invalid(z.prettifyError(parsed.error))
  const { chain, foundingAccounts, blockedAccounts, relayers } = parsed.data
  const nodes = parsed.data.nodes.map(toNode)
  requireDistinct(nodes, 'name', (node) => node.name)
  requireDistinct(nodes, 'key', (node) => node.address)
  requireDistinct(nodes, 'host and port', (node) => `${node.host}:${node.port}`)
  const strayFounder = nodes.find((node) => node.founding && node.role !== 'validator')
  if (strayFounder) throw invalid(`${strayFounder.name} is founding but no validator`)
  if (!nodes.some((node) => node.founding)) throw invalid('no validator is founding: the first block needs at least one, and four to survive the failure of one')
  return { chain, nodes, foundingAccounts, blockedAccounts, relayers }
}

function requireDistinct(nodes: readonly NetworkNode[], what: string, of: (node: NetworkNode) => string): void {
  const seen = new Map<string, string>()
  for (const node of nodes) {
    const other = seen.get(of(node))
    if (other !== undefined) throw invalid(`${other} and ${node.name} have the same ${what}`)
    seen.set(of(node), node.name)
  }
}

function toNode({ publicKey, ...node }: z.infer<typeof nodeSchema>): NetworkNode {
  if (publicKey === undefined) throw invalid(`${node.name} has no public key: make its key with "symbolon besu keys"`)
  try {
    const address = computeAddress(SigningKey.computePublicKey(`0x04${publicKey.slice(2)}`))
    const [enode = '', ...others] = [node.host, ...node.alsoFrom].map((host) => `enode://${publicKey.slice(2)}@${host}:${node.port}`)
    return { ...node, address, enode, enodes: [enode, ...others] }
  } catch (cause) {
    throw new PermissioningError('ERR_PERMISSIONING_NETWORK_INVALID', `the public key of ${node.name} is not a point of secp256k1`, { cause })
  }
}

function invalid(reason: string): PermissioningError {
  return new PermissioningError('ERR_PERMISSIONING_NETWORK_INVALID', `not a network file: ${reason}`)
}

/** Whether a node is known by a host name, not by addresses alone. */
export function isNamed(node: NetworkNode): boolean {
  return [node.host, ...node.alsoFrom].some((host) => isIP(host) === 0)
}

/** Whether some node is known by a host name: Besu then has to be told to ask the DNS. */
export function usesHostNames(network: Network): boolean {
  return network.nodes.some(isNamed)
}
