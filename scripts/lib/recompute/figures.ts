import { readCall } from './calls.ts'
import { toCity, type City, type Ledger, type Proposal, type Setting } from './ledger.ts'
import type { Header } from './node.ts'

/** What a cell should say; undefined where this script cannot tell. */
export type Expected = string | number | boolean | null | undefined
export type Figure = Readonly<Record<string, Expected>>
export type Figures = ReadonlyMap<string, readonly Figure[]>

export interface FigureOptions {
  /** The block as of which it is counted. */
  readonly block: Header
  timeOf(block: number): number
}

const last = BigInt(Date.UTC(9999, 11, 31, 23, 59, 59) / 1000)

/** ISO 8601 in UTC; what is later than the year 9999 is its last second. */
export function toTime(seconds: bigint | number): string {
  const bounded = BigInt(seconds) > last ? last : BigInt(seconds)
  return new Date(Number(bounded) * 1000).toISOString().replace(/\.000Z$/, 'Z')
}

/** Every table, row by row, as it has to be published. */
export function figuresOf(ledger: Ledger, { block, timeOf }: FigureOptions): Figures {
  const now = BigInt(block.timeSeconds)
  const cities = [...ledger.cities.values()].sort((a, b) => compare(a.city, b.city))
  const owed = (from: string, to: string): bigint => {
    const debt = ledger.debts.get(`${from} ${to}`)
    return debt === undefined ? 0n : debt.accrued - debt.settled
  }
  const escrows = ledger.entries.filter(({ name }) => name === 'RewardPrograms').map(({ target }) => target)

  return new Map<string, readonly Figure[]>(Object.entries({
    members: cities.map((city) => {
      const status = statusOf(city, now)
      const decider = (kind: string) => ledger.happenings.find((one) => one.kind === kind && toCity(one.args['city']) === city.city)?.proposal ?? null
      return {
        city: city.city, name: city.name, status, did: city.did, service_url: city.serviceUrl, controller: city.controller,
        suspension_reason: status === 'suspended' ? city.suspension?.reason ?? null : null,
        suspended_until: status === 'suspended' && city.suspension !== undefined ? toTime(city.suspension.until) : null,
        agreement_hash: city.activated?.agreementHash ?? null, dpia_hash: city.activated?.dpiaHash ?? null,
        admitted_at: toTime(city.admitted.seconds), admitted_block: city.admitted.block, admitted_by: decider('CityAdmitted'),
        activated_at: time(city.activated?.seconds), activated_by: decider('CityActivated'), removed_at: time(city.removed?.seconds),
      }
    }),
    member_events: ledger.happenings.map(({ kind, args, ...place }) => {
      const until = args['until'] ?? args['acceptableFrom']
      const account = args['controller'] ?? args['recovery']
      return {
        block: place.block, at: toTime(place.seconds), city: toCity(args['city']), event: happeningNames[kind] ?? kind,
        account: account === undefined ? null : String(account), reason: args['reason'] === undefined ? null : Number(args['reason']),
        until: until === undefined ? null : toTime(until as bigint), document_hash: args['statementHash'] === undefined ? null : String(args['statementHash']),
        text: kind === 'ServiceUrlChanged' ? String(args['serviceUrl']) : null, proposal_id: place.proposal ?? null, transaction: place.transaction,
      }
    }),
    proposals: [...ledger.proposals.values()].map((proposal) => proposalFigure(proposal, ledger, now)),
    actions: [...ledger.proposals.values()].flatMap(({ id, block: number, args, contracts }) => {
      const calldatas = [...(args['calldatas'] as Iterable<string>)]
      return [...(args['targets'] as Iterable<string>)].map((target, position) => {
        const calldata = calldatas[position] ?? '0x'
        const contract = contracts[position] ?? ''
        const call = contract === '' ? { method: '', arguments: '' } : readCall(contract, calldata)
        return { block: number, proposal_id: id, position, target, contract, method: call?.method, arguments: call?.arguments, calldata }
      })
    }),
    votes: ledger.votes.map(({ block: number, seconds, proposal, city, args }) => ({
      block: number, proposal_id: proposal, city, voter: String(args['voter']), support: ['against', 'for', 'abstain'][Number(args['support'])],
      weight: Number(args['weight']), reason: String(args['reason']), voted_at: toTime(seconds),
    })),
    accreditations: ledger.keys.toSorted((a, b) => compare(toCity(a.args['city']), toCity(b.args['city']))).map(({ args, withdrawn, ...place }) => {
      const city = ledger.cities.get(toCity(args['city']))
      return {
        block: place.block, city: toCity(args['city']), thumbprint: toBase64url(args['thumbprint']), credential_type: String(args['credentialType']),
        standing: standingOf(args, withdrawn?.untrustedFrom, city, now),
        valid_from: toTime(args['validFrom'] as bigint), valid_until: toTime(args['validUntil'] as bigint),
        untrusted_from: withdrawn === undefined ? null : toTime(withdrawn.untrustedFrom), accredited_at: toTime(place.seconds),
        withdrawn_at: time(withdrawn?.seconds), x: toBase64url(args['x']), y: toBase64url(args['y']),
      }
    }),
    recognitions: ledger.agreements.map(({ args, ended, ...place }) => ({
      block: place.block, recogniser: toCity(args['recogniser']), issuer: toCity(args['issuer']), credential_type: String(args['credentialType']),
      benefit_classes: classesOf(args['benefitClasses'] as bigint), in_force: ended === undefined && (args['validUntil'] as bigint) >= now,
      valid_until: toTime(args['validUntil'] as bigint), granted_at: toTime(place.seconds), ended_at: time(ended?.seconds),
    })).sort((a, b) => compare(a.recogniser, b.recogniser) || compare(a.issuer, b.issuer) || compare(a.credential_type, b.credential_type)),
    programs: [...ledger.programs.entries()].map(([id, { args, ...program }]) => {
      const points = ledger.points.get(id)
      const balances = [...(points?.balances ?? [])]
      const sum = (inEscrow: boolean) => balances.filter(([account]) => escrows.includes(account) === inEscrow).reduce((total, [, units]) => total + units, 0n)
      return {
        block: program.block, program_id: id, city: toCity(args['city']), name: String(args['name']), sponsor: String(args['sponsor']),
        is_shared: program.shared, is_closed: program.closed, valid_from: toTime(args['from'] as bigint), valid_until: toTime(program.until),
        values: program.values.join(' '), funded: String(points?.minted ?? 0n), in_escrow: String(sum(true)), redeemed: String(program.redeemed),
        held: String(sum(false)), burnt: String(points?.burnt ?? 0n), redemptions: program.redemptions, created_at: toTime(program.seconds),
      }
    }),
    redemptions: ledger.redemptions.map(({ args, ...place }) => ({
      block: place.block, log_index: place.logIndex, program_id: String(args['program']), merchant: String(args['merchant']), order_id: String(args['order']),
      units: String(args['units']), notes: [...(args['notes'] as Iterable<string>)].length, redeemed_at: toTime(place.seconds), transaction: place.transaction,
    })),
    settlements: [...ledger.settlements.entries()].map(([ref, { args, paid, ...place }]) => ({
      block: place.block, ref, program_id: String(args['program']), debtor: toCity(args['debtor']), payer: toCity(args['payer']),
      merchant: String(args['merchant']), units: String(args['units']), requested_at: toTime(place.seconds), paid_at: time(paid?.seconds),
      bank_reference_hash: paid?.hash ?? null,
    })),
    nets: cities.map(({ city }) => {
      const others = cities.map((other) => other.city)
      const [toIt, byIt] = [others.reduce((sum, other) => sum + owed(other, city), 0n), others.reduce((sum, other) => sum + owed(city, other), 0n)]
      return { city, owed_to_it: String(toIt), owed_by_it: String(byIt), net: String(toIt - byIt) }
    }),
    debts: [...ledger.debts.entries()].map(([key, { accrued, settled }]) => {
      const [debtor = '', creditor = ''] = key.split(' ')
      return { debtor, creditor, accrued: String(accrued), settled: String(settled), owed: String(accrued - settled) }
    }).sort((a, b) => compare(`${a.debtor} ${a.creditor}`, `${b.debtor} ${b.creditor}`)),
    pauses: ledger.pauses.map((pause) => ({
      block: pause.block, contract: ledger.contractAt(pause.target), target: pause.target, incident: pause.incident,
      state: pause.cleared !== undefined ? 'cleared' : pause.until >= now ? 'running' : 'ended', paused_at: toTime(pause.seconds), until: toTime(pause.until),
      cleared_at: time(pause.cleared?.seconds), cleared_by: pause.clearedBy ?? null,
    })),
    parameters: ledger.settings.map((setting, i) => ({
      block: setting.block, parameter: setting.name, value: setting.value, unit: setting.unit, is_current: isLast(ledger.settings, i),
      set_at: toTime(setting.seconds), proposal_id: setting.proposal ?? null,
    })),
    contracts: ledger.entries.map((entry, i) => ({
      block: entry.block, name: entry.name, target: entry.target, code_hash: entry.codeHash, is_current: isLast(ledger.entries, i),
      set_at: toTime(entry.seconds), proposal_id: entry.proposal ?? null,
    })),
    status_lists: [...ledger.lists.values()].sort((a, b) => compare(a.id, b.id)).map((list) => ({
      block: list.createdBlock, list_id: list.id, city: list.city, uri: list.uri, size: list.size, epoch: list.epoch, digest: list.digest ?? null,
      published_at: toTime(timeOf(list.publishedBlock)),
    })),
    anchors: ledger.anchors.map(({ args, ...place }) => ({
      block: place.block, city: toCity(args['city']), log: ['issuance', 'audit'][Number(args['log'])] ?? String(args['log']), size: Number(args['size']),
      root: String(args['root']), anchored_at: toTime(place.seconds),
    })),
  }))
}

