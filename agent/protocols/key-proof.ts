import type { CryptoSuite, EcPublicJwk, JwsSigner } from '../formats/crypto-suite.ts'
import { ecJwkOfDidJwk, ecThumbprint, toEcPublicJwk } from '../formats/jwk.ts'
import { hasTyp, parseCompactJwt, signCompactJwt } from './compact-jwt.ts'
import { ProtocolError } from './errors.ts'

const TYP = 'openid4vci-proof+jwt'
const CLOCK_SKEW_SECONDS = 60

/**
 * Proves to an issuer that the holder has a key.
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#appendix-F.1
 */
export const createKeyProof = (
  { audience, nonce, publicJwk, sign, issuedAtSeconds }:
  { audience: string, nonce?: string, publicJwk: EcPublicJwk, sign: JwsSigner, issuedAtSeconds: number }
): Promise<string> => {
  const { kty, crv, x, y } = publicJwk
  return signCompactJwt({ typ: TYP, alg: 'ES256', jwk: { kty, crv, x, y } },
    { aud: audience, iat: issuedAtSeconds, ...(nonce !== undefined && { nonce }) }, sign)
}

/** Finds the key behind a DID URL; undefined when it is not of a kind that is understood. */
export type HolderKeyResolver = (didUrl: string) => EcPublicJwk | undefined

export interface VerifiedKeyProof {
  readonly publicJwk: EcPublicJwk
  /** RFC 7638, base64url. */
  readonly thumbprint: string
  /** To be checked, and used up, by the caller. */
  readonly nonce: string
}

/**
 * Verifies a key proof: type, algorithm, key (`jwk`, or `kid` with did:jwk and what `resolve` knows), audience, age and
 * signature. The nonce is returned for the caller to use up.
 * @throws ProtocolError ERR_PROOF_INVALID with oauthError `invalid_proof` or `invalid_nonce`
 * @see https://openid.net/specs/openid-4-verifiable-credential-issuance-1_0.html#appendix-F.4
 */
export const verifyKeyProof = async (
  jwt: string,
  { audience, nowSeconds, maxAgeSeconds, crypto, resolve = ecJwkOfDidJwk }:
  { audience: string, nowSeconds: number, maxAgeSeconds: number, crypto: CryptoSuite, resolve?: HolderKeyResolver }
): Promise<VerifiedKeyProof> => {
  const { header, payload, signingInput, signature } = parseProof(jwt)
  if (!hasTyp(header, TYP)) throw invalid('the typ is not openid4vci-proof+jwt')
  if (header['alg'] !== 'ES256') throw invalid('the alg is not ES256')
  const publicJwk = keyOf(header, resolve)
  if (publicJwk === undefined) throw invalid('there is no single P-256 key in jwk or kid')
  const { aud, iat, nonce } = payload
  if (!(aud === audience || (Array.isArray(aud) && aud.length === 1 && aud[0] === audience))) throw invalid('the aud is not this issuer')
  if (typeof iat !== 'number' || iat > nowSeconds + CLOCK_SKEW_SECONDS || iat < nowSeconds - maxAgeSeconds - CLOCK_SKEW_SECONDS) {
    throw invalid('the iat is not recent')
  }
  if (!(await crypto.verifyEs256(publicJwk, signingInput, signature))) throw invalid('the signature is not by the key')
  if (typeof nonce !== 'string' || nonce === '') throw invalid('there is no nonce', 'invalid_nonce')
  return { publicJwk, thumbprint: await ecThumbprint(publicJwk, crypto), nonce }
}

const parseProof = (jwt: string) => {
  try {
    return parseCompactJwt(jwt)
  } catch (cause) {
    throw invalid('it is not a compact JWT', 'invalid_proof', cause)
  }
}

const keyOf = (header: Readonly<Record<string, unknown>>, resolve: HolderKeyResolver): EcPublicJwk | undefined => {
  const named = ['jwk', 'kid', 'x5c'].filter((name) => header[name] !== undefined)
  if (named.length !== 1) return undefined
  if (named[0] === 'jwk') return toEcPublicJwk(header['jwk'])
  return typeof header['kid'] === 'string' ? resolve(header['kid']) : undefined
}

const invalid = (reason: string, oauthError = 'invalid_proof', cause?: unknown): ProtocolError =>
  new ProtocolError('ERR_PROOF_INVALID', `The key proof is refused: ${reason}.`, { oauthError, cause })
