import { toUtf8String } from 'ethers'
import { toNumber } from '../columns.ts'

/* How arguments of events are read, in one place for all that follow them. */

/** `bytes5` in ASCII. */
export function toLocode(value: unknown): string {
  return Buffer.from(String(value).slice(2), 'hex').toString('latin1').replaceAll('\u0000', '')
}

export function toBase64url(value: unknown): string {
  return Buffer.from(String(value).slice(2), 'hex').toString('base64url')
}

/** A uint64; "for ever" (2^64 − 1) becomes the largest number that is still exact. */
export function toSeconds(value: unknown): number {
  return Math.min(toNumber(value as bigint), Number.MAX_SAFE_INTEGER)
}

/** `bytes32` text, as in `encodeBytes32String`; hex when it is none. */
export function toName(value: unknown): string {
  try {
    return toUtf8String(String(value).replace(/(00)+$/, '')).replaceAll('\u0000', '\ufffd')
  } catch {
    return String(value)
  }
}

/** The locode of a seat, whose token id is the locode's bytes read as a number. */
export function toSeatLocode(tokenId: unknown): string {
  return toLocode(`0x${BigInt(String(tokenId)).toString(16).padStart(10, '0')}`)
}
