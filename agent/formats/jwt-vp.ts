import { AgentError } from '../errors.ts'
import { encodeBase64url } from './base64url.ts'
import type { EcPublicJwk, JwsSigner } from './crypto-suite.ts'
import { didJwkOf } from './jwk.ts'
import { splitJwt } from './sd-jwt-vc.ts'

export const VC_CONTEXT_V1 = 'https://www.w3.org/2018/credentials/v1'

export interface ParsedJwtVc {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  /** Types besides `VerifiableCredential`. */
  readonly types: readonly string[]
  /** What the credential says of its subject, without `id`. */
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Takes a VCDM 1.1 credential in a JWT apart. Checks its form, not its signature.
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`
 * @see https://www.w3.org/TR/vc-data-model/#json-web-token
 */
export function parseJwtVc(jwt: string): ParsedJwtVc {
  const [header, payload] = splitJwt(jwt)
  const vc = payload['vc']
  if (!isObject(vc) || !Array.isArray(vc['type']) || !isObject(vc['credentialSubject'])) throw malformed()
  const types = vc['type'].filter((type): type is string => typeof type === 'string' && type !== 'VerifiableCredential')
  if (types.length !== vc['type'].length - 1) throw malformed()
  const claims = { ...vc['credentialSubject'] }
  delete claims['id']
  return { header, payload, types, claims }
}

export interface PresentJwtVcOptions {
  readonly credential: string
  readonly holderJwk: EcPublicJwk
  readonly audience: string
  readonly nonce: string
  readonly issuedAtSeconds: number
  /** Signs with the holder's key. */
  readonly sign: JwsSigner
}

/**
 * Wraps a JWT credential in a presentation that the holder (`did:jwk`) signs for one verifier and one request.
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#appendix-B.1.3.1.5
 */
export async function presentJwtVc(options: PresentJwtVcOptions): Promise<string> {
  const did = didJwkOf(options.holderJwk)
  const header = { alg: 'ES256', typ: 'JWT', kid: `${did}#0` }
  const payload = {
    iss: did,
    aud: options.audience,
    nonce: options.nonce,
    iat: options.issuedAtSeconds,
    vp: { '@context': [VC_CONTEXT_V1], type: ['VerifiablePresentation'], verifiableCredential: [options.credential] },
  }
  const signingInput = `${encodeJson(header)}.${encodeJson(payload)}`
  return `${signingInput}.${await options.sign(signingInput)}`
}

function encodeJson(value: object): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(): AgentError {
  return new AgentError('ERR_CREDENTIAL_MALFORMED', 'The credential is not a well-formed VCDM 1.1 JWT.')
}
