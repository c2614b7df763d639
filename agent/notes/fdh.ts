import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '../formats/bytes.ts'
import { NoteError } from './errors.ts'
import { bytesOfHex } from './hex.ts'
import { integerOf, uint32 } from './integers.ts'

const DOMAIN = new TextEncoder().encode('symbolon-note-fdh-v1')
const MINIMUM_MODULUS_BYTES = 256

/**
 * Checks what the contract checks of a denomination's modulus: at least 2048 bits, top bit set, odd.
 * @throws NoteError ERR_NOTE_MODULUS
 */
export const assertModulus = (modulus: Uint8Array): void => {
  const first = modulus[0] ?? 0
  const last = modulus[modulus.length - 1] ?? 0
  if (modulus.length < MINIMUM_MODULUS_BYTES || (first & 0x80) === 0 || (last & 1) === 0) {
    throw new NoteError('ERR_NOTE_MODULUS', 'a modulus has at least 2048 bits, its top bit set, and is odd')
  }
}

/**
 * Full-domain hash of a note's address for one denomination, byte for byte what the contract computes: SHA-256 in
 * counter mode under a domain separated by the hash of the modulus, top bit cleared so that it is below the modulus.
 * @param address the note: `0x` and 20 bytes
 * @returns as many bytes as the modulus has
 * @throws NoteError ERR_NOTE_MODULUS, ERR_NOTE_ENCODING
 */
export const fdhBytes = (modulus: Uint8Array, address: string): Uint8Array<ArrayBuffer> => {
  assertModulus(modulus)
  const seed = sha256(concatBytes([sha256(concatBytes([DOMAIN, sha256(modulus)])), bytesOfHex(address, 20)]))
  const hash = new Uint8Array(modulus.length)
  for (let counter = 0; counter * 32 < hash.length; counter++) {
    const block = sha256(concatBytes([seed, uint32(counter)]))
    hash.set(block.subarray(0, hash.length - counter * 32), counter * 32)
  }
  hash[0] = (hash[0] ?? 0) & 0x7f
  return hash
}

/** {@link fdhBytes} as an integer. */
export const fdh = (modulus: Uint8Array, address: string): bigint => integerOf(fdhBytes(modulus, address))
