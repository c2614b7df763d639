import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What a file holds; undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Replaces a file in one step: a reader finds the old content or the new, also after a power cut. Resolves to false when the
 * file held that already and was left alone.
 */
export function replaceFile(file: string, content: string, mode = 0o644): boolean {
  if (readIfThere(file) === content) return false
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true })
  const draft = join(folder, `.${basename(file)}.${process.pid}.draft`)
  try {
    const handle = openSync(draft, 'w', mode)
    try {
      writeFileSync(handle, content)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(draft, file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  // The new name is on disk only when the folder is.
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  return true
}
