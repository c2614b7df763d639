import { decodeBase64url } from './base64url.ts'

/** A public key on P-256 as a JWK (RFC 7518 §6.2.1). */
export interface EcPublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** Signs the ASCII of a JWS signing input (RFC 7515 §5.1) and returns the base64url signature. */
export type JwsSigner = (signingInput: string) => Promise<string> | string

/**
 * The cryptography that formats need. In the browser it is `webCryptoSuite`; on the server
 * `nativeCryptoSuite` of agent/keys, which is faster.
 */
export interface CryptoSuite {
  sha256(data: Uint8Array | string): Uint8Array | Promise<Uint8Array>
  /** False for a wrong signature as for a key or signature that is none. */
  verifyEs256(publicJwk: EcPublicJwk, signingInput: string, signature: string): boolean | Promise<boolean>
  randomBytes(length: number): Uint8Array
}

/** The suite over the Web Cryptography API. */
export const webCryptoSuite: CryptoSuite = {
  async sha256(data) {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data)
    return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  },
  async verifyEs256({ kty, crv, x, y }, signingInput, signature) {
    try {
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
      const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, false, ['verify'])
      const data = new TextEncoder().encode(signingInput)
      return await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, decodeBase64url(signature), data)
    } catch {
      return false
    }
  },
  randomBytes(length) {
    return crypto.getRandomValues(new Uint8Array(length))
  },
}
