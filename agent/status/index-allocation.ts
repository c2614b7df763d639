import { AgentError } from '../errors.ts'
import { randomInteger, type RandomBytes } from './random-integer.ts'
import { STATUS_LIST_SIZE } from './status-bits.ts'

/** Where taken indexes are remembered. `api/platform` implements it; rows are never deleted, so no index comes twice. */
export interface StatusIndexStore {
  /** Takes an index if nobody has, in one step; false if somebody has. */
  take(listId: string, index: number): Promise<boolean>
  countTaken(listId: string): Promise<number>
}

export interface AllocateStatusIndexOptions {
  readonly listId: string
  readonly store: StatusIndexStore
  readonly random: RandomBytes
  /** Sorted indexes kept for decoys. */
  readonly decoys: Uint32Array
  readonly size?: number
}

/** Above this share of taken indexes drawing takes long: time for another list. */
const FULL = 0.9

/**
 * The indexes that are given out: those whose number has most digits, so that each card tells its index in as many
 * characters. Of 2^20 entries these are 100000 … 999999.
 */
export function allocatableRange(size: number = STATUS_LIST_SIZE): { first: number, count: number } {
  const digits = String(size - 1).length
  const widest = { first: 10 ** (digits - 1), end: size }
  const narrower = { first: digits > 2 ? 10 ** (digits - 2) : 0, end: 10 ** (digits - 1) }
  const best = widest.end - widest.first >= narrower.end - narrower.first ? widest : narrower
  return { first: best.first, count: best.end - best.first }
}

/**
 * Takes a random index that no card had before and no decoy uses.
 * @throws AgentError `ERR_STATUS_LIST_FULL` when nine tenths are taken
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-13.2
 */
export async function allocateStatusIndex(options: AllocateStatusIndexOptions): Promise<number> {
  const { listId, store, random, decoys } = options
  const { first, count } = allocatableRange(options.size)
  const free = count - decoys.length
  if (await store.countTaken(listId) >= Math.floor(free * FULL)) throw full(listId)
  // With a tenth free, a thousand draws miss with a chance of 10^-46.
  for (let draw = 0; draw < 1_000; draw++) {
    const index = first + randomInteger(count, random)
    if (!isDecoy(decoys, index) && await store.take(listId, index)) return index
  }
  throw full(listId)
}

/** Draws the indexes of a new list that stay for decoys: sorted, from the same range as cards. */
export function createDecoyIndexes(options: { readonly count: number, readonly random: RandomBytes, readonly size?: number }): Uint32Array {
  const range = allocatableRange(options.size)
  if (options.count > range.count / 2) throw new RangeError('No more than half of a list can be decoys')
  const drawn = new Set<number>()
  while (drawn.size < options.count) drawn.add(range.first + randomInteger(range.count, options.random))
  return Uint32Array.from(drawn).sort()
}

/** Whether a sorted array holds an index. */
export function isDecoy(decoys: Uint32Array, index: number): boolean {
  let low = 0
  let high = decoys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((decoys[middle] as number) < index) low = middle + 1
    else high = middle
  }
  return decoys[low] === index
}

function full(listId: string): AgentError {
  return new AgentError('ERR_STATUS_LIST_FULL', `Status list ${listId} is full: open another one.`)
}
