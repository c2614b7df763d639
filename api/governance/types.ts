import type { MethodArgs, MethodName } from '../../chain/contracts.ts'
import type { ContractName } from '../../chain/deployment.ts'

/** Governed numbers: seconds, and the quorum in per cent. */
export const parameterNames = ['voting_delay', 'voting_period', 'quorum', 'timelock_delay', 'rotation_delay'] as const
export type ParameterName = (typeof parameterNames)[number]

/** What the federation decides by vote. Times are Unix seconds; hashes and program ids 0x and 32 bytes. */
export type Decision =
  | { readonly type: 'admit'; readonly city: string; readonly name: string; readonly did: string; readonly controller: string; readonly recovery: string; readonly serviceUrl: string }
  | { readonly type: 'activate'; readonly city: string; readonly agreementHash: string; readonly dpiaHash: string }
  | { readonly type: 'suspend'; readonly city: string; readonly reason: number; readonly untilSeconds: number }
  | { readonly type: 'reinstate' | 'remove'; readonly city: string }
  | { readonly type: 'set_parameter'; readonly parameter: ParameterName; readonly value: number }
  | { readonly type: 'point_directory'; readonly name: string; readonly target: string; readonly codeHash: string }
  | { readonly type: 'fund_shared'; readonly programId: string; readonly units: number }
  | { readonly type: 'end_shared'; readonly programId: string; readonly untilSeconds: number }
  | { readonly type: 'clear_pause'; readonly target: string }
  | { readonly type: 'appoint_guardian'; readonly account: string }
  /** For a suspended city whose keys were lost or stolen. */
  | { readonly type: 'replace_controller' | 'change_recovery'; readonly city: string; readonly account: string }
  | { readonly type: 'veto_controller'; readonly city: string }
  /** Lets a contract make, move and burn points, or no longer: a new version of RewardPrograms or Settlement needs it. */
  | { readonly type: 'set_operator'; readonly account: string; readonly allowed: boolean }
  /** Takes over a new version of a contract that was handed to the federation. */
  | { readonly type: 'accept_ownership'; readonly target: string }

/** Several decisions in one proposal, carried out in this order, all or none. */
export interface Batch {
  readonly type: 'batch'
  readonly actions: readonly Decision[]
}

/** What begins as a proposal. */
export type Motion = Decision | Batch

export type VoteSupport = 'for' | 'against' | 'abstain'

/** What a city does with a proposal. */
export type ProposalStep =
  | ({ readonly type: 'vote'; readonly proposalId: string; readonly support: VoteSupport } & Acknowledgement)
  | ({ readonly type: 'queue' | 'execute'; readonly proposalId: string } & Acknowledgement)
  | { readonly type: 'cancel'; readonly proposalId: string }

/** Whoever drafts help for a faulty proposal says that they saw it. */
interface Acknowledgement {
  readonly despiteFaults?: true
}

/** What a city does for itself. An offer with `ownKey` is to a new key of this service, whose account is made with the draft. */
export type OwnAction =
  | { readonly type: 'appeal'; readonly statementHash: string }
  | { readonly type: 'offer_controller'; readonly ownKey: true; readonly account?: string }
  | { readonly type: 'offer_controller'; readonly ownKey: false; readonly account: string }
  | { readonly type: 'accept_controller' }
  | { readonly type: 'share_program'; readonly programId: string }

export type GovernanceAction = Motion | ProposalStep | OwnAction
export type DecisionType = Decision['type']

export const decisionTypes = [
  'admit', 'activate', 'suspend', 'reinstate', 'remove', 'set_parameter', 'point_directory', 'fund_shared', 'end_shared', 'clear_pause', 'appoint_guardian',
  'replace_controller', 'veto_controller', 'change_recovery', 'set_operator', 'accept_ownership',
] as const satisfies readonly DecisionType[]

/** Whether an action is for all cities to decide, and begins as a proposal. */
export function isMotion(action: GovernanceAction): action is Motion {
  return action.type === 'batch' || (decisionTypes as readonly string[]).includes(action.type)
}

/** What a proposal decides, one after the other. */
export function decisionsOf(motion: Motion): readonly Decision[] {
  return motion.type === 'batch' ? motion.actions : [motion]
}

/** Somebody of the city who may speak for it: the provider's word for who, and the name colleagues read. */
export interface Officer {
  readonly issuer: string
  readonly subject: string
  readonly name: string
}

export type DraftEvent = 'drafted' | 'approved' | 'withdrawn'

