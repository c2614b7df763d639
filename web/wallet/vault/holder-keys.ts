import { p256 } from '@noble/curves/nist.js'
import { encodeBase64url } from '../../../agent/formats/base64url.ts'
import type { EcPublicJwk } from '../../../agent/formats/crypto-suite.ts'

const salt = new TextEncoder().encode('symbolon-wallet-v1')

/**
 * Derives the holder key of one copy of a card from the seed: 48 bytes of HKDF-SHA-256, reduced to the order of the
 * curve so that no bias is left. The private key comes back as a non-extractable CryptoKey.
 * @param keyId random, a new one for each key
 */
export async function deriveHolderKey(
  seed: Uint8Array<ArrayBuffer>, keyId: string, subtle: SubtleCrypto,
): Promise<{ privateKey: CryptoKey; publicJwk: EcPublicJwk }> {
  const material = await subtle.importKey('raw', seed, 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode(`holder key ${keyId}`)
  const wide = new Uint8Array(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, material, 384))
  const scalar = (integerOf(wide) % (p256.Point.CURVE().n - 1n)) + 1n
  const secret = bytesOf(scalar)
  const point = p256.getPublicKey(secret, false)
  const publicJwk: EcPublicJwk = {
    kty: 'EC', crv: 'P-256', x: encodeBase64url(point.subarray(1, 33)), y: encodeBase64url(point.subarray(33)),
  }
  const privateKey = await subtle.importKey(
    'jwk', { ...publicJwk, d: encodeBase64url(secret) }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  return { privateKey, publicJwk }
}

function integerOf(bytes: Uint8Array): bigint {
  let result = 0n
  for (const byte of bytes) result = (result << 8n) | BigInt(byte)
  return result
}

function bytesOf(integer: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  for (let i = 31, rest = integer; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn)
  return bytes
}
