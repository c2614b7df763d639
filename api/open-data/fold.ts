import { isoOf } from '../../agent/trust-lists/times.ts'
import { toLocode, toName, toSeconds } from '../../chain/indexer/event-args.ts'
import type { DecodedEvent } from '../../chain/indexer/event-log.ts'
import { decodeCall } from './decode-call.ts'
import type { Row } from './types.ts'

/* What the events up to some block add up to, but for what the index has in tables of its own: notes and epochs. */

export interface FoldedProposal {
  readonly id: string
  readonly block: number
  readonly proposedAtSeconds: number
  readonly city: string
  readonly proposer: string
  readonly description: string
  readonly voteStartSeconds: number
  readonly voteEndSeconds: number
  readonly votes: readonly [against: number, inFavour: number, abstain: number]
  readonly queuedAtSeconds?: number
  readonly executableFromSeconds?: number
  readonly executedAtSeconds?: number
  readonly executedBlock?: number
  readonly cancelledAtSeconds?: number
}

export interface FoldedProgram {
  readonly id: string
  readonly block: number
  readonly city: string
  readonly name: string
  readonly sponsor: string
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  readonly createdAtSeconds: number
  readonly isShared: boolean
  readonly isClosed: boolean
  readonly values: readonly number[]
  readonly funded: bigint
  /** Left over at the close. */
  readonly leftOver: bigint
  /** Given back by merchants. */
  readonly settled: bigint
}

export interface FoldedDebt {
  readonly debtor: string
  readonly creditor: string
  readonly accrued: bigint
  readonly settled: bigint
}

export interface FoldedPause {
  readonly block: number
  readonly target: string
  readonly incident: string
  readonly pausedAtSeconds: number
  readonly untilSeconds: number
  readonly clearedAtSeconds?: number
  readonly clearedBy?: string
}

export interface FoldedList {
  readonly id: string
  readonly block: number
  readonly city: string
  readonly uri: string
  readonly size: number
  readonly createdAtSeconds: number
}

/** A number that held from a time on. */
interface Step {
  readonly fromSeconds: number
  readonly value: number
}

/** Rows are never changed once their block is over, only replaced: a fold can be copied shallowly at the end of a block. */
export class OpenDataFold {
  readonly proposals: Map<string, FoldedProposal>
  readonly programs: Map<string, FoldedProgram>
  readonly settlements: Map<string, Row>
  readonly debts: Map<string, FoldedDebt>
  readonly lists: Map<string, FoldedList>
  /** Which city an account holds the seat of, and of each operation of the timelock which proposal it carries out. */
  readonly seats: Map<string, string>
  readonly operations: Map<string, string>
  readonly seatCounts: Step[]
  readonly quorums: Step[]
  readonly memberEvents: Row[]
  readonly actions: Row[]
  readonly votes: Row[]
  readonly pauses: FoldedPause[]
  readonly parameters: Row[]
  readonly contracts: Row[]
  readonly anchors: Row[]
  /** Of the transaction that is being read: what no operation of the timelock has claimed yet. */
  #transaction = ''
  #unclaimed: ((proposalId: string) => void)[] = []
  #scheduled: string[] = []

  constructor(from?: OpenDataFold) {
    this.proposals = new Map(from?.proposals)
    this.programs = new Map(from?.programs)
    this.settlements = new Map(from?.settlements)
    this.debts = new Map(from?.debts)
    this.lists = new Map(from?.lists)
    this.seats = new Map(from?.seats)
    this.operations = new Map(from?.operations)
    this.seatCounts = [...(from?.seatCounts ?? [])]
    this.quorums = [...(from?.quorums ?? [])]
    this.memberEvents = [...(from?.memberEvents ?? [])]
    this.actions = [...(from?.actions ?? [])]
    this.votes = [...(from?.votes ?? [])]
    this.pauses = [...(from?.pauses ?? [])]
    this.parameters = [...(from?.parameters ?? [])]
    this.contracts = [...(from?.contracts ?? [])]
    this.anchors = [...(from?.anchors ?? [])]
  }

  /** Brings the fold from the state before an event to the state after it. Events it does not know change nothing. */
  apply(event: DecodedEvent): void {
    if (event.transactionHash !== this.#transaction) {
      this.#transaction = event.transactionHash
      this.#unclaimed = []
      this.#scheduled = []
    }
    steps[`${event.contract}.${event.event}`]?.(this, event)
  }

  /** Appends a row whose `proposal_id` is told once the timelock says which operation it belongs to. */
  append(rows: Row[], row: Row): void {
    const position = rows.push({ ...row, proposal_id: null }) - 1
    this.whenClaimed((proposalId) => { rows[position] = { ...rows[position], proposal_id: proposalId } })
  }

