import { toNumber } from '../tables.ts'

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
