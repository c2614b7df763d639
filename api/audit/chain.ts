import { createHash } from 'node:crypto'
import type { ActContent } from './types.ts'

/** What stands before the first act. */
export const nothingBefore: Uint8Array = new Uint8Array(32)

/**
 * The hash of an act and of all acts before it: SHA-256 of the UTF-8 of a JSON array without white space, of these members
 * in this order, null for what an act has not. Who alters an act alters its hash, and those of all acts after it.
 *
 * @see docs/officers-record.md#how-tampering-shows
 */
export function hashAct(act: ActContent, previousHash: Uint8Array): Uint8Array {
  const members = [
    'symbolon-staff-act-v1', toHex(previousHash), act.actId, act.at.toISOString(), act.by.issuer, act.by.subject, act.act, act.residentId ?? null,
    act.cardId ?? null, act.newCardId ?? null, act.programId ?? null, act.points ?? null, act.reason ?? null,
  ]
  return sha256(JSON.stringify(members))
}

/** What is anchored of the newest act, 0x and 32 bytes: the salt, 32 random bytes, makes it noise to whoever has not got it. */
export function hashHead({ actId, at, hash, salt }: { readonly actId: number; readonly at: Date; readonly hash: Uint8Array; readonly salt: Uint8Array }): string {
  return `0x${toHex(sha256(JSON.stringify(['symbolon-staff-acts-head-v1', toHex(salt), actId, at.toISOString(), toHex(hash)])))}`
}

/** Whether two hashes are the same. */
export function isSameHash(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}

/** Lower-case hex without 0x. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function sha256(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest())
}
