import type { Kysely } from 'kysely'
import { toNumber } from './columns.ts'
import type { ChainTables } from './tables.ts'

/** Where on the chain something was written. */
export interface EventPlace {
  readonly blockNumber: number
  readonly transactionHash: string
  /** Time of the block, Unix seconds. */
  readonly atSeconds: number
}

/** Which proposal caused what. */
export interface Executions {
  /** The proposal in whose execution an event was written. */
  causeOf(transactionHash: string, logIndex: number): string | undefined
  /** The same of a row, to be spread into an answer. */
  proposalOf(row: { readonly transaction_hash: string; readonly log_index: number }): { readonly proposalId?: string }
}

/**
 * Reads which transactions carried out which proposals. One transaction may carry out several: what comes before the
 * last event of an execution, and after the one before it, is its doing.
 */
export async function readExecutions(db: Kysely<ChainTables>): Promise<Executions> {
  const rows = await db
    .selectFrom('chain_proposals')
    .select(['proposal_id', 'executed_transaction', 'executed_log'])
    .where('executed_transaction', 'is not', null)
    .orderBy('executed_log')
    .execute()
  const byTransaction = Map.groupBy(rows, (row) => row.executed_transaction)
  const causeOf = (transactionHash: string, logIndex: number) =>
    byTransaction.get(transactionHash)?.find((row) => logIndex < (row.executed_log ?? -1))?.proposal_id
  return {
    causeOf,
    proposalOf(row) {
      const proposalId = causeOf(row.transaction_hash, row.log_index)
      return proposalId === undefined ? {} : { proposalId }
    }
  }
}

type Int8 = string | number

/** Where a row's event stands. */
export function placeOf(row: { readonly block_number: Int8; readonly transaction_hash: string }, at: Int8): EventPlace {
  return { blockNumber: toNumber(row.block_number), transactionHash: row.transaction_hash, atSeconds: toNumber(at) }
}

/** The place of a later event of a row, if there was one. */
export function toPlace(block: Int8 | null, transactionHash: string | null, at: Int8 | null): EventPlace | undefined {
  if (block === null || transactionHash === null || at === null) return undefined
  return { blockNumber: toNumber(block), transactionHash, atSeconds: toNumber(at) }
}
