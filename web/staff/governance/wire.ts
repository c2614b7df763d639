import type { Moment } from '../../ui/desk/times.ts'

/** What the chain did, where and when. */
export interface Place {
  readonly block: number
  readonly transaction_hash: string
  readonly at: Moment
}

/** Why an action of a proposal is not what it seems. */
export interface Fault {
  readonly code: string
  readonly detail: string
  readonly advice: string
}

/** A fault with the place of its action, from zero. */
export type PlacedFault = Fault & { readonly position: number }

/** An action in words of the API: which members are there depends on its type. */
export interface Action {
  readonly type: string
  readonly contract?: string
  readonly locode?: string
  readonly name?: string
  readonly did?: string
  readonly controller?: string
  readonly own_key?: boolean
  readonly recovery?: string
  readonly service_url?: string
  readonly agreement_hash?: string
  readonly dpia_hash?: string
  readonly reason?: number
  readonly until?: Moment
  readonly parameter?: string
  readonly value?: number
  readonly address?: string
  readonly code_hash?: string
  readonly program_id?: string
  readonly units?: number
  readonly data?: string
  readonly proposal_id?: string
  readonly support?: Support
  readonly statement_hash?: string
  readonly allowed?: boolean
  readonly fault?: Fault
  /** Of a vote, a queueing or an execution: whoever drafted it knows that the proposal is faulty. */
  readonly despite_faults?: boolean
  /** Of a `batch`: decisions that are carried out in this order, all or none. */
  readonly actions?: readonly Action[]
}

export type Support = 'for' | 'against' | 'abstain'
export type ProposalState = 'pending' | 'active' | 'defeated' | 'succeeded' | 'queued' | 'executable' | 'executed' | 'cancelled'

export interface Vote {
  readonly city?: string
  readonly account: string
  readonly support: Support
  readonly reason: string
  readonly cast: Place
}

export interface Proposal {
  readonly proposal_id: string
  readonly title: string
  readonly description: string
  readonly state: ProposalState
  readonly changes_at?: Moment
  readonly proposer: { readonly account: string; readonly city?: string }
  readonly actions: readonly Action[]
  readonly created: Place
  readonly voting_starts_at: Moment
  readonly voting_ends_at: Moment
  readonly executable_at?: Moment
  readonly queued?: Place
  readonly executed?: Place
  readonly cancelled?: Place
  readonly tally: { readonly for: number; readonly against: number; readonly abstain: number; readonly seats: number; readonly quorum: number; readonly quorum_reached: boolean }
  /** Only where one proposal is asked for. */
  readonly votes?: readonly Vote[]
}

export type DraftState = 'draft' | 'approved' | 'confirmed' | 'failed' | 'withdrawn' | 'expired'

export interface Refusal {
  readonly code: string
  readonly detail: string
  readonly advice: string
  /** Which action of several was refused, from zero. */
  readonly position?: number
}

interface Act {
  readonly by: string
  readonly is_you: boolean
  readonly at: Moment
}

export interface Draft {
  readonly draft_id: string
  readonly state: DraftState
  readonly action: Action
  readonly description?: string
  readonly reason?: string
  readonly drafted: Act
  readonly approved?: Act
  readonly withdrawn?: Act
  readonly expires_at: Moment
  readonly may_approve: boolean
  readonly proposal_id?: string
  readonly transaction_hash?: string
  readonly failure?: Refusal
  readonly faults?: readonly PlacedFault[]
}

export interface Rehearsal {
  readonly passes: boolean
  readonly refusal?: Refusal
}

export interface Member {
  readonly locode: string
  readonly name: string
  readonly status: 'pending' | 'active' | 'suspended' | 'removed'
  readonly suspension?: { readonly reason: number; readonly reason_name?: string; readonly until?: Moment }
  readonly appeal?: { readonly statement_hash: string; readonly appealed: Place }
  readonly controller: string
  readonly recovery: string
  readonly offer?: { readonly account: string; readonly acceptable_from: Moment }
}

export interface Pause {
  readonly address: string
  readonly contract?: string
  readonly incident: string
  readonly until: Moment
  readonly running: boolean
  /** Whether it stops anything. */
  readonly effective: boolean
}

export interface Control {
  readonly controller: string
  readonly next?: string
  readonly handing_over: boolean
}
