import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secrets } from '../platform/secrets.ts'

/** Digits of a transaction code. */
export const TX_CODE_DIGITS = 6

/** Tries at a transaction code before the offer ends. */
export const MAX_TX_CODE_ATTEMPTS = 5

/** A transaction code has few digits: only a keyed hash, bound to its offer, hides it. */
export const hashTxCode = (secrets: Secrets, offerId: string, txCode: string): string =>
  createHmac('sha256', secrets.derive('tx-code')).update(`${offerId}:${txCode}`).digest('base64url')

/** Compares without telling where two hashes differ. */
export const sameHash = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

/** The identifier of a notification: made from what it is about, so that a repeated request gets the same. */
export const notificationIdOf = (secrets: Secrets, cardId: string, configurationId: string): string =>
  createHmac('sha256', secrets.derive('notification')).update(`${cardId}:${configurationId}`).digest('base64url')
