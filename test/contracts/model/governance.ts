import { AbiCoder, id, keccak256 } from 'ethers'
import type { CitiesModel } from './membership.ts'
import { need, type Clock } from './refusal.ts'

export const proposalStates = ['pending', 'active', 'canceled', 'defeated', 'succeeded', 'queued', 'expired', 'executed'] as const
type ProposalState = typeof proposalStates[number]

/** A call that a proposal makes, and what the model does in its place: it says how to undo that, if it can be. */
export interface Action {
  readonly target: string
  readonly value: number
  readonly data: string
  readonly apply: () => (() => void)
}

interface ProposalModel {
  readonly actions: readonly Action[]
  readonly proposer: string
  readonly snapshot: number
  readonly deadline: number
  readonly votes: { against: number; for: number; abstain: number }
  readonly voters: Set<string>
  eta: number
  executed: boolean
  canceled: boolean
}

/** Something that changes, and what it was at any time. */
export class History<T> {
  readonly changes: { time: number; value: T }[] = []
  readonly initial: T

  constructor(initial: T) {
    this.initial = initial
  }

  set(time: number, value: T): void {
    this.changes.push({ time, value })
  }

  at(time: number): T {
    return this.changes.findLast((change) => change.time <= time)?.value ?? this.initial
  }
}

/** The number under which the federation knows a proposal. */
export function proposalId(actions: readonly Action[], description: string): string {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ['address[]', 'uint256[]', 'bytes[]', 'bytes32'],
    [actions.map(({ target }) => target), actions.map(({ value }) => value), actions.map(({ data }) => data), id(description)],
  )
  return BigInt(keccak256(encoded)).toString()
}

/** Proposals and votes of the cities, and the timelock behind them. */
export class FederationModel {
  readonly clock: Clock
  readonly cities: CitiesModel
  readonly hasCode: (address: string) => boolean
  readonly proposals = new Map<string, ProposalModel>()
  readonly seats: History<ReadonlySet<string>>
  readonly quorumPercent: History<number>
  votingDelay: number
  votingPeriod: number
  timelockDelay: number
  /** Who holds which role of the timelock, `role,account`. */
  readonly roles: Set<string>

  constructor(clock: Clock, cities: CitiesModel, hasCode: (address: string) => boolean, parameters: { delay: number; period: number; quorum: number; timelock: number }, roles: readonly string[]) {
    this.roles = new Set(roles)
    this.clock = clock
    this.cities = cities
    this.hasCode = hasCode
    this.seats = new History<ReadonlySet<string>>(new Set())
    this.quorumPercent = new History(parameters.quorum)
    this.votingDelay = parameters.delay
    this.votingPeriod = parameters.period
    this.timelockDelay = parameters.timelock
  }

  /** To be called after every change of membership. */
  noteSeats(): void {
    this.seats.set(this.clock.now, new Set(this.cities.seats().map((city) => this.cities.city(city).controller)))
  }

  propose(from: string, actions: readonly Action[], description: string): void {
    need(this.seats.at(this.clock.now - 1).has(from), 'GovernorInsufficientProposerVotes', from, 0, 1)
    this.requireActiveCity(from)
    need(Buffer.byteLength(description) <= 10_000, 'FederationTextTooLong', Buffer.byteLength(description), 10_000)
    const proposal = proposalId(actions, description)
    need(actions.length > 0, 'GovernorInvalidProposalLength', 0, 0, 0)
    need(!this.proposals.has(proposal), 'GovernorUnexpectedProposalState', proposal, this.proposals.has(proposal) ? this.stateCode(proposal) : 0, bitmap())
    for (const [index, { target, value, data }] of actions.entries()) {
      const fault = value !== 0 ? 1 : data.length < 10 ? 2 : this.hasCode(target) ? 0 : 3
      need(fault === 0, 'FederationInvalidAction', index, target, fault)
    }
    const snapshot = this.clock.now + this.votingDelay
    this.proposals.set(proposal, {
      actions, proposer: from, snapshot, deadline: snapshot + this.votingPeriod, votes: { against: 0, for: 0, abstain: 0 },
      voters: new Set(), eta: 0, executed: false, canceled: false,
    })
  }

