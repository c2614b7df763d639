import { createECDH, createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { AgentError } from '../errors.ts'
import type { KeyType, PublicJwk } from './key-store.ts'

const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Makes a key pair of a type. */
export function generatePrivateKey(type: string): KeyObject {
  switch (toKeyType(type)) {
    case 'Secp256r1': return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    case 'Secp256k1': return generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey
    case 'Ed25519': return generateKeyPairSync('ed25519').privateKey
    case 'RSA-2048': return generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 65_537 }).privateKey
  }
}

/**
 * Reads a raw private key as Veramo passes it: the scalar (EC), the seed (Ed25519), PKCS #8 DER (RSA), in hex.
 * @throws AgentError `ERR_KEY_TYPE_UNSUPPORTED`, `ERR_KEY_UNREADABLE`
 */
export function importPrivateKey(type: string, privateKeyHex: string): KeyObject {
  const bytes = Buffer.from(privateKeyHex.replace(/^0x/, ''), 'hex')
  const keyType = toKeyType(type)
  try {
    if (keyType === 'Ed25519') {
      const der = Buffer.concat([ED25519_PKCS8_PREFIX, bytes.subarray(0, 32)])
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    }
    if (keyType === 'RSA-2048') return createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
    const ecdh = createECDH(keyType === 'Secp256r1' ? 'prime256v1' : 'secp256k1')
    ecdh.setPrivateKey(bytes)
    const point = ecdh.getPublicKey()
    const crv = keyType === 'Secp256r1' ? 'P-256' : 'secp256k1'
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url')) as [string, string]
    return createPrivateKey({ key: { kty: 'EC', crv, x, y, d: bytes.toString('base64url') }, format: 'jwk' })
  } catch (cause) {
    throw new AgentError('ERR_KEY_UNREADABLE', `The private key is not a ${keyType} key.`, { cause })
  }
}

/** The public half of a private key: as a JWK and as Veramo's hex. */
export function publicPartsOf(privateKey: KeyObject): { publicJwk: PublicJwk, publicKeyHex: string } {
  const { kty, crv, x, y, n, e } = createPublicKey(privateKey).export({ format: 'jwk' }) as Record<string, string>
  const hexOf = (text: string | undefined): string => Buffer.from(text as string, 'base64url').toString('hex')
  if (kty === 'EC') {
    return { publicJwk: { kty, crv, x, y } as PublicJwk, publicKeyHex: `04${hexOf(x)}${hexOf(y)}` }
  }
  if (kty === 'OKP') return { publicJwk: { kty, crv, x } as PublicJwk, publicKeyHex: hexOf(x) }
  return { publicJwk: { kty, n, e } as PublicJwk, publicKeyHex: hexOf(n) }
}

/**
 * RFC 7638 SHA-256 thumbprint, base64url, of any of our keys.
 * @see https://www.rfc-editor.org/rfc/rfc7638#section-3.2
 */
export function jwkThumbprint(jwk: PublicJwk): string {
  const members = jwk.kty === 'EC'
    ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
    : jwk.kty === 'OKP' ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x } : { e: jwk.e, kty: jwk.kty, n: jwk.n }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

/** @throws AgentError `ERR_KEY_TYPE_UNSUPPORTED` */
export function toKeyType(type: string): KeyType {
  if (type === 'Secp256r1' || type === 'Ed25519' || type === 'Secp256k1' || type === 'RSA-2048') return type
  throw new AgentError('ERR_KEY_TYPE_UNSUPPORTED', `Keys of type ${type} are not made here.`)
}
