import type { Kysely } from 'kysely'
import { readStatus as readEntry, statusValue } from '../agent/status/status-bits.ts'
import type { StatusSource } from '../agent/trust.ts'
import { advanceFold, loadFold, type StatusFold } from './indexer/status-fold.ts'
import { toNumber, type ChainTables } from './tables.ts'

/** The bits of a list as of its head, rebuilt from the chain's own deltas. */
export interface StatusBits {
  readonly bits: Uint8Array
  readonly epoch: number
  /** SHA-256 of the bits, hex. */
  readonly digest: string
  readonly publishedAtSeconds: number
}

export interface IndexedStatusSource extends StatusSource {
  /** Undefined when the list is not known, or its bits are not what its head's digest says. */
  readBits(statusListUri: string): Promise<StatusBits | undefined>
}

interface KeptFold {
  readonly fold: StatusFold
  /** Digest of the head the bits were read for; another one under the same epoch means a re-organisation. */
  digest: string
}

/**
 * Answers a card's status from the city's own index. Bits are kept between calls and follow the head; a list that is
 * broken or not known is not answered, so that a verifier fails closed.
 */
export function createStatusSource(db: Kysely<ChainTables>): IndexedStatusSource {
  const kept = new Map<string, KeptFold>()
  /** One reader at a time for each list: the bits are changed in place. */
  const turns = new Map<string, Promise<unknown>>()

  async function readBits(uri: string): Promise<StatusBits | undefined> {
    const mine = (turns.get(uri) ?? Promise.resolve()).then(() => read(uri))
    const settled = mine.catch(() => undefined)
    turns.set(uri, settled)
    try {
      return await mine
    } finally {
      if (turns.get(uri) === settled) turns.delete(uri)
    }
  }

  async function read(uri: string): Promise<StatusBits | undefined> {
    const head = await db
      .selectFrom('chain_status_lists')
      .select(['list_id', 'epoch', 'digest', 'published_at', 'broken'])
      .where('uri', '=', uri)
      .executeTakeFirst()
    if (!head || head.broken) return undefined
    const epoch = toNumber(head.epoch)
    const known = kept.get(head.list_id)
    let fold = known?.fold
    if (!known || !(await isStillOurs(head.list_id, known))) {
      fold = await loadFold(db, head.list_id, epoch)
    } else {
      await advanceFold(db, known.fold, epoch)
    }
    if (fold?.epoch !== epoch) {
      kept.delete(head.list_id)
      return undefined
    }
    kept.set(head.list_id, { fold, digest: head.digest })
    return { bits: fold.bits, epoch, digest: head.digest, publishedAtSeconds: toNumber(head.published_at) }
  }

  /** Whether the index still has the epoch the kept bits stand at, with the same digest. */
  async function isStillOurs(listId: string, { fold, digest }: KeptFold): Promise<boolean> {
    if (fold.epoch === 0) return true
    const row = await db
      .selectFrom('chain_status_epochs')
      .select('digest')
      .where('list_id', '=', listId)
      .where('epoch', '=', fold.epoch)
      .executeTakeFirst()
    return row?.digest === digest
  }

  return {
    readBits,
    async readStatus(statusListUri, index) {
      const list = await readBits(statusListUri)
      // An index outside of the list names no card: nothing is known of it.
      if (!list || list.epoch === 0 || !Number.isSafeInteger(index) || index < 0 || index >= list.bits.length * 4) return undefined
      // Both bits at once mean nothing we wrote: fail closed.
      const value = statusValue(readEntry(list.bits, index)) ?? 'invalid'
      return { value, epoch: list.epoch, updatedAtSeconds: list.publishedAtSeconds }
    }
  }
}
