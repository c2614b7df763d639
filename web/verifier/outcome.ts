import type { Condition } from './question.ts'
import type { Check, City, Decision } from './wire.ts'

/** The word on the decision screen: yes; a good card, but not what was asked; the card does not count. */
export type Verdict = 'accepted' | 'condition-not-met' | 'refused'

export interface Outcome {
  readonly verdict: Verdict
  /** The conditions that a good card did not meet. */
  readonly unmet: readonly Condition[]
  /** The checks that failed, in the order they were made. */
  readonly failed: readonly Check[]
}

function meets(condition: Condition, claims: Readonly<Record<string, unknown>>, issuerLocode: string | undefined): boolean {
  if (condition.kind === 'age') return claims[condition.claim] === true
  const city = claims['city']
  // A card speaks for the city that signed it: a claim naming another city than the issuer proves nothing.
  return city === condition.locode && (issuerLocode === undefined || issuerLocode === condition.locode)
}

/** What an operator may rely on: a condition counts only when the card itself was accepted. */
export function outcomeOf(decision: Decision, conditions: readonly Condition[]): Outcome {
  const failed = decision.checks.filter(check => check.outcome === 'failed')
  // The service counts an age not reached as a failed check; to an operator it is a good card with another answer.
  const isOnlyTooYoung = failed.length > 0 && failed.every(check => check.code === 'ERR_AGE_NOT_REACHED')
  if (!isOnlyTooYoung && (!decision.accepted || failed.length > 0)) return { verdict: 'refused', unmet: [], failed }
  const unmet = conditions.filter(condition => !meets(condition, decision.claims ?? {}, decision.issuer?.locode))
  return { verdict: unmet.length > 0 || isOnlyTooYoung ? 'condition-not-met' : 'accepted', unmet, failed }
}

/** The city whose suspension is why a card was refused; undefined when that is not why, or the suspension is not known here. */
export function suspendedIssuer({ failed }: Outcome, decision: Decision, cities: readonly City[]): City | undefined {
  if (!failed.some(({ code }) => code === 'ERR_ISSUER_SUSPENDED')) return undefined
  return cities.find(({ locode, suspension_reason: reason }) => locode === decision.issuer?.locode && reason !== undefined)
}

/** The checks of a card in their fixed order, then those of what was asked. */
export const CHECKS = ['signature', 'accreditation', 'key', 'recognition', 'validity', 'status', 'holder-binding', 'claims', 'consent'] as const

/** Every reason the service can give for refusing a card. Each has a sentence in every language. */
export const REASON_CODES = [
  'ERR_CREDENTIAL_MALFORMED', 'ERR_SIGNATURE_INVALID', 'ERR_ISSUER_NOT_ACCREDITED', 'ERR_ISSUER_MISMATCH', 'ERR_ISSUER_SUSPENDED',
  'ERR_TRUST_UNAVAILABLE', 'ERR_KEY_UNKNOWN', 'ERR_KEY_WITHDRAWN', 'ERR_NOT_RECOGNISED', 'ERR_EXPIRED', 'ERR_NOT_YET_VALID', 'ERR_REVOKED', 'ERR_SUSPENDED', 'ERR_STATUS_UNKNOWN', 'ERR_STATUS_STALE',
  'ERR_HOLDER_BINDING', 'ERR_REPLAYED', 'ERR_AUDIENCE',
  'ERR_CLAIMS_MISSING', 'ERR_AGE_NOT_REACHED', 'ERR_REFUSED_BY_HOLDER',
] as const

/** The string key of a reason's sentence; a code this page does not know gets the sentence for its check's kind. */
export function reasonKey(code: string | null | undefined): string {
  return (REASON_CODES as readonly string[]).includes(code ?? '') ? `reason.${code}` : 'reason.other'
}

/** The string key of a check's name. */
export function checkKey(check: string): string {
  const name = check.replaceAll('_', '-')
  return (CHECKS as readonly string[]).includes(name) ? `check.${name}` : 'check.other'
}

/** The order in which claims are shown: what an operator looks at first comes first. */
const CLAIM_ORDER = ['portrait', 'given_name', 'family_name', 'birth_date', 'city', 'card_number', 'issue_date', 'expiry_date']

/** The claims to show as name and value, portrait apart, technical members left out. */
export function shownClaims(claims: Readonly<Record<string, unknown>> | null | undefined): readonly [string, unknown][] {
  const rank = (name: string) => CLAIM_ORDER.includes(name) ? CLAIM_ORDER.indexOf(name) : CLAIM_ORDER.length
  return Object.entries(claims ?? {})
    .filter(([name, value]) => name !== 'portrait' && (CLAIM_ORDER.includes(name) || /^age_over_\d+$/.test(name)) &&
      ['string', 'number', 'boolean'].includes(typeof value))
    .sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true }))
}

/** The portrait, only when it is a picture inside the claim itself: never a link to fetch. */
export function portraitOf(claims: Readonly<Record<string, unknown>> | null | undefined): string | undefined {
  const portrait = claims?.['portrait']
  return typeof portrait === 'string' && /^data:image\/(jpeg|webp|png);base64,[A-Za-z0-9+/=]+$/.test(portrait) ? portrait : undefined
}
