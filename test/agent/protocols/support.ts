import { createPrivateKey, generateKeyPairSync, type JsonWebKey, sign as signBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import type { EcPublicJwk, JwsSigner } from '../../../agent/formats/crypto-suite.ts'
import type { Fetch } from '../../../agent/protocols/http.ts'

export const NOW = 1_795_000_000
export const suite = webCryptoSuite

export interface TestKey {
  readonly publicJwk: EcPublicJwk
  readonly privateJwk: JsonWebKey
  readonly sign: JwsSigner
}

export const createKey = (): TestKey => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const privateJwk = privateKey.export({ format: 'jwk' }) as JsonWebKey
  const { x = '', y = '' } = privateJwk
  return { publicJwk: { kty: 'EC', crv: 'P-256', x, y }, privateJwk, sign: (input) => signWith(privateJwk, input) }
}

export const signWith = (privateJwk: JsonWebKey, input: string): string => {
  const key = createPrivateKey({ key: privateJwk as Record<string, string>, format: 'jwk' })
  return signBytes('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

/** A certificate a verifier could have, not issued by itself. */
export const createCertificate = async (
  key: TestKey, { dnsNames = ['localhost'], days = 30 }: { dnsNames?: string[], days?: number } = {}
): Promise<string> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  x509.cryptoProvider.set(crypto)
  const authority = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const publicKey = await crypto.subtle.importKey('jwk', { ...key.publicJwk }, algorithm, true, ['verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: '1234', subject: 'CN=Clermont-Ferrand, O=Métropole', issuer: 'CN=City authority', notBefore: new Date((NOW - 86_400) * 1000),
    notAfter: new Date((NOW + days * 86_400) * 1000), publicKey, signingKey: authority.privateKey, signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(false), new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: 'dns' as const, value })))]
  })
  return Buffer.from(certificate.rawData).toString('base64')
}

export const vector = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8')) as unknown

/** The code of what was thrown or rejected; undefined when nothing was. */
export const codeOf = async (run: () => unknown): Promise<unknown> => {
  try {
    await run()
    return undefined
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  }
}

export interface RecordedRequest {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: string
}

/** A network of handlers by URL; what was asked is recorded. */
export const createNetwork = (handlers: Record<string, (request: RecordedRequest) => Response | Promise<Response>>): {
  fetch: Fetch, requests: RecordedRequest[]
} => {
  const requests: RecordedRequest[] = []
  const fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(url, { ...init, redirect: 'manual' })
    const recorded = { url: request.url, method: request.method, headers: request.headers, body: await request.text() }
    requests.push(recorded)
    const [address = ''] = request.url.split('?')
    return await (handlers[address]?.(recorded) ?? new Response('not found', { status: 404 }))
  }
  return { fetch: fetch as Fetch, requests }
}

export const json = (body: unknown, status = 200, contentType = 'application/json'): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': contentType } })
