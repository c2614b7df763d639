import { AgentError } from '../errors.ts'
import { decodeBase64url, encodeBase64url } from '../formats/base64url.ts'
import type { JwsSigner } from '../formats/crypto-suite.ts'
import { splitJwt } from '../formats/sd-jwt-vc.ts'
import { compressWithStream, decompressBounded, type Compress } from './compression.ts'
import { STATUS_BITS, type BitsPerStatus } from './status-bits.ts'

export const STATUS_LIST_TYP = 'statuslist+jwt'

export interface CreateStatusListTokenOptions {
  /** Where the list is published; the same as in the cards that refer to it. */
  readonly uri: string
  readonly statusBits: Uint8Array
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
  /** How long a copy may be kept before asking for a fresh one. */
  readonly ttlSeconds: number
  /** `kid` and perhaps `x5c` of the signing key. */
  readonly header: { readonly kid: string, readonly x5c?: readonly string[] }
  /** Signs with that key, ES256. */
  readonly sign: JwsSigner
  readonly compress?: Compress
}

/**
 * Publishes a status list as a signed token.
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-5.1
 */
export async function createStatusListToken(options: CreateStatusListTokenOptions): Promise<string> {
  const compress = options.compress ?? compressWithStream
  const header = { alg: 'ES256', typ: STATUS_LIST_TYP, ...options.header }
  const payload = {
    sub: options.uri,
    iat: options.issuedAtSeconds,
    exp: options.expiresAtSeconds,
    ttl: options.ttlSeconds,
    status_list: { bits: STATUS_BITS, lst: encodeBase64url(await compress(options.statusBits, 'deflate')) },
  }
  const signingInput = `${encodeJson(header)}.${encodeJson(payload)}`
  return `${signingInput}.${await options.sign(signingInput)}`
}

export interface StatusList {
  readonly bits: BitsPerStatus
  readonly bytes: Uint8Array
}

export interface StatusListToken extends StatusList {
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number | undefined
  readonly ttlSeconds: number | undefined
}

export interface VerifyStatusListTokenOptions {
  /** The `uri` in the card: the token must be about it. */
  readonly uri: string
  readonly nowSeconds: number
  /** Whether this is the right signature of the list's issuer; gets the header to find the key by. */
  readonly verify: (header: Readonly<Record<string, unknown>>, signingInput: string, signature: string) => Promise<boolean> | boolean
  /** Most bytes that the list may have decompressed; 2 MiB unless told. */
  readonly maxBytes?: number
  readonly clockSkewSeconds?: number
}

/**
 * Verifies a status list token, ours or a stranger's, and unpacks it.
 * @throws AgentError `ERR_STATUS_LIST_INVALID`, `ERR_STATUS_LIST_TOO_LARGE`, `ERR_CREDENTIAL_MALFORMED`
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-8.3
 */
export async function verifyStatusListToken(token: string, options: VerifyStatusListTokenOptions): Promise<StatusListToken> {
  const [header, payload, signature] = splitJwt(token)
  const { typ } = header
  // Media types do not tell upper from lower case, and may leave `application/` out (RFC 7515 §4.1.9).
  if (typeof typ !== 'string' || typ.toLowerCase().replace(/^application\//, '') !== STATUS_LIST_TYP) throw invalid('typ is another')
  if (header['crit'] !== undefined) throw invalid('it has critical extensions')
  if (!await options.verify(header, token.slice(0, token.lastIndexOf('.')), signature)) throw invalid('the signature is wrong')
  const { sub, iat, exp, ttl } = payload
  if (sub !== options.uri) throw invalid('it is about another list')
  const skew = options.clockSkewSeconds ?? 60
  if (!isTime(iat) || iat > options.nowSeconds + skew) throw invalid('iat is missing or ahead')
  if (exp !== undefined && (!isTime(exp) || exp <= options.nowSeconds)) throw invalid('it has expired')
  if (ttl !== undefined && (!isTime(ttl) || ttl === 0)) throw invalid('ttl is not a positive number')
  const list = await unpackStatusList(payload['status_list'], options.maxBytes)
  return { ...list, issuedAtSeconds: iat, expiresAtSeconds: exp, ttlSeconds: ttl }
}

/**
 * Unpacks the `status_list` member.
 * @throws AgentError `ERR_STATUS_LIST_INVALID`, `ERR_STATUS_LIST_TOO_LARGE`
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-status-list#section-4.2
 */
export async function unpackStatusList(value: unknown, maxBytes: number = 2 * 1024 * 1024): Promise<StatusList> {
  if (typeof value !== 'object' || value === null) throw invalid('status_list is missing')
  const { bits, lst } = value as Record<string, unknown>
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) throw invalid('bits is none of 1, 2, 4 and 8')
  if (typeof lst !== 'string') throw invalid('lst is missing')
  return { bits, bytes: await decompressBounded(decodeBase64url(lst), 'deflate', maxBytes) }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function encodeJson(value: object): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
}

function invalid(reason: string): AgentError {
  return new AgentError('ERR_STATUS_LIST_INVALID', `The status list token does not hold: ${reason}.`)
}
