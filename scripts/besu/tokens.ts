import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { SetupError } from '../lib/setup-error.ts'

/** Names of the key that signs tokens, which operators keep, and of its public half, which the nodes are given. */
export const tokenKeyFile = 'jwt.key.pem'
export const tokenPublicKeyFile = 'jwt.pub.pem'

/** Makes, at the first call, a P-256 key pair for the tokens of the nodes' JSON-RPC. Resolves to whether it was made now. */
export function makeTokenKey(folder: string): boolean {
  const file = join(folder, tokenKeyFile)
  if (existsSync(file)) return false
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  writeFileSync(join(folder, tokenPublicKeyFile), publicKey.export({ type: 'spki', format: 'pem' }), { mode: 0o644 })
  return true
}

/** @throws SetupError when the key cannot be read */
export function readTokenKey(file: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(file))
  } catch (cause) {
    throw new SetupError(`The key ${file} that signs tokens cannot be read: make one with "symbolon besu token-key".`, { cause })
  }
}

/**
 * Signs a token that lets its bearer call methods of a Besu node, such as `perm:reloadPermissionsFromFile` or `qbft:*`.
 *
 * @throws SetupError when the key cannot be read
 * @see https://besu.hyperledger.org/public-networks/how-to/use-besu-api/authenticate#jwt-public-key-authentication
 */
export async function signToken(keyFile: string, permissions: readonly string[], forSeconds: number, now = Date.now()): Promise<string> {
  const key = readTokenKey(keyFile)
  const seconds = Math.floor(now / 1000)
  return await new SignJWT({ permissions: [...permissions] })
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + forSeconds)
    .sign(key)
}
