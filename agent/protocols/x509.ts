import { encodeBase64url } from '../formats/base64url.ts'
import { encodeHex } from '../formats/bytes.ts'
import type { EcPublicJwk } from '../formats/crypto-suite.ts'
import { ProtocolError } from './errors.ts'

/** What a wallet reads of a verifier's certificate. Nobody vouches for the name before a chain to an anchor is checked. */
export interface CertificateInfo {
  readonly publicJwk: EcPublicJwk
  readonly dnsNames: readonly string[]
  readonly commonName?: string
  readonly organization?: string
  readonly notBeforeSeconds: number
  readonly notAfterSeconds: number
}

interface Element {
  readonly tag: number
  readonly content: Uint8Array
}

const P256_ALGORITHM = '06072a8648ce3d020106082a8648ce3d030107'
const SUBJECT_ALT_NAME = '551d11'
const COMMON_NAME = '550403'
const ORGANIZATION = '55040a'

/**
 * Reads key, names and period of a DER certificate with a P-256 key. Small on purpose: the wallet needs no more.
 * @throws ProtocolError ERR_CERTIFICATE_UNREADABLE
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export const readCertificate = (der: Uint8Array): CertificateInfo => {
  try {
    const [certificate] = readElements(der)
    const [tbs] = readElements(contentOf(certificate, 0x30))
    const fields = readElements(contentOf(tbs, 0x30)).filter(({ tag }) => tag !== 0xa0)
    const [notBefore, notAfter] = readElements(contentOf(fields[3], 0x30)).map(readTime)
    const names = readNames(contentOf(fields[4], 0x30))
    const extensions = fields.find(({ tag }) => tag === 0xa3)
    if (notBefore === undefined || notAfter === undefined) throw new RangeError('no validity')
    return {
      publicJwk: readKey(contentOf(fields[5], 0x30)),
      dnsNames: extensions === undefined ? [] : readDnsNames(extensions.content),
      ...(names.get(COMMON_NAME) !== undefined && { commonName: names.get(COMMON_NAME) as string }),
      ...(names.get(ORGANIZATION) !== undefined && { organization: names.get(ORGANIZATION) as string }),
      notBeforeSeconds: notBefore,
      notAfterSeconds: notAfter
    }
  } catch (cause) {
    throw new ProtocolError('ERR_CERTIFICATE_UNREADABLE', 'not a certificate with a P-256 key', { cause })
  }
}

const readElements = (bytes: Uint8Array): Element[] => {
  const elements: Element[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = byteAt(bytes, at)
    let length = byteAt(bytes, at + 1)
    at += 2
    if (length >= 0x80) {
      const count = length & 0x7f
      if (count === 0 || count > 3) throw new RangeError('length')
      length = 0
      for (let i = 0; i < count; i++) length = length * 256 + byteAt(bytes, at + i)
      at += count
    }
    if (at + length > bytes.length) throw new RangeError('truncated')
    elements.push({ tag, content: bytes.subarray(at, at + length) })
    at += length
  }
  return elements
}

const byteAt = (bytes: Uint8Array, at: number): number => {
  const byte = bytes[at]
  if (byte === undefined) throw new RangeError('truncated')
  return byte
}

const contentOf = (element: Element | undefined, tag: number): Uint8Array => {
  if (element?.tag !== tag) throw new RangeError('unexpected element')
  return element.content
}

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

const readKey = (content: Uint8Array): EcPublicJwk => {
  const [algorithm, key] = readElements(content)
  const bits = contentOf(key, 0x03)
  if (encodeHex(contentOf(algorithm, 0x30)) !== P256_ALGORITHM || bits.length !== 66 || bits[0] !== 0 || bits[1] !== 4) {
    throw new RangeError('not an uncompressed P-256 key')
  }
  return { kty: 'EC', crv: 'P-256', x: encodeBase64url(bits.subarray(2, 34)), y: encodeBase64url(bits.subarray(34)) }
}

const readNames = (content: Uint8Array): Map<string, string> => new Map(readElements(content).flatMap((set) =>
  readElements(contentOf(set, 0x31)).flatMap((pair) => {
    const [type, value] = readElements(contentOf(pair, 0x30))
    return type?.tag === 0x06 && (value?.tag === 0x0c || value?.tag === 0x13) ? [[encodeHex(type.content), text(value.content)] as const] : []
  })))

const readDnsNames = (content: Uint8Array): string[] => {
  const [list] = readElements(content)
  return readElements(contentOf(list, 0x30)).flatMap((extension) => {
    const parts = readElements(contentOf(extension, 0x30))
    if (encodeHex(contentOf(parts[0], 0x06)) !== SUBJECT_ALT_NAME) return []
    const [names] = readElements(contentOf(parts[parts.length - 1], 0x04))
    return readElements(contentOf(names, 0x30)).filter(({ tag }) => tag === 0x82).map((name) => text(name.content))
  })
}

const readTime = ({ tag, content }: Element): number => {
  const value = text(content)
  const full = tag === 0x17 ? `${Number(value.slice(0, 2)) < 50 ? '20' : '19'}${value}` : value
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(full) ?? []
  const milliseconds = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(milliseconds)) throw new RangeError('time')
  return milliseconds / 1000
}
