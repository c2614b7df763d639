import { standingAt } from '../../agent/trust-lists/standing.ts'
import { isoOf } from '../../agent/trust-lists/times.ts'
import type { TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import type { EpochHead } from '../../chain/past-queries.ts'
import type { FoldedProposal, OpenDataFold } from './fold.ts'
import type { RedemptionRecord, Redeemed } from './store.ts'
import type { TableName } from './tables.ts'
import type { Row } from './types.ts'

/** What a table is made of, all as of one block. */
export interface OpenDataState {
  readonly register: TrustRegister
  readonly fold: OpenDataFold
  readonly redeemed: ReadonlyMap<string, Redeemed>
  readonly heads: ReadonlyMap<string, EpochHead>
  readonly redemptions: readonly RedemptionRecord[]
}

/** The rows of a table, in the order in which they are published. */
export function rowsOf(table: TableName, state: OpenDataState): readonly Row[] {
  return makers[table](state)
}

type Maker = (state: OpenDataState) => readonly Row[]

const makers: Readonly<Record<TableName, Maker>> = {
  members: ({ register, fold }) => register.cities.map((city) => {
    const decided = (event: string) =>
      fold.memberEvents.find((row) => row['city'] === city.locode && row['event'] === event)?.['proposal_id'] ?? null
    return {
      city: city.locode, name: city.name, status: city.status, did: city.did, service_url: city.serviceUrl, controller: city.controller,
      suspension_reason: city.status === 'suspended' ? city.suspensionReason : null,
      suspended_until: city.status === 'suspended' ? time(city.suspendedUntilSeconds) : null,
      agreement_hash: city.agreementHash ?? null, dpia_hash: city.dpiaHash ?? null,
      admitted_at: isoOf(city.admitted.atSeconds), admitted_block: city.admitted.blockNumber, admitted_by: decided('admitted'),
      activated_at: time(city.activated?.atSeconds), activated_by: decided('activated'), removed_at: time(city.removed?.atSeconds)
    }
  }),
  member_events: ({ fold }) => fold.memberEvents,
  proposals: ({ register, fold }) => [...fold.proposals.values()].map((proposal) => proposalRow(proposal, fold, register.atSeconds)),
  actions: ({ fold }) => fold.actions,
  votes: ({ fold }) => fold.votes,
  accreditations: ({ register }) => register.accreditations.flatMap((key) => {
    const city = register.cities.find(({ locode }) => locode === key.locode)
    return city === undefined ? [] : [{
      block: key.accredited.blockNumber, city: key.locode, thumbprint: key.thumbprint, credential_type: key.credentialType,
      standing: standingAt(key, city, register.atSeconds),
      valid_from: isoOf(key.validFromSeconds), valid_until: isoOf(key.validUntilSeconds), untrusted_from: time(key.untrustedFromSeconds),
      accredited_at: isoOf(key.accredited.atSeconds), withdrawn_at: time(key.withdrawals.at(-1)?.atSeconds), x: key.publicJwk.x, y: key.publicJwk.y
    }]
  }),
  recognitions: ({ register }) => register.recognitions.map((one) => ({
    block: one.granted.blockNumber, recogniser: one.recogniser, issuer: one.issuer, credential_type: one.credentialType,
    benefit_classes: one.benefitClasses.join(' '), in_force: one.ended === undefined && one.validUntilSeconds >= register.atSeconds,
    valid_until: isoOf(one.validUntilSeconds), granted_at: isoOf(one.granted.atSeconds), ended_at: time(one.ended?.atSeconds)
  })),
  programs: ({ fold, redeemed }) => [...fold.programs.values()].map((one) => {
    const paid = redeemed.get(one.id) ?? { units: 0n, redemptions: 0 }
    return {
      block: one.block, program_id: one.id, city: one.city, name: one.name, sponsor: one.sponsor, is_shared: one.isShared, is_closed: one.isClosed,
      valid_from: isoOf(one.validFromSeconds), valid_until: isoOf(one.validUntilSeconds), values: one.values.join(' '),
      funded: String(one.funded), in_escrow: String(one.funded - paid.units - one.leftOver), redeemed: String(paid.units),
      held: String(paid.units - one.settled), burnt: String(one.leftOver + one.settled), redemptions: paid.redemptions,
      created_at: isoOf(one.createdAtSeconds)
    }
  }),
  redemptions: ({ redemptions }) => redemptions.map((one) => ({
    block: one.block, log_index: one.logIndex, program_id: one.programId, merchant: one.merchant, order_id: one.orderId, units: one.units,
    notes: one.notes, redeemed_at: isoOf(one.redeemedAtSeconds), transaction: one.transaction
  })),
  settlements: ({ fold }) => [...fold.settlements.values()],
  nets: ({ register, fold }) => register.cities.map(({ locode }) => {
    const sum = (side: 'debtor' | 'creditor') =>
      [...fold.debts.values()].filter((debt) => debt[side] === locode).reduce((total, { accrued, settled }) => total + accrued - settled, 0n)
    const [owedToIt, owedByIt] = [sum('creditor'), sum('debtor')]
    return { city: locode, owed_to_it: String(owedToIt), owed_by_it: String(owedByIt), net: String(owedToIt - owedByIt) }
  }),
  debts: ({ fold }) => [...fold.debts.entries()].sort(byKey).map(([, { debtor, creditor, accrued, settled }]) => (
    { debtor, creditor, accrued: String(accrued), settled: String(settled), owed: String(accrued - settled) }
  )),
  pauses: ({ register, fold }) => fold.pauses.map((pause) => ({
    block: pause.block, contract: fold.contractAt(pause.target), target: pause.target, incident: pause.incident,
    state: pause.clearedAtSeconds !== undefined ? 'cleared' : pause.untilSeconds >= register.atSeconds ? 'running' : 'ended',
    paused_at: isoOf(pause.pausedAtSeconds), until: isoOf(pause.untilSeconds), cleared_at: time(pause.clearedAtSeconds), cleared_by: pause.clearedBy ?? null
  })),
  parameters: ({ fold }) => fold.parameters,
  contracts: ({ fold }) => fold.contracts,
  status_lists: ({ fold, heads }) => [...fold.lists.entries()].sort(byKey).map(([id, list]) => {
    const head = heads.get(id)
    return {
      block: list.block, list_id: id, city: list.city, uri: list.uri, size: list.size, epoch: head?.epoch ?? 0, digest: head?.digest ?? null,
      published_at: isoOf(head?.publishedAtSeconds ?? list.createdAtSeconds)
    }
  }),
  anchors: ({ fold }) => fold.anchors
}

/** @see https://docs.openzeppelin.com/contracts/5.x/api/governance#IGovernor-ProposalState */
function proposalRow(one: FoldedProposal, fold: OpenDataFold, atSeconds: number): Row {
  const hasBegun = one.voteStartSeconds < atSeconds
  const seats = fold.seatCounts.findLast(({ fromSeconds }) => fromSeconds <= one.voteStartSeconds)?.value ?? 0
  const percent = fold.quorums.findLast(({ fromSeconds }) => fromSeconds <= one.voteStartSeconds)?.value ?? 0
  const quorum = Math.ceil((seats * percent) / 100)
  const [against, inFavour, abstain] = one.votes
  const passed = inFavour + abstain >= quorum && inFavour > against
  const state = one.executedAtSeconds !== undefined ? 'executed'
    : one.cancelledAtSeconds !== undefined ? 'cancelled'
      : !hasBegun ? 'pending'
        : one.voteEndSeconds >= atSeconds ? 'active'
          : !passed ? 'defeated'
            : one.executableFromSeconds === undefined ? 'succeeded'
              : one.executableFromSeconds > atSeconds ? 'queued' : 'executable'
  return {
    block: one.block, proposal_id: one.id, proposed_at: isoOf(one.proposedAtSeconds), city: one.city, proposer: one.proposer,
    description: one.description, state, vote_start: isoOf(one.voteStartSeconds), vote_end: isoOf(one.voteEndSeconds),
    seats: hasBegun ? seats : null, quorum: hasBegun ? quorum : null, votes_for: inFavour, votes_against: against, votes_abstain: abstain,
    queued_at: time(one.queuedAtSeconds), executable_from: time(one.executableFromSeconds), executed_at: time(one.executedAtSeconds),
    executed_block: one.executedBlock ?? null, cancelled_at: time(one.cancelledAtSeconds)
  }
}

function time(seconds: number | undefined): string | null {
  return seconds === undefined ? null : isoOf(seconds)
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
