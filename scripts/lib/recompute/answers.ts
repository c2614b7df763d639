import { ZeroAddress } from 'ethers'
import { parseCall } from './calls.ts'
import { contractNames } from './events.ts'
import { proposalFigure, statusOf, toBase64url, toTime } from './figures.ts'
import { toCity, type City, type Happening, type Ledger, type Place, type Proposal, type Vote } from './ledger.ts'

/* What `/v1/federation` has to answer, page by page, member by member, counted from the ledger. */

/** Where this script cannot tell what an answer should be. */
export const unknowable = Symbol('unknowable')
export type Answer = string | number | boolean | null | undefined | typeof unknowable | readonly Answer[] | { readonly [member: string]: Answer }
export type AnswerObject = { readonly [member: string]: Answer }

export interface CountedAt {
  readonly number: number
  readonly hash: string
  /** Of the block, and of the second for which states are told. */
  readonly blockSeconds: number
  readonly atSeconds: number
}

/** The contracts that ask the Guardian before they take an entry: a pause of anything else stops nothing. */
const pausable: ReadonlySet<string | undefined> = new Set(['CityRegistry', 'IssuerRegistry', 'RecognitionRegistry', 'StatusLists', 'Anchors', 'RewardPrograms', 'Settlement'])

const settingNames = ['voting_delay', 'voting_period', 'quorum', 'timelock_delay', 'rotation_delay']
const reasonNames: Readonly<Record<number, string>> = {
  1: 'security_incident', 2: 'agreement_breached', 3: 'keys_lost', 4: 'data_protection_order', 5: 'own_request', 6: 'payments_overdue', 99: 'other',
}

/** `GET /v1/federation` */
export function federationAnswer(ledger: Ledger, at: CountedAt): AnswerObject {
  const latestFirst = (name: string) => ledger.settings.filter((setting) => setting.name === name).toReversed()
  const guardians = latestFirst('guardian')
  return {
    block: { number: at.number, hash: at.hash, time: toTime(at.blockSeconds) },
    seats: citiesOf(ledger).filter(hasSeat).map(({ city, controller }) => ({ city, holder: controller })),
    parameters: settingNames.flatMap((parameter) => {
      const history = latestFirst(parameter)
      const [latest] = history
      return latest === undefined ? [] : [{
        parameter, value: Number(latest.value),
        history: history.map((one) => ({ value: Number(one.value), changed: placeOf(one), proposal_id: one.proposal })),
      }]
    }),
    guardian: {
      account: accountOf(guardians[0]?.value),
      history: guardians.map((one) => ({ account: accountOf(one.value), appointed: placeOf(one), proposal_id: one.proposal })),
    },
    contracts: contractNames.flatMap((name) => {
      const address = accountOf(ledger.entries.findLast((entry) => entry.name === name)?.target)
      return address === undefined ? [] : [{ name, address, pausable: pausable.has(name) }]
    }).sort((a, b) => (a.name < b.name ? -1 : 1)),
  }
}

/** `GET /v1/federation/members` */
export function membersAnswer(ledger: Ledger, at: CountedAt): AnswerObject {
  return { members: citiesOf(ledger).map((city) => memberOf(ledger, city, at)) }
}

/** `GET /v1/federation/members/:locode` */
export function memberAnswer(ledger: Ledger, city: City, at: CountedAt): AnswerObject {
  const happenings = happeningsOf(ledger, city)
  const admitted = happenings.findLast(({ kind }) => kind === 'CityAdmitted')
  const terms = happenings.filter(({ kind }) => kind === 'CityAdmitted' || kind === 'ControllerChanged')
  return {
    ...memberOf(ledger, city, at),
    admission: {
      admitted: placeOf(city.admitted), proposal_id: admitted?.proposal,
      votes: (ledger.proposals.get(admitted?.proposal ?? '')?.votes ?? []).map(voteOf),
    },
    controllers: terms.map((term, i) => {
      const next = terms[i + 1]
      return { account: String(term.args['controller']), since: placeOf(term), until: next && placeOf(next), proposal_id: term.proposal }
    }),
    keys: ledger.keys.filter(({ args }) => toCity(args['city']) === city.city).map(({ args, withdrawn }) => ({
      thumbprint: toBase64url(args['thumbprint']), credential_type: String(args['credentialType']), valid_from: toTime(args['validFrom'] as bigint),
      valid_until: toTime(args['validUntil'] as bigint), untrusted_from: withdrawn && toTime(withdrawn.untrustedFrom),
    })),
    history: happenings.map(happeningOf),
  }
}

