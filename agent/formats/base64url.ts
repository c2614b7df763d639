import { AgentError } from '../errors.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Made once: making one takes longer than decoding a JWT. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]))

/**
 * Encodes bytes as base64url without padding.
 * @see https://www.rfc-editor.org/rfc/rfc4648#section-5
 */
export function encodeBase64url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Encodes bytes as base64 with padding, as `data:` URIs and `x5c` want it. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000))
  }
  return btoa(binary)
}

/**
 * Decodes base64url strictly: no padding, no white space, no other alphabet, no stray bits at the end, so
 * that one byte string has one text only.
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw malformed()
  const rest = text.length % 4
  if (rest > 0) {
    const last = VALUES.get(text.at(-1) as string) as number
    if ((last & (rest === 2 ? 0b1111 : 0b11)) !== 0) throw malformed()
  }
  return decodeBinary(atob(text.replaceAll('-', '+').replaceAll('_', '/')))
}

/**
 * Decodes base64 strictly: with its padding, nothing but its alphabet.
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) throw malformed()
  const bytes = decodeBinary(atob(text))
  if (encodeBase64(bytes) !== text) throw malformed()
  return bytes
}

/**
 * Decodes a base64url JSON object, such as a part of a JWT.
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`
 */
export function decodeJsonObject(text: string): Record<string, unknown> {
  const bytes = decodeBase64url(text)
  let value: unknown
  try {
    value = JSON.parse(strictUtf8.decode(bytes))
  } catch {
    throw malformed()
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed()
  return value as Record<string, unknown>
}

function decodeBinary(binary: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

function malformed(): AgentError {
  return new AgentError('ERR_CREDENTIAL_MALFORMED', 'The text is not strict base64url of what it should hold.')
}
