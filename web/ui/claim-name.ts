/** A translation key and its values for the name of a claim; undefined for a claim no city card has. */
export function claimName(claim: string): { key: string; values: { age?: string } } | undefined {
  const age = /^age_over_(\d{1,3})$/.exec(claim)
  if (age !== null) return { key: 'claim.age_over', values: { age: age[1] ?? '' } }
  return namedClaims.has(claim) ? { key: `claim.${claim}`, values: {} } : undefined
}

const namedClaims = new Set([
  'given_name', 'family_name', 'birth_date', 'portrait', 'card_number', 'city', 'city_name', 'issue_date', 'expiry_date',
])
