import { AgentError } from '../errors.ts'
import type { StatusValue } from '../trust.ts'

/** Entries of a status list. */
export const STATUS_LIST_SIZE = 2 ** 20

/** Bits of an entry in our lists. */
export const STATUS_BITS = 2

/** Bits an entry may have in anybody's list (Token Status List §4.1). */
export type BitsPerStatus = 1 | 2 | 4 | 8

/** Status types of Token Status List §7.1. */
const VALUES: readonly StatusValue[] = ['valid', 'invalid', 'suspended']

/** The number that stands for a status: 0, 1, 2. */
export function statusNumber(value: StatusValue): number {
  return VALUES.indexOf(value)
}

/** The status that a number stands for; undefined for one that we do not know, which is not valid. */
export function statusValue(number: number): StatusValue | undefined {
  return VALUES[number]
}

/** The bytes of an empty list: every entry valid. */
export function createStatusBits(size: number = STATUS_LIST_SIZE): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Math.ceil(size * STATUS_BITS / 8))
}

/**
 * The number at an index: entries fill each byte from its least significant bit.
 * @throws AgentError `ERR_STATUS_INDEX_OUT_OF_RANGE`
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-4.1
 */
export function readStatus(bytes: Uint8Array, index: number, bits: BitsPerStatus = STATUS_BITS): number {
  const byte = bytes[byteOf(bytes, index, bits)] as number
  return (byte >>> ((index * bits) & 7)) & (2 ** bits - 1)
}

/** Writes the number at an index, in place. @throws AgentError `ERR_STATUS_INDEX_OUT_OF_RANGE` */
export function writeStatus(bytes: Uint8Array, index: number, number: number, bits: BitsPerStatus = STATUS_BITS): void {
  const at = byteOf(bytes, index, bits)
  const shift = (index * bits) & 7
  const mask = (2 ** bits - 1) << shift
  bytes[at] = ((bytes[at] as number) & ~mask) | ((number << shift) & mask)
}

/**
 * Flips bits, in place: applies a decoded delta. Position p is bit p of the list, from the least significant of
 * the first byte.
 * @throws AgentError `ERR_STATUS_INDEX_OUT_OF_RANGE`
 */
export function flipPositions(bytes: Uint8Array, positions: ArrayLike<number>): void {
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i] as number
    const at = byteOf(bytes, position, 1)
    bytes[at] = (bytes[at] as number) ^ (1 << (position & 7))
  }
}

/** SHA-256 of the uncompressed list: what the chain keeps of it. */
export async function digestStatusBits(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)))
}

/**
 * One plane of the list as a W3C bitstring: plane 0 (invalid) is the revocation list, plane 1 (suspended) the
 * suspension list. There the first entry is the most significant bit.
 * @see https://www.w3.org/TR/vc-bitstring-status-list/#bitstring-encoding
 */
export function bitstringOf(bytes: Uint8Array, plane: 0 | 1): Uint8Array<ArrayBuffer> {
  const bitstring = new Uint8Array(bytes.length / 2)
  for (let i = 0; i < bitstring.length; i++) {
    bitstring[i] = ((PLANE[bytes[2 * i] as number] as number) >>> (plane * 4) & 0xf) << 4
      | ((PLANE[bytes[2 * i + 1] as number] as number) >>> (plane * 4) & 0xf)
  }
  return bitstring
}

/** For each byte of four entries: their low bits, first entry most significant, and in the next four bits their high bits. */
const PLANE = Uint8Array.from({ length: 256 }, (_, byte) => {
  let planes = 0
  for (let entry = 0; entry < 4; entry++) {
    planes |= ((byte >>> (2 * entry)) & 1) << (3 - entry)
    planes |= ((byte >>> (2 * entry + 1)) & 1) << (7 - entry)
  }
  return planes
})

function byteOf(bytes: Uint8Array, index: number, bits: BitsPerStatus): number {
  const at = Math.floor(index * bits / 8)
  if (!Number.isSafeInteger(index) || index < 0 || at >= bytes.length) {
    throw new AgentError('ERR_STATUS_INDEX_OUT_OF_RANGE', 'The index is not in the status list.')
  }
  return at
}
