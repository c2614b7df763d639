import { createHash } from 'node:crypto'

/** A status list, rebuilt from what was published of it. */
export interface RebuiltList {
  readonly id: string
  readonly block: number
  readonly city: string
  readonly uri: string
  readonly size: number
  readonly createdBlock: number
  /** What was published of it in each contract in which its city opened it, by address. */
  readonly homes: Map<string, { readonly bits: Uint8Array; epoch: number }>
  /** Of the contract in which the city said something last. */
  bits: Uint8Array
  epoch: number
  /** As its city published it. */
  digest: string | undefined
  publishedBlock: number
  /** Whether every update could be read since it began in the contract that counts. */
  isReadable: boolean
}

export function digestOf(list: RebuiltList): string {
  return `0x${createHash('sha256').update(list.bits).digest('hex')}`
}

/** Follows a list by an update in one of its contracts, from the bits that counted there before. Other updates flip nothing. */
export function followUpdate(list: RebuiltList, contract: string, update: { readonly epoch: number; readonly digest: string; readonly delta: string }): boolean {
  const home = list.homes.get(contract) ?? findUnseenHome(list, update)
  if (home === undefined) return false
  list.homes.set(contract, home)
  list.bits = home.bits
  if (home.epoch === 0) list.isReadable = true
  if (list.bits.length > 0) applyUpdate(list, update.delta)
  home.epoch = update.epoch
  list.epoch = update.epoch
  return true
}

/** Opened while its contract had no name, and yet this list: the update makes it what its digest says. */
function findUnseenHome(list: RebuiltList, { digest, delta }: { readonly digest: string; readonly delta: string }) {
  if (list.bits.length === 0) return undefined
  const attempt = { ...list, bits: new Uint8Array(list.bits.length), isReadable: true }
  applyUpdate(attempt, delta)
  return attempt.isReadable && digestOf(attempt) === digest ? { bits: new Uint8Array(list.bits.length), epoch: 0 } : undefined
}

/** Flips the bits that an update names. An update that cannot be read flips none. */
function applyUpdate(list: RebuiltList, delta: string): void {
  const positions = readPositions(Buffer.from(delta.slice(2), 'hex'), list.size * 2)
  if (positions === undefined) {
    list.isReadable = false
    return
  }
  for (const position of positions) list.bits[position >> 3] = (list.bits[position >> 3] ?? 0) ^ (1 << (position & 7))
}

/**
 * Positions as gaps in a Rice code: a byte with the parameter k, their number in LEB128, then for each the gap less one in
 * unary and its low k bits, most significant first; zeros up to a whole byte.
 */
function readPositions(bytes: Uint8Array, limit: number): readonly number[] | undefined {
  let at = 0
  const bit = (): number => {
    const byte = bytes[at >> 3]
    if (byte === undefined) throw new RangeError('the update ends too early')
    const value = (byte >> (7 - (at & 7))) & 1
    at += 1
    return value
  }
  const number = (count: number): number => {
    let value = 0
    for (let i = 0; i < count; i += 1) value = value * 2 + bit()
    return value
  }
  try {
    const parameter = number(8)
    if (parameter > 24) return undefined
    let count = 0
    for (let shift = 0; ; shift += 7) {
      const byte = number(8)
      if (shift > 28 || (byte === 0 && shift > 0)) return undefined
      count += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    if (count > limit) return undefined
    const positions: number[] = []
    for (let next = 0; positions.length < count; ) {
      let quotient = 0
      while (bit() === 1) {
        quotient += 1
        if (next + quotient * 2 ** parameter > limit) return undefined
      }
      const position = next + quotient * 2 ** parameter + number(parameter)
      if (position >= limit) return undefined
      positions.push(position)
      next = position + 1
    }
    if (bytes.length * 8 - at >= 8) return undefined
    while (at < bytes.length * 8) if (bit() !== 0) return undefined
    return positions
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
