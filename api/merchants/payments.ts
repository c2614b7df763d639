import { verifyNoteSignature } from '../../agent/notes/blind-signature.ts'
import { recoverNote, type RedeemDomain } from '../../agent/notes/redeem-digest.ts'
import { ApiError } from '../platform/errors.ts'
import type { Denomination } from '../rewards/types.ts'
import type { OfferedNote, RedeemDomains, StoredOrder } from './types.ts'

/**
 * Checks offered notes as the contract will: value, owner's signature over this very order, city's signature over the
 * owner. Returns the notes' addresses, in the order given.
 *
 * @throws ApiError `ERR_AMOUNT_MISMATCH`, `ERR_DENOMINATION_UNKNOWN`, `ERR_NOTE_INVALID`, `ERR_NOTE_OUTDATED`, `ERR_NOTE_REPEATED`
 */
export function verifyNotes(
  order: StoredOrder,
  merchantAddress: string,
  notes: readonly OfferedNote[],
  denominations: readonly Denomination[],
  { current, earlier }: RedeemDomains,
): readonly string[] {
  const sum = notes.reduce((total, note) => total + note.value, 0)
  if (sum !== order.points) throw new ApiError('ERR_AMOUNT_MISMATCH', undefined, { members: { expected: order.points, given: sum } })
  const redeem = {
    program: order.programId, merchant: merchantAddress, order: order.orderId, deadline: Math.floor(order.deadline.getTime() / 1000),
  }
  const addresses = notes.map((note) => {
    const denomination = denominations.find(({ value }) => value === note.value)
    if (denomination === undefined) throw new ApiError('ERR_DENOMINATION_UNKNOWN')
    // A signature gives another address under another contract; only the right one has the city's signature.
    const ownerUnder = (domain: RedeemDomain): string | undefined => {
      const address = recoverNote(domain, redeem, note.ownerSignature)
      return address !== undefined && verifyNoteSignature(denomination.modulus, address, note.rsaSignature) ? address : undefined
    }
    const address = ownerUnder(current)
    if (address === undefined) throw new ApiError(earlier.some((domain) => ownerUnder(domain) !== undefined) ? 'ERR_NOTE_OUTDATED' : 'ERR_NOTE_INVALID')
    return address.toLowerCase()
  })
  if (new Set(addresses).size !== addresses.length) throw new ApiError('ERR_NOTE_REPEATED')
  return addresses
}