/** Who did what with a draft; kept for ever, sealed. */
export interface DraftRecord {
  readonly event: DraftEvent
  readonly officer: Officer
  readonly at: Date
}

export interface StoredDraft {
  readonly draftId: string
  readonly action: GovernanceAction
  /** A proposal's description or a vote's reason: public for ever once it is sent. */
  readonly text: string
  readonly state: 'draft' | 'approved' | 'withdrawn'
  readonly outboxKey: string | undefined
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly records: readonly DraftRecord[]
}

export type DraftState = 'draft' | 'approved' | 'confirmed' | 'failed' | 'withdrawn' | 'expired'

/** Why the chain refuses a call, in a code, as the contract says it, and in words that help. */
export interface Refusal {
  readonly code: string
  readonly detail: string
  readonly advice: string
  /** Which of several decisions is refused, from zero. */
  readonly position?: number
}

/** What is wrong with an action of a proposal: it is not what it seems, or calls what the federation does not have. */
export interface ProposalFault {
  /** Which action, from zero. */
  readonly position: number
  readonly code: string
  readonly detail: string
  readonly advice: string
}

export interface Draft extends StoredDraft {
  readonly current: DraftState
  /** The proposal it made, or is about. */
  readonly proposalId: string | undefined
  readonly transactionHash: string | undefined
  readonly blockNumber: number | undefined
  readonly failure: Refusal | undefined
  /** Of the proposal it is about, while somebody can still think better of it. */
  readonly faults: readonly ProposalFault[]
}

type CallOf<C extends ContractName, M extends MethodName<C>> = { readonly contract: C; readonly method: M; readonly args: MethodArgs<C, M> }

/** The calls that officers' drafts become. */
export type GovernanceCall =
  | CallOf<'Federation', 'propose'> | CallOf<'Federation', 'castVoteWithReason'>
  | CallOf<'Federation', 'queue'> | CallOf<'Federation', 'execute'> | CallOf<'Federation', 'cancel'>
  | CallOf<'CityRegistry', 'appeal'> | CallOf<'CityRegistry', 'offerController'> | CallOf<'CityRegistry', 'acceptController'>
  | CallOf<'RewardPrograms', 'share'>

/** What `Federation.propose` takes. */
export interface ProposalCalls {
  readonly targets: readonly string[]
  readonly values: readonly bigint[]
  readonly calldatas: readonly string[]
}

/** What would come of an action now; faults of the proposal it is about stop nothing on the chain, and are to be known. */
export type Rehearsal = Outcome & { readonly faults?: readonly ProposalFault[] }
export type Outcome = { readonly passes: true } | ({ readonly passes: false } & Refusal)

export interface KnownProposal {
  readonly calls: ProposalCalls
  readonly descriptionHash: string
  readonly faults: readonly ProposalFault[]
}

/** What governance asks of the chain room. Nothing here is sent. */
export interface GovernanceChain {
  /** Checks decisions against index and node, each on top of those before, and encodes them. @throws ChainError when one makes no sense as the chain stands. */
  encode(decisions: readonly Decision[]): Promise<ProposalCalls>
  /** Tries decisions in order as the timelock would carry them out now. */
  rehearseDecisions(decisions: readonly Decision[]): Promise<Outcome>
  /** Tries a call as this account would send it now. */
  rehearseCall(from: string, call: GovernanceCall): Promise<Outcome>
  findProposal(proposalId: string): Promise<KnownProposal | undefined>
  /** The proposal that a transaction made. */
  findProposalOf(transactionHash: string): Promise<string | undefined>
  adviceOf(code: string): string
}

export interface ControllerKey {
  /** Name in the key store and in the outbox. */
  readonly account: string
  readonly address: string
}

/** Who acts for the city on the chain, and who is about to. */
export interface Control {
  readonly current: ControllerKey
  /** A key of this service that control was offered to. */
  readonly next: ControllerKey | undefined
  readonly isHandingOver: boolean
}

/** The keys that act for the city. All changes join the transaction around. */
export interface CityControl {
  read(): Promise<Control>
  /** Makes a key that control can be offered to. */
  createKey(name: string): Promise<ControllerKey>
  /** Remembers the key that control is offered to; an account of somebody else is undefined. */
  offer(key: ControllerKey | undefined): Promise<void>
  /** From now on what the city sends waits until the call under `outboxKey`, which accepts control, is settled. */
  beginHandOver(outboxKey: string): Promise<void>
  /** Goes on with the new key, or with the old one when the acceptance failed; does nothing while it is open. */
  settleHandOver(): Promise<'nothing' | 'open' | 'switched' | 'kept'>
}
