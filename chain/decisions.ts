import type { Kysely } from 'kysely'
import type { ChainPlace } from '../agent/trust-lists/trust-register.ts'
import type { Locode } from '../agent/trust.ts'
import { listVotes } from './governance-queries.ts'
import type { ChainTables } from './tables.ts'

/** A vote on a proposal, by the city whose seat was cast. */
export interface DecisionVote {
  readonly city: Locode
  readonly support: 'against' | 'for' | 'abstain'
  /** Empty when the city gave none. */
  readonly reason: string
  readonly cast: Omit<ChainPlace, 'logIndex'>
}

/** Why something of the federation's own stands on the chain: the proposal whose execution wrote it. */
export interface Decision {
  readonly proposalId: string
  readonly proposer?: Locode
  readonly description: string
  /** In the order of the chain. */
  readonly votes: readonly DecisionVote[]
}

/**
 * The decision that wrote what stands at a place of the chain: of the proposals that its transaction carried out the
 * first that was marked as done after it. Undefined when nobody voted on it, as before the founding was over.
 */
export async function findDecision(db: Kysely<ChainTables>, place: Pick<ChainPlace, 'transactionHash' | 'logIndex'>): Promise<Decision | undefined> {
  const proposal = await db
    .selectFrom('chain_proposals')
    .select(['proposal_id', 'city', 'description'])
    .where('executed_transaction', '=', place.transactionHash)
    .where('executed_log', '>', place.logIndex)
    .orderBy('executed_log')
    .limit(1)
    .executeTakeFirst()
  if (proposal === undefined) return undefined
  const votes = await listVotes(db, proposal.proposal_id)
  return {
    proposalId: proposal.proposal_id,
    ...(proposal.city !== null && { proposer: proposal.city }),
    description: proposal.description,
    votes: votes.flatMap(({ city, support, reason, cast }) => (city === undefined ? [] : [{ city, support, reason, cast }]))
  }
}
