import type { Kysely } from 'kysely'
import { readContractBook } from '../../chain/contract-book.ts'
import type { Deployment } from '../../chain/deployment.ts'
import type { FederationAction } from '../../chain/governance-actions.ts'
import { findProposal, listProposals } from '../../chain/governance-queries.ts'
import { rehearse, verifyActions } from '../../chain/rehearsal.ts'
import { rehearseCall } from '../../chain/rehearse-call.ts'
import { adviceOf } from '../../chain/revert-advice.ts'
import type { ChainProvider } from '../../chain/rpc.ts'
import type { ChainTables } from '../../chain/tables.ts'
import type { Decision, GovernanceChain, ParameterName } from '../governance/types.ts'

export interface GovernanceChainOptions {
  readonly db: Kysely<ChainTables>
  readonly provider: ChainProvider
  readonly deployment: Deployment
  readonly clock: () => Date
}

const parameters = {
  voting_delay: 'votingDelay', voting_period: 'votingPeriod', quorum: 'quorumNumerator', timelock_delay: 'timelockDelay', rotation_delay: 'rotationDelay',
} as const satisfies Record<ParameterName, string>

const unexplained = 'Look at the contract\'s own words, and at the state of the federation, and try again.'

/** What governance asks of the chain, answered by index and node. */
export function createGovernanceChain({ db, provider, deployment, clock }: GovernanceChainOptions): GovernanceChain {
  const options = { db, provider, deployment, clock: () => clock().getTime() }
  const advise = (code: string): string => adviceOf(code) ?? unexplained
  return {
    encode: async (decisions) => await verifyActions(options, decisions.map(toAction)),
    async rehearseDecisions(decisions) {
      const rehearsal = await rehearse(options, decisions.map(toAction))
      if (rehearsal.passes) return rehearsal
      const { index, code, detail, advice } = rehearsal
      return { passes: false, code, detail, advice, ...(decisions.length > 1 && { position: index }) }
    },
    async rehearseCall(from, call) {
      const revert = await rehearseCall(provider, await readContractBook(db, deployment), from, call)
      return revert === undefined ? { passes: true } : { passes: false, ...revert, advice: advise(revert.code) }
    },
    async findProposal(proposalId) {
      const proposal = await findProposal(db, proposalId)
      if (proposal === undefined) return undefined
      const faults = proposal.actions.flatMap(({ fault }, position) => (fault === undefined ? [] : [{ position, ...fault, advice: adviceOf(fault.code) }]))
      return { calls: proposal.calls, descriptionHash: proposal.descriptionHash, faults }
    },
    findProposalOf: async (transactionHash) =>
      (await listProposals(db, { limit: Number.MAX_SAFE_INTEGER })).find(({ created }) => created.transactionHash === transactionHash)?.proposalId,
    adviceOf: advise,
  }
}

/** A decision in the words of the chain room. */
function toAction(decision: Decision): FederationAction {
  switch (decision.type) {
    case 'set_parameter': return { ...decision, parameter: parameters[decision.parameter] }
    case 'fund_shared': return { ...decision, units: BigInt(decision.units) }
    case 'replace_controller': return { type: 'offer_controller', city: decision.city, account: decision.account }
    case 'change_recovery': return { type: decision.type, city: decision.city, account: decision.account }
    case 'reinstate':
    case 'remove': return { type: decision.type, city: decision.city }
    default: return decision
  }
}
