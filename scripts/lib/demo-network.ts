import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { computeAddress } from 'ethers'
import { parseDeployment, type Deployment } from '../../chain/deployment.ts'
import { ChainError } from '../../chain/errors.ts'
import { startEmbeddedChain, type EmbeddedChain } from '../../chain/embedded.ts'
import { buildWeb } from '../../web/build.ts'
import { compileContracts } from '../compile-contracts.ts'
import { deploySymbolon } from '../deploy.ts'
import { answers } from './answers.ts'
import { readCityKeys } from './city-keys.ts'
import { chainPortOffset, demoCities, type DemoCity } from './cities.ts'
import { demoParameters } from './federation-parameters.ts'
import { foundFederation } from './found-federation.ts'
import { FoundingError } from './founding-error.ts'
import { ensureLocalCertificates, type LocalCertificates } from './local-authority.ts'
import { keepAccountKey, keepKeyEncryptionKey, keepPassword } from './secrets.ts'
import { Service } from './service.ts'
import { SetupError } from './setup-error.ts'
import type { StartOptions } from './start-options.ts'
import { dim, print, stage } from './terminal.ts'

const CHAIN_ID = 7411
const READY_WITHIN_MS = 180_000
const ACCOUNTS = ['officer', 'councillor', 'gate', 'cafe'] as const

interface NetworkCity {
  readonly city: DemoCity
  readonly publicUrl: string
  readonly passwords: ReadonlyMap<string, string>
}

interface PreparedCity extends NetworkCity {
  readonly env: NodeJS.ProcessEnv
}

/** The two cities of the demo with their chain: started in order, stopped in reverse. */
export class DemoNetwork {
  readonly #root: string
  readonly #options: StartOptions
  readonly #services: Service[] = []
  #chain: EmbeddedChain | undefined
  #certificates: LocalCertificates | undefined
  #stopping = false
  #directory: string | undefined
  readonly cities: NetworkCity[] = []

  constructor(root: string, options: StartOptions) {
    this.#root = root
    this.#options = options
  }

  get dataDir(): string {
    return this.#options.dataDir
  }

  get rpcUrl(): string {
    return `http://127.0.0.1:${this.#options.port + chainPortOffset}`
  }

  /** Address of the contract through which all others are found; known once they are deployed. */
  get directory(): string | undefined {
    return this.#directory
  }

  get authorityFile(): string | undefined {
    return this.#certificates?.authorityFile
  }

