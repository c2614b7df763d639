import { SymbolonError } from '../errors.ts'

export class EncodingError extends SymbolonError<'ERR_BASE64URL_INVALID'> {}

const ALPHABET = /^[A-Za-z0-9_-]*$/

/** Base64url without padding. @see https://www.rfc-editor.org/rfc/rfc4648#section-5 */
export const encodeBase64url = (bytes: Uint8Array): string => {
  let binary = ''
  for (let offset = 0; offset < bytes.length; offset += 8192) {
    binary += String.fromCharCode(...bytes.subarray(offset, offset + 8192))
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/**
 * Decodes canonical base64url only: no padding, no white space, no `+` or `/`, no stray bits at the end, so that
 * each byte string has one spelling.
 * @throws EncodingError ERR_BASE64URL_INVALID
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-3.5
 */
export const decodeBase64url = (text: string): Uint8Array<ArrayBuffer> => {
  if (!ALPHABET.test(text) || text.length % 4 === 1) {
    throw new EncodingError('ERR_BASE64URL_INVALID', 'not base64url')
  }
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  if (!hasCanonicalTail(text)) throw new EncodingError('ERR_BASE64URL_INVALID', 'base64url with stray bits at its end')
  return bytes
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const hasCanonicalTail = (text: string): boolean => {
  const rest = text.length % 4
  if (rest === 0) return true
  const last = DIGITS.indexOf(text.charAt(text.length - 1))
  return rest === 2 ? (last & 0b1111) === 0 : (last & 0b11) === 0
}
