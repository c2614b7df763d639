import type { StatusValue } from '../trust.ts'
import { deltaPosition, encodeDelta } from './delta.ts'
import { AgentError } from '../errors.ts'
import { isDecoy } from './index-allocation.ts'
import { randomInteger, type RandomBytes } from './random-integer.ts'
import { digestStatusBits, flipPositions, readStatus, statusNumber } from './status-bits.ts'

export interface StatusChange {
  readonly index: number
  readonly value: StatusValue
}

/**
 * How many bits of a plane flip in each epoch. Real changes are filled up with decoys to `flips` plus a random
 * number from 0 to `noise`: as long as there are no more real changes than `flips`, the count says nothing of them.
 */
export interface FlipPolicy {
  readonly flips: number
  readonly noise: number
}

export interface BuildEpochOptions {
  /** The list as of the epoch before; stays as it is. */
  readonly statusBits: Uint8Array
  /** In the order in which they happened; the last one for an index counts. */
  readonly changes: readonly StatusChange[]
  /** Sorted indexes that no card has. */
  readonly decoys: Uint32Array
  readonly revocations: FlipPolicy
  readonly suspensions: FlipPolicy
  readonly random: RandomBytes
}

export interface StatusEpoch {
  readonly statusBits: Uint8Array
  /** Bits that flipped, ascending. */
  readonly positions: readonly number[]
  /** `positions` for the chain. */
  readonly delta: Uint8Array
  /** SHA-256 of the list. */
  readonly digest: Uint8Array
}

/**
 * Makes the next epoch of a list: applies what changed, adds decoy flips, and says what flipped. A revocation is for
 * good, so that decoys too only ever become invalid, never valid again; when all of them are, suspensions still
 * have decoys, and it is time for another list.
 * @throws AgentError `ERR_STATUS_INDEX_OUT_OF_RANGE`, also for a change to a decoy
 */
export async function buildEpoch(options: BuildEpochOptions): Promise<StatusEpoch> {
  const { decoys, random } = options
  const before = options.statusBits
  const flipped = new Set<number>()
  for (const [index, value] of new Map(options.changes.map((change) => [change.index, change.value]))) {
    if (isDecoy(decoys, index)) throw new AgentError('ERR_STATUS_INDEX_OUT_OF_RANGE', 'A decoy has no status of its own.')
    const difference = readStatus(before, index) ^ statusNumber(value)
    if (difference & 1) flipped.add(deltaPosition(index, 0))
    if (difference & 2) flipped.add(deltaPosition(index, 1))
  }
  for (const [plane, policy] of [[0, options.revocations], [1, options.suspensions]] as const) {
    const real = [...flipped].filter((position) => position % 2 === plane).length
    const wanted = Math.max(policy.flips - real, 0) + randomInteger(policy.noise + 1, random)
    for (const index of drawDecoys(wanted, plane, decoys, before, flipped, random)) flipped.add(deltaPosition(index, plane))
  }
  const positions = [...flipped].sort((a, b) => a - b)
  const statusBits = new Uint8Array(before)
  flipPositions(statusBits, positions)
  return { statusBits, positions, delta: encodeDelta(positions), digest: await digestStatusBits(statusBits) }
}

function drawDecoys(
  wanted: number,
  plane: 0 | 1,
  decoys: Uint32Array,
  bits: Uint8Array,
  flipped: ReadonlySet<number>,
  random: RandomBytes,
): Set<number> {
  const drawn = new Set<number>()
  // As with cards: nothing is suspended that is or becomes invalid.
  const usable = (index: number): boolean => {
    if (plane === 0) return readStatus(bits, index) === 0
    return (readStatus(bits, index) & 1) === 0 && !flipped.has(deltaPosition(index, 0))
  }
  for (let draw = 0; drawn.size < wanted && draw < 4 * wanted; draw++) {
    if (decoys.length === 0) break
    const index = decoys[randomInteger(decoys.length, random)] as number
    if (usable(index)) drawn.add(index)
  }
  // Few are left: take them as they come, from a random place on.
  const start = decoys.length === 0 ? 0 : randomInteger(decoys.length, random)
  for (let i = 0; drawn.size < wanted && i < decoys.length; i++) {
    const index = decoys[(start + i) % decoys.length] as number
    if (usable(index)) drawn.add(index)
  }
  return drawn
}
