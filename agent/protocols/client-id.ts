import { decodeBase64, encodeBase64url } from '../formats/base64url.ts'
import type { CryptoSuite, EcPublicJwk } from '../formats/crypto-suite.ts'
import { ProtocolError } from './errors.ts'
import { type CertificateInfo, readCertificate } from './x509.ts'

/** `x509_hash` of a leaf certificate: how HAIP 1.0 has verifiers identify themselves. */
export const createX509HashClientId = async (leafBase64: string, crypto: CryptoSuite): Promise<string> =>
  `x509_hash:${encodeBase64url(await crypto.sha256(decodeBase64(leafBase64)))}`

/** Finds the ES256 key of a verifier's DID, for wallets that want to accept `decentralized_identifier`. */
export type VerifierKeyResolver = (did: string, kid: string) => Promise<EcPublicJwk | undefined>

export interface VerifierIdentity {
  readonly publicJwk: EcPublicJwk
  readonly prefix: 'x509_hash' | 'x509_san_dns' | 'decentralized_identifier'
  /** Of the leaf, with an x509 prefix. Its names are the verifier's own word until `x5c` is checked against an anchor. */
  readonly certificate?: CertificateInfo
  readonly x5c?: readonly string[]
}

/**
 * Finds the key that must have signed a request, from the client identifier and the header.
 * @throws ProtocolError ERR_CLIENT_ID, ERR_UNSUPPORTED
 * @see https://openid.net/specs/openid-4-verifiable-presentations-1_0.html#section-5.9.3
 */
export const identifyVerifier = async (
  clientId: string, header: Readonly<Record<string, unknown>>,
  { responseUri, nowSeconds, crypto, resolveDid }:
  { responseUri: string, nowSeconds: number, crypto: CryptoSuite, resolveDid?: VerifierKeyResolver | undefined }
): Promise<VerifierIdentity> => {
  const colon = clientId.indexOf(':')
  const [prefix, name] = [clientId.slice(0, Math.max(colon, 0)), clientId.slice(colon + 1)]
  if (prefix === 'decentralized_identifier') {
    const kid = header['kid']
    if (resolveDid === undefined) throw new ProtocolError('ERR_UNSUPPORTED', 'verifiers with a DID are not accepted here')
    const publicJwk = typeof kid === 'string' && kid.startsWith(`${name}#`) ? await resolveDid(name, kid) : undefined
    if (publicJwk === undefined) throw new ProtocolError('ERR_CLIENT_ID', 'the DID of the verifier has no such key')
    return { publicJwk, prefix }
  }
  if (prefix !== 'x509_hash' && prefix !== 'x509_san_dns') {
    throw new ProtocolError('ERR_UNSUPPORTED', 'this kind of client_id is not accepted')
  }
  const x5c = header['x5c']
  if (!Array.isArray(x5c) || x5c.length === 0 || !x5c.every((entry) => typeof entry === 'string')) {
    throw new ProtocolError('ERR_CLIENT_ID', 'the request carries no certificate')
  }
  const leaf = decodeLeaf(x5c[0] ?? '')
  const certificate = readCertificate(leaf)
  const expected = prefix === 'x509_hash'
    ? encodeBase64url(await crypto.sha256(leaf)) === name
    : certificate.dnsNames.includes(name) && new URL(responseUri).hostname === name
  if (!expected) throw new ProtocolError('ERR_CLIENT_ID', 'the certificate is not the one the client_id names')
  if (nowSeconds < certificate.notBeforeSeconds || nowSeconds > certificate.notAfterSeconds) {
    throw new ProtocolError('ERR_CLIENT_ID', 'the certificate of the verifier is not valid now')
  }
  return { publicJwk: certificate.publicJwk, prefix, certificate, x5c }
}

const decodeLeaf = (text: string): Uint8Array => {
  try {
    return decodeBase64(text)
  } catch (cause) {
    throw new ProtocolError('ERR_CLIENT_ID', 'the certificate is not base64', { cause })
  }
}