/** `GET /v1/federation/proposals`, all pages of it. */
export function proposalsAnswer(ledger: Ledger, at: CountedAt): AnswerObject {
  return { proposals: [...ledger.proposals.values()].toReversed().map((proposal) => proposalOf(ledger, proposal, at)) }
}

/** `GET /v1/federation/proposals/:proposal_id` */
export function proposalAnswer(ledger: Ledger, proposal: Proposal, at: CountedAt): AnswerObject {
  return { ...proposalOf(ledger, proposal, at), votes: proposal.votes.map(voteOf) }
}

/** `GET /v1/federation/pauses` */
export function pausesAnswer(ledger: Ledger, { atSeconds }: CountedAt): AnswerObject {
  return {
    pauses: ledger.pauses.toReversed().map((pause) => ({
      address: pause.target, contract: contractOf(ledger, pause.target), effective: pausable.has(contractOf(ledger, pause.target)), incident: pause.incident, paused: placeOf(pause), until: toTime(pause.until),
      running: pause.cleared === undefined && BigInt(atSeconds) <= pause.until, cleared: pause.cleared && placeOf(pause.cleared), proposal_id: pause.clearedBy,
    })),
  }
}

/** `GET /v1/federation/directory` */
export function directoryAnswer(ledger: Ledger): AnswerObject {
  return {
    entries: ledger.entries.map((entry, i) => ({
      name: entry.name, address: accountOf(entry.target), code_hash: entry.codeHash, changed: placeOf(entry), proposal_id: entry.proposal,
      current: !ledger.entries.slice(i + 1).some(({ name }) => name === entry.name),
    })).toReversed(),
  }
}

/** `GET /v1/federation/nets` */
export function netsAnswer(ledger: Ledger): AnswerObject {
  const pairs = [...ledger.debts].map(([pair, { accrued, settled }]) => {
    const [debtor = '', creditor = ''] = pair.split(' ')
    return { debtor, creditor, units: Number(accrued - settled) }
  }).filter(({ units }) => units !== 0).sort((a, b) => (`${a.debtor} ${a.creditor}` < `${b.debtor} ${b.creditor}` ? -1 : 1))
  const cities = [...new Set(pairs.flatMap(({ debtor, creditor }) => [debtor, creditor]))].sort()
  const sumOf = (city: string): number => pairs.reduce((sum, pair) => sum + (pair.creditor === city ? pair.units : 0) - (pair.debtor === city ? pair.units : 0), 0)
  return {
    pairs,
    cities: cities.map((city) => ({ city, units: sumOf(city) })),
    settlements: ledger.netSettlements.map(({ args, ...place }) => ({
      debtor: toCity(args['debtor']), creditor: toCity(args['creditor']), units: Number(args['units']), bank_reference_hash: String(args['bankReferenceHash']),
      settled: placeOf(place),
    })).toReversed(),
  }
}

function memberOf(ledger: Ledger, city: City, { atSeconds }: CountedAt): AnswerObject {
  const status = statusOf(city, BigInt(atSeconds))
  const happenings = happeningsOf(ledger, city)
  const sinceSuspension = happenings.slice(happenings.findLastIndex(({ kind }) => kind === 'CitySuspended'))
  const appeal = status === 'suspended' ? sinceSuspension.find(({ kind }) => kind === 'SuspensionAppealed') : undefined
  const offerEnds = ['CityAdmitted', 'ControllerVetoed', 'ControllerChanged', 'CitySuspended', 'CityRemoved']
  const offer = happenings.findLast(({ kind }) => kind === 'ControllerOffered' || offerEnds.includes(kind))
  const offered = offer?.kind === 'ControllerOffered' ? accountOf(String(offer.args['controller'])) : undefined
  return {
    locode: city.city, name: city.name, did: city.did, service_url: city.serviceUrl, status,
    suspension: status !== 'suspended' || city.suspension === undefined ? undefined
      : { reason: city.suspension.reason, reason_name: reasonNames[city.suspension.reason], until: toTime(city.suspension.until) },
    appeal: appeal && { statement_hash: String(appeal.args['statementHash']), appealed: placeOf(appeal) },
    controller: city.controller, recovery: city.recovery, seat: hasSeat(city) ? city.controller : undefined,
    offer: offer === undefined || offered === undefined ? undefined : { account: offered, acceptable_from: toTime(offer.args['acceptableFrom'] as bigint) },
    admitted_at: toTime(city.admitted.seconds), agreement_hash: city.activated?.agreementHash, dpia_hash: city.activated?.dpiaHash,
  }
}

