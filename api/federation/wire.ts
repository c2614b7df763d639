import { z } from 'zod'
import { suspensionReasons } from '../../agent/trust.ts'
import type { DecodedAction } from '../../chain/governance-actions.ts'
import type { Proposal, Vote } from '../../chain/governance-queries.ts'
import type { Member } from '../../chain/member-queries.ts'
import { adviceOf } from '../../chain/revert-advice.ts'
import type { FederationService } from './service.ts'

const time = z.iso.datetime()
const address = z.string()

export const citySchema = z.object({
  locode: z.string(), name: z.string(), did: z.string(), public_url: z.string(), chain_id: z.int(), env: z.enum(['demo', 'production', 'test']),
  status_epoch_seconds: z.int(), controller: z.string(), credential_type: z.string(),
}).meta({ id: 'City' })

const placeSchema = z.object({ block: z.int(), transaction_hash: z.string(), at: time }).meta({ id: 'Place', description: 'Where and when the chain took it' })

const parameterNames = { votingDelay: 'voting_delay', votingPeriod: 'voting_period', quorumNumerator: 'quorum', timelockDelay: 'timelock_delay', rotationDelay: 'rotation_delay' } as const
const parameterName = z.enum(Object.values(parameterNames) as [string, ...string[]])

export const federationSchema = z.object({
  block: z.object({ number: z.int(), hash: z.string(), time }).nullable(),
  seats: z.array(z.object({ city: z.string(), holder: address })),
  parameters: z.array(z.object({
    parameter: parameterName, value: z.int().meta({ description: 'Seconds; the quorum in per cent of all seats' }),
    history: z.array(z.object({ value: z.int(), changed: placeSchema, proposal_id: z.string().optional() })),
  })),
  guardian: z.object({
    account: address.optional(), history: z.array(z.object({ account: address.optional(), appointed: placeSchema, proposal_id: z.string().optional() })),
  }),
  contracts: z.array(z.object({ name: z.string(), address, pausable: z.boolean().meta({ description: 'Whether the guardian can stop its new entries' }) })),
}).meta({ id: 'Federation' })

const faultSchema = z.object({
  code: z.string(), detail: z.string().meta({ description: 'What exactly, with addresses and names, in English' }), advice: z.string(),
}).meta({ id: 'ActionFault', description: 'Why an action is not what it seems: its bytes are not exactly those of a decision, or it calls what the federation does not have' })

/** An action in words: which members are there depends on its type. */
const actionSchema = z.object({
  type: z.string(), contract: z.string().optional().meta({ description: 'Whose function it calls' }),
  locode: z.string().optional(), name: z.string().optional(), did: z.string().optional(), controller: address.optional(), recovery: address.optional(),
  service_url: z.string().optional(), agreement_hash: z.string().optional(), dpia_hash: z.string().optional(), reason: z.int().optional(), until: time.optional(),
  parameter: parameterName.optional(), value: z.int().optional(), address: address.optional(), code_hash: z.string().optional(),
  program_id: z.string().optional(), units: z.int().optional(), allowed: z.boolean().optional(), data: z.string().optional().meta({ description: 'Calldata of a call that is none of the known ones' }),
  fault: faultSchema.optional(),
}).meta({ id: 'FederationAction' })

const state = z.enum(['pending', 'active', 'defeated', 'succeeded', 'queued', 'executable', 'executed', 'cancelled'])
export const proposalSchema = z.object({
  proposal_id: z.string(), title: z.string(), description: z.string(), state,
  changes_at: time.optional().meta({ description: 'When the state changes by itself next' }),
  proposer: z.object({ account: address, city: z.string().optional() }),
  actions: z.array(actionSchema),
  created: placeSchema, voting_starts_at: time, voting_ends_at: time, executable_at: time.optional(),
  queued: placeSchema.optional(), executed: placeSchema.optional(), cancelled: placeSchema.optional(),
  tally: z.object({ for: z.int(), against: z.int(), abstain: z.int(), seats: z.int(), quorum: z.int(), quorum_reached: z.boolean() }),
}).meta({ id: 'Proposal' })
const voteSchema = z.object({
  city: z.string().optional(), account: address, support: z.enum(['for', 'against', 'abstain']), reason: z.string(), cast: placeSchema,
}).meta({ id: 'Vote' })
export const proposalsQuery = z.object({
  state: state.optional(), limit: z.coerce.number().int().min(1).max(200).default(50), offset: z.coerce.number().int().min(0).max(100_000).default(0),
})
export const proposalParams = z.object({ proposal_id: z.string().regex(/^(0|[1-9]\d{0,77})$/) })
export const proposalsSchema = z.object({ proposals: z.array(proposalSchema) })
export const proposalWithVotesSchema = proposalSchema.extend({ votes: z.array(voteSchema) }).meta({ id: 'ProposalWithVotes' })

