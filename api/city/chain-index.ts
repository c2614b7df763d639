import { sql } from 'kysely'
import { findPrograms, findSettlement, findSpentNotes, listRedemptions, merchantBalances } from '../../chain/reward-queries.ts'
import { readContractBook } from '../../chain/contract-book.ts'
import type { Deployment } from '../../chain/deployment.ts'
import type { MerchantsIndex } from '../merchants/types.ts'
import type { RewardsIndex } from '../rewards/types.ts'
import { chainTables } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'

/** What rewards and merchants ask of the chain, answered from the city's own index. */
export function createChainIndex(db: Db, deployment: Deployment): RewardsIndex & MerchantsIndex {
  const tables = chainTables(db)
  return {
    async findTotals(programIds) {
      const { current } = await readContractBook(tables, deployment)
      return new Map((await findPrograms(tables, programIds)).map(({ programId, funded, redeemed, closed, contract }) =>
        [programId, { funded, redeemed, closed, replaced: contract !== current.RewardPrograms }]))
    },
    async readRedeemDomains() {
      const book = await readContractBook(tables, deployment)
      const domainOf = (verifyingContract: string) => ({ chainId: deployment.chainId, verifyingContract })
      return { current: domainOf(book.current.RewardPrograms ?? deployment.contracts.RewardPrograms), earlier: book.earlierOf('RewardPrograms').map(domainOf) }
    },
    async listSpentNotes(programId, after, limit) {
      const rows = await tables.selectFrom('chain_spent_notes').select('note').where('program_id', '=', programId)
        .orderBy('block_number').orderBy('log_index').orderBy(sql`note`).offset(after).limit(limit).execute()
      return rows.map((row) => row.note)
    },
    async findRedemption(merchant, programId, orderId) {
      const [last, ...others] = await listRedemptions(tables, { merchant, programId, orderId })
      if (last === undefined) return undefined
      return { units: others.reduce((sum, redemption) => sum + redemption.units, last.units), redeemedAtSeconds: last.redeemedAtSeconds }
    },
    findSpentNotes: async (programId, notes) => await findSpentNotes(tables, programId, [...notes]),
    merchantBalances: async (address) => await merchantBalances(tables, address),
    async findSettlement(ref) {
      const settlement = await findSettlement(tables, ref)
      return settlement === undefined ? undefined : {
        merchant: settlement.merchant, programId: settlement.programId, units: settlement.units, paidAtSeconds: settlement.paidAtSeconds,
      }
    },
  }
}
