import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'

/** Files of a local certificate authority and of one certificate for localhost, PEM. */
export interface LocalCertificates {
  readonly authorityFile: string
  readonly certificateFile: string
  readonly keyFile: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

/**
 * Makes, at the first call, a certificate authority of this machine alone and a certificate for localhost; later calls find
 * both again. The authority's private key is thrown away, so nobody can sign a second certificate with it.
 */
export async function ensureLocalCertificates(folder: string, now = new Date()): Promise<LocalCertificates> {
  const files = {
    authorityFile: join(folder, 'authority.pem'),
    certificateFile: join(folder, 'localhost.pem'),
    keyFile: join(folder, 'localhost.key')
  }
  if (Object.values(files).every((file) => existsSync(file)) && isCurrent(files.certificateFile, now)) return files
  x509.cryptoProvider.set(webcrypto as never)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Symbolon local authority',
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + 365 * day),
    signingAlgorithm: algorithm,
    keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true)
    ]
  })
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + 365 * day),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
        { type: 'ip', value: '::1' }
      ]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey)
    ]
  })
  writeFileSync(files.authorityFile, `${authority.toString('pem')}\n`)
  writeFileSync(files.keyFile, `${await pemOfKey(keys.privateKey)}\n`, { mode: 0o600 })
  writeFileSync(files.certificateFile, `${certificate.toString('pem')}\n${authority.toString('pem')}\n`)
  return files
}

function isCurrent(certificateFile: string, now: Date): boolean {
  const pem = readFileSync(certificateFile, 'utf8')
  const first = pem.slice(0, pem.indexOf('-----END CERTIFICATE-----') + '-----END CERTIFICATE-----'.length)
  return new x509.X509Certificate(first).notAfter.getTime() > now.getTime() + 14 * day
}
