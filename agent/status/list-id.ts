import { keccak_256 } from '@noble/hashes/sha3.js'
import { hexOf } from '../notes/hex.ts'
import type { Locode } from '../trust.ts'

/**
 * The name of a status list on the chain: keccak256 of the city's five letters and the list's URI, as `StatusLists` computes it.
 * Of its own city's, so that nobody can open another city's list first.
 */
export function statusListIdOf(city: Locode, uri: string): string {
  return hexOf(keccak_256(new TextEncoder().encode(city + uri)))
}
