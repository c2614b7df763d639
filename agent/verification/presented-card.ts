import { X509Certificate } from 'node:crypto'
import type { CryptoSuite, EcPublicJwk } from '../formats/crypto-suite.ts'
import { ecThumbprint, toEcPublicJwk } from '../formats/jwk.ts'
import { AgentError } from '../errors.ts'

/** The formats in which a card can be shown, by their OpenID4VP names. */
export type CardFormat = 'dc+sd-jwt' | 'jwt_vc_json'

/** A signature still to be checked. */
export interface UncheckedSignature {
  readonly signingInput: string
  readonly signature: string
}

/** What a presentation says, whatever its format, before anything of it is believed. */
export interface PresentedCard {
  readonly issuerSignature: UncheckedSignature
  /** RFC 7638 thumbprint of the key that the card says signed it. */
  readonly keyThumbprint: string
  /** That key itself, when the card brings its certificate. */
  readonly certifiedKey: EcPublicJwk | undefined
  readonly credentialType: string
  readonly issuedAtSeconds: number
  readonly notBeforeSeconds: number
  readonly expiresAtSeconds: number
  readonly status: { readonly uri: string, readonly index: number } | undefined
  readonly claims: Readonly<Record<string, unknown>>
  readonly binding: HolderBinding | undefined
}

/** The holder's signature over audience and nonce. */
export interface HolderBinding extends UncheckedSignature {
  /** The key that the issuer bound the card to. */
  readonly holderJwk: EcPublicJwk
  readonly audience: unknown
  readonly nonce: unknown
  readonly issuedAtSeconds: unknown
  /** Whether it covers this very card with these very disclosures. */
  readonly coversCard: boolean
}

/**
 * Which key a header names: that of the first certificate in `x5c`, or the thumbprint in `kid` (alone or as the
 * fragment of a DID URL). Where both stand, they must agree.
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`
 */
export async function keyNamedIn(
  header: Readonly<Record<string, unknown>>,
  crypto: CryptoSuite,
): Promise<{ keyThumbprint: string, certifiedKey: EcPublicJwk | undefined }> {
  const { kid, x5c } = header
  const named = typeof kid === 'string' ? kid.slice(kid.indexOf('#') + 1) : undefined
  if (x5c === undefined) {
    if (named === undefined) throw malformedCard('it names no key')
    return { keyThumbprint: named, certifiedKey: undefined }
  }
  if (!Array.isArray(x5c) || typeof x5c[0] !== 'string') throw malformedCard('its certificates are not readable')
  const { certifiedKey, keyThumbprint } = await certifiedKeyOf(x5c[0], crypto)
  if (named !== undefined && named !== keyThumbprint) throw malformedCard('kid and x5c name different keys')
  return { keyThumbprint, certifiedKey }
}

/** A whole number of seconds. @throws AgentError `ERR_CREDENTIAL_MALFORMED` */
export function secondsIn(payload: Readonly<Record<string, unknown>>, name: string): number {
  const value = payload[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformedCard(`${name} is not a time`)
  return value
}

/** The entry of a token status list that a `status` claim names, when it names one. */
export function statusEntryIn(payload: Readonly<Record<string, unknown>>): PresentedCard['status'] {
  const entry = (payload['status'] as { status_list?: { idx?: unknown, uri?: unknown } } | undefined)?.status_list
  if (typeof entry !== 'object' || entry === null) return undefined
  const { idx, uri } = entry
  if (typeof uri !== 'string' || typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0) return undefined
  return { uri, index: idx }
}

/** The error of a presentation that is not in the form of its format. `reason` names the part, never its content. */
export function malformedCard(reason: string): AgentError {
  return new AgentError('ERR_CREDENTIAL_MALFORMED', `The presentation is not a city card: ${reason}.`)
}

interface CertifiedKey {
  readonly certifiedKey: EcPublicJwk
  readonly keyThumbprint: string
}

/** Certificates read before, as a city's cards all carry the same one; the oldest makes room. */
const certifiedKeys = new Map<string, CertifiedKey>()
const MAX_CERTIFICATES = 256
const MAX_CERTIFICATE_LENGTH = 8_192

async function certifiedKeyOf(certificate: string, crypto: CryptoSuite): Promise<CertifiedKey> {
  const known = certifiedKeys.get(certificate)
  if (known !== undefined) return known
  // Strangers send these: what is kept of them must stay small.
  const certifiedKey = certificate.length > MAX_CERTIFICATE_LENGTH ? undefined : readPublicKey(certificate)
  if (certifiedKey === undefined) throw malformedCard('its certificate is not one of a P-256 key')
  const read = { certifiedKey, keyThumbprint: await ecThumbprint(certifiedKey, crypto) }
  if (certifiedKeys.size >= MAX_CERTIFICATES) certifiedKeys.delete(certifiedKeys.keys().next().value as string)
  certifiedKeys.set(certificate, read)
  return read
}

function readPublicKey(certificate: string): EcPublicJwk | undefined {
  try {
    return toEcPublicJwk(new X509Certificate(Buffer.from(certificate, 'base64')).publicKey.export({ format: 'jwk' }))
  } catch {
    return undefined
  }
}
