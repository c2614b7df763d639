import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { SetupError } from './setup-error.ts'

/**
 * A 32-byte secret kept in a file that only its owner can read, made at the first call.
 * @returns the secret in base64url, as the services take it.
 * @throws SetupError when the file no longer holds 32 bytes.
 */
export function keepSecret(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  }
  const text = readFileSync(file, 'utf8').trim()
  if (Buffer.from(text, 'base64url').length !== 32) {
    throw new SetupError(`The key file ${file} is damaged: restore it from a backup (without it the data cannot be read), or begin anew with --fresh.`)
  }
  return text
}
