import { createPublicKey, hash, randomBytes, verify, type KeyObject } from 'node:crypto'
import type { CryptoSuite, EcPublicJwk } from '../formats/crypto-suite.ts'

/** Parsed public keys, so that an issuer's key is not parsed for each card; the oldest makes room. */
const parsedKeys = new Map<string, KeyObject>()
const MAX_PARSED_KEYS = 512

/** The suite over `node:crypto`. */
export const nativeCryptoSuite: CryptoSuite = {
  sha256(data) {
    return hash('sha256', data, 'buffer')
  },
  verifyEs256(publicJwk, signingInput, signature) {
    const bytes = Buffer.from(signature, 'base64url')
    // Node's decoder forgives much: only the one canonical text of 64 bytes counts.
    if (bytes.length !== 64 || bytes.toString('base64url') !== signature) return false
    try {
      const key = { key: parseKey(publicJwk), dsaEncoding: 'ieee-p1363' } as const
      return verify('sha256', Buffer.from(signingInput), key, bytes)
    } catch {
      return false
    }
  },
  randomBytes(length) {
    return takeRandom(length)
  },
}

/** Random bytes asked of the system by the page: a call for each salt costs more than the hash it salts. */
const POOL_BYTES = 4_096
let pool = Buffer.alloc(0)

function takeRandom(length: number): Uint8Array {
  if (length > POOL_BYTES / 4) return randomBytes(length)
  if (pool.length < length) pool = randomBytes(POOL_BYTES)
  const taken = Uint8Array.from(pool.subarray(0, length))
  pool.fill(0, 0, length)
  pool = pool.subarray(length)
  return taken
}

function parseKey({ kty, crv, x, y }: EcPublicJwk): KeyObject {
  const name = `${x}.${y}`
  const known = parsedKeys.get(name)
  if (known !== undefined) return known
  const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
  if (parsedKeys.size >= MAX_PARSED_KEYS) parsedKeys.delete(parsedKeys.keys().next().value as string)
  parsedKeys.set(name, key)
  return key
}
