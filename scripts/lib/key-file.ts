import { readFileSync, statSync } from 'node:fs'
import { isKeystoreJson, Wallet } from 'ethers'
import type { Ask, CommandOption } from './command-line.ts'
import { SetupError, UsageError } from './setup-error.ts'

/** The options of a command that signs. Keys come from files alone: what stands on a command line, other users of the machine can read. */
export const keyOptions = {
  key: { value: 'FILE', about: 'the account’s private key: 0x and 64 hexadecimal digits, or a key store (JSON) with a password', required: true },
  'password-file': { value: 'FILE', about: 'password of the key store; asked for when there is a terminal' }
} as const satisfies Record<string, CommandOption>

/** @throws UsageError when there is no such file, or it cannot be read */
function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError(`There is no ${what} file ${file}.`, { cause })
    throw new UsageError(`The ${what} file ${file} cannot be read.`, { cause })
  }
}

/**
 * Reads a private key that is not encrypted.
 *
 * @throws UsageError
 */
export function readPrivateKey(file: string): string {
  return toPrivateKey(read(file, 'key'), file)
}

function toPrivateKey(text: string, file: string): string {
  const key = text.trim()
  if (!/^0x[0-9a-fA-F]{64}$/.test(key)) throw new UsageError(`${file} holds no private key: 0x and 64 hexadecimal digits.`)
  return key
}

/** Reads a password: the file's first line. */
export function readPassword(file: string): string {
  const [password = ''] = read(file, 'password').split(/\r?\n/)
  if (password === '') throw new UsageError(`The password file ${file} is empty.`)
  return password
}

/**
 * Opens an account: a plain key, or a key store in the format that geth and others write. Neither key nor password is ever shown.
 *
 * @throws UsageError, SetupError
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage/
 */
export async function openAccount(
  { file, passwordFile, ask, print }: { readonly file: string; readonly passwordFile: string | undefined; readonly ask: Ask | undefined; readonly print: (line: string) => void }
): Promise<Wallet> {
  const text = read(file, 'key')
  if (isReadableByOthers(file)) print(`! Other users of this machine can read ${file}: chmod 600 ${file}`)
  if (!isKeystoreJson(text)) return toWallet(toPrivateKey(text, file), file)
  if (passwordFile === undefined && ask === undefined) throw new UsageError(`${file} is a key store: name the file of its password with --password-file.`)
  const password = passwordFile === undefined ? await ask?.(`Password of ${file}: `, { hidden: true }) : readPassword(passwordFile)
  let opened
  try {
    opened = await Wallet.fromEncryptedJson(text, password ?? '')
  } catch {
    // Without the cause: a library's error may tell what it was called with.
    throw new SetupError(`The password does not open ${file}.`)
  }
  return toWallet(opened.privateKey, file)
}

function toWallet(key: string, file: string): Wallet {
  try {
    return new Wallet(key)
  } catch {
    throw new UsageError(`${file} holds a number that is no private key.`)
  }
}

function isReadableByOthers(file: string): boolean {
  const stats = statSync(file)
  return process.platform !== 'win32' && stats.isFile() && (stats.mode & 0o077) !== 0
}
