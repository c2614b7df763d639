import { cp, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JsonRpcProvider, NonceManager, type TransactionLike, type Wallet } from 'ethers'
import { createContracts } from '../../../chain/contracts.ts'
import { parseDeployment, type Deployment } from '../../../chain/deployment.ts'
import { startEmbeddedChain, type EmbeddedChain } from '../../../chain/embedded.ts'
import type { OutboxSigners } from '../../../chain/outbox/sender.ts'
import { createRpcProvider, type ChainProvider } from '../../../chain/rpc.ts'
import { deploySymbolon } from '../../../scripts/deploy.ts'
import { demoParameters } from '../../../scripts/lib/federation-parameters.ts'
import { foundTestFederation } from './council.ts'
import { clermont, clermontController, merchant, owner, porto, portoController, recovery } from './accounts.ts'

export * from './accounts.ts'
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

interface Prepared {
  readonly folder: string
  readonly deployment: Deployment
}

/** `open`: two active cities, and the deployer still owns all contracts. `founded`: four cities govern themselves. */
export type NetworkKind = 'open' | 'founded'

const prepared = new Map<NetworkKind, Promise<Prepared>>()

function preparedNetwork(kind: NetworkKind): Promise<Prepared> {
  const known = prepared.get(kind) ?? prepare(kind)
  prepared.set(kind, known)
  return known
}

before(async function () {
  // Compiles the contracts when they changed.
  this.timeout(240_000)
  await preparedNetwork('open')
})

after(async () => {
  for (const made of prepared.values()) await rm((await made).folder, { recursive: true, force: true })
})

/** A chain with all contracts and active cities, made once for all suites; every network starts from a copy of it. */
async function prepare(kind: NetworkKind): Promise<Prepared> {
  const folder = await mkdtemp(join(tmpdir(), 'symbolon-chain-'))
  const dataDir = join(folder, 'chain')
  const chain = await startEmbeddedChain({ dataDir, port: await freePort() })
  const deployment = parseDeployment(
    await deploySymbolon({ rpcUrl: chain.rpcUrl, deployerPrivateKey: owner.privateKey, deploymentDir: join(folder, 'journal'), parameters: demoParameters })
  )
  if (kind === 'founded') await foundTestFederation(chain.rpcUrl, deployment)
  else await admitTwoCities(chain, deployment)
  await chain.stop()
  return { folder: dataDir, deployment }
}

async function admitTwoCities(chain: EmbeddedChain, deployment: Deployment): Promise<void> {
  const provider = new JsonRpcProvider(chain.rpcUrl, chain.chainId, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 })
  const { CityRegistry } = createContracts(deployment, new NonceManager(owner.connect(provider)))
  const document = `0x${'11'.repeat(32)}`
  for (const [city, name, host, controller] of [[porto, 'Porto', 'porto', portoController], [clermont, 'Clermont-Ferrand', 'clermont', clermontController]] as const) {
    await (await CityRegistry.admit(city, name, `did:web:${host}.example`, controller.address, recovery.address, `https://${host}.example`)).wait()
    await (await CityRegistry.activate(city, document, document)).wait()
  }
  provider.destroy()
}

/** A chain of its own for one suite, that can be ended, killed and set back. */
export class TestNetwork {
  readonly deployment: Deployment
  readonly #folder: string
  readonly #port: number
  #chain: EmbeddedChain | undefined

  constructor(deployment: Deployment, folder: string, port: number) {
    this.deployment = deployment
    this.#folder = folder
    this.#port = port
  }

  static async start(kind: NetworkKind = 'open'): Promise<TestNetwork> {
    const { folder: source, deployment } = await preparedNetwork(kind)
    const folder = await mkdtemp(join(tmpdir(), 'symbolon-chain-'))
    await cp(source, join(folder, 'chain'), { recursive: true })
    const network = new TestNetwork(deployment, folder, await freePort())
    await network.up()
    return network
  }

  get rpcUrl(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get provider(): ChainProvider {
    return createRpcProvider({ rpcUrl: this.rpcUrl })
  }

  async up(): Promise<void> {
    this.#chain = await startEmbeddedChain({ dataDir: join(this.#folder, 'chain'), port: this.#port })
  }

  async down(): Promise<void> {
    await this.#chain?.stop()
    this.#chain = undefined
  }

  /** Remembers the chain as it is now; resolves to the way back. The chain is ended and started again on both ways. */
  async remember(): Promise<() => Promise<void>> {
    await this.down()
    const copy = await mkdtemp(join(this.#folder, 'copy-'))
    await cp(join(this.#folder, 'chain'), copy, { recursive: true })
    await this.up()
    return async () => {
      await this.down()
      await rm(join(this.#folder, 'chain'), { recursive: true })
      await cp(copy, join(this.#folder, 'chain'), { recursive: true })
      await this.up()
    }
  }

  /** Puts an empty chain on the same port; resolves to the way back. */
  async swap(): Promise<() => Promise<void>> {
    await this.down()
    this.#chain = await startEmbeddedChain({ dataDir: await mkdtemp(join(this.#folder, 'other-')), port: this.#port })
    return async () => {
      await this.down()
      await this.up()
    }
  }

  /** Typed clients that send as the given wallet and wait for no one. */
  contracts(wallet: Wallet) {
    const provider = new JsonRpcProvider(this.rpcUrl, 7411, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 })
    return createContracts(this.deployment, new NonceManager(wallet.connect(provider)))
  }

  async stop(): Promise<void> {
    await this.down()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
