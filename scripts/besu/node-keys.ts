import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SigningKey } from 'ethers'
import { SetupError } from '../lib/setup-error.ts'
import { enterPublicKeys, nodesWithoutKey } from './network-file.ts'

/** What became of a node's key. */
export type KeyOutcome = 'made' | 'found' | 'elsewhere'

/** Order of the group of secp256k1 (SEC 2 §2.4.1): a private key is a whole number from 1 to one less. */
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/**
 * Makes, for each node that has none, a key in a file that its owner alone can read (mode 0600), in the form Besu reads, and
 * enters the public keys into the network file. A key that is there is kept; a node whose public key stands in the network
 * file and whose key is not here belongs to somebody else, and is left alone.
 *
 * @throws SetupError when a key file is damaged, open to others, or not the one of the network file
 * @see https://besu.hyperledger.org/public-networks/concepts/node-keys
 */
export function makeNodeKeys(networkFile: string, keyFolder: string, only?: readonly string[]): ReadonlyMap<string, KeyOutcome> {
  const nodes = nodesWithoutKey(networkFile)
  const unknown = only?.filter((name) => !nodes.some((node) => node.name === name)) ?? []
  if (unknown.length > 0) throw new SetupError(`There is no node ${unknown.join(', ')} in ${networkFile}.`)
  const outcomes = new Map<string, KeyOutcome>()
  const publicKeys = new Map<string, string>()
  for (const { name, publicKey } of nodes.filter((node) => only?.includes(node.name) ?? true)) {
    const file = join(keyFolder, `${name}.key`)
    if (publicKey !== undefined && !existsSync(file)) {
      outcomes.set(name, 'elsewhere')
      continue
    }
    outcomes.set(name, existsSync(file) ? 'found' : 'made')
    const own = publicKeyOf(keepKey(file))
    if (publicKey !== undefined && publicKey !== own) {
      throw new SetupError(`The key in ${file} is not the one that the network file has for ${name}: put the right key there, or take the public key out of the network file.`)
    }
    publicKeys.set(name, own)
  }
  enterPublicKeys(networkFile, publicKeys)
  return outcomes
}

function keepKey(file: string): string {
  if (!existsSync(file)) {
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${newPrivateKey()}\n`, { mode: 0o600, flag: 'wx' })
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new SetupError(`The key file ${file} can be read by others: "chmod 600 ${file}", and make a new key if anybody else may have read it.`)
  }
  const key = readFileSync(file, 'utf8').trim()
  if (!/^0x[0-9a-f]{64}$/.test(key) || !isPrivateKey(key)) throw new SetupError(`The key file ${file} is damaged: restore it from a backup, or make a new key for the node and enter it everywhere.`)
  return key
}

function newPrivateKey(): string {
  for (;;) {
    const key = `0x${randomBytes(32).toString('hex')}`
    if (isPrivateKey(key)) return key
  }
}

function isPrivateKey(key: string): boolean {
  return BigInt(key) > 0n && BigInt(key) < order
}

/** 0x and 64 bytes: as an enode URL has it, without the 04 in front. */
function publicKeyOf(privateKey: string): string {
  return `0x${new SigningKey(privateKey).publicKey.slice(4)}`
}
