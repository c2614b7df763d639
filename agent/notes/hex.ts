import { encodeHex } from '../formats/bytes.ts'
import { NoteError } from './errors.ts'

/** Bytes behind a `0x…` string of exactly `length` bytes, in any case. @throws NoteError ERR_NOTE_ENCODING */
export const bytesOfHex = (hex: string, length: number): Uint8Array<ArrayBuffer> => {
  if (!/^0x[0-9a-fA-F]*$/.test(hex) || hex.length !== 2 + 2 * length) {
    throw new NoteError('ERR_NOTE_ENCODING', `expected 0x and ${length} bytes in hexadecimal`)
  }
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = Number.parseInt(hex.slice(2 + i * 2, 4 + i * 2), 16)
  return bytes
}

/** Bytes as lower-case `0x…`. */
export const hexOf = (bytes: Uint8Array): string => `0x${encodeHex(bytes)}`
