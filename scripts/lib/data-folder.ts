import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SetupError } from './setup-error.ts'

const MARK = 'symbolon.json'
const LOCK = 'lock'
/** 2: the chain holds a founded federation; what it holds in folders of version 1 no key can change any more. */
const VERSION = 2
const LEAST_FREE_BYTES = 300 * 1024 * 1024

/** The folder that holds everything a demo remembers: databases, keys, chain. */
export interface DataFolder {
  readonly path: string
  release(): void
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function requireOurs(path: string): void {
  const mark = join(path, MARK)
  if (!existsSync(mark)) {
    if (readdirSync(path).length === 0) return
    throw new SetupError(`${path} holds other files than Symbolon's: choose an empty folder with --data DIR.`)
  }
  let version: unknown
  try {
    version = (JSON.parse(readFileSync(mark, 'utf8')) as { version?: unknown }).version
  } catch (error) {
    throw new SetupError(`The data folder ${path} is damaged (${MARK} cannot be read): restore it from a backup, or begin anew with --fresh.`, {
      cause: error
    })
  }
  if (version !== VERSION) {
    throw new SetupError(`The data folder ${path} was written by another version of Symbolon (${String(version)}): use that version, or begin anew with --fresh.`)
  }
}

function lock(path: string): void {
  const file = join(path, LOCK)
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const handle = openSync(file, 'wx')
      writeFileSync(handle, String(process.pid))
      closeSync(handle)
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const holder = Number(readFileSync(file, 'utf8'))
      if (Number.isInteger(holder) && holder > 0 && holder !== process.pid && isRunning(holder)) {
        throw new SetupError(`Symbolon already runs on ${path} (process ${holder}): stop it first, or choose another folder with --data DIR.`)
      }
      rmSync(file, { force: true })
    }
  }
  throw new SetupError(`Another Symbolon is just starting on ${path}: wait for it, or choose another folder with --data DIR.`)
}

/**
 * Opens the data folder for this process alone; `fresh` empties it first.
 * @throws SetupError when it is damaged, in use, not ours or on a full disk.
 */
export function openDataFolder(path: string, fresh: boolean): DataFolder {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const isMarked = existsSync(join(path, MARK))
  if (!fresh || !isMarked) requireOurs(path)
  lock(path)
  if (fresh) {
    for (const name of readdirSync(path).filter((entry) => entry !== LOCK)) rmSync(join(path, name), { recursive: true, force: true })
  }
  const disk = statfsSync(path)
  if (disk.bavail * disk.bsize < LEAST_FREE_BYTES) {
    rmSync(join(path, LOCK), { force: true })
    throw new SetupError(`The disk of ${path} has less than 300 MB left: free some space, or choose another folder with --data DIR.`)
  }
  if (!existsSync(join(path, MARK))) writeFileSync(join(path, MARK), `${JSON.stringify({ version: VERSION })}\n`)
  return { path, release: () => rmSync(join(path, LOCK), { force: true }) }
}