export const memberParams = z.object({ locode: z.string().regex(/^[A-Z]{2}[A-Z2-9]{3}$/) })
export const memberSchema = z.object({
  locode: z.string(), name: z.string(), did: z.string(), service_url: z.string(), status: z.enum(['pending', 'active', 'suspended', 'removed']),
  suspension: z.object({ reason: z.int(), reason_name: z.string().optional(), until: time.optional() }).optional(),
  appeal: z.object({ statement_hash: z.string(), appealed: placeSchema }).optional(),
  controller: address, recovery: address, seat: address.optional(), offer: z.object({ account: address, acceptable_from: time }).optional(),
  admitted_at: time, agreement_hash: z.string().optional(), dpia_hash: z.string().optional(),
}).meta({ id: 'Member' })
export const membersSchema = z.object({ members: z.array(memberSchema) })
export const memberWithHistorySchema = memberSchema.extend({
  admission: z.object({ admitted: placeSchema, proposal_id: z.string().optional().meta({ description: 'Absent for founding cities' }), votes: z.array(voteSchema) }),
  controllers: z.array(z.object({ account: address, since: placeSchema, until: placeSchema.optional(), proposal_id: z.string().optional() })),
  keys: z.array(z.object({ thumbprint: z.string(), credential_type: z.string(), valid_from: time, valid_until: time, untrusted_from: time.optional() })),
  history: z.array(z.object({
    kind: z.string(), place: placeSchema, proposal_id: z.string().optional(), reason: z.int().optional(), until: time.optional(), statement_hash: z.string().optional(),
    agreement_hash: z.string().optional(), dpia_hash: z.string().optional(), account: address.optional(), acceptable_from: time.optional(), service_url: z.string().optional(),
  })),
}).meta({ id: 'MemberWithHistory' })

export const pausesSchema = z.object({
  pauses: z.array(z.object({
    address, contract: z.string().optional(), incident: z.string(), paused: placeSchema, until: time, running: z.boolean(),
    effective: z.boolean().meta({ description: 'Whether the contract asks the guardian before it takes an entry: a pause of anything else stops nothing' }), cleared: placeSchema.optional(),
    proposal_id: z.string().optional().meta({ description: 'That cleared it' }),
  })),
}).meta({ id: 'Pauses' })
export const directorySchema = z.object({
  entries: z.array(z.object({
    name: z.string(), address: address.optional(), code_hash: z.string(), changed: placeSchema, proposal_id: z.string().optional(), current: z.boolean(),
  })),
}).meta({ id: 'Directory' })
export const netsSchema = z.object({
  pairs: z.array(z.object({ debtor: z.string(), creditor: z.string(), units: z.int() })),
  cities: z.array(z.object({ city: z.string(), units: z.int().meta({ description: 'Positive: is owed; sums to zero over all' }) })),
  settlements: z.array(z.object({ debtor: z.string(), creditor: z.string(), units: z.int(), bank_reference_hash: z.string(), settled: placeSchema })),
}).meta({ id: 'Nets' })

interface Place {
  readonly blockNumber: number
  readonly transactionHash: string
  readonly atSeconds: number
}

/** The last moment that every JSON reader can still parse; the chain's numbers go further. */
const LAST_SECOND = 253_402_300_799

/** Units beyond it are shown as this many: anybody may propose anything. */
const largest = BigInt(Number.MAX_SAFE_INTEGER)

const iso = (seconds: number): string => new Date(Math.min(seconds, LAST_SECOND) * 1000).toISOString()
const toPlace = (place: Place): z.output<typeof placeSchema> => ({ block: place.blockNumber, transaction_hash: place.transactionHash, at: iso(place.atSeconds) })
const optionalPlace = <Name extends string>(name: Name, place: Place | undefined) =>
  (place === undefined ? {} : { [name]: toPlace(place) }) as Partial<Record<Name, z.output<typeof placeSchema>>>
