import { z } from 'zod'
import { suspensionReasons } from '../../agent/trust.ts'
import { bytes32 } from '../platform/wire.ts'
import { isSame, recordOf } from './service.ts'
import { isMotion, parameterNames, type Decision, type Draft, type DraftRecord, type GovernanceAction, type Officer, type Rehearsal } from './types.ts'

/** Longest texts that the contracts take, in bytes of UTF-8. */
const DESCRIPTION_BYTES = 10_000
const REASON_BYTES = 1_000

const locode = z.string().regex(/^[A-Z]{2}[A-Z2-9]{3}$/, 'a UN/LOCODE: two letters, then three letters or digits 2 to 9')
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, '0x and 20 bytes in hex')
const proposalId = z.string().regex(/^(0|[1-9]\d{0,77})$/, 'a proposal\'s number').meta({ description: 'As the Governor counts, decimal' })
const moment = z.iso.datetime().meta({ description: 'Inclusive, to the second' })
const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8')
const reason = z.int().refine((code) => code in suspensionReasons, `one of ${Object.keys(suspensionReasons).join(', ')}`)
const origin = z.url({ protocol: /^https?$/ }).refine((url) => url === new URL(url).origin, 'an origin, without a path')

const decisions = [
  z.strictObject({
    type: z.literal('admit'), locode, name: z.string().trim().min(1).refine((text) => bytesOf(text) <= 64, 'at most 64 bytes'),
    did: z.string().regex(/^did:[a-z0-9]+:[A-Za-z0-9.\-_:%]{1,200}$/, 'a decentralised identifier'), controller: address, recovery: address, service_url: origin,
  }),
  z.strictObject({
    type: z.literal('activate'), locode,
    agreement_hash: bytes32.meta({ description: 'SHA-256 of the joint-controller agreement' }), dpia_hash: bytes32.meta({ description: 'SHA-256 of the data protection impact assessment' }),
  }),
  z.strictObject({ type: z.literal('suspend'), locode, reason, until: moment }),
  z.strictObject({ type: z.literal('reinstate'), locode }),
  z.strictObject({ type: z.literal('remove'), locode }),
  z.strictObject({ type: z.literal('set_parameter'), parameter: z.enum(parameterNames), value: z.int().min(0).meta({ description: 'Seconds; the quorum in per cent' }) }),
  z.strictObject({
    type: z.literal('point_directory'), name: z.string().regex(/^[\x21-\x7e]{1,31}$/, '1 to 31 visible ASCII characters'), address, code_hash: bytes32,
  }),
  z.strictObject({ type: z.literal('fund_shared'), program_id: bytes32, units: z.int().min(1) }),
  z.strictObject({ type: z.literal('end_shared'), program_id: bytes32, until: moment }),
  z.strictObject({ type: z.literal('clear_pause'), address }),
  z.strictObject({ type: z.literal('appoint_guardian'), address }),
  z.strictObject({ type: z.literal('replace_controller'), locode, address }),
  z.strictObject({ type: z.literal('veto_controller'), locode }),
  z.strictObject({ type: z.literal('change_recovery'), locode, address }),
  z.strictObject({ type: z.literal('set_operator'), address, allowed: z.boolean() }),
  z.strictObject({ type: z.literal('accept_ownership'), address }),
] as const
/** Decided with one vote, carried out in this order, all or none. */
const batch = z.strictObject({ type: z.literal('batch'), actions: z.array(z.discriminatedUnion('type', decisions)).min(2).max(10) })
const despiteFaults = z.boolean().optional().meta({ description: 'Vote for, queue or carry out a proposal whose actions have faults: it is refused without' })
const steps = [
  z.strictObject({ type: z.literal('vote'), proposal_id: proposalId, support: z.enum(['for', 'against', 'abstain']), despite_faults: despiteFaults }),
  z.strictObject({ type: z.literal('queue'), proposal_id: proposalId, despite_faults: despiteFaults }),
  z.strictObject({ type: z.literal('execute'), proposal_id: proposalId, despite_faults: despiteFaults }),
  z.strictObject({ type: z.literal('cancel'), proposal_id: proposalId }),
  z.strictObject({ type: z.literal('appeal'), statement_hash: bytes32.meta({ description: 'SHA-256 of the published statement' }) }),
  z.strictObject({ type: z.literal('accept_controller') }),
  z.strictObject({ type: z.literal('share_program'), program_id: bytes32 }),
] as const

const actionRequest = z.discriminatedUnion('type', [
  ...decisions, batch, ...steps,
  z.strictObject({ type: z.literal('offer_controller'), controller: address.optional().meta({ description: 'A new key of this service unless given' }) }),
]).meta({ id: 'GovernanceActionRequest' })
const actionSchema = z.discriminatedUnion('type', [
  ...decisions, batch, ...steps, z.strictObject({ type: z.literal('offer_controller'), controller: address.optional(), own_key: z.boolean() }),
]).meta({ id: 'GovernanceAction' })

