import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ChainError } from './errors.ts'
import { createRpcProvider, toQuantity } from './rpc.ts'

/*
 * The only file that knows which engine the embedded chain is. What was found out about anvil 1.7 and is held by
 * test/chain/embedded.test.ts: the state file carries all blocks, transactions, receipts and logs, so that old
 * blocks, hashes and logs read the same after a restart (once the file is put right, see `withOneGenesis`); state of *old* blocks (eth_call at a past block) does not
 * survive. The file is rewritten in place every interval, so a kill can leave half a file; hence the second copy.
 */

export interface EmbeddedChainOptions {
  /** Folder for the state; made when missing. */
  readonly dataDir: string
  readonly port: number
  /** Default 7411. */
  readonly chainId?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Seconds between two writes of the state; default 1. */
  readonly stateIntervalSeconds?: number
}

export interface EmbeddedChain {
  readonly rpcUrl: string
  readonly chainId: number
  readonly pid: number
  /** Whether the state file was damaged and the chain was started from its second, older copy. */
  readonly recovered: boolean
  /** Resolves when the engine has ended, for whatever reason. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Resolves when everything mined before the call is on disk. */
  flush(): Promise<void>
  /** Ends the engine; its state is on disk afterwards. */
  stop(): Promise<void>
}

const stateFileName = 'chain-state.json'
const copyFileName = 'chain-state.copy.json'
const startTimeoutMs = 20_000
const copyEveryMs = 5_000

/**
 * Starts the embedded chain: a child process with zero fees, one block for each transaction and its state on disk.
 *
 * @throws ChainError `ERR_CHAIN_ENGINE_MISSING`, `ERR_CHAIN_PORT_BUSY`, `ERR_CHAIN_STATE_DAMAGED`,
 *   `ERR_CHAIN_ENGINE_FAILED`
 */
export async function startEmbeddedChain(options: EmbeddedChainOptions): Promise<EmbeddedChain> {
  const { dataDir, port, chainId = 7411, host = '127.0.0.1', stateIntervalSeconds = 1 } = options
  const binary = findAnvil()
  await mkdir(dataDir, { recursive: true })
  const stateFile = join(dataDir, stateFileName)
  const copy = join(dataDir, copyFileName)
  const pidFile = join(dataDir, 'chain.pid')
  await endOrphan(pidFile, stateFile, host, port)
  const recovered = await restoreState(stateFile, copy)
  await assertPortFree(host, port)

  const child = spawn(
    binary,
    [
      ...['--host', host, '--port', String(port), '--chain-id', String(chainId)],
      ...['--hardfork', 'cancun', '--base-fee', '0', '--gas-price', '0', '--disable-min-priority-fee'],
      ...['--accounts', '0', '--gas-limit', '60000000', '--no-request-size-limit'],
      ...['--state', stateFile, '--state-interval', String(stateIntervalSeconds)]
    ],
    // A group of its own: Ctrl-C in the terminal must not end the chain before its clients have ended.
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true }
  )
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', () => resolve({ code: null, signal: null }))
  })
  const endWithParent = () => child.kill('SIGTERM')
  process.once('exit', endWithParent)
  void exited.then(() => process.off('exit', endWithParent))

  await waitUntilListening(child, port)
  await writeFile(pidFile, JSON.stringify({ pid: child.pid, parent: process.pid }))
  void exited.then(() => rm(pidFile, { force: true }))
  const rpcUrl = `http://${host}:${port}`
  const provider = createRpcProvider({ rpcUrl })
  const served = await provider.send('eth_chainId', [])
  if (served !== toQuantity(chainId)) {
    child.kill('SIGTERM')
    throw new ChainError('ERR_CHAIN_ENGINE_FAILED', `the embedded chain serves chain id ${String(served)}, not ${chainId}`)
  }

  const waitForWrite = async () => {
    const since = Date.now()
    for (;;) {
      const info = await stat(stateFile).catch(() => undefined)
      if (info && info.mtimeMs > since && (await looksComplete(stateFile))) return
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new ChainError('ERR_CHAIN_ENGINE_FAILED', 'the embedded chain ended before its state was written')
      }
      if (Date.now() - since > startTimeoutMs) {
        throw new ChainError('ERR_CHAIN_ENGINE_FAILED', `the embedded chain does not write its state to ${stateFile}`)
      }
      await delay(25)
    }
  }
  // The first block has to be on disk before anyone builds on it, or a kill would leave another chain behind.
  if (!existsSync(stateFile)) await waitForWrite()

  let copiedAt = 0
  const copier = setInterval(() => {
    void copyWhenComplete(stateFile, copy, copiedAt).then((mtimeMs) => (copiedAt = mtimeMs), () => undefined)
  }, copyEveryMs)
  copier.unref()
  void exited.then(() => clearInterval(copier))

  return {
    rpcUrl,
    chainId,
    pid: child.pid ?? -1,
    recovered,
    exited,
    async flush() {
      // A write may have begun before the call and still be going on: the second one holds everything for certain.
      await waitForWrite()
      await waitForWrite()
    },
    async stop() {
      clearInterval(copier)
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await exited
      clearTimeout(late)
    }
  }
}

/** The engine's own binary: its npm wrapper is a Node process that does not pass on every signal. */
function findAnvil(): string {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string]
  const name = `@foundry-rs/anvil-${process.platform}-${architecture}`
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil'
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/${file}`)
  } catch (cause) {
    const advice = 'Run `npm install` again without --no-optional, or point SYMBOLON_RPC_URL at another chain node.'
    throw new ChainError('ERR_CHAIN_ENGINE_MISSING', `the embedded chain's package ${name} is not installed. ${advice}`, { cause })
  }
}

