import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { createAgent, type CityAgent } from '../../agent/agent.ts'
import { cityCardType, type CityCardClaims } from '../../agent/formats/city-card-claims.ts'
import { createCityCardClaims, type CityCardSubject } from '../../agent/formats/city-card-schema.ts'
import type { EcPublicJwk } from '../../agent/formats/crypto-suite.ts'
import { createAuthorityCertificate, createIssuerCertificate } from '../../agent/keys/certificates.ts'
import { createMemoryDidStore } from '../fakes/memory-did-store.ts'
import { createMemoryKeyStore, type MemoryKeyStore } from '../fakes/memory-key-store.ts'
import { createMemoryTrust, type MemoryTrust } from '../fakes/memory-trust.ts'
import { tinyJpeg } from './pictures.ts'

export const DAY = 86_400
/** Noon of a day, when everything is well: cards were issued ten days before. */
export const NOW = Date.parse('2026-05-20T12:00:00Z') / 1000
export const PORTO_URL = 'https://card.porto.example'
export const PORTO_TYPE = cityCardType(PORTO_URL)
export const PORTO_LIST = `${PORTO_URL}/status/1`
export const AUDIENCE = 'x509_san_dns:card.clermont-ferrand.example'
export const NONCE = 'n-0S6_WzA2Mj'

export interface Porto {
  readonly agent: CityAgent
  readonly keyStore: MemoryKeyStore
  readonly trust: MemoryTrust
  readonly did: string
  readonly issuerKid: string
  readonly x5c: readonly string[]
  readonly authorityCertificate: string
}

/** An agent of Porto whose key is accredited, which Clermont-Ferrand recognises, and whose status list is fresh. */
export async function createPorto(): Promise<Porto> {
  const trust = createMemoryTrust()
  const keyStore = createMemoryKeyStore()
  const agent = createAgent({
    keyStore,
    didStore: createMemoryDidStore(),
    keyEncryptionKey: new Uint8Array(32).fill(7),
    trustSource: trust,
    statusSource: trust,
    clock: () => NOW,
    chain: { chainId: 7411, rpcUrl: 'http://127.0.0.1:1' },
  })
  const { did, issuerKid } = await agent.ensureCityDid(PORTO_URL)
  const { kid: authorityKid } = await agent.keys.createKey({ type: 'Secp256r1' })
  const certificate = {
    kms: agent.keys, authorityKid, locode: 'PTOPO', cityName: 'Porto', publicUrl: PORTO_URL, nowSeconds: NOW - 30 * DAY, validDays: 3_650,
  }
  const authorityCertificate = await createAuthorityCertificate(certificate)
  const issuerCertificate = await createIssuerCertificate({ ...certificate, authorityCertificate, issuerKid })
  trust.cities.push(
    { locode: 'PTOPO', name: 'Porto', did, serviceUrl: PORTO_URL, status: 'active', suspensionReason: 0 },
    { locode: 'FRCFE', name: 'Clermont-Ferrand', did: 'did:web:card.clermont-ferrand.example', serviceUrl: 'https://card.clermont-ferrand.example', status: 'active', suspensionReason: 0 },
  )
  trust.accreditations.push({
    locode: 'PTOPO',
    thumbprint: issuerKid,
    publicJwk: (await agent.keys.getKey(issuerKid)).publicJwk as EcPublicJwk,
    credentialType: PORTO_TYPE,
    validFromSeconds: NOW - 20 * DAY,
    validUntilSeconds: NOW + 300 * DAY,
  })
  trust.recognitions.push({
    recogniser: 'FRCFE', issuer: 'PTOPO', credentialType: PORTO_TYPE, benefitClasses: [1, 2], validUntilSeconds: NOW + 100 * DAY,
  })
  trust.lists.set(PORTO_LIST, { city: 'PTOPO', value: 'valid', epoch: 42, updatedAtSeconds: NOW - 30 })
  return { agent, keyStore, trust, did, issuerKid, x5c: [issuerCertificate], authorityCertificate }
}

export const MARIA: CityCardSubject = {
  givenName: 'Maria',
  familyName: 'Ferreira',
  birthDate: '1990-02-28',
  portrait: tinyJpeg(),
  cardNumber: 'PTOPO12345678901207',
  city: 'PTOPO',
  issueDate: '2026-05-10',
  expiryDate: '2027-05-10',
}

export interface Holder {
  readonly publicJwk: EcPublicJwk
  sign(signingInput: string): string
}

/** A holder with a P-256 key of their own. */
export function createHolder(): Holder {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { publicJwk: publicKey.export({ format: 'jwk' }) as unknown as EcPublicJwk, sign: (input) => signEs256(input, privateKey) }
}

export function signEs256(signingInput: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(signingInput), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

export function claimsOf(subject: Partial<CityCardSubject> = {}): CityCardClaims {
  return createCityCardClaims({ ...MARIA, ...subject })
}

/** What is common to all cards that Porto issues in tests. */
export function issuing(porto: Porto): { vct: string, issuedAtSeconds: number, expiresAtSeconds: number, kid: string, x5c: readonly string[] } {
  return {
    vct: PORTO_TYPE,
    issuedAtSeconds: NOW - 10 * DAY,
    expiresAtSeconds: NOW + 355 * DAY,
    kid: porto.issuerKid,
    x5c: porto.x5c,
  }
}
