import { AgentError } from '../errors.ts'
import { decodeBase64url, encodeBase64url } from '../formats/base64url.ts'
import type { JwsSigner } from '../formats/crypto-suite.ts'
import { splitJwt } from '../formats/sd-jwt-vc.ts'
import { compressWithStream, decompressBounded, type Compress } from './compression.ts'
import { bitstringOf } from './status-bits.ts'

export type StatusPurpose = 'revocation' | 'suspension'

/** The least a bitstring may have, for the sake of the crowd (Bitstring Status List §6.1). */
const MIN_BYTES = 16_384

const PLANES: Record<StatusPurpose, 0 | 1> = { revocation: 0, suspension: 1 }

export interface CreateBitstringStatusListOptions {
  /** URL at which the credential is published. */
  readonly url: string
  readonly issuerDid: string
  readonly purpose: StatusPurpose
  /** The one source of both faces: our list of two bits an entry. */
  readonly statusBits: Uint8Array
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  readonly header: { readonly kid: string, readonly x5c?: readonly string[] }
  readonly sign: JwsSigner
  readonly compress?: Compress
}

/**
 * Publishes one plane of a status list as a W3C credential (VCDM 2.0), secured as a JWT (`vc+jwt`).
 * @see https://www.w3.org/TR/vc-bitstring-status-list/#bitstringstatuslistcredential
 * @see https://www.w3.org/TR/vc-jose-cose/#securing-with-jose
 */
export async function createBitstringStatusList(options: CreateBitstringStatusListOptions): Promise<string> {
  const bitstring = bitstringOf(options.statusBits, PLANES[options.purpose])
  const header = { alg: 'ES256', typ: 'vc+jwt', cty: 'vc', ...options.header }
  const payload = {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    id: options.url,
    type: ['VerifiableCredential', 'BitstringStatusListCredential'],
    issuer: options.issuerDid,
    validFrom: toDateTime(options.validFromSeconds),
    validUntil: toDateTime(options.validUntilSeconds),
    credentialSubject: {
      id: `${options.url}#list`,
      type: 'BitstringStatusList',
      statusPurpose: options.purpose,
      encodedList: await encodeBitstring(bitstring, options.compress),
    },
  }
  const signingInput = `${encodeJson(header)}.${encodeJson(payload)}`
  return `${signingInput}.${await options.sign(signingInput)}`
}

/** The `credentialStatus` of a card: one entry for each purpose, both at the same index. */
export function bitstringStatusEntries(listUri: string, index: number): readonly Record<string, string>[] {
  return (['revocation', 'suspension'] as const).map((purpose) => ({
    id: `${listUri}/${purpose}#${index}`,
    type: 'BitstringStatusListEntry',
    statusPurpose: purpose,
    statusListIndex: String(index),
    statusListCredential: `${listUri}/${purpose}`,
  }))
}

/** Compresses (gzip) and encodes (multibase, base64url) a bitstring. */
export async function encodeBitstring(bitstring: Uint8Array, compress: Compress = compressWithStream): Promise<string> {
  return `u${encodeBase64url(await compress(bitstring, 'gzip'))}`
}

/**
 * Decodes an `encodedList`, whoever made it.
 * @throws AgentError `ERR_STATUS_LIST_INVALID` also if it is shorter than the specification allows, `ERR_STATUS_LIST_TOO_LARGE`
 * @see https://www.w3.org/TR/vc-bitstring-status-list/#bitstring-expansion-algorithm
 */
export async function decodeBitstring(encodedList: string, maxBytes: number = 2 * 1024 * 1024): Promise<Uint8Array> {
  if (!encodedList.startsWith('u')) throw invalid('it is not multibase base64url')
  let compressed: Uint8Array
  try {
    compressed = decodeBase64url(encodedList.slice(1))
  } catch {
    throw invalid('it is not base64url')
  }
  const bitstring = await decompressBounded(compressed, 'gzip', maxBytes)
  if (bitstring.length < MIN_BYTES) throw invalid('it is shorter than 16 kB')
  return bitstring
}

/** Whether a bit of a bitstring is set; bit 0 is the most significant of the first byte. @throws AgentError `ERR_STATUS_INDEX_OUT_OF_RANGE` */
export function readBit(bitstring: Uint8Array, index: number): boolean {
  if (!Number.isSafeInteger(index) || index < 0 || index >= bitstring.length * 8) {
    throw new AgentError('ERR_STATUS_INDEX_OUT_OF_RANGE', 'The index is not in the bitstring.')
  }
  return ((bitstring[index >>> 3] as number) & (0x80 >>> (index & 7))) !== 0
}

export interface VerifyBitstringStatusListOptions {
  readonly url: string
  readonly purpose: StatusPurpose
  readonly nowSeconds: number
  readonly verify: (header: Readonly<Record<string, unknown>>, signingInput: string, signature: string) => Promise<boolean> | boolean
  readonly maxBytes?: number
}

/**
 * Verifies a status list credential in a JWT and unpacks its bitstring.
 * @throws AgentError `ERR_STATUS_LIST_INVALID`, `ERR_STATUS_LIST_TOO_LARGE`, `ERR_CREDENTIAL_MALFORMED`
 * @see https://www.w3.org/TR/vc-bitstring-status-list/#validate-algorithm
 */
export async function verifyBitstringStatusList(jwt: string, options: VerifyBitstringStatusListOptions): Promise<Uint8Array> {
  const [header, payload, signature] = splitJwt(jwt)
  if (header['crit'] !== undefined) throw invalid('it has critical extensions')
  if (!await options.verify(header, jwt.slice(0, jwt.lastIndexOf('.')), signature)) throw invalid('the signature is wrong')
  const { id, type, validFrom, validUntil } = payload
  const subject = (payload['credentialSubject'] ?? {}) as Record<string, unknown>
  if (id !== options.url || !Array.isArray(type) || !type.includes('BitstringStatusListCredential')) throw invalid('it is another credential')
  if (validFrom !== undefined && !(Date.parse(String(validFrom)) / 1000 <= options.nowSeconds + 60)) throw invalid('it is not valid yet')
  if (validUntil !== undefined && !(Date.parse(String(validUntil)) / 1000 > options.nowSeconds)) throw invalid('it has expired')
  const purposes: readonly unknown[] = [subject['statusPurpose']].flat()
  if (subject['type'] !== 'BitstringStatusList' || !purposes.includes(options.purpose)) throw invalid('it has another purpose')
  if (typeof subject['encodedList'] !== 'string') throw invalid('it has no list')
  return decodeBitstring(subject['encodedList'], options.maxBytes)
}

function toDateTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

function encodeJson(value: object): string {
  return encodeBase64url(new TextEncoder().encode(JSON.stringify(value)))
}

function invalid(reason: string): AgentError {
  return new AgentError('ERR_STATUS_LIST_INVALID', `The bitstring status list does not hold: ${reason}.`)
}
