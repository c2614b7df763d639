// The X.509 library asks for it before it is loaded itself.
import 'reflect-metadata'
import { createPublicKey, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension,
  SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator,
} from '@peculiar/x509'
import { AgentError } from '../errors.ts'
import type { Locode } from '../trust.ts'
import type { NativeKms } from './native-kms.ts'

const SECONDS_A_DAY = 86_400
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' }
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }
/** ISO/IEC 18013-5 §B.1.7: the key signs documents of this kind. */
const MDL_DOCUMENT_SIGNER = '1.0.18013.5.1.2'

export interface CityCertificateOptions {
  readonly kms: NativeKms
  readonly locode: Locode
  readonly cityName: string
  readonly publicUrl: string
  readonly nowSeconds: number
  readonly validDays: number
}

/**
 * Makes the self-signed certificate of a city's authority; base64 DER. It may sign certificates of end entities only.
 * @throws AgentError `ERR_CERTIFICATE_INVALID`, `ERR_KEY_NOT_FOUND`
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2
 */
export async function createAuthorityCertificate(options: CityCertificateOptions & { readonly authorityKid: string }): Promise<string> {
  const { kms, authorityKid } = options
  const name = authorityName(options)
  return wrap(async () => {
    const publicKey = await publicKeyOf(kms, authorityKid)
    return X509CertificateGenerator.create({
      subject: name,
      issuer: name,
      ...validity(options),
      publicKey,
      signingKey: await kms.cryptoKeyOf(authorityKid),
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(publicKey),
      ],
    }, webcrypto as never)
  })
}

/**
 * Makes the certificate of a city's issuer key, signed by its authority; base64 DER, the first and only one of `x5c`.
 * Its alternative names are the city's URL and host name, so that `client_id` schemes over X.509 can match them.
 * @throws AgentError `ERR_CERTIFICATE_INVALID`, `ERR_KEY_NOT_FOUND`
 * @see https://openid.net/specs/openid4vc-high-assurance-interoperability-profile-1_0.html#section-6.1.1
 */
export async function createIssuerCertificate(
  options: CityCertificateOptions & { readonly authorityKid: string, readonly authorityCertificate: string, readonly issuerKid: string },
): Promise<string> {
  const { kms, authorityKid, issuerKid } = options
  return wrap(async () => {
    const publicKey = await publicKeyOf(kms, issuerKid)
    const authority = new X509Certificate(Buffer.from(options.authorityCertificate, 'base64'))
    return X509CertificateGenerator.create({
      subject: [{ C: [options.locode.slice(0, 2)] }, { O: [options.cityName] }, { CN: [`${options.cityName} city card issuer`] }],
      issuer: authority.subjectName.toJSON(),
      ...validity(options),
      publicKey,
      signingKey: await kms.cryptoKeyOf(authorityKid),
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([MDL_DOCUMENT_SIGNER]),
        new SubjectAlternativeNameExtension([
          { type: 'url', value: options.publicUrl },
          { type: 'dns', value: new URL(options.publicUrl).hostname },
        ]),
        await SubjectKeyIdentifierExtension.create(publicKey),
        await AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ],
    }, webcrypto as never)
  })
}

/** Whether an authority's certificate signed another, both are valid at a time, and the authority is one. */
export async function isIssuedBy(certificate: string, authorityCertificate: string, atSeconds: number): Promise<boolean> {
  try {
    const leaf = new X509Certificate(Buffer.from(certificate, 'base64'))
    const authority = new X509Certificate(Buffer.from(authorityCertificate, 'base64'))
    if (authority.getExtension(BasicConstraintsExtension)?.ca !== true || leaf.issuer !== authority.subject) return false
    const date = new Date(atSeconds * 1000)
    if ([leaf, authority].some(({ notBefore, notAfter }) => date < notBefore || date > notAfter)) return false
    return await leaf.verify({ publicKey: authority.publicKey, signatureOnly: true }, webcrypto as never)
  } catch {
    return false
  }
}

function authorityName({ locode, cityName }: CityCertificateOptions): Array<Record<string, string[]>> {
  return [{ C: [locode.slice(0, 2)] }, { O: [cityName] }, { CN: [`${cityName} city card authority`] }]
}

/** From the beginning of the day, so that a certificate tells no more of the time than a card. */
function validity({ nowSeconds, validDays }: CityCertificateOptions): { notBefore: Date, notAfter: Date } {
  const start = Math.floor(nowSeconds / SECONDS_A_DAY) * SECONDS_A_DAY
  return { notBefore: new Date(start * 1000), notAfter: new Date((start + validDays * SECONDS_A_DAY) * 1000) }
}

async function publicKeyOf(kms: NativeKms, kid: string): Promise<webcrypto.CryptoKey> {
  const { publicJwk } = await kms.getKey(kid)
  return createPublicKey({ key: publicJwk, format: 'jwk' }).toCryptoKey(KEY_ALGORITHM, true, ['verify'])
}

async function wrap(create: () => Promise<X509Certificate>): Promise<string> {
  try {
    return Buffer.from((await create()).rawData).toString('base64')
  } catch (cause) {
    if (cause instanceof AgentError) throw cause
    throw new AgentError('ERR_CERTIFICATE_INVALID', 'The certificate could not be made.', { cause })
  }
}
