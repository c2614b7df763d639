import type { ContractRunner, TransactionRequest } from 'ethers'
import { createContracts } from '../../chain/contracts.ts'
import { contractNames, readDeployment, type ContractName, type Deployment } from '../../chain/deployment.ts'
import { ChainError } from '../../chain/errors.ts'
import { createRpcProvider, fetchHeader, type BlockHeader, type ChainProvider } from '../../chain/rpc.ts'
import type { CommandInput, CommandOption } from './command-line.ts'
import { followDirectory } from './federation-powers.ts'

/** The options of a command that reads the federation's contracts. */
export const federationOptions = {
  deployment: { value: 'FILE', about: 'where the contracts stand (deployment.json)', required: true },
  rpc: { value: 'URL', about: 'JSON-RPC of a node of the chain', required: true }
} as const satisfies Record<string, CommandOption>

/** The federation as one node tells of it. */
export interface FederationAt {
  readonly provider: ChainProvider
  readonly rpcUrl: string
  /** With the addresses that the Directory names now; a name that was taken out keeps its last address. */
  readonly deployment: Deployment
  /** Undefined for a name that was taken out. */
  readonly current: Readonly<Record<ContractName, string | undefined>>
  /** The addresses the federation began with. */
  readonly founded: Deployment['contracts']
  readonly contracts: ReturnType<typeof createContracts>
  readonly head: BlockHeader
}

/**
 * Finds the federation's contracts through its Directory, and makes sure that this is the chain they are on.
 *
 * @throws ChainError `ERR_CHAIN_DEPLOYMENT_INVALID`, `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_RPC`, `ERR_CHAIN_MISMATCH`
 */
export async function openFederation(input: CommandInput): Promise<FederationAt> {
  const given = await readDeployment(input.text('deployment'))
  const rpcUrl = input.text('rpc')
  const provider = createRpcProvider({ rpcUrl })
  const chainId = Number(await provider.send('eth_chainId', []))
  if (chainId !== given.chainId) throw new ChainError('ERR_CHAIN_MISMATCH', `the node serves chain ${chainId}, the deployment is on chain ${given.chainId}`)
  if ((await provider.send('eth_getCode', [given.contracts.Directory, 'latest'])) === '0x') {
    throw new ChainError('ERR_CHAIN_MISMATCH', `there is no Directory at ${given.contracts.Directory} on this chain: the deployment file is another federation’s, or older than a new beginning`)
  }
  const head = await fetchHeader(provider, 'latest')
  if (!head) throw new ChainError('ERR_CHAIN_UNREACHABLE', 'the chain node has no blocks')
  const runner = createViewRunner(provider)
  const { deployment, replaced } = await followDirectory(runner, given)
  const out = new Set(replaced.filter(({ target }) => target === undefined).map(({ name }) => name))
  const current = Object.fromEntries(contractNames.map((name) => [name, out.has(name) ? undefined : deployment.contracts[name]]))
  return {
    provider, rpcUrl, deployment, head, founded: given.contracts,
    current: current as Record<ContractName, string | undefined>, contracts: createContracts(deployment, runner)
  }
}

/** Lets ethers ask views through our own client, whose errors tell a node that is away from one that says no. */
export function createViewRunner(provider: ChainProvider): ContractRunner {
  return {
    provider: null,
    call: async ({ to, data }: TransactionRequest) => String(await provider.send('eth_call', [{ to, data }, 'latest']))
  }
}
