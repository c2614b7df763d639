import type { EncodedPortrait } from './portrait-crop.ts'

/** What the enrolment form holds while it is filled in. */
export interface EnrolmentDraft {
  readonly givenName: string
  readonly familyName: string
  readonly birthDate: string
  readonly portrait: EncodedPortrait | undefined
  readonly papersInspected: boolean
}

export type EnrolmentField = keyof EnrolmentDraft

/** Names of string keys saying what is wrong. */
export type FieldProblem = 'required' | 'birthDateInvalid' | 'birthDateFuture' | 'birthDateLongAgo' | 'tooLong' | 'papers' | 'portrait'

const NAME_LENGTH = 100

function nameProblem(name: string): FieldProblem | undefined {
  if (name.trim() === '') return 'required'
  return name.trim().length > NAME_LENGTH ? 'tooLong' : undefined
}

/** What is wrong with a birth date written as `YYYY-MM-DD`, as seen from today (same form). */
export function birthDateProblem(birthDate: string, today: string): FieldProblem | undefined {
  if (birthDate === '') return 'required'
  const time = Date.parse(`${birthDate}T00:00:00Z`)
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== birthDate) return 'birthDateInvalid'
  if (birthDate > today) return 'birthDateFuture'
  return Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4)) > 130 ? 'birthDateLongAgo' : undefined
}

/** Every problem of a draft by field; empty when it can be sent. */
export function problemsOf(draft: EnrolmentDraft, today: string): Partial<Record<EnrolmentField, FieldProblem>> {
  const problems: [EnrolmentField, FieldProblem | undefined][] = [
    ['givenName', nameProblem(draft.givenName)],
    ['familyName', nameProblem(draft.familyName)],
    ['birthDate', birthDateProblem(draft.birthDate, today)],
    ['portrait', draft.portrait ? undefined : 'portrait'],
    ['papersInspected', draft.papersInspected ? undefined : 'papers'],
  ]
  return Object.fromEntries(problems.filter(([, problem]) => problem !== undefined))
}

/** The body of `POST /v1/residents`. Of the papers it says that they were inspected, and nothing else. */
export function toEnrolmentRequest(draft: EnrolmentDraft, portrait: EncodedPortrait) {
  return {
    given_name: draft.givenName.trim(),
    family_name: draft.familyName.trim(),
    birth_date: draft.birthDate,
    portrait: { media_type: portrait.mediaType, data: portrait.data },
    papers_inspected: true,
  }
}
