import { cp, mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Wallet } from 'ethers'
import { createHardhatRuntimeEnvironment } from 'hardhat/hre'
import type { Deployment } from '../../../chain/deployment.ts'
import { startEmbeddedChain, type EmbeddedChain } from '../../../chain/embedded.ts'
import { createRpcProvider } from '../../../chain/rpc.ts'
import { startEthereumJsNode } from '../../evm/ethereumjs-node.ts'
import * as accounts from './accounts.ts'

/** A chain on a port of its own, that can be ended, started again and set back. */
export interface EngineChain {
  up(): Promise<void>
  /** Ends it for those who call it; what was mined is kept. */
  down(): Promise<void>
  /** Remembers the chain as it is now; resolves to the way back. It is away for a moment on both ways. */
  remember(): Promise<() => Promise<void>>
  /** Puts an empty chain on the same port; resolves to the way back. */
  swap(): Promise<() => Promise<void>>
  /** Ends it for good. */
  end(): Promise<void>
}

/** An implementation of the EVM that tests run on. */
export interface Engine {
  /** A chain that `fill` filled, on `port`, with where the contracts stand; chains of the same `kind` begin alike. */
  start(kind: string, port: number, fill: (rpcUrl: string) => Promise<Deployment>): Promise<{ readonly chain: EngineChain; readonly deployment: Deployment }>
  /** Lets go of what chains were copied from. */
  end(): Promise<void>
}

const chainId = 7411

/** The engine that ships with the project: filled once for each kind, and copied. */
export function createAnvil(): Engine {
  const filled = new Map<string, Promise<{ folder: string; deployment: Deployment }>>()

  async function make(fill: (rpcUrl: string) => Promise<Deployment>): Promise<{ folder: string; deployment: Deployment }> {
    const folder = await mkdtemp(join(tmpdir(), 'symbolon-chain-'))
    const chain = await startEmbeddedChain({ dataDir: join(folder, 'chain'), port: await freePort() })
    const deployment = await fill(chain.rpcUrl)
    await chain.stop()
    return { folder, deployment }
  }

  return {
    async start(kind, port, fill) {
      const known = filled.get(kind) ?? make(fill)
      filled.set(kind, known)
      const { folder: source, deployment } = await known
      const folder = await mkdtemp(join(tmpdir(), 'symbolon-chain-'))
      await cp(join(source, 'chain'), join(folder, 'chain'), { recursive: true })
      const chain = createAnvilChain(folder, port)
      await chain.up()
      return { chain, deployment }
    },
    async end() {
      for (const { folder } of await Promise.all(filled.values())) await rm(folder, { recursive: true, force: true })
    }
  }
}

function createAnvilChain(folder: string, port: number): EngineChain {
  const dataDir = join(folder, 'chain')
  let running: EmbeddedChain | undefined
  const up = async (from = dataDir): Promise<void> => {
    running = await startEmbeddedChain({ dataDir: from, port })
  }
  const down = async (): Promise<void> => {
    await running?.stop()
    running = undefined
  }
  return {
    up: () => up(),
    down,
    async remember() {
      await down()
      const copy = await mkdtemp(join(folder, 'copy-'))
      await cp(dataDir, copy, { recursive: true })
      await up()
      return async () => {
        await down()
        await rm(dataDir, { recursive: true })
        await cp(copy, dataDir, { recursive: true })
        await up()
      }
    },
    async swap() {
      await down()
      await up(await mkdtemp(join(folder, 'other-')))
      return async () => {
        await down()
        await up()
      }
    },
    async end() {
      await down()
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** A node in the memory of this process, on a port of its own. */
interface InMemoryNode {
  readonly port: number
  close(): Promise<void>
}

/** Engines in memory: filled anew for each chain, reached through a relay that can be ended. They ask for fees. */
function createInMemory(start: (initialDate?: Date) => Promise<InMemoryNode>): Engine {
  return {
    async start(_kind, port, fill) {
      const chain = await createInMemoryChain(port, start)
      await chain.up()
      return { chain, deployment: await fill(`http://127.0.0.1:${port}`) }
    },
    end: () => Promise.resolve()
  }
}

async function createInMemoryChain(port: number, start: (initialDate?: Date) => Promise<InMemoryNode>): Promise<EngineChain> {
  const own = await start()
  const relay = new Relay(port)
  return {
    up: () => relay.open(own.port),
    down: () => relay.close(),
    async remember() {
      const provider = createRpcProvider({ rpcUrl: `http://127.0.0.1:${own.port}` })
      const snapshot = await provider.send('evm_snapshot', [])
      await relay.reopen(own.port)
      return async () => {
        await relay.close()
        await provider.send('evm_revert', [snapshot])
        await relay.open(own.port)
      }
    },
    async swap() {
      const other = await start(new Date(2020, 0, 1))
      await relay.reopen(other.port)
      return async () => {
        await relay.reopen(own.port)
        await other.close()
      }
    },
    async end() {
      await relay.close()
      await own.close()
    }
  }
}

const wallets = Object.values(accounts).filter((account) => account instanceof Wallet)

/** Hardhat's own node, which runs the same EVM as anvil. */
export async function startHardhatNode(initialDate?: Date): Promise<InMemoryNode> {
  const hardhat = await createHardhatRuntimeEnvironment({})
  const override = {
    type: 'edr-simulated', chainId, hardfork: 'cancun', initialBaseFeePerGas: 0,
    accounts: wallets.map(({ privateKey }) => ({ privateKey, balance: 10n ** 24n })),
    ...(initialDate ? { initialDate } : {})
  } as const
  const server = await hardhat.network.createServer({ network: 'default', override }, '127.0.0.1', 0)
  const { port } = await server.listen()
  return { port, close: () => server.close() }
}

/** EthereumJS, an EVM of its own. */
export async function startEthereumJs(initialDate?: Date): Promise<InMemoryNode> {
  return await startEthereumJsNode({ chainId, wallets, ...(initialDate ? { initialDate } : {}) })
}

/** Passes what comes in at one port on to another, as long as it is open. */
class Relay {
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined

  constructor(port: number) {
    this.#port = port
  }

  async open(target: number): Promise<void> {
    this.#server = createServer((from) => {
      const to = connect(target, '127.0.0.1')
      for (const [socket, other] of [[from, to], [to, from]] as const) {
        this.#sockets.add(socket)
        socket.pipe(other)
        socket.on('error', () => other.destroy())
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
      }
    })
    await new Promise<void>((resolve, reject) => this.#server?.once('error', reject).listen(this.#port, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()))
    // Callers in this very process keep connections: they must hear of the end before they call again, as of an engine that takes time to restart.
    await sleep(100)
  }

  async reopen(target: number): Promise<void> {
    await this.close()
    await this.open(target)
  }
}

const engines = {
  anvil: createAnvil,
  hardhat: () => createInMemory(startHardhatNode),
  ethereumjs: () => createInMemory(startEthereumJs)
}

/** The engine that the tests of outbox and index run on: the one that `SYMBOLON_TEST_ENGINE` names, `anvil` by default. */
export function chooseEngine(name = process.env['SYMBOLON_TEST_ENGINE'] ?? 'anvil'): Engine {
  const engine = Object.entries(engines).find(([key]) => key === name)
  if (engine === undefined) throw new Error(`SYMBOLON_TEST_ENGINE is one of ${Object.keys(engines).join(', ')}, not "${name}"`)
  return engine[1]()
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
