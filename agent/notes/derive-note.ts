import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '../formats/bytes.ts'
import { NoteError } from './errors.ts'
import { assertModulus } from './fdh.ts'
import { bytesOfHex, hexOf } from './hex.ts'
import { bytesOf, integerOf, invertModulo, uint32 } from './integers.ts'

/** Which note of a wallet: the same reference and seed always give the same key and blinding factor. */
export interface NoteReference {
  /** `0x` and 32 bytes. */
  readonly program: string
  /** Points the note is worth. */
  readonly value: number
  /** The wallet's own running number for this programme and value, from 0. */
  readonly counter: number
}

export interface NoteKey {
  /** secp256k1, 32 bytes. */
  readonly secretKey: Uint8Array
  /** The note: `0x` and 20 bytes, lower case. */
  readonly address: string
}

const SALT = new TextEncoder().encode('symbolon-note-v1')
const KEY_PURPOSE = new TextEncoder().encode('key')
const BLINDING_PURPOSE = new TextEncoder().encode('blinding')
const ATTEMPTS = 256

/**
 * Derives a note's one-time key from the wallet's 32-byte seed.
 * @throws NoteError ERR_NOTE_INPUT, ERR_NOTE_ENCODING
 * @see https://www.rfc-editor.org/rfc/rfc5869#section-2 HKDF
 */
export const deriveNoteKey = (seed: Uint8Array, reference: NoteReference): NoteKey => {
  const order = secp256k1.Point.Fn.ORDER
  // 16 bytes more than the order: what the reduction favours cannot be noticed
  const wide = integerOf(expandSeed(seed, KEY_PURPOSE, reference, new Uint8Array(0), 48))
  const secretKey = bytesOf((wide % (order - 1n)) + 1n, 32)
  return { secretKey, address: addressOfKey(secp256k1.getPublicKey(secretKey, false)) }
}

/**
 * Derives the factor that hides a note from the city which signs it. It is bound to the modulus too, so that a
 * factor never serves under two keys, and always has an inverse.
 * @throws NoteError ERR_NOTE_INPUT, ERR_NOTE_MODULUS, ERR_NOTE_BLINDING
 */
export const deriveBlindingFactor = (seed: Uint8Array, reference: NoteReference, modulus: Uint8Array): bigint => {
  assertModulus(modulus)
  const n = integerOf(modulus)
  const fingerprint = sha256(modulus)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const context = concatBytes([fingerprint, uint32(attempt)])
    const factor = integerOf(expandSeed(seed, BLINDING_PURPOSE, reference, context, modulus.length + 16)) % n
    if (factor > 1n && invertModulo(factor, n) !== undefined) return factor
  }
  throw new NoteError('ERR_NOTE_BLINDING', 'no invertible blinding factor: the modulus is not an RSA modulus')
}

/** Address of an uncompressed secp256k1 public key: last 20 bytes of its Keccak-256. */
export const addressOfKey = (uncompressed: Uint8Array): string =>
  hexOf(keccak_256(uncompressed.subarray(1)).subarray(12))

const expandSeed = (
  seed: Uint8Array, purpose: Uint8Array, reference: NoteReference, context: Uint8Array, length: number
): Uint8Array => {
  const { program, value, counter } = reference
  if (seed.length !== 32) throw new NoteError('ERR_NOTE_INPUT', 'a seed has 32 bytes')
  if (!Number.isInteger(value) || value < 1 || value > 0xffff) throw new NoteError('ERR_NOTE_INPUT', 'a value is a uint16')
  if (!Number.isInteger(counter) || counter < 0 || counter > 0xffffffff) {
    throw new NoteError('ERR_NOTE_INPUT', 'a counter is a uint32')
  }
  const info = concatBytes([purpose, Uint8Array.of(0), bytesOfHex(program, 32), uint32(value), uint32(counter), context])
  return hkdf(sha256, seed, SALT, info, length)
}