  /**
   * Starts everything; `onEnd` is told when something cannot be kept running.
   * @throws SetupError with one sentence for the user.
   */
  async start(onEnd: (error: SetupError) => void): Promise<void> {
    await stage('Compiling the contracts', () => compileContracts())
    await stage('Building the web apps', () => buildWeb())
    if (this.#options.tls) {
      this.#certificates = await ensureLocalCertificates(join(this.dataDir, 'tls'))
    }
    await stage('Starting the chain', () => this.#startChain(onEnd))
    const deployerPrivateKey = keepAccountKey(join(this.dataDir, 'chain', 'deployer.key'))
    const deploymentFile = join(this.dataDir, 'chain', 'deployment.json')
    const deployment = await stage('Deploying the contracts', async () => {
      const result = await deploySymbolon({
        rpcUrl: this.rpcUrl,
        deployerPrivateKey,
        deploymentDir: join(this.dataDir, 'chain', 'ignition'),
        parameters: demoParameters
      })
      writeFileSync(deploymentFile, `${JSON.stringify(result, null, 2)}\n`)
      this.#directory = result.contracts.Directory
      return parseDeployment(result)
    })
    const prepared = demoCities.map((city) => this.#prepare(city, deploymentFile))
    const names = demoCities.map(({ name }) => name).join(' and ')
    await stage(`Founding the federation of ${names}`, () => this.#found(prepared, deployment, deployerPrivateKey))
    await stage(`Starting ${names}`, () => Promise.all(prepared.map((city) => this.#startCity(city, onEnd))))
    this.cities.push(...prepared)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#services.map((service) => service.stop()))
    await this.#chain?.stop()
  }

  async #startChain(onEnd: (error: SetupError) => void): Promise<void> {
    const dataDir = join(this.dataDir, 'chain')
    mkdirSync(dataDir, { recursive: true })
    try {
      this.#chain = await startEmbeddedChain({ dataDir, port: this.#options.port + chainPortOffset, chainId: CHAIN_ID })
    } catch (error) {
      if (error instanceof ChainError) throw new SetupError(error.message, { cause: error })
      throw error
    }
    void this.#chain.exited.then(({ code, signal }) => {
      if (!this.#stopping) onEnd(new SetupError(`The chain stopped by itself (${signal ?? `exit code ${String(code)}`}): run npm start again; cards and points are kept.`))
    })
  }

  /** Each city's recovery key lies beside its data, the guardian's beside the chain: nobody else could use them. */
  async #found(prepared: readonly PreparedCity[], deployment: Deployment, deployerPrivateKey: string): Promise<void> {
    const cities = await Promise.all(prepared.map(async ({ city: { locode, name }, publicUrl, env }) => ({
      ...await readCityKeys(this.#root, env),
      locode,
      name,
      serviceUrl: publicUrl,
      recovery: computeAddress(keepAccountKey(join(this.dataDir, locode, 'recovery.key'))),
      agreementHash: hashOf(`${locode}: joint-controller agreement of the demonstration`),
      dpiaHash: hashOf(`${locode}: data protection impact assessment of the demonstration`)
    })))
    const guardian = computeAddress(keepAccountKey(join(this.dataDir, 'chain', 'guardian.key')))
    try {
      await foundFederation({ rpcUrl: this.rpcUrl, deployerPrivateKey, deployment, cities, guardian, parameters: demoParameters })
    } catch (error) {
      if (!(error instanceof FoundingError)) throw error
      throw new SetupError(
        error.code === 'ERR_FOUNDING_CITY_CONFLICT'
          ? 'The chain knows a city with another key than this data folder holds: restore the folder’s own backup, or begin anew with --fresh.'
          : `The federation could not be founded (${error.message}): run npm start again, or begin anew with --fresh.`,
        { cause: error }
      )
    }
  }

  #prepare(city: DemoCity, deploymentFile: string): PreparedCity {
    const folder = join(this.dataDir, city.locode)
    const port = this.#options.port + city.portOffset
    const publicUrl = `${this.#certificates === undefined ? 'http' : 'https'}://localhost:${port}`
    const kekFile = join(folder, 'kek')
    keepKeyEncryptionKey(kekFile)
    const passwords = new Map(ACCOUNTS.map((login) => [login, keepPassword(join(folder, 'accounts', login))]))
    const tls = this.#certificates === undefined
      ? {}
      : {
          SYMBOLON_TLS_CERT: this.#certificates.certificateFile,
          SYMBOLON_TLS_KEY: this.#certificates.keyFile,
          NODE_EXTRA_CA_CERTS: this.#certificates.authorityFile
        }
    const env = {
      ...process.env,
      ...tls,
      SYMBOLON_ENV: 'demo',
      SYMBOLON_LOCODE: city.locode,
      SYMBOLON_CITY_NAME: city.name,
      SYMBOLON_PUBLIC_URL: publicUrl,
      SYMBOLON_PORT: String(port),
      SYMBOLON_DATA_DIR: folder,
      SYMBOLON_RPC_URL: this.rpcUrl,
      SYMBOLON_DEPLOYMENT: deploymentFile,
      SYMBOLON_KEK_FILE: kekFile,
      SYMBOLON_STATUS_EPOCH_SECONDS: String(this.#options.epochSeconds),
      SYMBOLON_THEME: join(this.#root, city.theme),
      SYMBOLON_WEB_DIR: join(this.#root, 'web', 'dist'),
      SYMBOLON_RECOGNISE: demoCities.filter((other) => other !== city).map((other) => other.locode).join(','),
      SYMBOLON_DEMO_PROGRAM: city.program,
      SYMBOLON_DEMO_PASSWORDS: [...passwords].map(([login, password]) => `${login}:${password}`).join(',')
    }
    return { city, publicUrl, passwords, env }
  }

  async #startCity({ city, publicUrl, env }: PreparedCity, onEnd: (error: SetupError) => void): Promise<void> {
    const folder = join(this.dataDir, city.locode)
    const service: Service = new Service({
      name: city.name,
      command: [process.execPath, '--disable-warning=ExperimentalWarning', join(this.#root, 'api', 'main.ts')],
      cwd: this.#root,
      env,
      logFile: join(folder, 'service.log'),
      isReady: () => answers(`${publicUrl}/health/ready`, this.#certificates?.authorityFile),
      readyWithinMs: READY_WITHIN_MS,
      onLaunch: (pid) => writeFileSync(join(folder, 'pid'), `${pid}\n`),
      onRestart: (reason) => print(dim(`  The service of ${city.name} stopped (${reason}); starting it again …`)),
      onReadyAgain: () => print(dim(`  The service of ${city.name} is back.`)),
      onGivenUp: onEnd
    })
    this.#services.push(service)
    await service.start()
  }
}

function hashOf(text: string): string {
  return `0x${createHash('sha256').update(text).digest('hex')}`
}