function proposalOf(ledger: Ledger, proposal: Proposal, { atSeconds }: CountedAt): AnswerObject {
  const { args, votes } = proposal
  const [start, end] = [args['voteStart'] as bigint, args['voteEnd'] as bigint]
  const { state } = proposalFigure(proposal, ledger, BigInt(atSeconds)) as { state: string }
  const countedAt = start < BigInt(atSeconds) ? start : BigInt(atSeconds)
  const seats = ledger.seats.findLast(({ seconds }) => BigInt(seconds) <= countedAt)?.count ?? 0
  const percent = Number(ledger.settings.findLast(({ name, seconds }) => name === 'quorum' && BigInt(seconds) <= countedAt)?.value ?? 0)
  const quorum = Math.ceil(seats * percent / 100)
  const sumOf = (support: number): number => votes.filter((vote) => Number(vote.args['support']) === support).reduce((sum, vote) => sum + Number(vote.args['weight']), 0)
  const description = String(args['description'])
  const changes: Readonly<Record<string, bigint | undefined>> = { pending: start, active: end, queued: proposal.executableFrom }
  const [values, calldatas] = [[...(args['values'] as Iterable<bigint>)], [...(args['calldatas'] as Iterable<string>)]]
  return {
    proposal_id: proposal.id, title: (description.split('\n')[0] ?? '').trim(), description, state, changes_at: timeOf(changes[state]),
    proposer: { account: String(args['proposer']), city: proposal.city === '' ? undefined : proposal.city },
    actions: [...(args['targets'] as Iterable<string>)].map((target, i) => actionOf(ledger, target, values[i] ?? 0n, calldatas[i] ?? '0x')),
    created: placeOf(proposal), voting_starts_at: toTime(start), voting_ends_at: toTime(end), executable_at: timeOf(proposal.executableFrom),
    queued: proposal.queued && placeOf(proposal.queued), executed: proposal.executed && placeOf(proposal.executed),
    cancelled: proposal.cancelled && placeOf(proposal.cancelled),
    tally: { for: sumOf(1), against: sumOf(0), abstain: sumOf(2), seats, quorum, quorum_reached: sumOf(1) + sumOf(2) >= quorum },
  }
}

/** What a call is called in the service's words; its bytes where it has none. */
function actionOf(ledger: Ledger, target: string, value: bigint, data: string): AnswerObject {
  const contract = contractOf(ledger, target)
  const call = value === 0n ? parseCall(contract ?? 'Directory', data) : undefined
  if (call?.method === 'acceptOwnership' && data.length === 10) return { type: 'accept_ownership', contract, address: target }
  const words = contract === undefined || call === undefined ? undefined : inWords[`${contract}.${call.method}`]?.(call.named)
  // That a call which is none of the decisions has a fault can be counted; the rest of the reading is the service's own.
  const read = words ?? { type: 'unknown', address: target, data: data.toLowerCase(), fault: { code: unknowable, detail: unknowable, advice: unknowable } }
  return { fault: unknowable, ...read, contract }
}

type Named = Readonly<Record<string, unknown>>

const setting = (parameter: string, argument: string) => (named: Named): AnswerObject => ({ type: 'set_parameter', parameter, value: Number(named[argument]) })
const text = (value: unknown): string => String(value)

