import { createJWS, verifyJWT } from 'did-jwt'
import type { Resolvable } from 'did-resolver'
import { z } from 'zod'
import { AgentError, type AgentErrorCode } from '../errors.ts'
import { decodeBase64url } from '../formats/base64url.ts'
import { splitJwt } from '../formats/sd-jwt-vc.ts'
import { DID_CONFIGURATION_CONTEXT } from './did-document.ts'

const VC_CONTEXT = 'https://www.w3.org/2018/credentials/v1'
const CLOCK_SKEW_SECONDS = 60

export interface CreateDomainLinkageOptions {
  readonly did: string
  /** The issuer key's fragment in the DID document; a P-256 key. */
  readonly kid: string
  /** The URL whose origin is linked. */
  readonly publicUrl: string
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
}

/**
 * Signs a Domain Linkage Credential: the DID says that the origin is its own. Made by did-jwt's JWS and not by its
 * `createJWT`, which always adds a `typ` and an `iat` that this credential must not have.
 * @param sign signs a JWS signing input with the key `kid`, answers base64url
 * @see https://identity.foundation/.well-known/resources/did-configuration/#json-web-token-proof-format
 */
export async function createDomainLinkageCredential(
  options: CreateDomainLinkageOptions, sign: (signingInput: string) => Promise<string>,
): Promise<string> {
  const { did, kid, publicUrl, issuedAtSeconds, expiresAtSeconds } = options
  const payload = {
    exp: expiresAtSeconds,
    iss: did,
    nbf: issuedAtSeconds,
    sub: did,
    vc: {
      '@context': [VC_CONTEXT, DID_CONFIGURATION_CONTEXT],
      issuer: did,
      issuanceDate: new Date(issuedAtSeconds * 1000).toISOString(),
      expirationDate: new Date(expiresAtSeconds * 1000).toISOString(),
      type: ['VerifiableCredential', 'DomainLinkageCredential'],
      credentialSubject: { id: did, origin: new URL(publicUrl).origin },
    },
  }
  return createJWS(payload, (input) => sign(typeof input === 'string' ? input : Buffer.from(input).toString()), { alg: 'ES256', kid: `${did}#${kid}` })
}

/** Exactly these members: the specification allows no others in header and payload, and no `id` in the credential. */
const headerSchema = z.strictObject({ alg: z.enum(['ES256', 'ES256K', 'EdDSA']), kid: z.string() })
const dateTime = z.iso.datetime({ offset: true })
const payloadSchema = z.strictObject({
  exp: z.int(),
  iss: z.string().startsWith('did:'),
  nbf: z.int(),
  sub: z.string(),
  vc: z.looseObject({
    '@context': z.array(z.unknown()).refine((contexts) => contexts[0] === VC_CONTEXT && contexts.includes(DID_CONFIGURATION_CONTEXT)),
    id: z.undefined().optional(),
    issuer: z.string(),
    issuanceDate: dateTime,
    expirationDate: dateTime,
    type: z.array(z.string()).refine((types) => types.includes('VerifiableCredential') && types.includes('DomainLinkageCredential')),
    credentialSubject: z.looseObject({ id: z.string(), origin: z.string() }),
  }),
})

export interface VerifyDomainLinkageOptions {
  readonly credential: string
  /** Where the credential was fetched from: an origin, or a URL in it. */
  readonly origin: string
  /** The DID that is expected, such as the one the chain has for a city; any unless told. */
  readonly did?: string
  readonly nowSeconds: number
}

export interface DomainLinkage {
  readonly did: string
  readonly origin: string
  /** The key that signed, as a DID URL. */
  readonly keyId: string
  readonly expiresAtSeconds: number
}

/**
 * Checks that a DID and an origin belong to each other, by a Domain Linkage Credential that was fetched from the
 * origin and signed with a key for assertions of the DID.
 * @throws AgentError `ERR_DOMAIN_LINKAGE_MALFORMED`, `ERR_DOMAIN_LINKAGE_ISSUER`, `ERR_DOMAIN_LINKAGE_ORIGIN`,
 *   `ERR_DOMAIN_LINKAGE_NOT_YET_VALID`, `ERR_DOMAIN_LINKAGE_EXPIRED`, `ERR_DID_UNRESOLVABLE`, `ERR_DOMAIN_LINKAGE_SIGNATURE`
 * @see https://identity.foundation/.well-known/resources/did-configuration/#did-configuration-resource-verification
 */
export async function verifyDomainLinkage(options: VerifyDomainLinkageOptions, resolver: Resolvable): Promise<DomainLinkage> {
  const { credential, nowSeconds } = options
  const { header, payload } = parseDomainLinkage(credential)
  const { iss: did, vc } = payload
  const names = [payload.sub, vc.issuer, vc.credentialSubject.id, header.kid.split('#')[0], options.did ?? did]
  if (names.some((name) => name !== did)) throw refused('ISSUER', 'Issuer, subject and key of the credential are not all of the expected DID.')
  const origin = new URL(options.origin).origin
  if (readOrigin(vc.credentialSubject.origin) !== origin) throw refused('ORIGIN', 'The credential is for another origin.')
  if (payload.nbf > nowSeconds + CLOCK_SKEW_SECONDS) throw refused('NOT_YET_VALID', 'The credential is not valid yet.')
  if (payload.exp <= nowSeconds - CLOCK_SKEW_SECONDS) throw refused('EXPIRED', 'The credential has expired.')

  const resolution = await resolver.resolve(did)
  if (resolution.didDocument === null) {
    throw new AgentError('ERR_DID_UNRESOLVABLE', `The DID does not resolve: ${resolution.didResolutionMetadata.error ?? 'unknown'}.`)
  }
  // From here on all that did-jwt can object to is the signature, whatever its message says.
  const verified = await verifyJWT(credential, {
    resolver: { resolve: async () => resolution }, proofPurpose: 'assertionMethod', policies: { now: nowSeconds }, skewTime: CLOCK_SKEW_SECONDS,
  }).catch((cause: unknown) => {
    throw refused('SIGNATURE', 'No key for assertions of the DID made this signature.', cause)
  })
  if (verified.signer.id !== header.kid) throw refused('SIGNATURE', 'Another key than the one named made this signature.')
  return { did, origin, keyId: header.kid, expiresAtSeconds: payload.exp }
}

function parseDomainLinkage(credential: string): { header: z.output<typeof headerSchema>, payload: z.output<typeof payloadSchema> } {
  try {
    const [header, payload, signature] = splitJwt(credential)
    decodeBase64url(signature)
    const parsed = { header: headerSchema.parse(header), payload: payloadSchema.parse(payload) }
    const { vc, nbf, exp } = parsed.payload
    if (secondsOf(vc.issuanceDate) !== nbf || secondsOf(vc.expirationDate) !== exp) throw new RangeError('the dates of credential and token differ')
    return parsed
  } catch (cause) {
    throw refused('MALFORMED', 'This is not a Domain Linkage Credential in JWT form.', cause)
  }
}

/** The specification's own example leaves the scheme out: that means https. Anything beyond an origin is none. */
function readOrigin(text: string): string | undefined {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`)
  return url !== null && url.href === `${url.origin}/` ? url.origin : undefined
}

function secondsOf(dateTime: string): number {
  return Math.floor(Date.parse(dateTime) / 1000)
}

type Refusal = AgentErrorCode extends infer Code ? Code extends `ERR_DOMAIN_LINKAGE_${infer Part}` ? Part : never : never

function refused(part: Refusal, message: string, cause?: unknown): AgentError {
  return new AgentError(`ERR_DOMAIN_LINKAGE_${part}`, message, { cause })
}
