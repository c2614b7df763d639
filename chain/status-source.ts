import { ZeroHash } from 'ethers'
import type { Kysely, Selectable } from 'kysely'
import { readStatus as readStatusNumber } from '../agent/status/status-bits.ts'
import type { Locode, StatusSource, StatusValue } from '../agent/trust.ts'
import { advanceFold, digestOf, loadFold, type StatusFold } from './indexer/status-fold.ts'
import { toNumber } from './columns.ts'
import type { ChainTables, StatusListTable } from './tables.ts'

export interface StatusListReading {
  /** Two bits an entry, as in the Token Status List; a copy. */
  readonly bits: Uint8Array
  readonly epoch: number
  /** SHA-256 of the bits, hex. */
  readonly digest: string
  readonly publishedAtSeconds: number
}

/** A status source that can also hand out a whole list. */
export interface IndexedStatusSource extends StatusSource {
  /** Undefined when the list is not known or broken. */
  readBits(statusListUri: string, city?: Locode): Promise<StatusListReading | undefined>
}

/** Without the snapshot, which is as large as the list. */
const headColumns = ['list_id', 'address', 'city', 'epoch', 'digest', 'published_at', 'broken'] as const
type Head = Pick<Selectable<StatusListTable>, (typeof headColumns)[number]>

interface Followed {
  digest: string
  fold: StatusFold
}

/**
 * Answers a card's status from the index alone. The bits are kept in memory and brought up to the head epoch by
 * epoch; what is kept is used only while its digest is the one on the chain. A list that is broken, or an index
 * that does not lie within it, reads as unknown: callers refuse the card.
 */
export function createStatusSource(db: Kysely<ChainTables>): IndexedStatusSource {
  const followed = new Map<string, Followed>()
  /** One reader of a list at a time, for the bits are changed in place. */
  const turns = new Map<string, Promise<unknown>>()

  async function follow(list: Head): Promise<StatusFold | undefined> {
    const epoch = toNumber(list.epoch)
    let known = followed.get(list.list_id)
    const isHere = known?.fold.address === list.address
    if (isHere && known?.fold.epoch === epoch && known.digest === list.digest) return known.fold
    if (isHere && known && known.fold.epoch < epoch) {
      await advanceFold(db, known.fold, epoch)
      known.digest = digestOf(known.fold)
      if (known.fold.epoch === epoch && known.digest === list.digest) return known.fold
    }
    followed.delete(list.list_id)
    const fold = await loadFold(db, list.list_id, epoch)
    if (!fold) return undefined
    // Before the first epoch the chain has no digest: all entries are valid.
    known = { fold, digest: epoch === 0 ? ZeroHash : digestOf(fold) }
    if (known.digest !== list.digest) return undefined
    followed.set(list.list_id, known)
    return fold
  }

  async function withList<Result>(
    uri: string,
    city: Locode | undefined,
    read: (fold: StatusFold, list: Head) => Result
  ): Promise<Result | undefined> {
    const task = async () => {
      const [list, ...others] = await db
        .selectFrom('chain_status_lists')
        .select(headColumns)
        .where('uri', '=', uri)
        .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
        .limit(2)
        .execute()
      // Any city can publish a list under any URI: whose is meant has to be said.
      if (!list || list.broken || others.length > 0) return undefined
      const fold = await follow(list)
      return fold && read(fold, list)
    }
    const mine = (turns.get(uri) ?? Promise.resolve()).then(task, task)
    const settled = mine.catch(() => undefined)
    turns.set(uri, settled)
    void settled.then(() => {
      if (turns.get(uri) === settled) turns.delete(uri)
    })
    return await mine
  }

  return {
    async readStatus(statusListUri, index, city) {
      return await withList(statusListUri, city, (fold, list) => {
        if (!Number.isSafeInteger(index) || index < 0 || index >= fold.size) return undefined
        return {
          city: list.city,
          value: toStatusValue(readStatusNumber(fold.bits, index)),
          epoch: fold.epoch,
          updatedAtSeconds: toNumber(list.published_at)
        }
      })
    },

    async readBits(statusListUri, city) {
      return await withList(statusListUri, city, (fold, list) => ({
        bits: fold.bits.slice(),
        epoch: fold.epoch,
        digest: digestOf(fold),
        publishedAtSeconds: toNumber(list.published_at)
      }))
    }
  }
}

/** Both bits set: suspended when it was revoked. The stronger word counts. */
function toStatusValue(number: number): StatusValue {
  if (number === 0) return 'valid'
  return number === 2 ? 'suspended' : 'invalid'
}
