import { encodeBase64url } from '../formats/base64url.ts'
import type { CryptoSuite } from '../formats/crypto-suite.ts'
import { toEcPublicJwk } from '../formats/jwk.ts'
import { parseDisclosure, SD_JWT_VC_TYP, splitJwt, splitSdJwt } from '../formats/sd-jwt-vc.ts'
import { keyNamedIn, malformedCard, secondsIn, statusEntryIn, type HolderBinding, type PresentedCard } from './presented-card.ts'

/** Claims of the payload that no disclosure may stand in for (SD-JWT VC §3.2.2.2). */
const NEVER_DISCLOSED = new Set(['iss', 'nbf', 'exp', 'iat', 'cnf', 'vct', 'vct#integrity', 'status', '_sd', '_sd_alg', '...'])

/**
 * Reads a presented SD-JWT VC. A city card is flat, so all of RFC 9901 §7.1 comes down to this: each disclosure is
 * `[salt, name, value]`, its digest stands in `_sd` exactly once, and its name is new.
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`
 * @see https://www.rfc-editor.org/rfc/rfc9901#section-7.1
 */
export async function readSdJwtCard(presentation: string, crypto: CryptoSuite): Promise<PresentedCard> {
  const { jwt, disclosures, keyBindingJwt } = splitSdJwt(presentation)
  const [header, payload, signature] = splitJwt(jwt)
  if (header['alg'] !== 'ES256' || header['typ'] !== SD_JWT_VC_TYP) throw malformedCard('alg or typ is another')
  if (header['crit'] !== undefined) throw malformedCard('it has critical extensions')
  const { vct, cnf } = payload
  if (typeof vct !== 'string') throw malformedCard('it has no type')
  const holderJwk = toEcPublicJwk((cnf as { jwk?: unknown } | undefined)?.jwk)
  const issuedAtSeconds = secondsIn(payload, 'iat')
  return {
    issuerSignature: { signingInput: jwt.slice(0, jwt.lastIndexOf('.')), signature },
    ...await keyNamedIn(header, crypto),
    credentialType: vct,
    issuedAtSeconds,
    notBeforeSeconds: payload['nbf'] === undefined ? issuedAtSeconds : secondsIn(payload, 'nbf'),
    expiresAtSeconds: secondsIn(payload, 'exp'),
    status: statusEntryIn(payload),
    claims: await discloseClaims(payload, disclosures, crypto),
    binding: keyBindingJwt === undefined || holderJwk === undefined
      ? undefined
      : await readKeyBinding(keyBindingJwt, holderJwk, presentation, crypto),
  }
}

async function discloseClaims(
  payload: Readonly<Record<string, unknown>>,
  disclosures: readonly string[],
  crypto: CryptoSuite,
): Promise<Record<string, unknown>> {
  const digests = payload['_sd'] ?? []
  if (!Array.isArray(digests) || new Set(digests).size !== digests.length) throw malformedCard('its digests repeat')
  if (payload['_sd_alg'] !== undefined && payload['_sd_alg'] !== 'sha-256') throw malformedCard('its hash is not SHA-256')
  const open = new Set<unknown>(digests)
  const claims: Record<string, unknown> = {}
  for (const disclosure of disclosures) {
    const { name, value } = parseDisclosure(disclosure)
    if (!open.delete(encodeBase64url(await crypto.sha256(disclosure)))) throw malformedCard('a disclosure is not one of its own')
    if (name === undefined || NEVER_DISCLOSED.has(name) || Object.hasOwn(payload, name) || Object.hasOwn(claims, name)) {
      throw malformedCard('a disclosure has a name it may not have')
    }
    if (typeof value === 'object') throw malformedCard('a claim has parts')
    // Not by assignment: a claim called __proto__ is a claim like any other.
    Object.defineProperty(claims, name, { value, enumerable: true })
  }
  return claims
}

/** @see https://www.rfc-editor.org/rfc/rfc9901#section-4.3 */
async function readKeyBinding(
  jwt: string,
  holderJwk: HolderBinding['holderJwk'],
  presentation: string,
  crypto: CryptoSuite,
): Promise<HolderBinding> {
  const [header, payload, signature] = splitJwt(jwt)
  const hash = encodeBase64url(await crypto.sha256(presentation.slice(0, presentation.lastIndexOf('~') + 1)))
  return {
    holderJwk,
    signingInput: jwt.slice(0, jwt.lastIndexOf('.')),
    signature,
    audience: payload['aud'],
    nonce: payload['nonce'],
    issuedAtSeconds: payload['iat'],
    coversCard: header['typ'] === 'kb+jwt' && header['alg'] === 'ES256' && header['crit'] === undefined && payload['sd_hash'] === hash,
  }
}
