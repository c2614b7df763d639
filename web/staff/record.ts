import type { Moment } from '../ui/desk/times.ts'

/** An act of an officer, as `GET /v1/audit` tells it. */
export interface StaffAct {
  readonly act_id: number
  readonly at: Moment
  /** The pseudonym of a sign-in, and whose pseudonym it is. */
  readonly officer: { readonly issuer: string; readonly subject: string }
  readonly act: string
  readonly resident_id?: string
  readonly card_id?: string
  readonly reason?: string
}

export interface StaffActs {
  readonly acts: readonly StaffAct[]
  /** Path of the acts before these. */
  readonly next?: string
}

const ACT_NUMBER = /^[1-9]\d{0,14}$/

/** The path of a page of the record: the newest acts, or those before the act that part of the address names. */
export function auditPath(before: string | undefined): string {
  return `/v1/audit?${before !== undefined && ACT_NUMBER.test(before) ? `before=${before}&` : ''}limit=50`
}

/** The act before which the next page ends; undefined when this is the last page. */
export function olderThan(next: string | undefined): string | undefined {
  const before = new URLSearchParams(next?.split('?')[1]).get('before')
  return before !== null && ACT_NUMBER.test(before) ? before : undefined
}

/** Who gave all of the officers their pseudonyms; undefined when there are several, and each must be named. */
export function commonIssuer(acts: readonly StaffAct[]): string | undefined {
  const issuers = new Set(acts.map(({ officer }) => officer.issuer))
  return issuers.size === 1 ? [...issuers][0] : undefined
}
