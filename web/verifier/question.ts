/** The ages a card can answer about without telling the birth date. */
export const AGES = [12, 14, 16, 18, 21, 25, 60, 65] as const

/** Every claim an operator may ask for by free choice, in the order the card shows them. */
export const CLAIMS = [
  'portrait', 'given_name', 'family_name', 'birth_date', 'city', 'card_number', 'issue_date', 'expiry_date',
  ...AGES.map(age => `age_over_${age}`),
] as const

export type Preset = 'age' | 'resident' | 'identity' | 'free'

/** What the operator has set on the first screen. */
export interface QuestionChoice {
  readonly preset: Preset
  readonly age: number
  /** Locode of the city the person must live in, or `any` member city. */
  readonly city: string
  readonly claims: readonly string[]
  readonly purpose: string
}

/** What must hold beyond a good card for the answer to be yes. */
export type Condition =
  | { readonly kind: 'age', readonly claim: string, readonly age: number }
  | { readonly kind: 'city', readonly locode: string }

export interface Question {
  readonly claims: readonly string[]
  readonly purpose: string
  readonly conditions: readonly Condition[]
}

/** The claims and conditions a choice stands for: never more claims than the question needs. */
export function createQuestion(choice: QuestionChoice): Question {
  const purpose = choice.purpose.trim()
  switch (choice.preset) {
    case 'age':
      return { claims: [`age_over_${choice.age}`], purpose, conditions: [ageCondition(choice.age)] }
    case 'resident':
      return {
        claims: ['city'],
        purpose,
        conditions: choice.city === 'any' ? [] : [{ kind: 'city', locode: choice.city }],
      }
    case 'identity':
      return { claims: ['portrait', 'given_name', 'family_name'], purpose, conditions: [] }
    case 'free':
      return {
        claims: CLAIMS.filter(claim => choice.claims.includes(claim)),
        purpose,
        conditions: AGES.filter(age => choice.claims.includes(`age_over_${age}`)).map(ageCondition),
      }
  }
}

function ageCondition(age: number): Condition {
  return { kind: 'age', claim: `age_over_${age}`, age }
}
