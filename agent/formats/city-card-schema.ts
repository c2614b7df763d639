import { z } from 'zod'
import { AgentError } from '../errors.ts'
import { isCardNumber, isLocode } from './card-number.ts'
import { AGE_CLAIMS, CARD_AGES, hasReachedAge, type AgeClaim, type CityCardClaims } from './city-card-claims.ts'
import { decodePortraitUri, encodePortraitUri, preparePortrait } from './portrait.ts'

const name = z.string().trim().min(1).max(100).refine(hasNoControlCharacter).transform((text) => text.normalize('NFC'))

const date = z.iso.date()

const ages = Object.fromEntries(AGE_CLAIMS.map((claim) => [claim, z.boolean()])) as Record<AgeClaim, z.ZodBoolean>

/** The claim set of a city card: exactly these claims, in these forms. */
export const cityCardClaimsSchema = z.strictObject({
  given_name: name,
  family_name: name,
  birth_date: date,
  portrait: z.string().refine(isUniformPortrait),
  card_number: z.string().refine(isCardNumber),
  city: z.string().refine(isLocode),
  issue_date: date,
  expiry_date: date,
  ...ages,
})

export interface CityCardSubject {
  readonly givenName: string
  readonly familyName: string
  /** `YYYY-MM-DD` */
  readonly birthDate: string
  /** JPEG or WebP as it came from the camera or file. */
  readonly portrait: Uint8Array
  readonly cardNumber: string
  readonly city: string
  /** `YYYY-MM-DD`; ages are those of this day. */
  readonly issueDate: string
  readonly expiryDate: string
}

/**
 * Makes the claim set of a card, once, for all formats.
 * @throws AgentError `ERR_CLAIMS_INVALID`, `ERR_PORTRAIT_INVALID`, `ERR_PORTRAIT_TOO_LARGE`
 */
export function createCityCardClaims(subject: CityCardSubject): CityCardClaims {
  const { birthDate, issueDate, expiryDate } = subject
  const result = cityCardClaimsSchema.safeParse({
    given_name: subject.givenName,
    family_name: subject.familyName,
    birth_date: birthDate,
    portrait: encodePortraitUri(preparePortrait(subject.portrait)),
    card_number: subject.cardNumber,
    city: subject.city,
    issue_date: issueDate,
    expiry_date: expiryDate,
    ...Object.fromEntries(CARD_AGES.map((age) => [`age_over_${age}`, hasReachedAge(birthDate, age, issueDate)])),
  })
  if (!result.success) {
    const paths = result.error.issues.map((issue) => issue.path.join('.')).join(', ')
    throw new AgentError('ERR_CLAIMS_INVALID', `The claims are not those of a city card: ${paths}.`)
  }
  const claims = result.data
  if (birthDate > issueDate || expiryDate <= issueDate || !claims.card_number.startsWith(claims.city)) {
    throw new AgentError('ERR_CLAIMS_INVALID', 'The dates are out of order, or the card number is of another city.')
  }
  return claims
}

function hasNoControlCharacter(text: string): boolean {
  return !/\p{Cc}/u.test(text)
}

function isUniformPortrait(uri: string): boolean {
  try {
    decodePortraitUri(uri)
    return true
  } catch {
    return false
  }
}
