import { p256 } from '@noble/curves/nist.js'
import { encodeBase64url } from '../formats/base64url.ts'
import type { EcPublicJwk } from '../formats/crypto-suite.ts'
import { ecJwkOfDidJwk } from '../formats/jwk.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const P256_PREFIX = [0x80, 0x24]

/**
 * The P-256 key in a did:key, with or without its fragment.
 * @see https://w3c-ccg.github.io/did-key-spec/#p-256
 */
export const ecJwkOfDidKey = (didUrl: string): EcPublicJwk | undefined => {
  const [, value, , fragment] = /^did:key:z([1-9A-HJ-NP-Za-km-z]{1,120})(#z([1-9A-HJ-NP-Za-km-z]+))?$/.exec(didUrl) ?? []
  if (value === undefined || (fragment !== undefined && fragment !== value)) return undefined
  const bytes = decodeBase58(value)
  if (bytes[0] !== P256_PREFIX[0] || bytes[1] !== P256_PREFIX[1]) return undefined
  try {
    const point = p256.Point.fromBytes(bytes.subarray(2)).toBytes(false)
    return { kty: 'EC', crv: 'P-256', x: encodeBase64url(point.subarray(1, 33)), y: encodeBase64url(point.subarray(33)) }
  } catch {
    return undefined
  }
}

/** did:jwk and did:key, as wallets put them into `kid`. */
export const resolveHolderKey = (didUrl: string): EcPublicJwk | undefined => ecJwkOfDidJwk(didUrl) ?? ecJwkOfDidKey(didUrl)

const decodeBase58 = (text: string): Uint8Array => {
  let integer = 0n
  for (const character of text) integer = integer * 58n + BigInt(ALPHABET.indexOf(character))
  const bytes: number[] = []
  for (; integer > 0n; integer >>= 8n) bytes.unshift(Number(integer & 0xffn))
  const zeros = /^1*/.exec(text)?.[0].length ?? 0
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...bytes])
}