/** A parent that was killed leaves its engine behind, on the port and on the state file: end it in good order. */
async function endOrphan(pidFile: string, stateFile: string, host: string, port: number): Promise<void> {
  let known: { pid: number; parent: number }
  try {
    known = JSON.parse(await readFile(pidFile, 'utf8')) as typeof known
  } catch {
    return
  }
  const isOurs = async () => (await commandOf(known.pid)).includes(stateFile)
  if (isAlive(known.parent) || !(await isOurs())) return
  process.kill(known.pid, 'SIGTERM')
  for (let waited = 0; waited < 10_000 && (await isOurs()); waited += 50) await delay(50)
  // A process loses its command line a moment before its sockets.
  const isPortFree = () => assertPortFree(host, port).then(() => true, () => false)
  for (let waited = 0; waited < 5_000 && !(await isPortFree()); waited += 50) await delay(50)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function commandOf(pid: number): Promise<string> {
  if (!isAlive(pid)) return ''
  if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
  return await new Promise((resolve) => {
    execFile('ps', ['-p', String(pid), '-o', 'args='], (error, stdout) => resolve(error ? '' : stdout))
  })
}

/**
 * Makes the state file one that the engine can start from: the second copy in its place when it is damaged, and one
 * first block only. Resolves to whether it was damaged.
 */
async function restoreState(stateFile: string, copy: string): Promise<boolean> {
  if (!existsSync(stateFile)) return false
  let state = await readState(stateFile)
  const damaged = state === undefined
  if (damaged) {
    state = await readState(copy)
    if (state) await rename(stateFile, `${stateFile}.damaged`)
  }
  if (!state) {
    const advice = 'Restore it from a backup, or begin anew with `npm start -- --fresh`.'
    throw new ChainError('ERR_CHAIN_STATE_DAMAGED', `the chain's state file ${stateFile} is damaged. ${advice}`)
  }
  const blocks = withOneGenesis(state.blocks)
  if (damaged || blocks.length !== state.blocks.length) {
    await writeFile(`${stateFile}.draft`, JSON.stringify({ ...state, blocks }))
    await rename(`${stateFile}.draft`, stateFile)
  }
  return damaged
}

interface StateFile {
  readonly blocks: readonly { readonly header: { readonly number: string; readonly timestamp: string } }[]
}

async function readState(file: string): Promise<StateFile | undefined> {
  try {
    const state = JSON.parse(await readFile(file, 'utf8')) as Partial<StateFile>
    return Array.isArray(state.blocks) ? (state as StateFile) : undefined
  } catch {
    return undefined
  }
}

/**
 * The engine makes a new first block at every start and saves it beside the one it loaded, in no order; from the
 * third start on, either may come out as the first. The oldest is the one all other blocks descend from.
 */
function withOneGenesis(blocks: StateFile['blocks']): StateFile['blocks'] {
  const [oldest] = blocks
    .filter((block) => Number(block.header.number) === 0)
    .sort((a, b) => Number(a.header.timestamp) - Number(b.header.timestamp))
  return blocks.filter((block) => Number(block.header.number) !== 0 || block === oldest)
}

/** Whether the file ends as a JSON object does: half-written files do not. */
async function looksComplete(file: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    if (size < 2) return false
    const tail = Buffer.alloc(1)
    await handle.read(tail, 0, 1, size - 1)
    return tail[0] === 0x7d
  } finally {
    await handle.close()
  }
}

async function copyWhenComplete(stateFile: string, copy: string, copiedAt: number): Promise<number> {
  const before = await stat(stateFile)
  if (before.mtimeMs === copiedAt || Date.now() - before.mtimeMs < 200) return copiedAt
  const draft = `${copy}.draft`
  await copyFile(stateFile, draft)
  const after = await stat(stateFile)
  if (after.mtimeMs !== before.mtimeMs || after.size !== before.size || !(await looksComplete(draft))) return copiedAt
  await rename(draft, copy)
  return before.mtimeMs
}

async function assertPortFree(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const message =
        cause.code === 'EADDRINUSE'
          ? `port ${port} is taken by another program. End that one, or choose another port with --port.`
          : `port ${port} cannot be opened (${cause.code ?? 'unknown reason'})`
      reject(new ChainError('ERR_CHAIN_PORT_BUSY', message, { cause }))
    })
    probe.listen(port, host, () => probe.close(() => resolve()))
  })
}

async function waitUntilListening(child: ChildProcess, port: number): Promise<void> {
  let output = ''
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-2_000)))
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(toStartError(reason, errors, port, cause))
    }
    const timer = setTimeout(() => fail('did not start in time'), startTimeoutMs)
    child.once('error', (cause) => fail('cannot be run', cause))
    const onExit = (code: number | null, signal: NodeJS.Signals | null) => fail(`ended at once (${signal ?? `exit code ${code}`})`)
    child.once('exit', onExit)
    child.stdout?.on('data', (chunk: Buffer) => {
      if (output.length > 20_000) return
      output += chunk.toString()
      if (!output.includes('Listening on')) return
      clearTimeout(timer)
      child.off('exit', onExit)
      resolve()
    })
  })
}

function toStartError(reason: string, errors: string, port: number, cause: unknown): ChainError {
  if (/address already in use/i.test(errors)) {
    return new ChainError('ERR_CHAIN_PORT_BUSY', `port ${port} is taken by another program`)
  }
  if (/failed to parse json|--state/i.test(errors)) {
    return new ChainError('ERR_CHAIN_STATE_DAMAGED', `the chain's state file cannot be read: ${errors.trim()}`)
  }
  return new ChainError('ERR_CHAIN_ENGINE_FAILED', `the embedded chain ${reason}: ${errors.trim() || 'no message'}`, { cause })
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
