import { readFileSync } from 'node:fs'
import { createBesuNode, type BesuNode } from '../../chain/permissioning/besu-node.ts'
import { ChainError } from '../../chain/errors.ts'
import { createRpcProvider, type ChainProvider } from '../../chain/rpc.ts'
import type { CommandInput, CommandOption } from '../lib/command-line.ts'
import { SetupError } from '../lib/setup-error.ts'
import { readTokenKey, signToken } from './tokens.ts'

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
      return [name, createBesuNode(withReasons(createRpcProvider({ rpcUrl: url, ...(bearerToken ? { bearerToken } : {}) }), name, url))]
    })
  )
}

/** Says of a node that does not answer which it is and why: an operator cannot mend "did not answer". */
function withReasons(provider: ChainProvider, name: string, url: string): ChainProvider {
  return {
    async send(method, params) {
      try {
        return await provider.send(method, params)
      } catch (error) {
        if (!(error instanceof ChainError) || error.code !== 'ERR_CHAIN_UNREACHABLE') throw error
        throw new ChainError(error.code, `${name} does not answer at ${url}: ${reasonOf(error.cause)}`, { cause: error })
      }
    }
  }
}

function reasonOf(cause: unknown): string {
  for (let error: unknown = cause; error instanceof Error; error = error.cause) {
    if (error.name === 'TimeoutError') return 'it took too long'
    const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
    if (code === 'ECONNREFUSED') return 'nobody listens there (ECONNREFUSED)'
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `there is no such name (${code})`
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for other names than this address (ERR_TLS_CERT_ALTNAME_INVALID)'
    if (/CERT|SIGNATURE|ISSUER/.test(code)) return `its certificate is not trusted (${code}); start the command with NODE_EXTRA_CA_CERTS=…/ca.pem`
    if (code !== '') return code
  }
  return 'what came back is no JSON-RPC'
}

function tokenSource(input: CommandInput, permissions: readonly string[]): (() => Promise<string>) | undefined {
  const keyFile = input.optional('jwt-key')
  const tokenFile = input.optional('token-file')
  if (keyFile !== undefined && tokenFile !== undefined) throw new SetupError('Give --jwt-key or --token-file, not both.')
  // Read once now: later, a file that is missing would look like a node that is away.
  if (keyFile !== undefined) {
    readTokenKey(keyFile)
    return async () => await signToken(keyFile, permissions, tokenSeconds)
  }
  if (tokenFile !== undefined) {
    readToken(tokenFile)
    return async () => readToken(tokenFile)
  }
  return undefined
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new SetupError(`The token ${file} cannot be read: make one with "symbolon besu token".`, { cause })
  }
}
