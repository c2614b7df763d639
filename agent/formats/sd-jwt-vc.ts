import { SDJwt, SDJwtInstance } from '@sd-jwt/core'
import { AgentError } from '../errors.ts'
import { decodeBase64url, decodeJsonObject } from './base64url.ts'
import { webCryptoSuite, type CryptoSuite, type JwsSigner } from './crypto-suite.ts'

export const SD_JWT_VC_TYP = 'dc+sd-jwt'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface SdJwtDisclosure {
  /** Undefined for an element of an array. */
  readonly name: string | undefined
  readonly value: unknown
  readonly encoded: string
}

export interface ParsedSdJwtVc {
  readonly header: Readonly<Record<string, unknown>>
  /** The payload as signed, with `_sd` digests. */
  readonly payload: Readonly<Record<string, unknown>>
  /** The payload with the disclosed claims in their places. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly disclosures: readonly SdJwtDisclosure[]
  readonly keyBindingJwt: string | undefined
}

/**
 * Takes an SD-JWT apart. Checks its form, not its signature.
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`
 * @see https://www.rfc-editor.org/rfc/rfc9901#section-4
 */
export async function parseSdJwtVc(compact: string, crypto: CryptoSuite = webCryptoSuite): Promise<ParsedSdJwtVc> {
  const { jwt, disclosures, keyBindingJwt } = splitSdJwt(compact)
  const [header, payload] = splitJwt(jwt)
  try {
    const sdJwt = await SDJwt.fromEncode(`${jwt}~${disclosures.map((encoded) => `${encoded}~`).join('')}`, hasherOf(crypto))
    const claims = await sdJwt.getClaims<Record<string, unknown>>(hasherOf(crypto))
    return { header, payload, claims, disclosures: disclosures.map(parseDisclosure), keyBindingJwt }
  } catch (cause) {
    throw malformed(cause)
  }
}

export interface PresentSdJwtVcOptions {
  readonly credential: string
  /** Names of the claims to show; what is not named stays hidden. */
  readonly claims: readonly string[]
  /** Who asks: `client_id` of the verifier. */
  readonly audience: string
  readonly nonce: string
  readonly issuedAtSeconds: number
  /** Signs with the holder's key of this very credential. */
  readonly sign: JwsSigner
  readonly crypto?: CryptoSuite
}

/**
 * Chooses what to show and binds it to one verifier and one request with a key binding JWT (ES256).
 * @throws AgentError `ERR_CREDENTIAL_MALFORMED`, `ERR_DISCLOSURE_UNKNOWN` if the credential cannot show a named claim
 * @see https://www.rfc-editor.org/rfc/rfc9901#section-7.2
 */
export async function presentSdJwtVc(options: PresentSdJwtVcOptions): Promise<string> {
  const crypto = options.crypto ?? webCryptoSuite
  const { disclosures, payload } = await parseSdJwtVc(options.credential, crypto)
  const presentable = new Set(disclosures.map((disclosure) => disclosure.name))
  for (const name of options.claims) {
    if (!presentable.has(name) && !(name in payload)) {
      throw new AgentError('ERR_DISCLOSURE_UNKNOWN', `The credential has no claim ${name}.`)
    }
  }
  const instance = new SDJwtInstance({
    hasher: hasherOf(crypto),
    kbSigner: async (signingInput) => options.sign(signingInput),
    kbSignAlg: 'ES256',
  })
  const frame = Object.fromEntries(options.claims.filter((name) => presentable.has(name)).map((name) => [name, true]))
  const { issuedAtSeconds: iat, audience: aud, nonce } = options
  return instance.present<Record<string, unknown>>(options.credential, frame, { kb: { payload: { iat, aud, nonce } } })
}

/** The parts between the tildes. @throws AgentError `ERR_CREDENTIAL_MALFORMED` */
export function splitSdJwt(compact: string): { jwt: string, disclosures: string[], keyBindingJwt: string | undefined } {
  const parts = compact.split('~')
  const keyBindingJwt = parts.pop()
  const jwt = parts.shift()
  if (jwt === undefined || parts.some((part) => part === '')) throw malformed()
  return { jwt, disclosures: parts, keyBindingJwt: keyBindingJwt === '' ? undefined : keyBindingJwt }
}

/** Header, payload and signature of a compact JWS. @throws AgentError `ERR_CREDENTIAL_MALFORMED` */
export function splitJwt(jwt: string): [Record<string, unknown>, Record<string, unknown>, string] {
  const [header, payload, signature, ...more] = jwt.split('.')
  if (header === undefined || payload === undefined || !signature || more.length > 0) throw malformed()
  return [decodeJsonObject(header), decodeJsonObject(payload), signature]
}

/** One disclosure: `[salt, name, value]`, or `[salt, value]` of an array. @throws AgentError `ERR_CREDENTIAL_MALFORMED` */
export function parseDisclosure(encoded: string): SdJwtDisclosure {
  let value: unknown
  try {
    value = JSON.parse(strictUtf8.decode(decodeBase64url(encoded)))
  } catch (cause) {
    throw malformed(cause)
  }
  if (!Array.isArray(value) || value.length < 2 || value.length > 3 || typeof value[0] !== 'string') throw malformed()
  if (value.length === 2) return { name: undefined, value: value[1], encoded }
  if (typeof value[1] !== 'string') throw malformed()
  return { name: value[1], value: value[2], encoded }
}

/** The hasher of `@sd-jwt/*`, which knows SHA-256 only: RFC 9901 §4.1.1 lets a verifier refuse others. */
export function hasherOf(crypto: CryptoSuite): (data: string | ArrayBuffer, algorithm: string) => Uint8Array | Promise<Uint8Array> {
  return (data, algorithm) => {
    if (algorithm !== 'sha-256') throw malformed()
    return crypto.sha256(typeof data === 'string' ? data : new Uint8Array(data))
  }
}

function malformed(cause?: unknown): AgentError {
  if (cause instanceof AgentError) return cause
  return new AgentError('ERR_CREDENTIAL_MALFORMED', 'The credential is not a well-formed SD-JWT.', { cause })
}
