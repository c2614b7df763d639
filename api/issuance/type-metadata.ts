import { AGE_CLAIMS, CARD_AGES, type CityCardClaimName } from '../../agent/formats/city-card-claims.ts'

const LABELS: Partial<Record<CityCardClaimName, string>> = {
  given_name: 'Given name', family_name: 'Family name', birth_date: 'Birth date', portrait: 'Portrait', card_number: 'Card number',
  city: 'City', issue_date: 'Issued on', expiry_date: 'Valid until',
}

/** The card's claims with their English labels, in the order in which people read them. */
export const CARD_CLAIM_LABELS: readonly { readonly name: string; readonly label: string }[] = [
  ...Object.entries(LABELS).map(([name, label]) => ({ name, label })),
  ...AGE_CLAIMS.map((name, i) => ({ name, label: `${CARD_AGES[i]} or older` })),
]

/**
 * Type metadata of the city card, served where its `vct` points.
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-sd-jwt-vc#section-4
 */
export const createTypeMetadata = (vct: string, cityName: string): Record<string, unknown> => ({
  vct,
  name: 'City card',
  description: `The city card of ${cityName}. Every card says the same things; each can be shown alone.`,
  display: [{ locale: 'en', name: `City card of ${cityName}` }],
  claims: CARD_CLAIM_LABELS.map(({ name, label }) => ({ path: [name], display: [{ locale: 'en', label }], sd: 'always', mandatory: true })),
})
