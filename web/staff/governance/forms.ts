import { suspensionReasons } from '../../../agent/trust.ts'
import { parseMoment } from '../../ui/desk/times.ts'
import type { Action, Draft, Member, PlacedFault, Proposal, ProposalState } from './wire.ts'

/** How a field is asked for. */
export type FieldKind =
  | 'locode' | 'text' | 'did' | 'address' | 'origin' | 'city' | 'reason' | 'date' | 'file_hash' | 'hash' | 'parameter' | 'whole' | 'program' | 'contract_name' | 'yes_no'

export interface Field {
  /** The member of the action in the API. */
  readonly name: string
  readonly kind: FieldKind
  /** Of which cities one is chosen. */
  readonly cities?: readonly Member['status'][]
  /** The hint under `governance.hint`, where it is not the field's own. */
  readonly hint?: string
}

const admission = [
  { name: 'locode', kind: 'locode', hint: 'admit_locode' }, { name: 'name', kind: 'text', hint: 'admit_name' }, { name: 'did', kind: 'did' },
  { name: 'service_url', kind: 'origin' }, { name: 'controller', kind: 'address' }, { name: 'recovery', kind: 'address' },
] as const satisfies readonly Field[]
const documents = [{ name: 'agreement_hash', kind: 'file_hash' }, { name: 'dpia_hash', kind: 'file_hash' }] as const satisfies readonly Field[]
const ownership = [{ name: 'address', kind: 'address' }] as const satisfies readonly Field[]
const pointing = [{ name: 'name', kind: 'contract_name', hint: 'point_directory_name' }, ...ownership, { name: 'code_hash', kind: 'hash' }] as const satisfies readonly Field[]

/** Decisions of several actions about one thing, carried out in this order with one vote. What they have in common is asked for once. */
const compounds = {
  join: [['admit', admission], ['activate', [admission[0], ...documents]]],
  renew_contract: [['accept_ownership', ownership], ['point_directory', pointing]],
} as const satisfies Readonly<Record<string, readonly (readonly [string, readonly Field[]])[]>>

/** What the cities can decide, in the order in which it is offered, with what has to be filled in. */
export const decisionForms = {
  join: [...admission, ...documents],
  admit: admission,
  activate: [{ name: 'locode', kind: 'city', cities: ['pending'] }, ...documents],
  suspend: [{ name: 'locode', kind: 'city', cities: ['active', 'suspended'] }, { name: 'reason', kind: 'reason' }, { name: 'until', kind: 'date' }],
  reinstate: [{ name: 'locode', kind: 'city', cities: ['suspended'] }],
  remove: [{ name: 'locode', kind: 'city', cities: ['pending', 'active', 'suspended'] }],
  set_parameter: [{ name: 'parameter', kind: 'parameter' }, { name: 'value', kind: 'whole' }],
  fund_shared: [{ name: 'program_id', kind: 'program' }, { name: 'units', kind: 'whole' }],
  end_shared: [{ name: 'program_id', kind: 'program' }, { name: 'until', kind: 'date', hint: 'end_shared_until' }],
  renew_contract: pointing,
  accept_ownership: ownership,
  point_directory: pointing,
  set_operator: [{ name: 'address', kind: 'address' }, { name: 'allowed', kind: 'yes_no' }],
  clear_pause: [{ name: 'address', kind: 'address' }],
  appoint_guardian: [{ name: 'address', kind: 'address', hint: 'appoint_guardian_address' }],
  replace_controller: [{ name: 'locode', kind: 'city', cities: ['suspended'] }, { name: 'address', kind: 'address' }],
  change_recovery: [{ name: 'locode', kind: 'city', cities: ['suspended'] }, { name: 'address', kind: 'address' }],
  veto_controller: [{ name: 'locode', kind: 'city', cities: ['active', 'suspended'] }],
} as const satisfies Readonly<Record<string, readonly Field[]>>

export type DecisionType = keyof typeof decisionForms
export const decisionTypes = Object.keys(decisionForms) as readonly DecisionType[]
export const parameters = ['voting_delay', 'voting_period', 'quorum', 'timelock_delay', 'rotation_delay'] as const
export const reasonCodes = Object.keys(suspensionReasons)

export const DESCRIPTION_BYTES = 10_000
export const REASON_BYTES = 1_000

export function isDecisionType(text: string | undefined): text is DecisionType {
  return text !== undefined && Object.hasOwn(decisionForms, text)
}

/** Length of a text as the chain counts it. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

const patterns: Partial<Record<FieldKind, RegExp>> = {
  locode: /^[A-Z]{2}[A-Z2-9]{3}$/,
  did: /^did:[a-z0-9]+:[A-Za-z0-9.\-_:%]{1,200}$/,
  address: /^0x[0-9a-fA-F]{40}$/,
  hash: /^0x[0-9a-f]{64}$/,
  file_hash: /^0x[0-9a-f]{64}$/,
  whole: /^\d{1,15}$/,
  contract_name: /^[\x21-\x7e]{1,31}$/,
}

/** What is wrong with a field, as a name of `governance.problem`; undefined when nothing is. `today` is YYYY-MM-DD. */
export function problemOf({ kind }: Field, value: string, today: string): string | undefined {
  const text = value.trim()
  if (text === '') return 'required'
  if (kind === 'text' && bytesOf(text) > 64) return 'too_long'
  if (kind === 'origin') return isOrigin(text) ? undefined : 'origin'
  if (kind === 'date') return text > today ? undefined : 'date'
  return patterns[kind]?.test(text) === false ? kind : undefined
}

