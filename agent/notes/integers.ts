import { encodeHex } from '../formats/bytes.ts'

/** Big-endian bytes to an integer (RFC 8017 §4.2, OS2IP); no bytes are zero. */
export const integerOf = (bytes: Uint8Array): bigint => BigInt(`0x0${encodeHex(bytes)}`)

/** An integer to big-endian bytes of a fixed length (RFC 8017 §4.1, I2OSP). The integer must fit. */
export const bytesOf = (integer: bigint, length: number): Uint8Array<ArrayBuffer> => {
  const hex = integer.toString(16).padStart(length * 2, '0')
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

/** base^exponent mod modulus by square and multiply; for public values only, its time depends on the exponent. */
export const powerModulo = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let result = 1n
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

/** The inverse of `value` modulo `modulus`, or undefined when they share a factor (extended Euclid). */
export const invertModulo = (value: bigint, modulus: bigint): bigint | undefined => {
  let [r0, r1] = [modulus, ((value % modulus) + modulus) % modulus]
  let [t0, t1] = [0n, 1n]
  while (r1 !== 0n) {
    const quotient = r0 / r1
    ;[r0, r1] = [r1, r0 - quotient * r1]
    ;[t0, t1] = [t1, t0 - quotient * t1]
  }
  if (r0 !== 1n) return undefined
  return t0 < 0n ? t0 + modulus : t0
}

/** An integer below 2^32 as four bytes, big-endian. */
export const uint32 = (value: number): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}