const optional = <Name extends string, Value>(name: Name, value: Value | undefined) => (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>

/** An action of a proposal in its wire form. */
export function toWireAction({ fault, ...action }: DecodedAction): z.output<typeof actionSchema> {
  return { ...wordsOf(action), ...optional('fault', fault && { code: fault.code, detail: fault.detail, advice: adviceOf(fault.code) }) }
}

function wordsOf(action: DecodedAction): z.output<typeof actionSchema> {
  // A city's own offer of control has the name of the other: here the federation offers it, to a suspended city.
  const common = { type: action.type === 'offer_controller' ? 'replace_controller' : action.type, ...optional('contract', action.contract) }
  switch (action.type) {
    case 'admit': {
      const { city: locode, name, did, controller, recovery, serviceUrl: service_url } = action
      return { ...common, locode, name, did, controller, recovery, service_url }
    }
    case 'activate': return { ...common, locode: action.city, agreement_hash: action.agreementHash, dpia_hash: action.dpiaHash }
    case 'suspend': return { ...common, locode: action.city, reason: action.reason, until: iso(action.untilSeconds) }
    case 'reinstate':
    case 'remove':
    case 'veto_controller': return { ...common, locode: action.city }
    case 'offer_controller':
    case 'change_recovery': return { ...common, locode: action.city, address: action.account }
    case 'set_parameter': return { ...common, parameter: parameterNames[action.parameter], value: action.value }
    case 'point_directory': return { ...common, name: action.name, address: action.target, code_hash: action.codeHash }
    case 'fund_shared': return { ...common, program_id: action.programId, units: Number(action.units > largest ? largest : action.units) }
    case 'end_shared': return { ...common, program_id: action.programId, until: iso(action.untilSeconds) }
    case 'clear_pause':
    case 'accept_ownership': return { ...common, address: action.target }
    case 'appoint_guardian': return { ...common, address: action.account }
    case 'set_operator': return { ...common, address: action.account, allowed: action.allowed }
    case 'unknown': return { ...common, address: action.target, data: action.data }
  }
}

/** A proposal in its wire form; the first line of the description is its title. */
export function toWireProposal(proposal: Proposal): z.output<typeof proposalSchema> {
  const { tally } = proposal
  const changesAt = { pending: proposal.snapshotSeconds, active: proposal.deadlineSeconds, queued: proposal.etaSeconds }[proposal.state as string]
  return {
    proposal_id: proposal.proposalId, title: proposal.description.split('\n', 1)[0]?.trim() ?? '', description: proposal.description, state: proposal.state,
    ...optional('changes_at', changesAt === undefined ? undefined : iso(changesAt)),
    proposer: { account: proposal.proposer.account, ...optional('city', proposal.proposer.city) },
    actions: proposal.actions.map(toWireAction),
    created: toPlace(proposal.created), voting_starts_at: iso(proposal.snapshotSeconds), voting_ends_at: iso(proposal.deadlineSeconds),
    ...optional('executable_at', proposal.etaSeconds === undefined ? undefined : iso(proposal.etaSeconds)),
    ...optionalPlace('queued', proposal.queued), ...optionalPlace('executed', proposal.executed), ...optionalPlace('cancelled', proposal.cancelled),
    tally: { for: tally.for, against: tally.against, abstain: tally.abstain, seats: tally.seats, quorum: tally.quorum, quorum_reached: tally.quorumReached },
  }
}

export function toWireVote(vote: Vote): z.output<typeof voteSchema> {
  return { ...optional('city', vote.city), account: vote.voter, support: vote.support, reason: vote.reason, cast: toPlace(vote.cast) }
}

/** A member in its wire form, without its history. */
export function toWireMember(member: Member): z.output<typeof memberSchema> {
  const reasonName = (suspensionReasons as Readonly<Record<number, string>>)[member.suspensionReason]
  return {
    locode: member.locode, name: member.name, did: member.did, service_url: member.serviceUrl, status: member.status,
    ...optional('suspension', member.status !== 'suspended' ? undefined : {
      reason: member.suspensionReason, ...optional('reason_name', reasonName),
      ...optional('until', member.suspendedUntilSeconds === undefined ? undefined : iso(member.suspendedUntilSeconds)),
    }),
    ...optional('appeal', member.appeal === undefined ? undefined : { statement_hash: member.appeal.statementHash, appealed: toPlace(member.appeal.place) }),
    controller: member.controller, recovery: member.recovery, ...optional('seat', member.seat),
    ...optional('offer', member.offer === undefined ? undefined : { account: member.offer.account, acceptable_from: iso(member.offer.acceptableFromSeconds) }),
    admitted_at: iso(member.admittedAtSeconds), ...optional('agreement_hash', member.agreementHash), ...optional('dpia_hash', member.dpiaHash),
  }
}

/** Everything that is public about one member. */
export function toWireMemberWithHistory(read: Awaited<ReturnType<FederationService['readMember']>>): z.output<typeof memberWithHistorySchema> {
  const { member, admission, controllers, keys } = read
  return {
    ...toWireMember(member),
    admission: { admitted: toPlace(admission.admitted), ...optional('proposal_id', admission.proposalId), votes: admission.votes.map(toWireVote) },
    controllers: controllers.map((term) => ({
      account: term.account, since: toPlace(term.since), ...optionalPlace('until', term.until), ...optional('proposal_id', term.proposalId),
    })),
    keys: keys.map((key) => ({
      thumbprint: key.thumbprint, credential_type: key.credentialType, valid_from: iso(key.validFromSeconds), valid_until: iso(key.validUntilSeconds),
      ...optional('untrusted_from', key.untrustedFromSeconds === undefined ? undefined : iso(key.untrustedFromSeconds)),
    })),
    history: member.history.map((event) => ({
      kind: event.kind, place: toPlace(event.place), ...optional('proposal_id', event.proposalId),
      ...(event.kind === 'suspended' ? { reason: event.reason, until: iso(event.untilSeconds) } : {}),
      ...(event.kind === 'appealed' ? { statement_hash: event.statementHash } : {}),
      ...(event.kind === 'activated' ? { agreement_hash: event.agreementHash, dpia_hash: event.dpiaHash } : {}),
      ...('account' in event ? { account: event.account } : {}),
      ...(event.kind === 'controller_offered' ? { acceptable_from: iso(event.acceptableFromSeconds) } : {}),
      ...('serviceUrl' in event ? { service_url: event.serviceUrl } : {}),
    })),
  }
}

export function toWireFederation(read: Awaited<ReturnType<FederationService['readFederation']>>): z.output<typeof federationSchema> {
  return {
    block: read.block === undefined ? null : { number: read.block.number, hash: read.block.hash, time: iso(read.block.timestampSeconds) },
    seats: read.seats.map(({ city, holder }) => ({ city, holder })),
    parameters: read.parameters.map(({ parameter, value, history }) => ({
      parameter: parameterNames[parameter], value,
      history: history.map((change) => ({ value: change.value, changed: toPlace(change.place), ...optional('proposal_id', change.proposalId) })),
    })),
    guardian: {
      ...optional('account', read.guardian.account),
      history: read.guardian.history.map((term) => ({ ...optional('account', term.account), appointed: toPlace(term.place), ...optional('proposal_id', term.proposalId) })),
    },
    contracts: read.contracts.map(({ name, address: at, pausable }) => ({ name, address: at, pausable })),
  }
}

export function toWirePauses(pauses: Awaited<ReturnType<FederationService['listPauses']>>): z.output<typeof pausesSchema> {
  return {
    pauses: pauses.map((pause) => ({
      address: pause.target, ...optional('contract', pause.contract), incident: pause.incident, paused: toPlace(pause.paused), until: iso(pause.untilSeconds),
      running: pause.running, effective: pause.effective,
      ...optionalPlace('cleared', pause.cleared), ...optional('proposal_id', pause.clearedBy),
    })),
  }
}

export function toWireDirectory(entries: Awaited<ReturnType<FederationService['listDirectory']>>): z.output<typeof directorySchema> {
  return {
    entries: entries.map((entry) => ({
      name: entry.name, ...optional('address', entry.target), code_hash: entry.codeHash, changed: toPlace(entry.place),
      ...optional('proposal_id', entry.proposalId), current: entry.current,
    })),
  }
}

export function toWireNets({ pairs, cities, settlements }: Awaited<ReturnType<FederationService['readNets']>>): z.output<typeof netsSchema> {
  return {
    pairs: pairs.map(({ debtor, creditor, units }) => ({ debtor, creditor, units: Number(units) })),
    cities: cities.map(({ city, units }) => ({ city, units: Number(units) })),
    settlements: settlements.map((settlement) => ({
      debtor: settlement.debtor, creditor: settlement.creditor, units: Number(settlement.units), bank_reference_hash: settlement.bankReferenceHash,
      settled: toPlace(settlement.place),
    })),
  }
}
