import { decodeBase64url, encodeBase64url } from './base64url.ts'
import type { CryptoSuite, EcPublicJwk } from './crypto-suite.ts'

/**
 * The RFC 7638 SHA-256 thumbprint of a P-256 key, base64url: the name by which the chain knows a key.
 * @see https://www.rfc-editor.org/rfc/rfc7638#section-3
 */
export async function ecThumbprint(jwk: EcPublicJwk, crypto: Pick<CryptoSuite, 'sha256'>): Promise<string> {
  return encodeBase64url(await crypto.sha256(`{"crv":"${jwk.crv}","kty":"${jwk.kty}","x":"${jwk.x}","y":"${jwk.y}"}`))
}

/** The public members of a P-256 JWK, or undefined when it is not one or carries anything private. */
export function toEcPublicJwk(value: unknown): EcPublicJwk | undefined {
  if (typeof value !== 'object' || value === null || 'd' in value) return undefined
  const { kty, crv, x, y } = value as Record<string, unknown>
  if (kty !== 'EC' || crv !== 'P-256' || !isCoordinate(x) || !isCoordinate(y)) return undefined
  return { kty, crv, x, y }
}

/** Reads the key out of `did:jwk:…` (with or without `#0`), when it is a P-256 key. */
export function ecJwkOfDidJwk(did: string): EcPublicJwk | undefined {
  const encoded = /^did:jwk:([A-Za-z0-9_-]+)(?:#0)?$/.exec(did)?.[1]
  if (encoded === undefined) return undefined
  try {
    return toEcPublicJwk(JSON.parse(new TextDecoder().decode(decodeBase64url(encoded))))
  } catch {
    return undefined
  }
}

/** `did:jwk` of a P-256 key, the members in the order of RFC 7638. */
export function didJwkOf({ kty, crv, x, y }: EcPublicJwk): string {
  return `did:jwk:${encodeBase64url(new TextEncoder().encode(JSON.stringify({ crv, kty, x, y })))}`
}

function isCoordinate(value: unknown): value is string {
  if (typeof value !== 'string') return false
  try {
    return decodeBase64url(value).length === 32
  } catch {
    return false
  }
}
