import type { Moment } from '../ui/desk/times.ts'

/** Everything that can be on record, as the service names it: looks first, then what changes a resident, then cards. */
export const actKinds = [
  'looked_up', 'enrolled', 'awarded', 'offered', 'offer_cancelled', 'suspended', 'resumed', 'revoked', 'reissued'
] as const
type ActKind = (typeof actKinds)[number]

/** Which acts are shown; `changes`: all but looks, which are many. */
export const choices = ['all', 'changes', ...actKinds] as const
export type Choice = (typeof choices)[number]

/** An act of an officer, as `GET /v1/audit` tells it. */
export interface StaffAct {
  readonly act_id: number
  readonly at: Moment
  /** The pseudonym of a sign-in, and whose pseudonym it is. */
  readonly officer: { readonly issuer: string; readonly subject: string }
  readonly act: string
  readonly resident_id?: string
  readonly card_id?: string
  readonly new_card_id?: string
  readonly program_id?: string
  readonly points?: number
  readonly reason?: string
  readonly hash?: string
}

export interface StaffActs {
  readonly acts: readonly StaffAct[]
  /** Path of the acts before these. */
  readonly next?: string
}

/** What `GET /v1/audit/proof` found. */
export interface RecordProof {
  readonly acts: number
  /** The newest root on the chain that the acts fit. */
  readonly latest_anchor?: { readonly act_id: number; readonly root: string; readonly anchored_at: Moment }
  /** The first act that does not fit, and the last before it that an anchor proves. */
  readonly fault?: { readonly act_id: number; readonly kind: string; readonly proven_up_to?: number }
}

/** A page of the record: the newest acts of a choice, or those before an act; of all residents or one. */
export interface RecordPage {
  readonly choice: Choice
  readonly residentId?: string | undefined
  readonly before?: string | undefined
}

const ACT_NUMBER = /^[1-9]\d{0,14}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The page that the parts of an address name after `record`, in any order; what means nothing here is left out. */
export function parseRecordPage(parts: readonly string[]): RecordPage {
  return {
    choice: choices.find((choice) => parts.includes(choice)) ?? 'all',
    residentId: parts.find((part) => UUID.test(part)),
    before: parts.find((part) => ACT_NUMBER.test(part)),
  }
}

/** The address of a page within the app. */
export function recordLink({ choice, residentId, before }: RecordPage): string {
  return ['#/record', ...(choice === 'all' ? [] : [choice]), residentId, before].filter((part) => part !== undefined).join('/')
}

/** What a page is a screen of: another choice on it is still the same screen, and whoever chooses stays where they are. */
export function recordScreen({ residentId, before }: RecordPage): string {
  return ['record', residentId, before].filter((part) => part !== undefined).join('/')
}

/** The path of a page's acts at the service. */
export function auditPath({ choice, residentId, before }: RecordPage): string {
  const kinds: readonly ActKind[] = choice === 'all' ? [] : actKinds.filter((kind) => choice === 'changes' ? kind !== 'looked_up' : kind === choice)
  const query = [
    ...(before === undefined ? [] : [`before=${before}`]), ...(kinds.length === 0 ? [] : [`acts=${kinds.join(',')}`]),
    ...(residentId === undefined ? [] : [`resident_id=${residentId}`]), 'limit=50',
  ]
  return `/v1/audit?${query.join('&')}`
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
