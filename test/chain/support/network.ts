import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JsonRpcProvider, NonceManager, type TransactionLike, type Wallet } from 'ethers'
import { createContracts } from '../../../chain/contracts.ts'
import { parseDeployment, type Deployment } from '../../../chain/deployment.ts'
import type { OutboxSigners } from '../../../chain/outbox/sender.ts'
import { createRpcProvider, type ChainProvider } from '../../../chain/rpc.ts'
import { deploySymbolon } from '../../../scripts/deploy.ts'
import { demoParameters } from '../../../scripts/lib/federation-parameters.ts'
import { ReserveWallet } from '../../../scripts/lib/reserve-wallet.ts'
import { foundTestFederation } from './council.ts'
import { clermont, clermontController, merchant, owner, porto, portoController, recovery } from './accounts.ts'
import { chooseEngine, freePort, type EngineChain } from './engines.ts'

export * from './accounts.ts'
export { freePort } from './engines.ts'
export { until } from './until.ts'

const accounts: Record<string, Wallet> = { porto: portoController, clermont: clermontController, merchant }

/** Signers of the accounts `porto`, `clermont` and `merchant`. */
export const signers: OutboxSigners = {
  addressOf: async (account) => walletOf(account).address,
  signTransaction: async (account, transaction: TransactionLike) => await walletOf(account).signTransaction(transaction)
}

function walletOf(account: string): Wallet {
  const wallet = accounts[account]
  if (!wallet) throw new Error('no such account')
  return wallet
}

/** `open`: two active cities, and the deployer still owns all contracts. `founded`: four cities govern themselves. */
export type NetworkKind = 'open' | 'founded'

const engine = chooseEngine()

before(async function () {
  // Compiles the contracts when they changed.
  this.timeout(240_000)
  await (await TestNetwork.start()).stop()
})

after(async () => {
  await engine.end()
})

/** Puts all contracts on a chain, and active cities. */
async function fill(kind: NetworkKind, rpcUrl: string): Promise<Deployment> {
  const deploymentDir = await mkdtemp(join(tmpdir(), 'symbolon-journal-'))
  try {
    const deployment = parseDeployment(await deploySymbolon({ rpcUrl, deployerPrivateKey: owner.privateKey, deploymentDir, parameters: demoParameters }))
    if (kind === 'founded') {
      await foundTestFederation(rpcUrl, deployment)
      await letSeatsCount(rpcUrl)
    } else {
      await admitTwoCities(rpcUrl, deployment)
    }
    return deployment
  } finally {
    await rm(deploymentDir, { recursive: true, force: true })
  }
}

/** Who proposes must have held a seat a second before: on a fast machine the founding itself takes no longer. */
async function letSeatsCount(rpcUrl: string): Promise<void> {
  const provider = createRpcProvider({ rpcUrl })
  await provider.send('evm_increaseTime', [5])
  await provider.send('evm_mine', [])
}

async function admitTwoCities(rpcUrl: string, deployment: Deployment): Promise<void> {
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 })
  const { CityRegistry } = createContracts(deployment, new NonceManager(new ReserveWallet(owner.privateKey, provider)))
  const document = `0x${'11'.repeat(32)}`
  for (const [city, name, host, controller] of [[porto, 'Porto', 'porto', portoController], [clermont, 'Clermont-Ferrand', 'clermont', clermontController]] as const) {
    await (await CityRegistry.admit(city, name, `did:web:${host}.example`, controller.address, recovery.address, `https://${host}.example`)).wait()
    await (await CityRegistry.activate(city, document, document)).wait()
  }
  provider.destroy()
}

/** A chain of its own for one suite, that can be ended, killed and set back, on the engine that was chosen. */
export class TestNetwork {
  readonly deployment: Deployment
  readonly rpcUrl: string
  readonly #chain: EngineChain

  constructor(deployment: Deployment, rpcUrl: string, chain: EngineChain) {
    this.deployment = deployment
    this.rpcUrl = rpcUrl
    this.#chain = chain
  }

  static async start(kind: NetworkKind = 'open'): Promise<TestNetwork> {
    const port = await freePort()
    const { chain, deployment } = await engine.start(kind, port, (rpcUrl) => fill(kind, rpcUrl))
    return new TestNetwork(deployment, `http://127.0.0.1:${port}`, chain)
  }

  get provider(): ChainProvider {
    return createRpcProvider({ rpcUrl: this.rpcUrl })
  }

  async up(): Promise<void> {
    await this.#chain.up()
  }

  async down(): Promise<void> {
    await this.#chain.down()
  }

  /** Remembers the chain as it is now; resolves to the way back. The chain is away for a moment on both ways. */
  async remember(): Promise<() => Promise<void>> {
    return await this.#chain.remember()
  }

  /** Puts an empty chain on the same port; resolves to the way back. */
  async swap(): Promise<() => Promise<void>> {
    return await this.#chain.swap()
  }

  /** Typed clients that send as the given wallet and wait for no one. */
  contracts(wallet: Wallet) {
    const provider = new JsonRpcProvider(this.rpcUrl, 7411, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 })
    return createContracts(this.deployment, new NonceManager(new ReserveWallet(wallet.privateKey, provider)))
  }

  async stop(): Promise<void> {
    await this.#chain.end()
  }
}