/** Everything wrong with a form, by field. */
export function problemsOf(type: DecisionType, values: Readonly<Record<string, string>>, today: string): Readonly<Record<string, string>> {
  return Object.fromEntries(decisionForms[type].flatMap((field) => {
    const problem = problemOf(field, values[field.name] ?? '', today)
    return problem === undefined ? [] : [[field.name, problem]]
  }))
}

/** The action that a filled-in form means. A day counts to its last second, UTC. */
export function toAction(type: DecisionType, values: Readonly<Record<string, string>>): Action {
  if (!isCompound(type)) return actionOf(type, decisionForms[type], values)
  return { type: 'batch', actions: compounds[type].map(([part, fields]) => actionOf(part, fields, values)) }
}

function isCompound(type: string): type is keyof typeof compounds {
  return Object.hasOwn(compounds, type)
}

function actionOf(type: string, fields: readonly Field[], values: Readonly<Record<string, string>>): Action {
  const members = fields.map((field): [string, string | number | boolean] => {
    const text = (values[field.name] ?? '').trim()
    if (field.kind === 'date') return [field.name, `${text}T23:59:59Z`]
    if (field.kind === 'yes_no') return [field.name, text === 'yes']
    if (field.kind === 'whole' || field.kind === 'reason') return [field.name, Number(text)]
    return [field.name, field.kind === 'origin' ? new URL(text).origin : text]
  })
  return { type, ...Object.fromEntries(members) }
}

/** What stands in the form of a decision that an action was made with. */
export function valuesOf(type: DecisionType, action: Action): Readonly<Record<string, string>> {
  const members = new Map((action.actions ?? [action]).flatMap((part) => Object.entries(part)))
  return Object.fromEntries(decisionForms[type].flatMap(({ name, kind }) => {
    const value: unknown = members.get(name)
    if (typeof value === 'boolean') return [[name, value ? 'yes' : 'no']]
    if (typeof value !== 'string' && typeof value !== 'number') return []
    return [[name, kind === 'date' ? parseMoment(value)?.toISOString().slice(0, 10) ?? '' : String(value)]]
  }))
}

/** What to ask for to have the same drafted once more; a key of this service is made anew. */
export function requestOf({ action, description, reason }: Draft): { readonly action: Action; readonly description?: string; readonly reason?: string } {
  const { own_key: isOwnKey, controller, ...asked } = action
  return { action: isOwnKey === true || controller === undefined ? asked : { ...asked, controller }, ...(description === undefined ? {} : { description }), ...(reason === undefined || reason === '' ? {} : { reason }) }
}

/** The name under `governance.kind` of what an action is: an admission and activation of one city, say, are one thing. */
export function kindOf({ type, actions = [] }: Action): string {
  const isOfOne = new Set(actions.map(({ locode, address }) => locode ?? address)).size === 1
  const found = Object.entries(compounds).find(([, parts]) => actions.map((action) => action.type).join() === parts.map(([part]) => part).join())
  return found !== undefined && isOfOne ? found[0] : type
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).pathname === '/'
}

/** The SHA-256 of a file, 0x and hex; the file stays in the browser. */
export async function hashFile(file: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
  return `0x${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** How far a proposal has come on its way through vote, waiting time and carrying out; undefined when it goes no further. */
export function courseOf(state: ProposalState): number | undefined {
  const steps: Partial<Record<ProposalState, number>> = { pending: 0, active: 0, succeeded: 1, queued: 1, executable: 2, executed: 3 }
  return steps[state]
}

/** How far a draft has come from one officer over the other to the chain; undefined when it came to nothing. */
export function wayOf(state: Draft['state']): number | undefined {
  const steps: Partial<Record<Draft['state'], number>> = { draft: 1, approved: 2, confirmed: 3 }
  return steps[state]
}

export type Step = 'vote' | 'queue' | 'execute' | 'cancel'

/** What a city can do with a proposal now. Only who proposed it may cancel it, and only before the vote. */
export function stepsOf(proposal: Pick<Proposal, 'state' | 'proposer' | 'votes'>, city: string): readonly Step[] {
  const steps: Partial<Record<ProposalState, readonly Step[]>> = {
    pending: proposal.proposer.city === city ? ['cancel'] : [],
    active: proposal.votes?.some((vote) => vote.city === city) === true ? [] : ['vote'],
    succeeded: ['queue'],
    executable: ['execute'],
  }
  return steps[proposal.state] ?? []
}

/** What is wrong with a proposal, action by action. */
export function faultsOf({ actions }: Pick<Proposal, 'actions'>): readonly PlacedFault[] {
  return actions.flatMap(({ fault }, position) => (fault === undefined ? [] : [{ ...fault, position }]))
}

/** The newest draft about this proposal and step that was neither taken back nor left to run out. */
export function latestDraft(drafts: readonly Draft[], proposalId: string, step: Step): Draft | undefined {
  const drafted = (draft: Draft): number => parseMoment(draft.drafted.at)?.getTime() ?? 0
  return drafts
    .filter(({ action, state }) => action.type === step && action.proposal_id === proposalId && state !== 'withdrawn' && state !== 'expired')
    .toSorted((a, b) => drafted(b) - drafted(a))[0]
}
