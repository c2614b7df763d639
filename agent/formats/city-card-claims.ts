/** The ages the card can vouch for without telling the birth date. */
export const CARD_AGES = [12, 14, 16, 18, 21, 25, 60, 65] as const

export type AgeClaim = `age_over_${(typeof CARD_AGES)[number]}`

/**
 * What a city card says, under the names every format uses. Each card has each claim; nothing else is ever
 * stored, logged or signed about a person.
 */
export type CityCardClaims = {
  readonly given_name: string
  readonly family_name: string
  /** `YYYY-MM-DD`. */
  readonly birth_date: string
  /** `data:` URI of a JPEG or WebP picture that always has the same size. */
  readonly portrait: string
  readonly card_number: string
  /** UN/LOCODE of the issuing city. */
  readonly city: string
  readonly issue_date: string
  readonly expiry_date: string
} & { readonly [age in AgeClaim]: boolean }

export type CityCardClaimName = keyof CityCardClaims

export const AGE_CLAIMS: readonly AgeClaim[] = CARD_AGES.map((age): AgeClaim => `age_over_${age}`)

/** Every claim, in the order people read them. */
export const CITY_CARD_CLAIMS: readonly CityCardClaimName[] = [
  'given_name', 'family_name', 'birth_date', 'portrait', 'card_number', 'city', 'issue_date', 'expiry_date', ...AGE_CLAIMS,
]

const SECONDS_A_DAY = 86_400

/** The `vct` of a city's card (SD-JWT VC §3.2.2.1), which is also its type in a W3C credential. */
export function cityCardType(publicUrl: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/vct/city-card`
}

/** The first second (UTC) of the day a time falls on: the only precision in which a card tells time. */
export function startOfDaySeconds(seconds: number): number {
  return Math.floor(seconds / SECONDS_A_DAY) * SECONDS_A_DAY
}

/** `YYYY-MM-DD` (UTC) of a time. */
export function isoDateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

/** The first second (UTC) of an ISO date. */
export function secondsOfIsoDate(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000
}

/**
 * Whether somebody born on one day has reached an age on another. Who was born on 29 February has a birthday
 * on 1 March in other years: the card never says older than somebody is.
 */
export function hasReachedAge(birthDate: string, age: number, onDate: string): boolean {
  const [year, month, day] = birthDate.split('-').map(Number) as [number, number, number]
  // Date carries 29 February over to 1 March by itself.
  const birthday = new Date(0)
  birthday.setUTCFullYear(year + age, month - 1, day)
  return birthday.getTime() <= Date.parse(`${onDate}T00:00:00Z`)
}
