import type { Accreditation, IssuerPublicJwk, TrustedCity, TrustSource } from '../trust.ts'
import type { PresentedCard } from './presented-card.ts'
import type { CardCheckResult } from './verify-card.ts'

const SECONDS_A_DAY = 86_400

export interface IssuerFinding {
  readonly accreditation: CardCheckResult
  readonly key: CardCheckResult
  readonly city: TrustedCity | undefined
  /** The key as the chain holds it. */
  readonly publicJwk: IssuerPublicJwk | undefined
}

/**
 * Finds who answers for the key that signed a card: by the key's thumbprint and the card's type among the
 * accreditations on the chain, never by what the card says of its issuer.
 */
export async function findIssuer(card: PresentedCard, trust: TrustSource): Promise<IssuerFinding> {
  try {
    const accreditations = await trust.findAccreditations(card.keyThumbprint, card.credentialType)
    const publicJwk = accreditations[0]?.publicJwk
    if (publicJwk === undefined) {
      return nobody({ check: 'key', outcome: 'failed', code: 'ERR_KEY_UNKNOWN', detail: 'no city has this key for this type of card' })
    }
    const city = await answeringCity(accreditations, card.credentialType, trust)
    if (city === undefined) {
      const accreditation = { check: 'accreditation', outcome: 'failed', code: 'ERR_ISSUER_MISMATCH' } as const
      return { accreditation, key: { check: 'key', outcome: 'skipped' }, city, publicJwk }
    }
    const own = accreditations.filter((accreditation) => accreditation.locode === city.locode)
    return { accreditation: checkAccreditation(card, city, own), key: checkKey(card, own), city, publicJwk }
  } catch {
    return nobody({ check: 'key', outcome: 'failed', code: 'ERR_TRUST_UNAVAILABLE' })
  }
}

function nobody(key: CardCheckResult): IssuerFinding {
  return { accreditation: { check: 'accreditation', outcome: 'skipped' }, key, city: undefined, publicJwk: undefined }
}

/**
 * The city behind the accreditations. Should several cities have accredited one key for one type, only the city at
 * whose address the type is published answers for it: nobody can adopt another city's cards.
 */
async function answeringCity(accreditations: readonly Accreditation[], type: string, trust: TrustSource): Promise<TrustedCity | undefined> {
  const locodes = [...new Set(accreditations.map((accreditation) => accreditation.locode))]
  const cities = (await Promise.all(locodes.map((locode) => trust.findCity(locode)))).filter((city) => city !== undefined)
  if (locodes.length === 1) return cities[0]
  const publishers = cities.filter((city) => originOf(city.serviceUrl) !== undefined && originOf(city.serviceUrl) === originOf(type))
  return publishers.length === 1 ? publishers[0] : undefined
}

function checkAccreditation(card: PresentedCard, city: TrustedCity, accreditations: readonly Accreditation[]): CardCheckResult {
  const check = 'accreditation'
  if (city.status === 'suspended') return { check, outcome: 'failed', code: 'ERR_ISSUER_SUSPENDED', detail: 'the city is suspended' }
  if (city.status !== 'active') return { check, outcome: 'failed', code: 'ERR_ISSUER_NOT_ACCREDITED', detail: 'the city is not a member' }
  const { from, until } = issueTimeOf(card)
  if (!accreditations.some((one) => one.validFromSeconds <= until && from < one.validUntilSeconds)) {
    return { check, outcome: 'failed', code: 'ERR_ISSUER_NOT_ACCREDITED', detail: 'not when the card was issued' }
  }
  const told = card.claims['city']
  if (told !== undefined && told !== city.locode) return { check, outcome: 'failed', code: 'ERR_ISSUER_MISMATCH' }
  return { check, outcome: 'passed' }
}

/** A withdrawn key is trusted for what was surely signed before: the whole issuing day must lie before the withdrawal. */
function checkKey(card: PresentedCard, accreditations: readonly Accreditation[]): CardCheckResult {
  const { until } = issueTimeOf(card)
  const withdrawn = accreditations.some(({ untrustedFromSeconds }) => untrustedFromSeconds !== undefined && untrustedFromSeconds <= until)
  if (withdrawn) return { check: 'key', outcome: 'failed', code: 'ERR_KEY_WITHDRAWN' }
  return { check: 'key', outcome: 'passed' }
}

/** Cards tell the day they were issued on: such a time means any second of that day. */
function issueTimeOf({ issuedAtSeconds }: PresentedCard): { from: number, until: number } {
  const coarse = issuedAtSeconds % SECONDS_A_DAY === 0
  return { from: issuedAtSeconds, until: coarse ? issuedAtSeconds + SECONDS_A_DAY - 1 : issuedAtSeconds }
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined
}
