import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from './setup-error.ts'

const RESTART_DELAYS_MS = [500, 1000, 2000, 5000]
/** A service that lived this long after it answered was well; what ended it came from outside. */
const WELL_AFTER_MS = 1000
const STOP_GRACE_MS = 15_000

/** Exit code of a service whose configuration is wrong: starting it again would not help (sysexits.h, EX_CONFIG). */
const EX_CONFIG = 78

export interface ServiceOptions {
  readonly name: string
  readonly command: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly logFile: string
  /** Asked after each start; resolves true once the service answers. */
  readonly isReady: () => Promise<boolean>
  readonly readyWithinMs: number
  /** Told the process id of each launch. */
  readonly onLaunch?: (pid: number) => void
  /** Told when the service died and is being started again. */
  readonly onRestart: (reason: string) => void
  readonly onReadyAgain?: () => void
  /** Told when it cannot be kept running. */
  readonly onGivenUp: (error: SetupError) => void
}

/** A child process that is started again when it dies, and stopped when asked. */
export class Service {
  readonly #options: ServiceOptions
  #child: ChildProcess | undefined
  #log: WriteStream | undefined
  #lastErrorLine = ''
  #stopping = false
  #quickDeaths = 0

  constructor(options: ServiceOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** @throws SetupError when the service exits or does not answer in time. */
  async start(): Promise<void> {
    mkdirSync(dirname(this.#options.logFile), { recursive: true })
    this.#log = createWriteStream(this.#options.logFile, { flags: 'a', mode: 0o600 })
    await this.#launch()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    const child = this.#child
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
      await exited
      clearTimeout(timer)
    }
    await new Promise<void>((resolve) => (this.#log === undefined ? resolve() : this.#log.end(() => resolve())))
  }

  async #launch(): Promise<void> {
    const [command = '', ...args] = this.#options.command
    // A process group of its own: Ctrl-C reaches this supervisor alone, which stops things in order.
    // The IPC channel tells the child when the supervisor is gone, however it went.
    const child = spawn(command, args, {
      cwd: this.#options.cwd,
      env: this.#options.env,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc']
    })
    this.#child = child
    if (child.pid !== undefined) this.#options.onLaunch?.(child.pid)
    child.stdout?.on('data', (chunk: Buffer) => this.#log?.write(chunk))
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#log?.write(chunk)
      this.#lastErrorLine = chunk.toString().trim().split('\n').at(-1) ?? this.#lastErrorLine
    })
    const died = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : signal))
    })
    await this.#awaitReady(died)
    const readyAt = Date.now()
    void died.then((reason) => {
      if (Date.now() - readyAt >= WELL_AFTER_MS) this.#quickDeaths = 0
      return this.#revive(reason)
    })
  }

  async #awaitReady(died: Promise<string>): Promise<void> {
    const deadline = Date.now() + this.#options.readyWithinMs
    let reason: string | undefined
    void died.then((cause) => {
      reason = cause
    })
    while (Date.now() < deadline) {
      if (reason !== undefined) throw this.#failure(`stopped while starting (${reason})`)
      if (await this.#options.isReady()) return
      await sleep(150)
    }
    throw this.#failure(`did not answer within ${Math.round(this.#options.readyWithinMs / 1000)} s`)
  }

  #failure(what: string): SetupError {
    const hint = this.#lastErrorLine === '' ? '' : ` It said: ${this.#lastErrorLine}`
    return new SetupError(`The service of ${this.#options.name} ${what}.${hint} The whole log is in ${this.#options.logFile}.`)
  }

  async #revive(reason: string): Promise<void> {
    if (this.#stopping) return
    const delay = RESTART_DELAYS_MS[this.#quickDeaths]
    this.#quickDeaths += 1
    if (delay === undefined || this.#child?.exitCode === EX_CONFIG) {
      this.#options.onGivenUp(this.#failure(`keeps stopping (${reason})`))
      return
    }
    this.#options.onRestart(reason)
    await sleep(delay)
    if (this.#stopping) return
    try {
      await this.#launch()
      this.#options.onReadyAgain?.()
    } catch (error) {
      if (!this.#stopping) this.#options.onGivenUp(error instanceof SetupError ? error : this.#failure('could not be started again'))
    }
  }
}
