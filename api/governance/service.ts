import { randomBytes, randomUUID } from 'node:crypto'
import { SymbolonError } from '../../agent/errors.ts'
import { ActionError } from '../../chain/governance-actions.ts'
import { controllerAccount } from '../city/identity.ts'
import type { ChainSender } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'
import { ApiError } from '../platform/errors.ts'
import { transact } from '../platform/transaction.ts'
import { composeCall, type ComposedCall } from './compose.ts'
import type { GovernanceStore } from './store.ts'
import {
  decisionsOf, isMotion, type CityControl, type Control, type Draft, type DraftRecord, type GovernanceAction, type GovernanceChain, type Officer, type Outcome,
  type Rehearsal, type StoredDraft,
} from './types.ts'

const DRAFT_DAYS = 7
const DRAFTS_LISTED = 200
const MILLISECONDS_A_DAY = 86_400_000

export interface GovernanceDependencies {
  readonly db: Db
  readonly store: GovernanceStore
  readonly chain: ChainSender
  readonly governance: GovernanceChain
  readonly control: CityControl
  readonly locode: string
  readonly clock: () => Date
}

/** What two officers of a city decide in its name: drafted by one, approved by another, then sent with the city's key. */
export type GovernanceService = ReturnType<typeof createGovernanceService>

