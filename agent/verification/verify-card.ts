import type { CryptoSuite } from '../formats/crypto-suite.ts'
import { nativeCryptoSuite } from '../keys/crypto-suite-node.ts'
import type { Locode, StatusSource, StatusValue, TrustedCity, TrustSource } from '../trust.ts'
import { findIssuer, type IssuerFinding } from './find-issuer.ts'
import type { CardFormat, PresentedCard } from './presented-card.ts'
import { readJwtCard } from './read-jwt-card.ts'
import { readSdJwtCard } from './read-sd-jwt-card.ts'

/** The checks, in the order in which they are told. */
export const CARD_CHECKS = ['signature', 'accreditation', 'key', 'recognition', 'validity', 'status', 'holder-binding'] as const

export type CardCheck = (typeof CARD_CHECKS)[number]

export type CardCheckCode =
  | 'ERR_CREDENTIAL_MALFORMED' | 'ERR_SIGNATURE_INVALID'
  | 'ERR_ISSUER_NOT_ACCREDITED' | 'ERR_ISSUER_SUSPENDED' | 'ERR_ISSUER_MISMATCH' | 'ERR_TRUST_UNAVAILABLE'
  | 'ERR_KEY_UNKNOWN' | 'ERR_KEY_WITHDRAWN'
  | 'ERR_NOT_RECOGNISED'
  | 'ERR_EXPIRED' | 'ERR_NOT_YET_VALID'
  | 'ERR_REVOKED' | 'ERR_SUSPENDED' | 'ERR_STATUS_UNKNOWN' | 'ERR_STATUS_STALE'
  | 'ERR_HOLDER_BINDING' | 'ERR_REPLAYED' | 'ERR_AUDIENCE'

export interface CardCheckResult {
  readonly check: CardCheck
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly code?: CardCheckCode
  /** For people who look after the system; holds no personal data. */
  readonly detail?: string
}

export interface CardDecision {
  /** True only if every check passed. */
  readonly accepted: boolean
  /** One result for each check, in the order of `CARD_CHECKS`. */
  readonly checks: readonly CardCheckResult[]
  /** What the holder disclosed; empty unless the card is accepted. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly issuer?: Pick<TrustedCity, 'locode' | 'name' | 'did' | 'serviceUrl'>
  readonly credentialType?: string
  readonly status?: { readonly value: StatusValue, readonly epoch: number, readonly updatedAtSeconds: number, readonly ageSeconds: number }
}

export interface CardPolicy {
  /** Oldest status that still counts, in seconds since its epoch was written to the chain. */
  readonly maxStatusAgeSeconds: number
  /** Oldest holder signature that still counts; 300 unless told. */
  readonly maxPresentationAgeSeconds?: number
  /** How far two clocks may differ; 60 unless told. */
  readonly clockSkewSeconds?: number
  /** A benefit class that the recognition of another city's cards must cover. */
  readonly benefitClass?: number
}

export interface VerifyCardOptions {
  readonly presentation: string
  readonly format: CardFormat
  /** Whom the holder must have meant: our `client_id`, or what else we said we are. */
  readonly audience: string
  /** The nonce of this one request; that it is spent once is for the caller to see. */
  readonly nonce: string
  readonly verifierCity: Locode
  readonly trust: TrustSource
  readonly status: StatusSource
  readonly nowSeconds: number
  readonly policy: CardPolicy
  readonly crypto?: CryptoSuite
}

/**
 * Decides whether a presented city card holds, and says why. Asks nobody but the given sources; whatever cannot be
 * established counts against the card. Never throws for what a holder or an issuer sends.
 * @see https://www.rfc-editor.org/rfc/rfc9901#section-7.3
 */
export async function verifyCard(options: VerifyCardOptions): Promise<CardDecision> {
  const crypto = options.crypto ?? nativeCryptoSuite
  if (options.audience === '' || options.nonce === '') throw new TypeError('verifyCard needs an audience and a nonce')
  let card: PresentedCard
  try {
    card = options.format === 'dc+sd-jwt'
      ? await readSdJwtCard(options.presentation, crypto)
      : await readJwtCard(options.presentation, crypto)
  } catch {
    return decide([failed('signature', 'ERR_CREDENTIAL_MALFORMED', 'the presentation is not a well-formed city card')])
  }
  const issuer = await findIssuer(card, options.trust)
  const { result: status, reading } = await checkStatus(card, issuer, options)
  return {
    ...decide([
      await checkSignature(card, issuer, crypto),
      issuer.accreditation,
      issuer.key,
      await checkRecognition(card, issuer, options),
      checkValidity(card, options),
      status,
      await checkHolderBinding(card, options, crypto),
    ], card.claims),
    credentialType: card.credentialType,
    ...(issuer.city && { issuer: issuerOf(issuer.city) }),
    ...(reading && { status: reading }),
  }
}

function issuerOf({ locode, name, did, serviceUrl }: TrustedCity): NonNullable<CardDecision['issuer']> {
  return { locode, name, did, serviceUrl }
}

function decide(results: readonly CardCheckResult[], claims: CardDecision['claims'] = {}): CardDecision {
  const checks = CARD_CHECKS.map((check) => results.find((result) => result.check === check) ?? skipped(check))
  const accepted = checks.every((result) => result.outcome === 'passed')
  return { accepted, checks, claims: accepted ? claims : {} }
}

