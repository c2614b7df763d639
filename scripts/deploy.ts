import { deploy, DeploymentResultType, type DeploymentResult } from '@nomicfoundation/ignition-core'
import { symbolonModule } from '../ignition/modules/symbolon.ts'
import { compileContracts, contractNames, readArtifact, type ContractName } from './compile-contracts.ts'
import { DeploymentError } from './lib/deployment-error.ts'
import { findLostTransaction, putJournalAside, readJournal } from './lib/deployment-journal.ts'
import { productionParameters, type FederationParameters } from './lib/federation-parameters.ts'
import { createSigningProvider } from './lib/signing-provider.ts'

/** Where the contracts stand, as `chain/deployment.ts` reads it. */
export interface SymbolonDeployment {
  chainId: number
  /** First block with a transaction of the deployment. */
  deployedAtBlock: number
  contracts: Record<ContractName, string>
}

/** What {@link deploySymbolon} needs. */
export interface DeployOptions {
  /** JSON-RPC address of a node of the chain. */
  rpcUrl: string
  /** Private key of the account that deploys and then owns the contracts, 0x and 64 hexadecimal digits. */
  deployerPrivateKey: string
  /** Folder of the deployment's journal: what was sent is not sent again. */
  deploymentDir: string
  /** How the federation votes, once founded; the same at every call. Production's by default. */
  parameters?: FederationParameters
  /**
   * What to do when the chain no longer knows transactions that the journal saw confirmed: deploy anew with the old
   * journal put aside next to it (default), or refuse.
   */
  onReset?: 'restart' | 'fail'
}

/**
 * Deploys all contracts through Hardhat Ignition, enters them in the Directory and says where they stand. Compiles first
 * if the sources changed. Run again, or after being killed half way, it does only what is still to do.
 *
 * @throws DeploymentError `ERR_DEPLOYMENT_CHAIN_UNREACHABLE`, `ERR_DEPLOYMENT_CHAIN_MISMATCH`,
 *   `ERR_DEPLOYMENT_CHAIN_RESET`, `ERR_DEPLOYMENT_CODE_CHANGED`, `ERR_DEPLOYMENT_FAILED`
 */
export async function deploySymbolon(options: DeployOptions): Promise<SymbolonDeployment> {
  const { rpcUrl, deployerPrivateKey, deploymentDir, parameters = productionParameters, onReset = 'restart' } = options
  await compileContracts()
  const provider = createSigningProvider(rpcUrl, deployerPrivateKey)
  const chainId = Number(await provider.request({ method: 'eth_chainId' }))
  const journal = await readJournal(deploymentDir)
  if (journal.chainId !== undefined && journal.chainId !== chainId) {
    throw new DeploymentError(
      'ERR_DEPLOYMENT_CHAIN_MISMATCH',
      `the deployment in ${deploymentDir} is on chain ${journal.chainId}, but ${rpcUrl} serves chain ${chainId}`,
    )
  }
  const lost = await findLostTransaction(journal, provider)
  if (lost !== undefined) {
    if (onReset === 'fail') {
      throw new DeploymentError(
        'ERR_DEPLOYMENT_CHAIN_RESET',
        `the chain at ${rpcUrl} does not know transaction ${lost} of the deployment in ${deploymentDir}: it was reset`,
      )
    }
    await putJournalAside(deploymentDir)
  }
  const result = await deploy({
    config: { requiredConfirmations: 1, blockPollingInterval: 20, retryInterval: 100, maxRetries: 100 },
    artifactResolver: {
      loadArtifact: async (name) => await readIgnitionArtifact(name as ContractName),
      getBuildInfo: () => Promise.resolve(undefined),
    },
    provider,
    deploymentDir,
    ignitionModule: symbolonModule,
    deploymentParameters: { Symbolon: moduleParameters(parameters) },
    accounts: [provider.address],
  })
  if (result.type !== DeploymentResultType.SUCCESSFUL_DEPLOYMENT) throw failure(result, deploymentDir)
  const addressOf = (name: ContractName): string => {
    const contract = result.contracts[`Symbolon#${name}`]
    if (contract === undefined) {
      throw new DeploymentError('ERR_DEPLOYMENT_FAILED', `the deployment left no address for ${name}`)
    }
    return contract.address
  }
  return {
    chainId,
    deployedAtBlock: Math.min(...(await readJournal(deploymentDir)).confirmed.map((entry) => entry.blockNumber)),
    contracts: Object.fromEntries(contractNames.map((name) => [name, addressOf(name)])) as Record<ContractName, string>,
  }
}

/** The timelock's delay is not among them: it begins when the federation is founded. */
function moduleParameters(parameters: FederationParameters): Record<string, number> {
  const { votingDelaySeconds, votingPeriodSeconds, quorumPercent, rotationDelaySeconds } = parameters
  return { votingDelaySeconds, votingPeriodSeconds, quorumPercent, rotationDelaySeconds }
}

async function readIgnitionArtifact(name: ContractName) {
  const artifact = await readArtifact(name)
  return { ...artifact, _format: 'hh3-artifact-1', sourceName: artifact.inputSourceName, linkReferences: {}, deployedLinkReferences: {} }
}

function failure(result: DeploymentResult, deploymentDir: string): DeploymentError {
  if (result.type === DeploymentResultType.RECONCILIATION_ERROR) {
    const changed = Object.keys(result.errors).map((id) => id.replace('Symbolon#', '')).join(', ')
    return new DeploymentError(
      'ERR_DEPLOYMENT_CODE_CHANGED',
      `the contracts deployed from ${deploymentDir} differ from the sources now (${changed}): go back to the version that ` +
        'deployed them, or begin anew in an empty folder',
    )
  }
  return new DeploymentError('ERR_DEPLOYMENT_FAILED', `the deployment did not finish: ${JSON.stringify(result)}`)
}
