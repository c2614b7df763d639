import type { ChainSettlement, MerchantsIndex, RedeemDomains, Redemption } from '../../api/merchants/types.ts'
import type { ProgramTotals, RewardsIndex } from '../../api/rewards/types.ts'

export interface MemoryChainIndex extends RewardsIndex, MerchantsIndex {
  readonly totals: Map<string, ProgramTotals>
  readonly redemptions: Map<string, Redemption>
  readonly spent: string[]
  readonly holdings: Map<string, { programId: string; units: bigint }[]>
  readonly settlements: Map<string, ChainSettlement>
  /** A test replaces the contract by changing it. */
  domains: RedeemDomains
}

/** What a city's index holds, as plain collections that a test fills. */
export function createMemoryChainIndex(): MemoryChainIndex {
  const index: MemoryChainIndex = {
    totals: new Map(),
    redemptions: new Map(),
    spent: [],
    holdings: new Map(),
    settlements: new Map(),
    domains: { current: { chainId: 7411, verifyingContract: `0x${'ab'.repeat(20)}` }, earlier: [] },
    readRedeemDomains: async () => index.domains,
    findTotals: async (programIds) => new Map([...index.totals].filter(([programId]) => programIds.includes(programId))),
    listSpentNotes: async (_programId, after, limit) => index.spent.slice(after, after + limit),
    findRedemption: async (_merchant, _program, orderId) => index.redemptions.get(orderId),
    findSpentNotes: async (_programId, notes) => notes.filter((note) => index.spent.includes(note)),
    merchantBalances: async (address) => index.holdings.get(address) ?? [],
    findSettlement: async (ref) => index.settlements.get(ref),
  }
  return index
}
