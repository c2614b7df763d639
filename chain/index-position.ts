import type { Kysely } from 'kysely'
import type { Deployment } from './deployment.ts'
import { ChainError } from './errors.ts'
import { fingerprintOf } from './identity.ts'
import { latestBlock, type IndexedBlock } from './queries.ts'
import { fetchHeader, withChainErrors, type ChainProvider } from './rpc.ts'
import type { ChainTables } from './tables.ts'

const pollMs = 50

export interface IndexPositionOptions {
  readonly db: Kysely<ChainTables>
  readonly provider: ChainProvider
  readonly deployment: Deployment
  /** How long the index may take to read what came last; default 2,000 ms. */
  readonly patienceMs?: number
}

/**
 * Resolves to the last block of node and index once both have the same. Undefined when they have not: the index is being
 * read anew, say, or waits for its witness, or the node is away. What it holds then is the past, and nothing to act upon.
 * Not inside a transaction: where there is one connection, the index cannot write meanwhile.
 */
export async function findHeadBlock({ db, provider, deployment, patienceMs = 2_000 }: IndexPositionOptions): Promise<IndexedBlock | undefined> {
  const node = withChainErrors(provider)
  const until = Date.now() + patienceMs
  for (;;) {
    const head = await fetchHeader(node, 'latest').catch((error: unknown) => {
      if (error instanceof ChainError) return undefined
      throw error
    })
    if (head === undefined) return undefined
    const [block, identity] = [await latestBlock(db), await db.selectFrom('chain_identity').select('contracts').executeTakeFirst()]
    if (block?.hash === head.hash && identity?.contracts === fingerprintOf(deployment)) return block
    if (Date.now() >= until) return undefined
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
