import { expect } from 'chai'
import { Interface } from 'ethers'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sharedPostgres } from '../fakes/city-databases.ts'
import { porto, portoController, TestNetwork } from './support/network.ts'
import type { WorkerTask } from './support/outbox-worker.ts'

const workerFile = fileURLToPath(new URL('support/outbox-worker.ts', import.meta.url))
const registry = new Interface(['event ServiceUrlChanged(bytes5 indexed city, string serviceUrl)'])
const calls = 20

/** Points inside the sending of one call, and moments that fall wherever they fall. */
const deaths: readonly (WorkerTask['crash'] | { readonly afterMs: number })[] = [
  { at: 'signing', time: 2 },
  { at: 'before-broadcast', time: 3 },
  { at: 'after-broadcast', time: 4 },
  { afterMs: 60 },
  { afterMs: 170 }
]

describe('The outbox of a process that is killed again and again', function () {
  this.timeout(240_000)
  let network: TestNetwork

  beforeEach(async () => {
    network = await TestNetwork.start()
  })
  afterEach(async () => {
    await network.stop()
  })

  it('sends every call exactly once and in order from PGlite', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'symbolon-outbox-'))
    try {
      // Fewer deaths: each start of PGlite takes seconds.
      await dieAndFinish({ kind: 'pglite', folder: join(folder, 'pg') }, deaths.slice(1, 4))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('sends every call exactly once and in order from PostgreSQL', async function () {
    const server = await sharedPostgres()
    if (!server) return this.skip()
    await dieAndFinish({ kind: 'postgres', url: (await server.createDatabase()).url }, deaths)
  })

  async function dieAndFinish(database: WorkerTask['database'], ends: typeof deaths): Promise<void> {
    const task: WorkerTask = {
      database, rpcUrl: network.rpcUrl, deployment: network.deployment, privateKey: portoController.privateKey, city: porto, calls
    }
    for (const death of ends) {
      const signal = death && 'afterMs' in death ? await run(task, death.afterMs) : await run({ ...task, ...(death ? { crash: death } : {}) })
      expect(signal).to.equal('SIGKILL')
    }
    expect(await run(task)).to.equal('finished')
    expect(await announced()).to.deep.equal(Array.from({ length: calls }, (_, number) => number))
    const count = Number(await network.provider.send('eth_getTransactionCount', [portoController.address, 'latest']))
    expect(count).to.equal(calls)
  }

  async function announced(): Promise<number[]> {
    const filter = { fromBlock: '0x0', toBlock: 'latest', address: network.deployment.contracts.CityRegistry, topics: [registry.getEvent('ServiceUrlChanged')?.topicHash] }
    const logs = (await network.provider.send('eth_getLogs', [filter])) as { topics: string[]; data: string }[]
    return logs.map((log) => Number(registry.parseLog(log)?.args['serviceUrl'].split('/').at(-1)))
  }
})

/** Runs the worker to its end, or kills it so long after it was ready. Resolves to `finished` or to the signal that ended it. */
async function run(task: WorkerTask, killAfterMs?: number): Promise<string> {
  const child = spawn(process.execPath, ['--no-warnings', workerFile], {
    env: { ...process.env, WORKER_TASK: JSON.stringify(task) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const wasReady = output.includes('ready')
    output += chunk.toString()
    if (!wasReady && output.includes('ready') && killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  })
  return await new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? (output.includes('finished') ? 'finished' : `exit code ${code}`)))
  })
}