type WireAction = z.output<typeof actionSchema>
type WireRequest = z.output<typeof actionRequest>
type WireDecision = z.output<(typeof decisions)[number]>

const motionTypes = new Set<string>([...decisions, batch].map((schema) => schema.shape.type.value))

/** A proposal carries a description, a vote may carry a reason, everything else neither. */
export const draftBody = z.strictObject({
  action: actionRequest,
  description: z.string().trim().min(1).refine((text) => bytesOf(text) <= DESCRIPTION_BYTES, `at most ${DESCRIPTION_BYTES} bytes`).optional()
    .meta({ description: 'Of a proposal; public for ever' }),
  reason: z.string().trim().refine((text) => bytesOf(text) <= REASON_BYTES, `at most ${REASON_BYTES} bytes`).optional().meta({ description: 'Of a vote; public for ever' }),
}).superRefine(({ action, description, reason: given }, context) => {
  const takesDescription = motionTypes.has(action.type)
  const report = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message })
  if (takesDescription && description === undefined) report('description', 'a proposal needs one')
  if (!takesDescription && description !== undefined) report('description', 'only proposals have one')
  if (action.type !== 'vote' && given !== undefined) report('reason', 'only votes have one')
}).meta({ id: 'GovernanceDraftRequest' })

export const draftParams = z.object({ draft_id: z.uuid() })

const refusalSchema = z.object({
  code: z.string(), detail: z.string().meta({ description: 'The error of the contract with its arguments' }), advice: z.string(),
  position: z.int().optional().meta({ description: 'Which of the actions of a batch is refused, from zero' }),
}).meta({ id: 'ChainRefusal' })
const faultsSchema = z.array(z.object({
  position: z.int().meta({ description: 'Which of the proposal\'s actions, from zero' }), code: z.string(), detail: z.string(), advice: z.string(),
}).meta({ id: 'ProposalFault' })).min(1).optional().meta({ description: 'What is wrong with the proposal that it is about' })
export const rehearsalSchema = z.object({ passes: z.boolean(), refusal: refusalSchema.optional(), faults: faultsSchema }).meta({ id: 'Rehearsal' })

const actSchema = z.object({ by: z.string(), is_you: z.boolean(), at: z.iso.datetime() })
export const draftSchema = z.object({
  draft_id: z.uuid(),
  state: z.enum(['draft', 'approved', 'confirmed', 'failed', 'withdrawn', 'expired']),
  action: actionSchema,
  description: z.string().optional(),
  reason: z.string().optional(),
  drafted: actSchema,
  approved: actSchema.optional(),
  withdrawn: actSchema.optional(),
  expires_at: z.iso.datetime(),
  may_approve: z.boolean().meta({ description: 'Whether the officer who asks may approve it' }),
  proposal_id: z.string().optional(),
  transaction_hash: z.string().optional(),
  block: z.int().optional(),
  failure: refusalSchema.optional(),
  faults: faultsSchema,
}).meta({ id: 'GovernanceDraft' })
export const draftsSchema = z.object({ drafts: z.array(draftSchema) })

export const controlSchema = z.object({
  controller: address.meta({ description: 'The key with which this service acts for the city' }),
  next: address.optional().meta({ description: 'A key of this service that control was offered to' }),
  handing_over: z.boolean(),
}).meta({ id: 'CityControl' })

const seconds = (text: string): number => Math.floor(Date.parse(text) / 1000)
const iso = (atSeconds: number): string => new Date(atSeconds * 1000).toISOString()

/** What an officer's request means. */
export function parseAction(request: WireRequest): GovernanceAction {
  switch (request.type) {
    case 'batch': return { type: request.type, actions: request.actions.map(parseDecision) }
    case 'vote': return { type: request.type, proposalId: request.proposal_id, support: request.support, ...(request.despite_faults === true && { despiteFaults: true }) }
    case 'queue':
    case 'execute': return { type: request.type, proposalId: request.proposal_id, ...(request.despite_faults === true && { despiteFaults: true }) }
    case 'cancel': return { type: request.type, proposalId: request.proposal_id }
    case 'appeal': return { type: request.type, statementHash: request.statement_hash }
    case 'accept_controller': return request
    case 'share_program': return { type: request.type, programId: request.program_id }
    case 'offer_controller': return request.controller === undefined
      ? { type: request.type, ownKey: true }
      : { type: request.type, ownKey: false, account: request.controller }
    default: return parseDecision(request)
  }
}

