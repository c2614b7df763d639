import { statusListIdOf } from '../agent/status/list-id.ts'
import type { Locode } from '../agent/trust.ts'
import { toNumber } from './columns.ts'
import { readContractBook } from './contract-book.ts'
import { contractInterfaces } from './contracts.ts'
import { ChainError } from './errors.ts'
import { findHeadBlock, type IndexPositionOptions } from './index-position.ts'
import { advanceFold, createFold, loadFold } from './indexer/status-fold.ts'
import { withChainErrors } from './rpc.ts'

/** What the next epoch of a list in one StatusLists has to go on from. */
export interface StatusHome {
  /** The contract's last epoch of the list, whether it counted or not; zero before the first. */
  readonly epoch: number
  /** What readers make of the epochs there that counted, two bits an entry. */
  readonly bits: Uint8Array
}

/** An epoch as its city left it. */
export interface StatusPlace {
  readonly contract: string
  readonly epoch: number
  /** SHA-256 of the bits, hex; 32 zero bytes before the first epoch. */
  readonly digest: string
}

/** What a city has to know to go on with its lists, whatever became of what it sent. */
export interface StatusHomes {
  /**
   * Address of the StatusLists that counts, and the block as of which it does: the index's and the node's last. Undefined
   * when there is none, and while the index is behind. Not inside a transaction.
   */
  current(): Promise<{ readonly contract: string; readonly block: number } | undefined>
  /** Whether readers and contract have a list just as its city left it. */
  isAt(city: Locode, uri: string, place: StatusPlace): Promise<boolean>
  /**
   * What to go on from in a StatusLists; undefined when the list is not open there. What was published while the contract
   * did not count has its numbers, and nothing else: the next delta is from what counted.
   *
   * @throws ChainError `ERR_CHAIN_LIST_BROKEN` when the list is open there, and readers know of no such list
   */
  find(city: Locode, uri: string, contract: string): Promise<StatusHome | undefined>
}

/** Answers from the index, and from the contract itself where the index cannot know. */
export function createStatusHomes(options: IndexPositionOptions): StatusHomes {
  const { db, deployment } = options
  const node = withChainErrors(options.provider)

  const fetchHead = async (listId: string, contract: string): Promise<{ readonly epoch: number; readonly digest: string; readonly size: number }> => {
    const data = contractInterfaces.StatusLists.encodeFunctionData('head', [listId])
    const answer = String(await node.send('eth_call', [{ to: contract, data }, 'latest']))
    try {
      const [epoch, digest, size] = contractInterfaces.StatusLists.decodeFunctionResult('head', answer) as unknown as [bigint, string, bigint]
      return { epoch: toNumber(epoch), digest, size: toNumber(size) }
    } catch (cause) {
      throw new ChainError('ERR_CHAIN_LIST_BROKEN', `the contract at ${contract} does not answer as StatusLists do: the federation has to name another`, { cause })
    }
  }

  return {
    async current() {
      const block = await findHeadBlock(options)
      const { current } = await readContractBook(db, deployment)
      return block === undefined || current.StatusLists === undefined ? undefined : { contract: current.StatusLists, block: block.number }
    },

    async isAt(city, uri, { contract, epoch, digest }) {
      const listId = statusListIdOf(city, uri)
      const known = await db
        .selectFrom('chain_status_lists')
        .select(['address', 'epoch', 'digest', 'broken'])
        .where('list_id', '=', listId)
        .executeTakeFirst()
      if (known === undefined || known.broken || known.address !== contract || toNumber(known.epoch) !== epoch || known.digest !== digest) return false
      const head = await fetchHead(listId, contract)
      return head.epoch === epoch && head.digest === digest
    },

    async find(city, uri, contract) {
      const listId = statusListIdOf(city, uri)
      const head = await fetchHead(listId, contract)
      if (head.size === 0) return undefined
      const known = await db.selectFrom('chain_status_lists').select(['address', 'size']).where('list_id', '=', listId).executeTakeFirst()
      if (known === undefined || toNumber(known.size) !== head.size) {
        throw new ChainError('ERR_CHAIN_LIST_BROKEN', `no reader can know the list ${listId} as it was opened in the StatusLists at ${contract}: the federation has to name another contract`)
      }
      const ofReaders = known.address === contract ? await loadFold(db, listId, head.epoch) : undefined
      const fold = ofReaders ?? createFold(listId, head.size, contract)
      await advanceFold(db, fold, head.epoch)
      return { epoch: head.epoch, bits: fold.bits }
    }
  }
}
