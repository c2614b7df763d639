import type { CryptoSuite } from '../formats/crypto-suite.ts'
import { ecJwkOfDidJwk } from '../formats/jwk.ts'
import { parseJwtVc } from '../formats/jwt-vp.ts'
import { splitJwt } from '../formats/sd-jwt-vc.ts'
import { keyNamedIn, malformedCard, secondsIn, statusEntryIn, type PresentedCard } from './presented-card.ts'

/**
 * Reads a VCDM 1.1 presentation (JWT) of exactly one city card (JWT).
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`
 * @see https://www.w3.org/TR/vc-data-model/#json-web-token
 */
export async function readJwtCard(presentation: string, crypto: CryptoSuite): Promise<PresentedCard> {
  const [vpHeader, vpPayload, vpSignature] = splitJwt(presentation)
  const [jwt, ...others] = credentialsIn(vpPayload)
  if (typeof jwt !== 'string' || others.length > 0) throw malformedCard('it is not a presentation of one credential')
  const { header, payload, types, claims } = parseJwtVc(jwt)
  if (header['alg'] !== 'ES256' || header['crit'] !== undefined) throw malformedCard('alg is another, or it has critical extensions')
  const [credentialType, ...moreTypes] = types
  if (credentialType === undefined || moreTypes.length > 0) throw malformedCard('it does not have one type')
  const notBeforeSeconds = secondsIn(payload, 'nbf')
  const holder = payload['sub']
  const holderJwk = typeof holder === 'string' ? ecJwkOfDidJwk(holder) : undefined
  const signedByHolder = vpHeader['alg'] === 'ES256' && vpHeader['crit'] === undefined && vpPayload['iss'] === holder
    && (vpHeader['kid'] === undefined || vpHeader['kid'] === `${String(holder)}#0` || vpHeader['kid'] === '#0')
  return {
    issuerSignature: { signingInput: jwt.slice(0, jwt.lastIndexOf('.')), signature: jwt.slice(jwt.lastIndexOf('.') + 1) },
    ...await keyNamedIn(header, crypto),
    credentialType,
    issuedAtSeconds: payload['iat'] === undefined ? notBeforeSeconds : secondsIn(payload, 'iat'),
    notBeforeSeconds,
    expiresAtSeconds: secondsIn(payload, 'exp'),
    status: statusEntryIn(payload),
    claims,
    binding: holderJwk === undefined ? undefined : {
      holderJwk,
      signingInput: presentation.slice(0, presentation.lastIndexOf('.')),
      signature: vpSignature,
      audience: vpPayload['aud'],
      nonce: vpPayload['nonce'],
      issuedAtSeconds: vpPayload['iat'] ?? vpPayload['nbf'],
      coversCard: signedByHolder,
    },
  }
}

function credentialsIn(payload: Readonly<Record<string, unknown>>): readonly unknown[] {
  const credentials = (payload['vp'] as { verifiableCredential?: unknown } | undefined)?.verifiableCredential
  return Array.isArray(credentials) ? credentials : [credentials]
}
