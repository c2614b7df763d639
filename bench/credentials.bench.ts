import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { createAgent as createVeramoAgent } from '@veramo/core'
import type { ICredentialPlugin, IDIDManager, IKeyManager, IResolver } from '@veramo/core-types'
import { CredentialProviderJWT } from '@veramo/credential-jwt'
import { CredentialPlugin } from '@veramo/credential-w3c'
import { DIDManager, MemoryDIDStore } from '@veramo/did-manager'
import { WebDIDProvider } from '@veramo/did-provider-web'
import { DIDResolverPlugin } from '@veramo/did-resolver'
import { KeyManager, MemoryKeyStore, MemoryPrivateKeyStore } from '@veramo/key-manager'
import { KeyManagementSystem } from '@veramo/kms-local'
import { createAgent } from '../agent/agent.ts'
import { cityCardType } from '../agent/formats/city-card-claims.ts'
import { createCityCardClaims } from '../agent/formats/city-card-schema.ts'
import type { EcPublicJwk } from '../agent/formats/crypto-suite.ts'
import { issueJwtVc } from '../agent/formats/jwt-vc.ts'
import { presentSdJwtVc } from '../agent/formats/sd-jwt-vc.ts'
import { createAuthorityCertificate, createIssuerCertificate } from '../agent/keys/certificates.ts'
import { createMemoryDidStore } from '../test/fakes/memory-did-store.ts'
import { createMemoryKeyStore } from '../test/fakes/memory-key-store.ts'
import { createMemoryTrust } from '../test/fakes/memory-trust.ts'
import { jpegOfSize } from '../test/agent/pictures.ts'
import { measure, type Bench } from './measure.ts'

const URL = 'https://card.porto.example'
const LIST = `${URL}/status/1`
const BATCH = 10

/**
 * Issuing and verifying cards with everything on them: sixteen claims, a portrait of 16 kB, certificates, status.
 * Copies are issued in batches, as wallets ask for them.
 */
