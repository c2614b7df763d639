import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..', '..')
const READY_WITHIN_MS = 240_000

export interface RunningSymbolon {
  readonly porto: string
  readonly clermont: string
  readonly dataDir: string
  readonly rpcUrl: string
  password(locode: string, login: string): string
  /** Process id of a city's service, as the supervisor last started it. */
  servicePid(locode: string): number
  output(): string
  /** Stops it as Ctrl-C does. */
  interrupt(): Promise<number | null>
  /** Kills the supervisor, both services and the chain at once, as a power cut does. */
  killEverything(): Promise<void>
  /** Starts it again on the same data and ports. */
  startAgain(): Promise<void>
  /** Stops it and forgets its data. */
  dispose(): Promise<void>
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

/** The first of three neighbouring free ports. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = await freePort()
    if (first > 60_000) continue
    const neighbours = await Promise.all([first + 1, first + 2].map((port) => isFree(port)))
    if (neighbours.every(Boolean)) return first
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Runs `npm start`'s own script on a fresh data folder and free ports; resolves once it says it is ready. */
export async function startSymbolon(extra: readonly string[] = []): Promise<RunningSymbolon> {
  const dataDir = mkdtempSync(join(tmpdir(), 'symbolon-data-'))
  const port = await freePorts()
  const scheme = extra.includes('--tls') ? 'https' : 'http'
  let output = ''
  let child: ChildProcess

  const launch = (): Promise<void> =>
    new Promise((resolve, reject) => {
      child = spawn(process.execPath, ['scripts/start.ts', '--data', dataDir, '--port', String(port), '--epoch', '2', ...extra], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NO_COLOR: '1', SYMBOLON_RATE_LIMIT_FACTOR: '1000' }
      })
      const begun = output.length
      const timer = setTimeout(() => reject(new Error(`not ready in time:\n${output.slice(begun)}`)), READY_WITHIN_MS)
      const listen = (chunk: Buffer): void => {
        output += chunk.toString()
        if (output.slice(begun).includes('Ctrl-C stops')) {
          clearTimeout(timer)
          resolve()
        }
      }
      child.stdout?.on('data', listen)
      child.stderr?.on('data', listen)
      child.once('exit', (code) => {
        clearTimeout(timer)
        reject(new Error(`npm start ended with ${String(code)}:\n${output.slice(begun)}`))
      })
    })

  const interrupt = async (): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    child.kill('SIGINT')
    return exited
  }

  const forget = (): void => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  try {
    await launch()
  } catch (error) {
    forget()
    throw error
  }
  return {
    porto: `${scheme}://localhost:${port}`,
    clermont: `${scheme}://localhost:${port + 1}`,
    rpcUrl: `http://127.0.0.1:${port + 2}`,
    dataDir,
    password: (locode, login) => readFileSync(join(dataDir, locode, 'accounts', login), 'utf8').trim(),
    servicePid: (locode) => Number(readFileSync(join(dataDir, locode, 'pid'), 'utf8')),
    output: () => output,
    interrupt,
    async killEverything() {
      const { pid: chain } = JSON.parse(readFileSync(join(dataDir, 'chain', 'chain.pid'), 'utf8')) as { pid: number }
      const pids = [child.pid, Number(readFileSync(join(dataDir, 'PTOPO', 'pid'), 'utf8')), Number(readFileSync(join(dataDir, 'FRCFE', 'pid'), 'utf8')), chain]
      const exited = new Promise((resolve) => child.once('exit', resolve))
      for (const pid of pids) if (pid !== undefined) process.kill(pid, 'SIGKILL')
      await exited
    },
    startAgain: launch,
    async dispose() {
      await interrupt()
      forget()
    }
  }
}