const inWords: Readonly<Record<string, (named: Named) => AnswerObject>> = {
  'CityRegistry.admit': ({ city, name, did, controller, recovery, serviceUrl }) => ({
    type: 'admit', locode: text(city), name: text(name), did: text(did), controller: text(controller), recovery: text(recovery), service_url: text(serviceUrl),
  }),
  'CityRegistry.activate': ({ city, agreementHash, dpiaHash }) => ({ type: 'activate', locode: text(city), agreement_hash: text(agreementHash), dpia_hash: text(dpiaHash) }),
  'CityRegistry.suspend': ({ city, reason, until }) => ({ type: 'suspend', locode: text(city), reason: Number(reason), until: toTime(BigInt(text(until))) }),
  'CityRegistry.reinstate': ({ city }) => ({ type: 'reinstate', locode: text(city) }),
  'CityRegistry.remove': ({ city }) => ({ type: 'remove', locode: text(city) }),
  'CityRegistry.offerController': ({ city, controller }) => ({ type: 'replace_controller', locode: text(city), address: text(controller) }),
  'CityRegistry.vetoController': ({ city }) => ({ type: 'veto_controller', locode: text(city) }),
  'CityRegistry.changeRecovery': ({ city, recovery }) => ({ type: 'change_recovery', locode: text(city), address: text(recovery) }),
  'CityRegistry.setRotationDelay': setting('rotation_delay', 'delay'),
  'Federation.setVotingDelay': setting('voting_delay', 'newVotingDelay'),
  'Federation.setVotingPeriod': setting('voting_period', 'newVotingPeriod'),
  'Federation.updateQuorumNumerator': setting('quorum', 'newQuorumNumerator'),
  'Timelock.updateDelay': setting('timelock_delay', 'newDelay'),
  // The name is shown as text where it is text, and the call as bytes where it is none.
  'Directory.set': ({ name, target, codeHash }) => ({ type: 'point_directory', name: nameOf(text(name)), address: text(target), code_hash: text(codeHash) }),
  'RewardPrograms.fundShared': ({ program, units }) => ({ type: 'fund_shared', program_id: text(program), units: Math.min(Number(units), Number.MAX_SAFE_INTEGER) }),
  'RewardPrograms.endShared': ({ program, until }) => ({ type: 'end_shared', program_id: text(program), until: toTime(BigInt(text(until))) }),
  'RewardToken.setOperator': ({ operator, allowed }) => ({ type: 'set_operator', address: text(operator), allowed: allowed === true }),
  'Guardian.clear': ({ target }) => ({ type: 'clear_pause', address: text(target) }),
  'Guardian.appoint': ({ account }) => ({ type: 'appoint_guardian', address: text(account) }),
}

function happeningOf({ kind, args, proposal, ...place }: Happening): AnswerObject {
  const account = args['controller'] ?? args['recovery']
  const optionalTime = (name: string, wanted: string) => (kind === wanted ? toTime(args[name] as bigint) : undefined)
  const optional = (name: string, wanted: readonly string[]) => (wanted.includes(kind) ? String(args[name]) : undefined)
  return {
    kind: kind.replace(/^City/, '').replace(/^Suspension/, '').replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase(), place: placeOf(place), proposal_id: proposal,
    reason: kind === 'CitySuspended' ? Number(args['reason']) : undefined, until: optionalTime('until', 'CitySuspended'),
    statement_hash: optional('statementHash', ['SuspensionAppealed']), agreement_hash: optional('agreementHash', ['CityActivated']),
    dpia_hash: optional('dpiaHash', ['CityActivated']), account: account === undefined ? undefined : String(account),
    acceptable_from: optionalTime('acceptableFrom', 'ControllerOffered'), service_url: optional('serviceUrl', ['CityAdmitted', 'ServiceUrlChanged']),
  }
}

function voteOf({ city, args, ...place }: Vote): AnswerObject {
  return {
    city: city === '' ? undefined : city, account: String(args['voter']), support: ['against', 'for', 'abstain'][Number(args['support'])],
    reason: String(args['reason']), cast: placeOf(place),
  }
}

function happeningsOf(ledger: Ledger, { city }: City): readonly Happening[] {
  return ledger.happenings.filter(({ args }) => toCity(args['city']) === city)
}

function citiesOf(ledger: Ledger): readonly City[] {
  return [...ledger.cities.values()].sort((a, b) => (a.city < b.city ? -1 : 1))
}

function hasSeat({ activated, removed }: City): boolean {
  return activated !== undefined && removed === undefined
}

function contractOf(ledger: Ledger, address: string): string | undefined {
  return contractNames.find((name) => name === ledger.entries.findLast((entry) => entry.target === address && contractNames.includes(entry.name))?.name)
}

function placeOf({ block, transaction, seconds }: Place): AnswerObject {
  return { block, transaction_hash: transaction, at: toTime(seconds) }
}

function accountOf(address: string | undefined): string | undefined {
  return address === ZeroAddress ? undefined : address
}

function timeOf(seconds: bigint | undefined): string | undefined {
  return seconds === undefined ? undefined : toTime(seconds)
}

function nameOf(bytes: string): Answer {
  const unpadded = Buffer.from(bytes.slice(2).replace(/(00)+$/, ''), 'hex')
  const name = unpadded.toString('utf8')
  return Buffer.from(name, 'utf8').equals(unpadded) ? name : unknowable
}
