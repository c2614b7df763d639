import { hash } from 'node:crypto'
import { nativeCryptoSuite } from '../keys/crypto-suite-node.ts'
import { CITY_CARD_CLAIMS, startOfDaySeconds, type CityCardClaims } from './city-card-claims.ts'
import type { EcPublicJwk, JwsSigner } from './crypto-suite.ts'
import { SD_JWT_VC_TYP } from './sd-jwt-vc.ts'

/** Each card carries this many digests, whatever it can disclose. */
export const DIGEST_COUNT = 24

/** 128 bits of salt, as RFC 9901 §9.3 recommends. */
const SALT_BYTES = 16

/** What makes one copy of a card its own; two copies share nothing of this. */
export interface CardCopy {
  /** The holder's key of this copy. */
  readonly holderJwk: EcPublicJwk
  readonly status: { readonly uri: string, readonly index: number }
}

export interface IssueSdJwtVcOptions extends CardCopy {
  readonly claims: CityCardClaims
  readonly vct: string
  /** Public URL of the city. */
  readonly issuer: string
  /** Told in whole days only. */
  readonly issuedAtSeconds: number
  readonly expiresAtSeconds: number
  /** Thumbprint of the issuer's key. */
  readonly kid: string
  /** Certificates in base64 DER, the issuer's own first, without the anchor (HAIP 1.0 §6.1.1). */
  readonly x5c: readonly string[]
  /** Signs with the issuer's key, ES256. */
  readonly sign: JwsSigner
}

/**
 * Signs one copy of a city card as an SD-JWT VC. Every claim can be disclosed alone; the number of digests, the
 * names and the precision of times are the same on each card.
 *
 * `@sd-jwt/*` awaits several times for each claim and encodes the JWT twice; put together here, a card takes a
 * quarter of the time. The tests have that library verify what is made here.
 * @see https://www.rfc-editor.org/rfc/rfc9901#section-4
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-oauth-sd-jwt-vc#section-3
 */
export async function issueSdJwtVc(options: IssueSdJwtVcOptions): Promise<string> {
  const digests: string[] = []
  let disclosures = '~'
  for (const tail of encodedTails(options.claims)) {
    const disclosure = encodeAscii(`["${createSalt()}", `) + tail
    digests.push(hash('sha256', disclosure, 'base64url'))
    disclosures += `${disclosure}~`
  }
  while (digests.length < DIGEST_COUNT) digests.push(hash('sha256', createSalt(), 'base64url'))
  const { kty, crv, x, y } = options.holderJwk
  const issuedAt = startOfDaySeconds(options.issuedAtSeconds)
  const payload = {
    iss: options.issuer,
    vct: options.vct,
    iat: issuedAt,
    nbf: issuedAt,
    exp: startOfDaySeconds(options.expiresAtSeconds),
    cnf: { jwk: { kty, crv, x, y } },
    status: { status_list: { idx: options.status.index, uri: options.status.uri } },
    // Sorted, the order says nothing of which digest stands for what (RFC 9901 §4.2.4.1).
    _sd: digests.sort(),
    _sd_alg: 'sha-256',
  }
  const header = { alg: 'ES256', typ: SD_JWT_VC_TYP, kid: options.kid, x5c: options.x5c }
  const signingInput = `${encodeJson(header)}.${encodeJson(payload)}`
  return `${signingInput}.${await options.sign(signingInput)}${disclosures}`
}

/**
 * What follows the salt in each disclosure, in base64url, made once for all copies of a card: to write out and encode
 * a portrait takes longer than to sign. `["`, a salt of 22 characters and `", ` are 27 bytes, which base64 turns into
 * 36 characters with nothing left over, so that the two parts can be put together as texts.
 */
const tailsByClaims = new WeakMap<CityCardClaims, readonly string[]>()

function encodedTails(claims: CityCardClaims): readonly string[] {
  const known = tailsByClaims.get(claims)
  if (known !== undefined) return known
  const tails = CITY_CARD_CLAIMS.map((name) => Buffer.from(`"${name}", ${JSON.stringify(claims[name])}]`).toString('base64url'))
  tailsByClaims.set(claims, tails)
  return tails
}

function encodeAscii(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64url')
}

function createSalt(): string {
  return Buffer.from(nativeCryptoSuite.randomBytes(SALT_BYTES)).toString('base64url')
}

function encodeJson(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
