import type { Decision, GovernanceCall, GovernanceChain, KnownProposal, Outcome } from '../../api/governance/types.ts'

export interface MemoryGovernanceChain extends GovernanceChain {
  /** What is tried comes to this; a function looks at the call. */
  verdict: Outcome | ((from: string, call: GovernanceCall) => Outcome)
  /** What trying a decision comes to. */
  decided: Outcome
  /** Thrown by `encode`. */
  fault: Error | undefined
  readonly tried: { from: string; call: GovernanceCall }[]
  readonly proposals: Map<string, KnownProposal>
  readonly madeBy: Map<string, string>
}

/** A chain that says of every call what a test wants it to say. */
export function createMemoryGovernanceChain(): MemoryGovernanceChain {
  const chain: MemoryGovernanceChain = {
    verdict: { passes: true },
    decided: { passes: true },
    fault: undefined,
    tried: [],
    proposals: new Map(),
    madeBy: new Map(),
    async encode(decisions: readonly Decision[]) {
      if (chain.fault !== undefined) throw chain.fault
      return {
        targets: decisions.map(() => `0x${'11'.repeat(20)}`), values: decisions.map(() => 0n),
        calldatas: decisions.map((decision) => `0x${Buffer.from(JSON.stringify(decision)).toString('hex')}`),
      }
    },
    rehearseDecisions: async () => chain.decided,
    async rehearseCall(from, call) {
      chain.tried.push({ from, call })
      return typeof chain.verdict === 'function' ? chain.verdict(from, call) : chain.verdict
    },
    findProposal: async (proposalId) => chain.proposals.get(proposalId),
    findProposalOf: async (transactionHash) => chain.madeBy.get(transactionHash),
    adviceOf: (code) => `advice on ${code}`,
  }
  return chain
}
