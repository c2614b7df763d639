import { compactDecrypt, CompactEncrypt, decodeProtectedHeader, importJWK } from 'jose'
import type { JWK } from 'jose'
import type { EcPublicJwk } from '../formats/crypto-suite.ts'
import { toEcPublicJwk } from '../formats/jwk.ts'
import { ProtocolError } from './errors.ts'

/** A verifier's key for one response. */
export interface ResponseEncryptionJwk extends EcPublicJwk {
  readonly kid: string
  readonly use: 'enc'
  readonly alg: 'ECDH-ES'
}

/** Strongest first. */
const CONTENT_ENCRYPTION = ['A256GCM', 'A128GCM'] as const

/** A key pair for one request; keep the private part sealed. */
export const createResponseEncryptionKey = async (kid: string): Promise<{ publicJwk: ResponseEncryptionJwk, privateJwk: JWK }> => {
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['deriveBits'])
  const exported = await crypto.subtle.exportKey('jwk', pair.privateKey)
  const { kty, crv, x = '', y = '', d = '' } = exported
  if (kty !== 'EC' || crv !== 'P-256') throw new ProtocolError('ERR_RESPONSE_ENCRYPTION', 'the key is not on P-256')
  return { publicJwk: { kty, crv, x, y, kid, use: 'enc', alg: 'ECDH-ES' }, privateJwk: { kty, crv, x, y, d } }
}

/**
 * Encrypts a response to one of the verifier's keys: ECDH-ES on P-256 with AES-GCM, as HAIP 1.0 §5 wants it.
 * @throws ProtocolError ERR_UNSUPPORTED when the verifier has no such key or content encryption
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-8.3
 */
export const encryptResponse = async (
  response: Readonly<Record<string, unknown>>,
  metadata: {
    readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | undefined,
    readonly encrypted_response_enc_values_supported?: readonly string[] | undefined
  }
): Promise<string> => {
  const jwk = metadata.jwks?.keys.find(({ kty, crv, alg, use }) =>
    kty === 'EC' && crv === 'P-256' && alg === 'ECDH-ES' && (use === undefined || use === 'enc'))
  const publicJwk = toEcPublicJwk(jwk)
  const offered = metadata.encrypted_response_enc_values_supported ?? ['A128GCM']
  const enc = CONTENT_ENCRYPTION.find((value) => offered.includes(value))
  if (jwk === undefined || publicJwk === undefined || enc === undefined) {
    throw new ProtocolError('ERR_UNSUPPORTED', 'the verifier has no key on P-256 for ECDH-ES with AES-GCM')
  }
  const key = await importJWK({ ...publicJwk }, 'ECDH-ES')
  return await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(response)))
    .setProtectedHeader({ alg: 'ECDH-ES', enc, ...(typeof jwk['kid'] === 'string' && { kid: jwk['kid'] }) })
    .encrypt(key)
}

/**
 * Opens an encrypted response.
 * @throws ProtocolError ERR_RESPONSE_ENCRYPTION
 */
export const decryptResponse = async (jwe: string, privateJwk: JWK, kid: string): Promise<Record<string, unknown>> => {
  try {
    const header = decodeProtectedHeader(jwe)
    // a wallet may leave out a kid only if the key had none; ours always has
    if (header.kid !== undefined && header.kid !== kid) throw new TypeError('the kid is another')
    const { plaintext } = await compactDecrypt(jwe, await importJWK({ ...privateJwk }, 'ECDH-ES'), {
      keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: [...CONTENT_ENCRYPTION]
    })
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plaintext))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object')
    return value as Record<string, unknown>
  } catch (cause) {
    throw new ProtocolError('ERR_RESPONSE_ENCRYPTION', 'the response cannot be decrypted', { cause })
  }
}