function parseDecision(request: WireDecision): Decision {
  switch (request.type) {
    case 'admit': {
      const { type, locode: city, name, did, controller, recovery, service_url: serviceUrl } = request
      return { type, city, name, did, controller, recovery, serviceUrl }
    }
    case 'activate': return { type: request.type, city: request.locode, agreementHash: request.agreement_hash, dpiaHash: request.dpia_hash }
    case 'suspend': return { type: request.type, city: request.locode, reason: request.reason, untilSeconds: seconds(request.until) }
    case 'reinstate':
    case 'remove': return { type: request.type, city: request.locode }
    case 'set_parameter': return request
    case 'point_directory': return { type: request.type, name: request.name, target: request.address, codeHash: request.code_hash }
    case 'fund_shared': return { type: request.type, programId: request.program_id, units: request.units }
    case 'end_shared': return { type: request.type, programId: request.program_id, untilSeconds: seconds(request.until) }
    case 'clear_pause': return { type: request.type, target: request.address }
    case 'appoint_guardian': return { type: request.type, account: request.address }
    case 'replace_controller':
    case 'change_recovery': return { type: request.type, city: request.locode, account: request.address }
    case 'veto_controller': return { type: request.type, city: request.locode }
    case 'set_operator': return { type: request.type, account: request.address, allowed: request.allowed }
    case 'accept_ownership': return { type: request.type, target: request.address }
  }
}

/** The wire form of an action. */
export function toWireAction(action: GovernanceAction): WireAction {
  switch (action.type) {
    case 'batch': return { type: action.type, actions: action.actions.map(toWireDecision) }
    case 'vote': return { type: action.type, proposal_id: action.proposalId, support: action.support, ...(action.despiteFaults && { despite_faults: true }) }
    case 'queue':
    case 'execute': return { type: action.type, proposal_id: action.proposalId, ...(action.despiteFaults && { despite_faults: true }) }
    case 'cancel': return { type: action.type, proposal_id: action.proposalId }
    case 'appeal': return { type: action.type, statement_hash: action.statementHash }
    case 'accept_controller': return action
    case 'share_program': return { type: action.type, program_id: action.programId }
    case 'offer_controller': return { type: action.type, own_key: action.ownKey, ...(action.account === undefined ? {} : { controller: action.account }) }
    default: return toWireDecision(action)
  }
}

function toWireDecision(action: Decision): WireDecision {
  switch (action.type) {
    case 'admit': {
      const { type, city, name, did, controller, recovery, serviceUrl } = action
      return { type, locode: city, name, did, controller, recovery, service_url: serviceUrl }
    }
    case 'activate': return { type: action.type, locode: action.city, agreement_hash: action.agreementHash, dpia_hash: action.dpiaHash }
    case 'suspend': return { type: action.type, locode: action.city, reason: action.reason, until: iso(action.untilSeconds) }
    case 'reinstate':
    case 'remove': return { type: action.type, locode: action.city }
    case 'set_parameter': return action
    case 'point_directory': return { type: action.type, name: action.name, address: action.target, code_hash: action.codeHash }
    case 'fund_shared': return { type: action.type, program_id: action.programId, units: action.units }
    case 'end_shared': return { type: action.type, program_id: action.programId, until: iso(action.untilSeconds) }
    case 'clear_pause': return { type: action.type, address: action.target }
    case 'appoint_guardian': return { type: action.type, address: action.account }
    case 'replace_controller':
    case 'change_recovery': return { type: action.type, locode: action.city, address: action.account }
    case 'veto_controller': return { type: action.type, locode: action.city }
    case 'set_operator': return { type: action.type, address: action.account, allowed: action.allowed }
    case 'accept_ownership': return { type: action.type, address: action.target }
  }
}

/** A draft as an officer sees it. */
export function toWireDraft(draft: Draft, reader: Officer): z.output<typeof draftSchema> {
  const act = (record: DraftRecord) => ({ by: record.officer.name, is_you: isSame(record.officer, reader), at: record.at.toISOString() })
  const [drafted, approved, withdrawn] = [recordOf(draft, 'drafted'), recordOf(draft, 'approved'), recordOf(draft, 'withdrawn')]
  if (drafted === undefined) throw new TypeError('every draft was drafted by somebody')
  return {
    draft_id: draft.draftId, state: draft.current, action: toWireAction(draft.action),
    ...(isMotion(draft.action) ? { description: draft.text } : {}),
    ...(draft.action.type === 'vote' ? { reason: draft.text } : {}),
    drafted: act(drafted),
    ...(approved === undefined ? {} : { approved: act(approved) }),
    ...(withdrawn === undefined ? {} : { withdrawn: act(withdrawn) }),
    expires_at: draft.expiresAt.toISOString(),
    may_approve: draft.current === 'draft' && !isSame(drafted.officer, reader),
    ...(draft.proposalId === undefined ? {} : { proposal_id: draft.proposalId }),
    ...(draft.transactionHash === undefined ? {} : { transaction_hash: draft.transactionHash }),
    ...(draft.blockNumber === undefined ? {} : { block: draft.blockNumber }),
    ...(draft.failure === undefined ? {} : { failure: draft.failure }),
    ...(draft.faults.length === 0 ? {} : { faults: [...draft.faults] }),
  }
}

/** The wire form of a rehearsal. */
export function toWireRehearsal(rehearsal: Rehearsal): z.output<typeof rehearsalSchema> {
  const { faults, ...outcome } = rehearsal
  const known = faults === undefined ? {} : { faults: [...faults] }
  if (outcome.passes) return { passes: true, ...known }
  const { passes, ...refusal } = outcome
  return { passes, refusal, ...known }
}
