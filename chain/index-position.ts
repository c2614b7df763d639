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
  /** How long the index may take to read what came last; default 5,000 ms. */
  readonly patienceMs?: number
}

/**
 * Waits until the index has read what the node had when it was asked, and resolves to the last block of the index. Undefined
 * when it has not: it is being read anew, say, or waits for its witness, or the node is away. What it holds then is the past,
 * and nothing to act upon. Not inside a transaction: where there is one connection, the index cannot write meanwhile.
 */
export async function findHeadBlock({ db, provider, deployment, patienceMs = 5_000 }: IndexPositionOptions): Promise<IndexedBlock | undefined> {
  const node = withChainErrors(provider)
  const fetch = async (block: number | 'latest') => await fetchHeader(node, block).catch((error: unknown) => {
    if (error instanceof ChainError) return undefined
    throw error
  })
  const until = Date.now() + patienceMs
  const head = await fetch('latest')
  while (head !== undefined) {
    const [block, identity] = [await latestBlock(db), await db.selectFrom('chain_identity').select('contracts').executeTakeFirst()]
    if (block !== undefined && block.number >= head.number && identity?.contracts === fingerprintOf(deployment)) {
      // The chain may have gone another way, and the index not yet after it.
      const there = block.number === head.number ? head : await fetch(block.number)
      if (there?.hash === block.hash) return block
    }
    if (Date.now() >= until) break
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return undefined
}