  /** The timelock writes what it carried out after each call: what stands before belongs to it. */
  whenClaimed(act: (proposalId: string) => void): void {
    this.#unclaimed.push(act)
  }

  schedule(operation: string): void {
    this.#scheduled.push(operation)
  }

  /** The governor says it queued a proposal after the timelock said what it scheduled. */
  claimScheduled(proposalId: string): void {
    for (const operation of this.#scheduled) this.operations.set(operation, proposalId)
    this.#scheduled = []
  }

  claim(operation: string): string | undefined {
    const proposalId = this.operations.get(operation)
    if (proposalId !== undefined) for (const act of this.#unclaimed) act(proposalId)
    this.#unclaimed = []
    return proposalId
  }

  /** The names the Directory ever gave an address; the last one counts. */
  contractAt(target: string): string {
    return String(this.contracts.findLast((row) => row['target'] === target)?.['name'] ?? '')
  }
}

type Apply = (fold: OpenDataFold, event: DecodedEvent) => void

const zeroAddress = `0x${'0'.repeat(40)}`
const supports = ['against', 'for', 'abstain'] as const

const steps: Readonly<Record<string, Apply>> = {
  'CityRegistry.CityAdmitted': (fold, event) => member(fold, event, 'admitted', { account: String(event.args['controller']) }),
  'CityRegistry.CityActivated': (fold, event) => member(fold, event, 'activated'),
  'CityRegistry.CitySuspended': (fold, event) =>
    member(fold, event, 'suspended', { reason: Number(event.args['reason']), until: isoOf(toSeconds(event.args['until'])) }),
  'CityRegistry.CityReinstated': (fold, event) => member(fold, event, 'reinstated'),
  'CityRegistry.CityRemoved': (fold, event) => member(fold, event, 'removed'),
  'CityRegistry.SuspensionAppealed': (fold, event) => member(fold, event, 'appealed', { document_hash: String(event.args['statementHash']) }),
  'CityRegistry.ServiceUrlChanged': (fold, event) => member(fold, event, 'service_url_changed', { text: String(event.args['serviceUrl']) }),
  'CityRegistry.ControllerOffered': (fold, event) =>
    member(fold, event, 'controller_offered', { account: String(event.args['controller']), until: isoOf(toSeconds(event.args['acceptableFrom'])) }),
  'CityRegistry.ControllerVetoed': (fold, event) => member(fold, event, 'controller_vetoed', { account: String(event.args['controller']) }),
  'CityRegistry.ControllerChanged': (fold, event) => member(fold, event, 'controller_changed', { account: String(event.args['controller']) }),
  'CityRegistry.RecoveryChanged': (fold, event) => member(fold, event, 'recovery_changed', { account: String(event.args['recovery']) }),
  'CityRegistry.RotationDelayChanged': (fold, event) => parameter(fold, event, 'rotation_delay', String(event.args['delay']), 'seconds'),

  'CitySeat.Transfer': (fold, { args, blockTimeSeconds }) => {
    const [from, to] = [String(args['from']), String(args['to'])]
    const count = fold.seatCounts.at(-1)?.value ?? 0
    if (from !== zeroAddress) fold.seats.delete(from)
    if (to !== zeroAddress) fold.seats.set(to, toLocode(`0x${BigInt(String(args['tokenId'])).toString(16).padStart(10, '0')}`))
    const value = count + Number(to !== zeroAddress) - Number(from !== zeroAddress)
    fold.seatCounts.push({ fromSeconds: blockTimeSeconds, value })
  },

  'Federation.ProposalCreated': (fold, event) => {
    const { args, blockNumber } = event
    const id = String(args['proposalId'])
    const proposer = String(args['proposer'])
    fold.proposals.set(id, {
      id, block: blockNumber, proposedAtSeconds: event.blockTimeSeconds, proposer, city: fold.seats.get(proposer) ?? '',
      description: String(args['description']), votes: [0, 0, 0],
      voteStartSeconds: toSeconds(args['voteStart']), voteEndSeconds: toSeconds(args['voteEnd'])
    })
    const targets = args['targets'] as readonly string[]
    const calldatas = args['calldatas'] as readonly string[]
    for (const [position, target] of targets.entries()) {
      const calldata = calldatas[position] ?? '0x'
      const contract = fold.contractAt(target)
      fold.actions.push({ block: blockNumber, proposal_id: id, position, target, contract, ...decodeCall(contract, calldata), calldata })
    }
  },
  'Federation.VoteCast': (fold, { args, blockNumber, blockTimeSeconds }) => {
    const id = String(args['proposalId'])
    const voter = String(args['voter'])
    const support = Number(args['support'])
    const weight = Number(args['weight'])
    fold.votes.push({
      block: blockNumber, proposal_id: id, city: fold.seats.get(voter) ?? '', voter, support: supports[support] ?? String(support),
      weight, reason: String(args['reason']), voted_at: isoOf(blockTimeSeconds)
    })
    change(fold.proposals, id, (proposal): FoldedProposal => {
      const [against, inFavour, abstain] = proposal.votes
      const more = (kind: number): number => (kind === support ? weight : 0)
      return { ...proposal, votes: [against + more(0), inFavour + more(1), abstain + more(2)] }
    })
  },
  'Federation.ProposalQueued': (fold, { args, blockTimeSeconds }) => {
    const id = String(args['proposalId'])
    fold.claimScheduled(id)
    change(fold.proposals, id, (proposal) => ({
      ...proposal, queuedAtSeconds: blockTimeSeconds, executableFromSeconds: toSeconds(args['etaSeconds'])
    }))
  },
  'Federation.ProposalCanceled': (fold, { args, blockTimeSeconds }) => {
    change(fold.proposals, String(args['proposalId']), (proposal) => ({ ...proposal, cancelledAtSeconds: blockTimeSeconds }))
  },
  'Federation.VotingDelaySet': (fold, event) => parameter(fold, event, 'voting_delay', String(event.args['newVotingDelay']), 'seconds'),
  'Federation.VotingPeriodSet': (fold, event) => parameter(fold, event, 'voting_period', String(event.args['newVotingPeriod']), 'seconds'),
  'Federation.ProposalThresholdSet': (fold, event) => parameter(fold, event, 'proposal_threshold', String(event.args['newProposalThreshold']), 'seats'),
  'Federation.QuorumNumeratorUpdated': (fold, event) => {
    fold.quorums.push({ fromSeconds: event.blockTimeSeconds, value: Number(event.args['newQuorumNumerator']) })
    parameter(fold, event, 'quorum', String(event.args['newQuorumNumerator']), 'percent')
  },

  'Timelock.CallScheduled': (fold, { args }) => fold.schedule(String(args['id'])),
  // Anyone may carry out an operation, past the governor: the timelock is who knows.
  'Timelock.CallExecuted': (fold, { args, blockNumber, blockTimeSeconds }) => {
    const id = fold.claim(String(args['id']))
    if (id !== undefined) change(fold.proposals, id, (proposal) => ({ ...proposal, executedAtSeconds: blockTimeSeconds, executedBlock: blockNumber }))
  },
  'Timelock.Cancelled': (fold, { args, blockTimeSeconds }) => {
    const id = fold.operations.get(String(args['id']))
    if (id !== undefined) change(fold.proposals, id, (proposal) => ({ ...proposal, cancelledAtSeconds: blockTimeSeconds }))
  },
  'Timelock.MinDelayChange': (fold, event) => parameter(fold, event, 'timelock_delay', String(event.args['newDuration']), 'seconds'),

  'Guardian.GuardianAppointed': (fold, event) => parameter(fold, event, 'guardian', String(event.args['guardian']), 'account'),
  'Guardian.WritesPaused': (fold, { args, blockNumber, blockTimeSeconds }) => {
    fold.pauses.push({
      block: blockNumber, target: String(args['target']), incident: String(args['incident']),
      pausedAtSeconds: blockTimeSeconds, untilSeconds: toSeconds(args['until'])
    })
  },
  'Guardian.PauseCleared': (fold, { args, blockTimeSeconds }) => {
    const position = fold.pauses.findLastIndex((pause) => pause.target === String(args['target']))
    const pause = fold.pauses[position]
    if (pause === undefined) return
    fold.pauses[position] = { ...pause, clearedAtSeconds: blockTimeSeconds }
    fold.whenClaimed((clearedBy) => { fold.pauses[position] = { ...(fold.pauses[position] ?? pause), clearedBy } })
  },

  'Directory.EntryChanged': (fold, { args, blockNumber, blockTimeSeconds }) => {
    const name = toName(args['name'])
    supersede(fold.contracts, 'name', name)
    fold.append(fold.contracts, {
      block: blockNumber, name, target: String(args['target']), code_hash: String(args['codeHash']), is_current: true, set_at: isoOf(blockTimeSeconds)
    })
  },

  'RewardPrograms.ProgramCreated': (fold, { args, blockNumber, blockTimeSeconds }) => {
    const id = String(args['program'])
    fold.programs.set(id, {
      id, block: blockNumber, city: toLocode(args['city']), name: String(args['name']), sponsor: String(args['sponsor']),
      validFromSeconds: toSeconds(args['from']), validUntilSeconds: toSeconds(args['until']), createdAtSeconds: blockTimeSeconds,
      isShared: false, isClosed: false, values: [], funded: 0n, leftOver: 0n, settled: 0n
    })
  },
  'RewardPrograms.DenominationRegistered': (fold, { args }) => program(fold, args, (one) => ({ ...one, values: [...one.values, Number(args['value'])] })),
  'RewardPrograms.ProgramFunded': (fold, { args }) => program(fold, args, (one) => ({ ...one, funded: one.funded + (args['units'] as bigint) })),
  'RewardPrograms.ProgramShared': (fold, { args }) => program(fold, args, (one) => ({ ...one, isShared: true })),
  'RewardPrograms.ProgramEndChanged': (fold, { args }) => program(fold, args, (one) => ({ ...one, validUntilSeconds: toSeconds(args['until']) })),
  'RewardPrograms.ProgramClosed': (fold, { args }) =>
    program(fold, args, (one) => ({ ...one, isClosed: true, leftOver: one.leftOver + (args['burnt'] as bigint) })),

  'Settlement.SettlementRequested': (fold, { args, blockNumber, blockTimeSeconds }) => {
    const ref = String(args['ref'])
    const units = args['units'] as bigint
    const [debtor, payer] = [toLocode(args['debtor']), toLocode(args['payer'])]
    fold.settlements.set(ref, {
      block: blockNumber, ref, program_id: String(args['program']), debtor, payer, merchant: String(args['merchant']), units: String(units),
      requested_at: isoOf(blockTimeSeconds), paid_at: null, bank_reference_hash: null
    })
    program(fold, args, (one) => ({ ...one, settled: one.settled + units }))
    if (debtor !== payer) debt(fold, debtor, payer, (one) => ({ ...one, accrued: one.accrued + units }))
  },
  'Settlement.SettlementPaid': (fold, { args, blockTimeSeconds }) => {
    change(fold.settlements, String(args['ref']), (row) => ({
      ...row, paid_at: isoOf(blockTimeSeconds), bank_reference_hash: String(args['bankReferenceHash'])
    }))
  },
  'Settlement.NetSettled': (fold, { args }) =>
    debt(fold, toLocode(args['debtor']), toLocode(args['creditor']), (one) => ({ ...one, settled: one.settled + (args['units'] as bigint) })),

  'StatusLists.ListCreated': ({ lists }, { args, blockNumber, blockTimeSeconds }) => {
    const id = String(args['listId'])
    // Opened again in a later contract, it is the same list.
    if (lists.has(id)) return
    lists.set(id, { id, block: blockNumber, city: toLocode(args['city']), uri: String(args['uri']), size: Number(args['size']), createdAtSeconds: blockTimeSeconds })
  },
  'Anchors.Anchored': ({ anchors }, { args, blockNumber, blockTimeSeconds }) => {
    const log = Number(args['log'])
    anchors.push({
      block: blockNumber, city: toLocode(args['city']), log: ['issuance', 'audit'][log] ?? String(log), size: toSeconds(args['size']),
      root: String(args['root']), anchored_at: isoOf(blockTimeSeconds)
    })
  }
}

/** Names of the events a fold follows. */
export const foldedEvents = [...new Set(Object.keys(steps).map((key) => key.slice(key.indexOf('.') + 1)))]

function member(fold: OpenDataFold, event: DecodedEvent, what: string, more: Row = {}): void {
  fold.append(fold.memberEvents, {
    block: event.blockNumber, at: isoOf(event.blockTimeSeconds), city: toLocode(event.args['city']), event: what,
    account: null, reason: null, until: null, document_hash: null, text: null, ...more, transaction: event.transactionHash
  })
}

function parameter(fold: OpenDataFold, event: DecodedEvent, name: string, value: string, unit: string): void {
  supersede(fold.parameters, 'parameter', name)
  fold.append(fold.parameters, {
    block: event.blockNumber, parameter: name, value, unit, is_current: true, set_at: isoOf(event.blockTimeSeconds)
  })
}

/** What held under this name until now no longer does. */
function supersede(rows: Row[], column: string, name: string): void {
  const position = rows.findLastIndex((row) => row[column] === name)
  if (position >= 0) rows[position] = { ...rows[position], is_current: false }
}

function program(fold: OpenDataFold, args: DecodedEvent['args'], next: (one: FoldedProgram) => FoldedProgram): void {
  change(fold.programs, String(args['program']), next)
}

function debt(fold: OpenDataFold, debtor: string, creditor: string, next: (one: FoldedDebt) => FoldedDebt): void {
  const key = `${debtor} ${creditor}`
  fold.debts.set(key, next(fold.debts.get(key) ?? { debtor, creditor, accrued: 0n, settled: 0n }))
}

function change<Value>(map: Map<string, Value>, key: string, next: (value: Value) => Value): void {
  const value = map.get(key)
  if (value !== undefined) map.set(key, next(value))
}