async function checkSignature(card: PresentedCard, issuer: IssuerFinding, crypto: CryptoSuite): Promise<CardCheckResult> {
  const publicJwk = issuer.publicJwk ?? card.certifiedKey
  if (publicJwk === undefined) return skipped('signature', 'the key is not known')
  const { signingInput, signature } = card.issuerSignature
  if (await crypto.verifyEs256(publicJwk, signingInput, signature)) return passed('signature')
  return failed('signature', 'ERR_SIGNATURE_INVALID')
}

async function checkRecognition(card: PresentedCard, issuer: IssuerFinding, options: VerifyCardOptions): Promise<CardCheckResult> {
  const { verifierCity, trust, nowSeconds, policy } = options
  if (issuer.city === undefined) return skipped('recognition', 'the issuer is not known')
  if (issuer.city.locode === verifierCity) return passed('recognition', 'own card')
  try {
    const agreement = await trust.findRecognition(verifierCity, issuer.city.locode, card.credentialType)
    if (agreement === undefined) return failed('recognition', 'ERR_NOT_RECOGNISED', 'there is no agreement')
    if (agreement.validUntilSeconds <= nowSeconds) return failed('recognition', 'ERR_NOT_RECOGNISED', 'the agreement has ended')
    if (policy.benefitClass !== undefined && !agreement.benefitClasses.includes(policy.benefitClass)) {
      return failed('recognition', 'ERR_NOT_RECOGNISED', 'the agreement does not cover this benefit')
    }
    return passed('recognition')
  } catch {
    return failed('recognition', 'ERR_TRUST_UNAVAILABLE')
  }
}

function checkValidity(card: PresentedCard, { nowSeconds, policy }: VerifyCardOptions): CardCheckResult {
  const skew = policy.clockSkewSeconds ?? 60
  if (Math.max(card.notBeforeSeconds, card.issuedAtSeconds) > nowSeconds + skew) return failed('validity', 'ERR_NOT_YET_VALID')
  if (card.expiresAtSeconds <= nowSeconds) return failed('validity', 'ERR_EXPIRED')
  return passed('validity')
}

async function checkStatus(
  card: PresentedCard,
  issuer: IssuerFinding,
  { status, nowSeconds, policy }: VerifyCardOptions,
): Promise<{ result: CardCheckResult, reading?: NonNullable<CardDecision['status']> }> {
  if (card.status === undefined) return { result: failed('status', 'ERR_STATUS_UNKNOWN', 'the card names no status list') }
  let found: Awaited<ReturnType<StatusSource['readStatus']>>
  try {
    found = await status.readStatus(card.status.uri, card.status.index, issuer.city?.locode)
  } catch {
    found = undefined
  }
  if (found === undefined) return { result: failed('status', 'ERR_STATUS_UNKNOWN', 'the status list is not known') }
  if (issuer.city !== undefined && found.city !== issuer.city.locode) {
    return { result: failed('status', 'ERR_STATUS_UNKNOWN', 'the status list is another city\'s') }
  }
  const { value, epoch, updatedAtSeconds } = found
  const reading = { value, epoch, updatedAtSeconds, ageSeconds: Math.max(0, nowSeconds - updatedAtSeconds) }
  if (value === 'invalid') return { result: failed('status', 'ERR_REVOKED'), reading }
  if (value === 'suspended') return { result: failed('status', 'ERR_SUSPENDED'), reading }
  if (value !== 'valid') return { result: failed('status', 'ERR_STATUS_UNKNOWN', 'the status has another value'), reading }
  if (!(reading.ageSeconds <= policy.maxStatusAgeSeconds)) return { result: failed('status', 'ERR_STATUS_STALE'), reading }
  return { result: passed('status'), reading }
}

async function checkHolderBinding(card: PresentedCard, options: VerifyCardOptions, crypto: CryptoSuite): Promise<CardCheckResult> {
  const { binding } = card
  if (binding === undefined) return failed('holder-binding', 'ERR_HOLDER_BINDING', 'there is no holder signature to check')
  if (!binding.coversCard || !await crypto.verifyEs256(binding.holderJwk, binding.signingInput, binding.signature)) {
    return failed('holder-binding', 'ERR_HOLDER_BINDING', 'the holder did not sign this')
  }
  if (binding.audience !== options.audience) return failed('holder-binding', 'ERR_AUDIENCE', 'it was made for another verifier')
  if (binding.nonce !== options.nonce) return failed('holder-binding', 'ERR_REPLAYED', 'it was made for another request')
  const { maxPresentationAgeSeconds = 300, clockSkewSeconds = 60 } = options.policy
  const age = typeof binding.issuedAtSeconds === 'number' ? options.nowSeconds - binding.issuedAtSeconds : NaN
  if (!(age <= maxPresentationAgeSeconds && age >= -clockSkewSeconds)) {
    return failed('holder-binding', 'ERR_REPLAYED', 'it was not made just now')
  }
  return passed('holder-binding')
}

function passed(check: CardCheck, detail?: string): CardCheckResult {
  return { check, outcome: 'passed', ...(detail && { detail }) }
}

function failed(check: CardCheck, code: CardCheckCode, detail?: string): CardCheckResult {
  return { check, outcome: 'failed', code, ...(detail && { detail }) }
}

function skipped(check: CardCheck, detail?: string): CardCheckResult {
  return { check, outcome: 'skipped', ...(detail && { detail }) }
}
