import { decodeBase64url, decodeJsonObject, encodeBase64url } from '../formats/base64url.ts'
import type { JwsSigner } from '../formats/crypto-suite.ts'
import { ProtocolError } from './errors.ts'

export interface CompactJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  readonly signingInput: string
  readonly signature: string
}

const MAX_LENGTH = 256 * 1024

/**
 * Takes a compact JWS apart without verifying it.
 * @throws ProtocolError ERR_JWT_INVALID
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-5.2
 */
export const parseCompactJwt = (jwt: string): CompactJwt => {
  const parts = jwt.split('.')
  const [header = '', payload = '', signature = ''] = parts
  try {
    if (parts.length !== 3 || jwt.length > MAX_LENGTH || signature === '') throw new TypeError('not three parts')
    decodeBase64url(signature)
    const decoded = { header: decodeJsonObject(header), payload: decodeJsonObject(payload) }
    if ('crit' in decoded.header || 'b64' in decoded.header) throw new TypeError('extensions are not understood')
    return { ...decoded, signingInput: `${header}.${payload}`, signature }
  } catch (cause) {
    throw new ProtocolError('ERR_JWT_INVALID', 'not a compact JWT', { cause })
  }
}

/** Signs a compact JWS. */
export const signCompactJwt = async (
  header: Readonly<Record<string, unknown>>, payload: Readonly<Record<string, unknown>>, sign: JwsSigner
): Promise<string> => {
  const signingInput = `${encodeJson(header)}.${encodeJson(payload)}`
  return `${signingInput}.${await sign(signingInput)}`
}

const encodeJson = (value: unknown): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))

/** Whether `typ` names this media type: without regard to case, with or without `application/` (RFC 7515 §4.1.9). */
export const hasTyp = (header: CompactJwt['header'], typ: string): boolean =>
  typeof header['typ'] === 'string' && header['typ'].toLowerCase().replace(/^application\//, '') === typ
