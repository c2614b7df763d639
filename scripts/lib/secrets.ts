import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { SetupError } from './setup-error.ts'

/** Marks a key that was made by `npm start`: a production service refuses it. */
const DEMO_PREFIX = 'demo:'

function keep(file: string, make: () => string, isSound: (text: string) => boolean): string {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: 'wx' })
  }
  const text = readFileSync(file, 'utf8').trim()
  if (!isSound(text)) {
    throw new SetupError(`The key file ${file} is damaged: restore it from a backup (without it the data cannot be read), or begin anew with --fresh.`)
  }
  return text
}

/** Makes, at the first call, a city's key-encryption key in a file that only its owner can read. */
export function keepKeyEncryptionKey(file: string): void {
  keep(file, () => `${DEMO_PREFIX}${randomBytes(32).toString('base64url')}`, (text) => /^demo:[\w-]{43}$/.test(text))
}

/** The private key, 0x and 32 bytes, of an account on the chain, made at the first call. */
export function keepAccountKey(file: string): string {
  return keep(file, () => `0x${randomBytes(32).toString('hex')}`, (text) => /^0x[0-9a-f]{64}$/.test(text))
}

const syllables = ['ba', 'co', 'di', 'fe', 'ga', 'lu', 'mi', 'no', 'pe', 'ra', 'si', 'to', 'va', 'zu', 'ri', 'me']

function readablePassword(): string {
  const word = (): string => Array.from({ length: 3 }, () => syllables[randomInt(syllables.length)]).join('')
  return `${word()}-${word()}-${randomInt(10, 100)}`
}

/** The password of a demo account: easy to type, made at the first call. */
export function keepPassword(file: string): string {
  return keep(file, readablePassword, (text) => text.length >= 8 && !/[\s,]/.test(text))
}
