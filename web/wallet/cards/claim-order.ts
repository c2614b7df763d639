import { CITY_CARD_CLAIMS } from '../../../agent/formats/city-card-claims.ts'

/** Names that stand in every presentation for the machinery. */
const machineClaims: ReadonlySet<string> = new Set(['iss', 'iat', 'nbf', 'exp', 'vct', 'cnf', 'status', '_sd_alg', 'sub', 'jti', '_sd'])

/** What the issuer's signature tells in any case: the city and the days. */
const alwaysTold: ReadonlySet<string> = new Set(['city', 'city_name', 'issue_date', 'expiry_date'])

/** The claims about the holder among these, in the order people read them; on the card they stand in none. */
export function listClaims(names: Iterable<string>): string[] {
  const order = (claim: string): number => {
    const place = CITY_CARD_CLAIMS.findIndex((known) => known === claim)
    return place < 0 ? CITY_CARD_CLAIMS.length : place
  }
  return [...names].filter((name) => !machineClaims.has(name)).sort((a, b) => order(a) - order(b))
}

/**
 * What stays hidden when some claims are told. The many ages count as one entry, `ages`, and as told with the birth date.
 */
export function listKeptClaims(all: Iterable<string>, told: readonly string[]): string[] {
  const hidden = listClaims(all).filter((claim) => !told.includes(claim) && !alwaysTold.has(claim))
  const agesAreHidden = hidden.some((claim) => claim.startsWith('age_over_')) && !told.includes('birth_date')
  return [...hidden.filter((claim) => !claim.startsWith('age_over_')), ...(agesAreHidden ? ['ages'] : [])]
}
