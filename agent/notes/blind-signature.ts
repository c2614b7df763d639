import { decodeBase64url, encodeBase64url } from '../formats/base64url.ts'
import { NoteError } from './errors.ts'
import { assertModulus, fdh } from './fdh.ts'
import { bytesOf, integerOf, invertModulo, powerModulo } from './integers.ts'

const EXPONENT = 65537n

/** The raw RSA private operation, m^d mod n, on as many bytes as the modulus has. The key never leaves its manager. */
export type RawRsaSigner = (message: Uint8Array) => Promise<Uint8Array> | Uint8Array

/**
 * Blinds a note: FDH(address) · r^e mod n.
 * @returns as many bytes as the modulus has
 * @throws NoteError ERR_NOTE_BLINDING when the factor has no inverse
 */
export const blindNote = (modulus: Uint8Array, address: string, blindingFactor: bigint): Uint8Array<ArrayBuffer> => {
  const n = modulusOf(modulus)
  assertInvertible(blindingFactor, n)
  return bytesOf((fdh(modulus, address) * powerModulo(blindingFactor, EXPONENT, n)) % n, modulus.length)
}

/**
 * Takes the blinding off what the city signed and checks that a good note came out.
 * @throws NoteError ERR_NOTE_SIGNATURE_INVALID when the city signed something else, ERR_NOTE_BLINDING
 */
export const unblindSignature = (
  modulus: Uint8Array, address: string, blindingFactor: bigint, blindSignature: Uint8Array
): Uint8Array<ArrayBuffer> => {
  const n = modulusOf(modulus)
  const inverse = assertInvertible(blindingFactor, n)
  const signature = bytesOf((integerOf(blindSignature) * inverse) % n, modulus.length)
  if (blindSignature.length !== modulus.length || !verifyNoteSignature(modulus, address, signature)) {
    throw new NoteError('ERR_NOTE_SIGNATURE_INVALID', 'the blind signature does not give a valid note')
  }
  return signature
}

/** Whether signature^65537 mod n is the note's hash. False, never an exception, for a signature of a wrong size. */
export const verifyNoteSignature = (modulus: Uint8Array, address: string, signature: Uint8Array): boolean => {
  const n = modulusOf(modulus)
  if (signature.length !== modulus.length) return false
  const s = integerOf(signature)
  return s < n && powerModulo(s, EXPONENT, n) === fdh(modulus, address)
}

/**
 * Signs what a wallet blinded, without learning which note it is.
 * @throws NoteError ERR_NOTE_ENCODING when the blinded value is not a number between 1 and n - 1
 */
export const signBlinded = async (modulus: Uint8Array, blinded: Uint8Array, sign: RawRsaSigner): Promise<Uint8Array> => {
  assertBelowModulus(modulus, blinded)
  return await sign(blinded)
}

/** A blinded value or a signature for JSON: base64url, always as long as the modulus. */
export const encodeInteger = (bytes: Uint8Array): string => encodeBase64url(bytes)

/**
 * Reads a blinded value or a signature from JSON: strict base64url, exactly as long as the modulus, 1 < value < n - 1.
 * @throws NoteError ERR_NOTE_ENCODING
 */
export const decodeInteger = (modulus: Uint8Array, text: string): Uint8Array<ArrayBuffer> => {
  let bytes
  try {
    bytes = decodeBase64url(text)
  } catch (cause) {
    throw new NoteError('ERR_NOTE_ENCODING', 'not base64url', { cause })
  }
  assertBelowModulus(modulus, bytes)
  return bytes
}

/** A denomination's modulus from JSON. @throws NoteError ERR_NOTE_MODULUS, ERR_NOTE_ENCODING */
export const decodeModulus = (text: string): Uint8Array<ArrayBuffer> => {
  let bytes
  try {
    bytes = decodeBase64url(text)
  } catch (cause) {
    throw new NoteError('ERR_NOTE_ENCODING', 'not base64url', { cause })
  }
  assertModulus(bytes)
  return bytes
}

const modulusOf = (modulus: Uint8Array): bigint => {
  assertModulus(modulus)
  return integerOf(modulus)
}

const assertInvertible = (blindingFactor: bigint, n: bigint): bigint => {
  const inverse = blindingFactor > 0n && blindingFactor < n ? invertModulo(blindingFactor, n) : undefined
  if (inverse === undefined) throw new NoteError('ERR_NOTE_BLINDING', 'the blinding factor has no inverse')
  return inverse
}

/** Lengths are equal and big-endian, so bytes compare as numbers: no arithmetic on the server's hot path. */
const assertBelowModulus = (modulus: Uint8Array, bytes: Uint8Array): void => {
  const differs = bytes.length === modulus.length ? bytes.findIndex((byte, i) => byte !== modulus[i]) : -1
  const below = differs >= 0 && (bytes[differs] ?? 0) < (modulus[differs] ?? 0)
  const trivial = bytes.subarray(0, -1).every((byte) => byte === 0) && (bytes[bytes.length - 1] ?? 0) < 2
  if (!below || trivial) throw new NoteError('ERR_NOTE_ENCODING', 'not a number between 1 and the modulus, of its length')
}
