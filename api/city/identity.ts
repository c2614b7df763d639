import type { CityAgent } from '../../agent/agent.ts'
import { AgentError } from '../../agent/errors.ts'
import { cityCardType } from '../../agent/formats/city-card-claims.ts'
import { createAuthorityCertificate, createIssuerCertificate } from '../../agent/keys/certificates.ts'
import type { NativeKms } from '../../agent/keys/native-kms.ts'
import type { KeyType } from '../../agent/keys/key-store.ts'
import type { Settings } from '../platform/settings.ts'

/** Name of the city's account in the key store and the outbox. */
export const controllerAccount = 'city-controller'
const authorityKid = 'city-authority'
const CERTIFICATE_DAYS = 3 * 365

/** Who the city is: made at first start, the same ever after. */
export interface CityIdentity {
  readonly locode: string
  readonly cityName: string
  readonly publicUrl: string
  readonly did: string
  /** Address of the account that acts for the city on the chain, as of the last look: control may move to another key. */
  readonly controller: string
  /** The issuer key's name in the key store, and its public half. */
  readonly issuerKid: string
  readonly issuerJwk: { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  /** RFC 7638 thumbprint, base64url. */
  readonly issuerThumbprint: string
  /** For the `x5c` header: base64 DER, the leaf alone. */
  readonly x5c: readonly string[]
  readonly authorityCertificate: string
  /** The `vct` of the city's card. */
  readonly credentialType: string
  readonly statusListUri: string
}

export interface IdentityOptions {
  readonly agent: CityAgent
  readonly settings: Settings
  readonly locode: string
  readonly cityName: string
  readonly publicUrl: string
  readonly clock: () => Date
  /** Address of the account that acts for the city at the moment; the first one's unless given. */
  readonly controllerAddress?: () => string | undefined
  readonly thumbprintOf: (jwk: CityIdentity['issuerJwk']) => string
}

/** The first (and in this version only) status list of a city. */
export function statusListUriOf(publicUrl: string): string {
  return `${publicUrl}/status/1`
}

/** A 5-byte UN/LOCODE for the contracts. */
export function locodeBytes(locode: string): string {
  return `0x${Buffer.from(locode, 'ascii').toString('hex')}`
}

/** Makes the city's keys, DID and certificates if they do not exist yet. Idempotent. */
export async function ensureCityIdentity(options: IdentityOptions): Promise<CityIdentity> {
  const { agent, settings, locode, cityName, publicUrl, clock } = options
  await ensureKey(agent.keys, controllerAccount, 'Secp256k1')
  await ensureKey(agent.keys, authorityKid, 'Secp256r1')
  const { did, issuerKid } = await agent.ensureCityDid(publicUrl)
  const { publicJwk } = await agent.keys.getKey(issuerKid)
  if (publicJwk.kty !== 'EC' || publicJwk.crv !== 'P-256') throw new TypeError('the issuer key must be on P-256')
  const issuerJwk = { kty: publicJwk.kty, crv: publicJwk.crv, x: publicJwk.x, y: publicJwk.y }
  const certificate = {
    kms: agent.keys, locode, cityName, publicUrl, authorityKid, nowSeconds: Math.floor(clock().getTime() / 1000), validDays: CERTIFICATE_DAYS,
  }
  const authorityCertificate = await settings.findOrCreate('authority-certificate', () => createAuthorityCertificate(certificate))
  const leaf = await settings.findOrCreate(`issuer-certificate/${issuerKid}`, () =>
    createIssuerCertificate({ ...certificate, authorityCertificate, issuerKid }))
  const firstController = await agent.keys.addressOf(controllerAccount)
  return {
    locode, cityName, publicUrl, did, issuerKid, issuerJwk,
    get controller() {
      return options.controllerAddress?.() ?? firstController
    },
    issuerThumbprint: options.thumbprintOf(issuerJwk),
    x5c: [leaf],
    authorityCertificate,
    credentialType: cityCardType(publicUrl),
    statusListUri: statusListUriOf(publicUrl),
  }
}

/** Makes a key unless it exists; of two processes that make it, one wins and both go on. */
export async function ensureKey(keys: NativeKms, kid: string, type: KeyType): Promise<void> {
  try {
    await keys.getKey(kid)
  } catch (error) {
    if (!(error instanceof AgentError && error.code === 'ERR_KEY_NOT_FOUND')) throw error
    await keys.createKey({ type, kid }).catch((failure: unknown) => {
      if (!(failure instanceof AgentError && failure.code === 'ERR_KEY_EXISTS')) throw failure
    })
  }
}
