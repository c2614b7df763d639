import type { Kysely } from 'kysely'
import { statusListIdOf } from '../agent/status/list-id.ts'
import type { Locode } from '../agent/trust.ts'
import { readContractBook } from './contract-book.ts'
import type { Deployment } from './deployment.ts'
import { ChainError } from './errors.ts'
import { advanceFold, createFold } from './indexer/status-fold.ts'
import { latestBlock } from './queries.ts'
import { toNumber } from './columns.ts'
import type { ChainTables } from './tables.ts'

/** What stands of a list in one StatusLists. */
export interface StatusHome {
  /** Zero before the first. */
  readonly epoch: number
  /** What was published of the list there, two bits an entry. */
  readonly bits: Uint8Array
}

/** What a city has to know to go on with its lists when the federation replaces StatusLists. */
export interface StatusHomes {
  /** Address of the StatusLists that counts, and the block up to which that is known; undefined when there is none. */
  current(): Promise<{ readonly contract: string; readonly block: number } | undefined>
  /**
   * A list as it stands in a StatusLists, by what was published while that contract counted; undefined when it was not
   * opened there.
   *
   * @throws ChainError `ERR_CHAIN_LIST_BROKEN` when epochs are missing that were published while it did not count
   */
  find(city: Locode, uri: string, contract: string): Promise<StatusHome | undefined>
}

/** Answers from the index alone. */
export function createStatusHomes(db: Kysely<ChainTables>, deployment: Deployment): StatusHomes {
  return {
    async current() {
      const [block, { current }] = [await latestBlock(db), await readContractBook(db, deployment)]
      return block === undefined || current.StatusLists === undefined ? undefined : { contract: current.StatusLists, block: block.number }
    },

    async find(city, uri, contract) {
      const listId = statusListIdOf(city, uri)
      const list = await db
        .selectFrom('chain_status_homes as home')
        .innerJoin('chain_status_lists as list', 'list.list_id', 'home.list_id')
        .select('list.size')
        .where('home.list_id', '=', listId)
        .where('home.address', '=', contract)
        .executeTakeFirst()
      if (list === undefined) return undefined
      const head = await db
        .selectFrom('chain_status_epochs')
        .select((eb) => eb.fn.max('epoch').as('epoch'))
        .where('list_id', '=', listId)
        .where('address', '=', contract)
        .executeTakeFirst()
      const fold = createFold(listId, toNumber(list.size), contract)
      const epoch = toNumber(head?.epoch ?? 0)
      await advanceFold(db, fold, epoch)
      if (fold.epoch !== epoch) {
        throw new ChainError('ERR_CHAIN_LIST_BROKEN', `of the list ${listId} in the StatusLists at ${contract} not every epoch is known: the federation has to name another contract`)
      }
      return { epoch, bits: fold.bits }
    }
  }
}