  vote(from: string, proposal: string, support: number, reason: string): void {
    this.requireActiveCity(from)
    need(Buffer.byteLength(reason) <= 1000, 'FederationTextTooLong', Buffer.byteLength(reason), 1000)
    this.requireState(proposal, 'active')
    const { voters, votes, snapshot } = this.find(proposal)
    need(!voters.has(from), 'GovernorAlreadyCastVote', from)
    need(support <= 2, 'GovernorInvalidVoteType')
    need(this.seats.at(snapshot).has(from), 'FederationNoSeatAtSnapshot', proposal, from)
    voters.add(from)
    votes[(['against', 'for', 'abstain'] as const)[support] ?? 'abstain'] += 1
  }

  queue(proposal: string): void {
    this.requireState(proposal, 'succeeded')
    this.find(proposal).eta = this.clock.now + this.timelockDelay
  }

  execute(proposal: string): void {
    this.requireState(proposal, 'queued')
    const found = this.find(proposal)
    need(this.clock.now >= found.eta, 'TimelockUnexpectedOperationState', '*')
    const undo: (() => void)[] = []
    try {
      for (const { apply } of found.actions) undo.unshift(apply())
    } catch (error) {
      // All actions or none.
      for (const step of undo) step()
      throw error
    }
    found.executed = true
  }

  cancel(from: string, proposal: string): void {
    const pending = this.state(proposal) === 'pending'
    need(pending && this.find(proposal).proposer === from, 'GovernorUnableToCancel', proposal, from)
    this.find(proposal).canceled = true
  }

  setVotingPeriod(seconds: number): () => void {
    const before = this.votingPeriod
    need(seconds <= 90 * 86_400, 'FederationInvalidVotingPeriod', seconds)
    need(seconds !== 0, 'GovernorInvalidVotingPeriod', 0)
    this.votingPeriod = seconds
    return () => { this.votingPeriod = before }
  }

  setVotingDelay(seconds: number): () => void {
    const before = this.votingDelay
    need(seconds <= 30 * 86_400, 'FederationInvalidVotingDelay', seconds)
    this.votingDelay = seconds
    return () => { this.votingDelay = before }
  }

  setTimelockDelay(seconds: number): () => void {
    const before = this.timelockDelay
    need(seconds <= 30 * 86_400, 'TimelockDelayTooLong', seconds, 30 * 86_400)
    this.timelockDelay = seconds
    return () => { this.timelockDelay = before }
  }

  /** Gives a role of the timelock or takes it, by the timelock itself; what is so already stays so. */
  setRole(role: string, account: string, holds: boolean): () => void {
    const key = `${role},${account}`
    const before = this.roles.has(key)
    const set = (held: boolean): void => {
      if (held) this.roles.add(key)
      else this.roles.delete(key)
    }
    set(holds)
    return () => { set(before) }
  }

  setQuorum(percent: number): () => void {
    need(percent !== 0, 'FederationInvalidQuorum', 0)
    need(percent <= 100, 'GovernorInvalidQuorumFraction', percent, 100)
    this.quorumPercent.set(this.clock.now, percent)
    return () => { this.quorumPercent.changes.pop() }
  }

  state(proposal: string): ProposalState {
    const { executed, canceled, snapshot, deadline, votes, eta } = this.find(proposal)
    if (executed) return 'executed'
    if (canceled) return 'canceled'
    if (this.clock.now <= snapshot) return 'pending'
    if (this.clock.now <= deadline) return 'active'
    const reached = votes.for + votes.abstain >= this.quorum(snapshot)
    if (!reached || votes.for <= votes.against) return 'defeated'
    return eta === 0 ? 'succeeded' : 'queued'
  }

  /** Seats that must vote for or abstain, rounded up. */
  quorum(time: number): number {
    return Math.ceil((this.seats.at(time).size * this.quorumPercent.at(time)) / 100)
  }

  stateCode(proposal: string): number {
    return proposalStates.indexOf(this.state(proposal))
  }

  private find(proposal: string): ProposalModel {
    const found = this.proposals.get(proposal)
    need(found !== undefined, 'GovernorNonexistentProposal', proposal)
    return found
  }

  private requireState(proposal: string, wanted: ProposalState): void {
    const state = this.state(proposal)
    need(state === wanted, 'GovernorUnexpectedProposalState', proposal, proposalStates.indexOf(state), bitmap(wanted))
  }

  private requireActiveCity(account: string): void {
    const city = this.cities.cityOfSeat(account)
    need(this.cities.isActive(city), 'FederationNotActiveCity', account, city)
  }
}

/** The states that would have been right, one bit each. */
function bitmap(...states: readonly ProposalState[]): string {
  const bits = states.reduce((sum, state) => sum + 2 ** proposalStates.indexOf(state), 0)
  return `0x${bits.toString(16).padStart(64, '0')}`
}
