import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export interface TestPostgres {
  readonly url: string
  createDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }>
  /** Ends the server as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port with the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const START_MS = 20_000

/** Starts a PostgreSQL server of its own in a temporary folder; undefined where its programs are not installed. */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const bin = findPrograms()
  if (bin === undefined) return undefined
  const owner = process.getuid?.() === 0 ? systemUser('postgres') ?? systemUser('nobody') : undefined
  // PostgreSQL refuses to run as root.
  if (process.getuid?.() === 0 && owner === undefined) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-postgres-'))
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const as = { cwd: folder, ...owner }
  const data = join(folder, 'data')
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--locale', 'C', '--no-sync'], { ...as, encoding: 'utf8' })
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
  const port = await freePort()
  const url = `postgres://test@127.0.0.1:${port}/postgres`
  let server: ChildProcess | undefined
  const start = async (): Promise<void> => {
    server = spawn(join(bin, 'postgres'), [
      '-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-c', 'fsync=off', '-c', 'max_connections=60',
    ], { ...as, stdio: 'ignore' })
    await untilAnswering(url)
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = server
    server = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const exited = new Promise<void>((resolve) => running.once('exit', () => resolve()))
    running.kill(signal)
    await exited
  }
  await start()
  return {
    url,
    async createDatabase() {
      const name = `t${randomBytes(6).toString('hex')}`
      await run(url, `create database ${name}`)
      return { url: url.replace(/postgres$/, name), drop: async () => { await run(url, `drop database if exists ${name} with (force)`) } }
    },
    kill: async () => await end('SIGQUIT'),
    restart: start,
    async stop() {
      // Nobody reads the data again: it need not be put in order first, which takes long when there were many databases.
      await end('SIGQUIT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function findPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql'
  const installed = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)).map((version) => join(versions, version, 'bin')) : []
  return [...installed, ...(process.env.PATH ?? '').split(':')].find((folder) => ['initdb', 'postgres'].every((program) => existsSync(join(folder, program))))
}

function systemUser(name: string): { readonly uid: number; readonly gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

/** A TCP port nobody uses at the moment. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

async function untilAnswering(url: string): Promise<void> {
  const deadline = Date.now() + START_MS
  for (;;) {
    try {
      return await run(url, 'select 1')
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