const happeningNames: Readonly<Record<string, string>> = {
  CityAdmitted: 'admitted', CityActivated: 'activated', CitySuspended: 'suspended', CityReinstated: 'reinstated', CityRemoved: 'removed',
  SuspensionAppealed: 'appealed', ServiceUrlChanged: 'service_url_changed', ControllerOffered: 'controller_offered',
  ControllerVetoed: 'controller_vetoed', ControllerChanged: 'controller_changed', RecoveryChanged: 'recovery_changed',
}

export function statusOf(city: City, now: bigint): 'pending' | 'active' | 'suspended' | 'removed' {
  if (city.removed !== undefined) return 'removed'
  if (city.activated === undefined) return 'pending'
  return city.suspension !== undefined && now <= city.suspension.until ? 'suspended' : 'active'
}

function standingOf(args: Readonly<Record<string, unknown>>, untrustedFrom: bigint | undefined, city: City | undefined, now: bigint): string {
  const status = city === undefined ? 'removed' : statusOf(city, now)
  if (status === 'removed' || (untrustedFrom !== undefined && now >= untrustedFrom)) return 'withdrawn'
  if (now > (args['validUntil'] as bigint)) return 'expired'
  if (status === 'pending' || now < (args['validFrom'] as bigint)) return 'pending'
  return status === 'suspended' ? 'suspended' : 'granted'
}

