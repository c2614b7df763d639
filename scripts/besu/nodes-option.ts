import { readFileSync } from 'node:fs'
import { createBesuNode, type BesuNode } from '../../chain/permissioning/besu-node.ts'
import { createRpcProvider } from '../../chain/rpc.ts'
import type { CommandInput, CommandOption } from '../lib/command-line.ts'
import { SetupError } from '../lib/setup-error.ts'
import { signToken } from './tokens.ts'

/** Options of every command that calls nodes. */
export const nodeOptions = {
  node: { value: 'NAME=URL', about: 'a node and the address of its JSON-RPC', many: true },
  'jwt-key': { value: 'FILE', about: 'key that signs tokens for the nodes; a fresh one for each call, for five minutes' },
  'token-file': { value: 'FILE', about: 'token for the nodes, read anew for each call' }
} as const satisfies Record<string, CommandOption>

const tokenSeconds = 300

/** The nodes that `--node` names, called with tokens that allow `permissions`. */
export function nodesOf(input: CommandInput, permissions: readonly string[]): ReadonlyMap<string, BesuNode> {
  const bearerToken = tokenSource(input, permissions)
  return new Map(
    input.list('node').map((text) => {
      const [, name, url] = /^([a-z0-9-]+)=(https?:\/\/.+)$/.exec(text) ?? []
      if (name === undefined || url === undefined) throw new SetupError(`--node takes a name and an address, such as validator-0=https://localhost:8545, not "${text}".`)
      return [name, createBesuNode(createRpcProvider({ rpcUrl: url, ...(bearerToken ? { bearerToken } : {}) }))]
    })
  )
}

function tokenSource(input: CommandInput, permissions: readonly string[]): (() => Promise<string>) | undefined {
  const keyFile = input.optional('jwt-key')
  const tokenFile = input.optional('token-file')
  if (keyFile !== undefined && tokenFile !== undefined) throw new SetupError('Give --jwt-key or --token-file, not both.')
  if (keyFile !== undefined) return async () => await signToken(keyFile, permissions, tokenSeconds)
  if (tokenFile !== undefined) return async () => readFileSync(tokenFile, 'utf8').trim()
  return undefined
}