export function createGovernanceService(deps: GovernanceDependencies) {
  const { db, store, chain, governance, control, clock } = deps

  const describe = async (stored: StoredDraft): Promise<Draft> => {
    const about = 'proposalId' in stored.action ? stored.action.proposalId : undefined
    const open = { ...stored, proposalId: about, transactionHash: undefined, blockNumber: undefined, failure: undefined, faults: [] }
    if (stored.state === 'withdrawn') return { ...open, current: 'withdrawn' }
    if (stored.state === 'draft') {
      if (clock() > stored.expiresAt) return { ...open, current: 'expired' }
      const proposal = about === undefined || stored.action.type === 'cancel' ? undefined : await governance.findProposal(about)
      return { ...open, current: 'draft', faults: proposal?.faults ?? [] }
    }
    const entry = stored.outboxKey === undefined ? undefined : await chain.state(stored.outboxKey)
    const sent = { ...open, transactionHash: entry?.transactionHash, blockNumber: entry?.blockNumber }
    if (entry?.state === 'failed') {
      const code = entry.errorCode ?? 'ERR_CHAIN_REVERTED'
      return { ...sent, current: 'failed', failure: { code, detail: entry.errorDetail ?? '', advice: governance.adviceOf(code) } }
    }
    if (entry?.state !== 'confirmed') return { ...sent, current: 'approved' }
    const made = isMotion(stored.action) && entry.transactionHash !== undefined ? await governance.findProposalOf(entry.transactionHash) : about
    return { ...sent, current: 'confirmed', proposalId: made }
  }

  /**
   * Composes a call and tries it, as the chain stands now.
   *
   * @throws ApiError `ERR_CHAIN_UNAVAILABLE`, `ERR_PROPOSAL_UNKNOWN`, `ERR_NOTHING_OFFERED`
   */
  const tryOut = async (action: GovernanceAction, text: string): Promise<{ readonly rehearsal: Rehearsal; readonly composed: ComposedCall | undefined }> => {
    const concrete = action.type === 'offer_controller' ? { ...action, account: action.account ?? anyAddress() } : action
    const held: Control = await control.read()
    try {
      const composed = await composeCall(concrete, text, { chain: governance, locode: deps.locode, control: held })
      const decided: Outcome = isMotion(concrete) ? await governance.rehearseDecisions(decisionsOf(concrete)) : { passes: true }
      if (!decided.passes) return { rehearsal: decided, composed: undefined }
      const outcome = await governance.rehearseCall(composed.from.address, composed.call)
      return { rehearsal: { ...outcome, ...(composed.faults.length > 0 && { faults: composed.faults }) }, composed }
    } catch (error) {
      if (error instanceof ApiError || !(error instanceof SymbolonError)) throw error
      if (awayCodes.has(error.code)) throw new ApiError('ERR_CHAIN_UNAVAILABLE', undefined, { cause: error })
      const position = isMotion(concrete) && concrete.type === 'batch' && error instanceof ActionError ? { position: error.position } : {}
      return { rehearsal: { passes: false, code: error.code, detail: error.message, advice: governance.adviceOf(error.code), ...position }, composed: undefined }
    }
  }

  const requireDraft = async (draftId: string, options: { readonly lock?: boolean } = {}): Promise<StoredDraft> => {
    const stored = await store.find(draftId, options)
    if (stored === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such draft.')
    return stored
  }

  const requireOpen = (stored: StoredDraft): void => {
    if (stored.state !== 'draft') throw new ApiError('ERR_DRAFT_CLOSED', undefined, { members: { state: stored.state } })
    if (clock() > stored.expiresAt) throw new ApiError('ERR_DRAFT_EXPIRED')
  }

  const requireOther = (stored: StoredDraft, officer: Officer): void => {
    if (stored.records.some(({ event, officer: drafter }) => event === 'drafted' && isSame(drafter, officer))) throw new ApiError('ERR_SAME_OFFICER')
  }

  return {
    /** Tries an action without keeping anything. */
    rehearse: async (action: GovernanceAction, text: string): Promise<Rehearsal> => (await tryOut(action, text)).rehearsal,

    /** Asks the chain before a draft is kept. @throws ApiError `ERR_REHEARSAL_REFUSED`, `ERR_PROPOSAL_FAULTY` and those of a rehearsal */
    async prepareDraft(action: GovernanceAction, text: string): Promise<void> {
      const { rehearsal } = await tryOut(action, text)
      requirePass(rehearsal)
      requireKnowing(action, rehearsal)
    },

    /** Keeps a draft that was rehearsed. An offer of control to a new key makes that key. */
    async draft(officer: Officer, action: GovernanceAction, text: string): Promise<Draft> {
      const now = clock()
      const draftId = randomUUID()
      return await transact(db, async () => {
        const concrete = action.type === 'offer_controller' && action.ownKey ? { ...action, account: (await control.createKey(draftId)).address } : action
        await store.insert({ draftId, action: concrete, text, createdAt: now, expiresAt: new Date(now.getTime() + DRAFT_DAYS * MILLISECONDS_A_DAY) })
        await store.record(draftId, 'drafted', officer, now)
        return await describe(await requireDraft(draftId))
      })
    },

    list: async (): Promise<readonly Draft[]> => await Promise.all((await store.list(DRAFTS_LISTED)).map(describe)),
    read: async (draftId: string): Promise<Draft> => await describe(await requireDraft(draftId)),

    /** Asks the chain once more before a draft is sent: days may have passed. */
    async prepareApproval(officer: Officer, draftId: string): Promise<ComposedCall> {
      const stored = await requireDraft(draftId)
      requireOpen(stored)
      requireOther(stored, officer)
      const { rehearsal, composed } = await tryOut(stored.action, stored.text)
      requirePass(rehearsal)
      // What was no fault when it was drafted can be one now: a contract is replaced meanwhile.
      requireKnowing(stored.action, rehearsal)
      if (composed === undefined) throw new TypeError('a rehearsal that passed has a call')
      return composed
    },

    /**
     * A second officer agrees: the call is written to the outbox in the same transaction.
     *
     * @throws ApiError `ERR_SAME_OFFICER`, `ERR_DRAFT_CLOSED`, `ERR_DRAFT_EXPIRED`, `ERR_CONTROL_MOVING`
     */
    async approve(officer: Officer, draftId: string, composed: ComposedCall): Promise<Draft> {
      return await transact(db, async () => {
        const stored = await requireDraft(draftId, { lock: true })
        requireOpen(stored)
        requireOther(stored, officer)
        const outboxKey = `governance:${draftId}`
        if (stored.action.type === 'offer_controller' || stored.action.type === 'accept_controller') {
          const held = await control.read()
          if (held.isHandingOver) throw new ApiError('ERR_CONTROL_MOVING')
          if (stored.action.type === 'accept_controller') {
            if (held.next?.account !== composed.from.account) throw new ApiError('ERR_NOTHING_OFFERED')
            await control.beginHandOver(outboxKey)
          } else {
            await control.offer(stored.action.ownKey ? await control.createKey(draftId) : undefined)
          }
        }
        await store.approve(draftId, outboxKey)
        await store.record(draftId, 'approved', officer, clock())
        await chain.enqueue({ ...composed.call, account: composed.sender === 'next' ? composed.from.account : controllerAccount, key: outboxKey })
        return await describe(await requireDraft(draftId))
      })
    },

    /** Takes back what was not approved yet; either officer may. @throws ApiError `ERR_DRAFT_CLOSED`, `ERR_DRAFT_EXPIRED` */
    async withdraw(officer: Officer, draftId: string): Promise<Draft> {
      return await transact(db, async () => {
        requireOpen(await requireDraft(draftId, { lock: true }))
        await store.withdraw(draftId)
        await store.record(draftId, 'withdrawn', officer, clock())
        return await describe(await requireDraft(draftId))
      })
    },

    /** Who acts for the city on the chain. */
    readControl: async (): Promise<Control> => await control.read(),

    /** Goes on with a hand-over of control where one is under way. */
    async followHandOver(): Promise<void> {
      await control.settleHandOver()
    },
  }
}

/** The node is away or answers nonsense: nothing is known about the action itself. */
const awayCodes: ReadonlySet<string> = new Set(['ERR_CHAIN_UNREACHABLE', 'ERR_CHAIN_RPC', 'ERR_CHAIN_MISMATCH', 'ERR_CHAIN_DISAGREEMENT'])

/** Whether two sign-ins are the same person: a subject means somebody only together with who vouches for it. */
export function isSame(one: Pick<Officer, 'issuer' | 'subject'>, other: Pick<Officer, 'issuer' | 'subject'>): boolean {
  return one.issuer === other.issuer && one.subject === other.subject
}

/** The record of an event of a draft, if it happened. */
export function recordOf(draft: Pick<StoredDraft, 'records'>, event: DraftRecord['event']): DraftRecord | undefined {
  return draft.records.find((record) => record.event === event)
}

function requirePass(rehearsal: Rehearsal): void {
  if (rehearsal.passes) return
  const { code, detail, advice, position } = rehearsal
  const refusal = { code, detail, advice, ...(position === undefined ? {} : { position }) }
  throw new ApiError('ERR_REHEARSAL_REFUSED', rehearsal.advice, { members: { refusal } })
}

/** Nobody helps a proposal along that is not what it seems, unless they say that they know. To vote against it, or to abstain, takes no word. */
function requireKnowing(action: GovernanceAction, { faults = [] }: Rehearsal): void {
  const helps = action.type === 'queue' || action.type === 'execute' || (action.type === 'vote' && action.support === 'for')
  if (faults.length > 0 && helps && action.despiteFaults !== true) throw new ApiError('ERR_PROPOSAL_FAULTY', faults[0]?.advice, { members: { faults } })
}

/** Stands for a key that will be made: to the contract any address that nobody uses is like any other. */
function anyAddress(): string {
  return `0x${randomBytes(20).toString('hex')}`
}