export const run: Bench = async () => {
  const now = Math.floor(Date.now() / 1000)
  const trust = createMemoryTrust()
  const agent = createAgent({
    keyStore: createMemoryKeyStore(), didStore: createMemoryDidStore(), keyEncryptionKey: randomBytes(32),
    trustSource: trust, statusSource: trust, clock: () => now,
  })
  const { did, issuerKid } = await agent.ensureCityDid(URL)
  const { kid: authorityKid } = await agent.keys.createKey({ type: 'Secp256r1' })
  const city = { kms: agent.keys, authorityKid, locode: 'PTOPO', cityName: 'Porto', publicUrl: URL, nowSeconds: now, validDays: 365 }
  const authorityCertificate = await createAuthorityCertificate(city)
  const vct = cityCardType(URL)
  trust.cities.push({ locode: 'PTOPO', name: 'Porto', did, serviceUrl: URL, status: 'active', suspensionReason: 0 })
  trust.accreditations.push({
    locode: 'PTOPO', thumbprint: issuerKid, publicJwk: (await agent.keys.getKey(issuerKid)).publicJwk as EcPublicJwk,
    credentialType: vct, validFromSeconds: now - 86_400, validUntilSeconds: now + 86_400,
  })
  trust.lists.set(LIST, { city: 'PTOPO', value: 'valid', epoch: 1, updatedAtSeconds: now })

  const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const holderJwk = holder.publicKey.export({ format: 'jwk' }) as unknown as EcPublicJwk
  const signAsHolder = (input: string): string => {
    return sign('sha256', Buffer.from(input), { key: holder.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  }
  const subject = {
    givenName: 'Maria', familyName: 'Ferreira', birthDate: '1990-02-28', portrait: jpegOfSize(12_000), cardNumber: 'PTOPO12345678901207',
    city: 'PTOPO', issueDate: '2026-05-10', expiryDate: '2027-05-10',
  }
  const card = {
    vct, issuer: URL, issuerDid: did, holderJwk, issuedAtSeconds: now, expiresAtSeconds: now + 365 * 86_400, kid: issuerKid,
    x5c: [await createIssuerCertificate({ ...city, authorityCertificate, issuerKid })], status: { uri: LIST, index: 123_456 },
  }
  const base = createCityCardClaims(subject)
  let claims = { ...base }
  let copies = 0
  const nextCopy = (): typeof card & { claims: typeof base } => {
    if (++copies % BATCH === 0) claims = { ...base }
    return { ...card, claims }
  }

  const presentation = await presentSdJwtVc({
    credential: await agent.createSdJwtVc(nextCopy()), claims: ['age_over_18'], audience: 'https://museum.example', nonce: 'n', issuedAtSeconds: now, sign: signAsHolder,
  })
  const check = async (): Promise<void> => {
    const { accepted } = await agent.verifyCard({
      presentation, format: 'dc+sd-jwt', audience: 'https://museum.example', nonce: 'n', verifierCity: 'PTOPO', policy: { maxStatusAgeSeconds: 1e9, maxPresentationAgeSeconds: 1e9 },
    })
    if (!accepted) throw new Error('the card of the benchmark is not accepted')
  }

  const stock = await createStockVeramo()
  const issueStock = (): Promise<string> => issueJwtVc(stock.agent, { ...nextCopy(), issuerDid: stock.did, kid: stock.kid })

  const signatureKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const privateKey = { key: createPrivateKey(signatureKey.privateKey.export({ format: 'pem', type: 'pkcs8' })), dsaEncoding: 'ieee-p1363' } as const
  const publicKey = { key: createPublicKey(signatureKey.publicKey.export({ format: 'pem', type: 'spki' })), dsaEncoding: 'ieee-p1363' } as const
  const message = randomBytes(3_000)
  const signature = sign('sha256', message, privateKey)

  const rates = await measure({
    nativeSign: () => sign('sha256', message, privateKey),
    issueSdJwt: () => agent.createSdJwtVc(nextCopy()),
    nativeTwoVerifications: () => {
      verify('sha256', message, publicKey, signature)
      verify('sha256', message, publicKey, signature)
    },
    verifySdJwt: check,
    issueJwt: () => agent.createJwtVc(nextCopy()),
    issueStock,
  })
  const native = { name: 'native ES256 sign', ratePerSecond: rates.nativeSign }
  return [
    { name: 'SD-JWT VC: issue', ratePerSecond: rates.issueSdJwt, native, target: 0.27, note: 'portrait of 16 kB' },
    {
      name: 'SD-JWT VC: verify with status and holder binding', ratePerSecond: rates.verifySdJwt, target: 0.5,
      native: { name: 'two native ES256 verifications', ratePerSecond: rates.nativeTwoVerifications },
    },
    { name: 'JWT VC through Veramo: issue', ratePerSecond: rates.issueJwt, native, note: 'portrait of 16 kB' },
    { name: 'JWT VC through Veramo: issue', ratePerSecond: rates.issueJwt, native: { name: 'stock Veramo', ratePerSecond: rates.issueStock }, target: 2 },
  ]
}

/** Veramo as its documentation puts it together, with its own key management. */
async function createStockVeramo(): Promise<{ agent: ReturnType<typeof createVeramoAgent<ICredentialPlugin & IDIDManager>>, did: string, kid: string }> {
  const agent = createVeramoAgent<IKeyManager & IDIDManager & IResolver & ICredentialPlugin>({
    plugins: [
      new KeyManager({ store: new MemoryKeyStore(), kms: { local: new KeyManagementSystem(new MemoryPrivateKeyStore()) } }),
      new DIDManager({ store: new MemoryDIDStore(), defaultProvider: 'did:web', providers: { 'did:web': new WebDIDProvider({ defaultKms: 'local' }) } }),
      new DIDResolverPlugin({ resolver: { resolve: () => Promise.reject(new Error('not needed')) } }),
      new CredentialPlugin([new CredentialProviderJWT()]),
    ],
  })
  const { did, controllerKeyId } = await agent.didManagerCreate({ alias: 'card.porto.example', options: { keyType: 'Secp256r1' } })
  return { agent, did, kid: controllerKeyId as string }
}