/** The Governor's own rule: half of five seats is three, for and abstaining votes make the quorum, more for than against decide. */
export function proposalFigure(proposal: Proposal, ledger: Ledger, now: bigint): Figure {
  const { args } = proposal
  const [start, end] = [args['voteStart'] as bigint, args['voteEnd'] as bigint]
  const seats = ledger.seats.findLast(({ seconds }) => BigInt(seconds) <= start)?.count ?? 0
  const percent = Number(ledger.settings.findLast(({ name, seconds }) => name === 'quorum' && BigInt(seconds) <= start)?.value ?? 0)
  const quorum = Math.ceil(seats * percent / 100)
  const votes = (support: number) => proposal.votes.filter((vote) => Number(vote.args['support']) === support).reduce((sum, vote) => sum + Number(vote.args['weight']), 0)
  const [against, inFavour, abstain] = [votes(0), votes(1), votes(2)]
  const state = (): string => {
    if (proposal.executed !== undefined) return 'executed'
    if (proposal.cancelled !== undefined) return 'cancelled'
    if (now <= start) return 'pending'
    if (now <= end) return 'active'
    if (inFavour + abstain < quorum || inFavour <= against) return 'defeated'
    if (proposal.executableFrom === undefined) return 'succeeded'
    return now < proposal.executableFrom ? 'queued' : 'executable'
  }
  return {
    block: proposal.block, proposal_id: proposal.id, proposed_at: toTime(proposal.seconds), city: proposal.city, proposer: String(args['proposer']),
    description: String(args['description']), state: state(), vote_start: toTime(start), vote_end: toTime(end), seats: now > start ? seats : null,
    quorum: now > start ? quorum : null, votes_for: inFavour, votes_against: against, votes_abstain: abstain, queued_at: time(proposal.queued?.seconds),
    executable_from: proposal.executableFrom === undefined ? null : toTime(proposal.executableFrom), executed_at: time(proposal.executed?.seconds),
    executed_block: proposal.executed?.block ?? null, cancelled_at: time(proposal.cancelled?.seconds),
  }
}

function isLast(items: readonly Pick<Setting, 'name'>[], position: number): boolean {
  return items.findLastIndex(({ name }) => name === items[position]?.name) === position
}

/** Bit n stands for class n. */
function classesOf(mask: bigint): string {
  const classes: number[] = []
  for (let n = 0; mask >> BigInt(n) > 0n; n += 1) if ((mask >> BigInt(n)) % 2n === 1n) classes.push(n)
  return classes.join(' ')
}

export function toBase64url(hex: unknown): string {
  return Buffer.from(String(hex).slice(2), 'hex').toString('base64url')
}

function time(seconds: number | undefined): string | null {
  return seconds === undefined ? null : toTime(seconds)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
