import { decodeBase64 } from '../../../agent/formats/base64url.ts'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { ecThumbprint } from '../../../agent/formats/jwk.ts'
import { parseSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { requestText } from '../../../agent/protocols/http.ts'
import type { Fetch } from '../../../agent/protocols/http.ts'
import { readCertificate } from '../../../agent/protocols/x509.ts'
import { TrustListError } from '../../../agent/trust-lists/errors.ts'
import { LOTE_MEDIA_TYPE } from '../../../agent/trust-lists/lote-types.ts'
import { verifyListOfTrustedEntities } from '../../../agent/trust-lists/verify-lote.ts'
import type { CardRecord, TrustListRecord } from '../vault/records.ts'
import type { Vault } from '../vault/vault.ts'

export interface FederationTools {
  readonly vault: Vault
  readonly fetch?: Fetch
  readonly now?: () => number
  /** Where this wallet's own pages come from: the service of a city. */
  readonly ownOrigin?: string
}

const listPath = '/trust-lists/city-card-issuers.jwt'
const freshForMs = 12 * 3600 * 1000
const browserFetch: Fetch = (url, init) => fetch(url, init)

/**
 * Renews the signed list of the federation's members, at most twice a day and never when a card is shown. The list is
 * fetched whole from the city this wallet comes from, whatever cards are in it, so that nobody learns whose card is
 * here; only when that city has no list, from those that issued the cards. When a list is refused for who signed
 * it, the members known so far are asked: a suspended city's own word counts no more, and its residents are to learn why.
 * A wallet that knows no list yet takes from it whom to ask, and nothing else.
 *
 * @throws TrustListError, ProtocolError of the last city that was asked; what was known stays
 */
export async function renewFederation(tools: FederationTools): Promise<void> {
  const { vault, now = Date.now, ownOrigin = globalThis.location?.origin } = tools
  let known: readonly TrustListRecord[] = await vault.list('trustList')
  if (known.some(({ fetchedAt }) => Math.abs(now() - Date.parse(fetchedAt)) < freshForMs)) return
  const cards = await vault.list('card')
  const publishers = new Set([ownOrigin, ...cards.map(({ issuer }) => originOf(issuer))].filter((origin) => origin !== undefined))
  let failure: unknown
  for (const publisher of publishers) {
    try {
      const { record, isSuspended } = await fetchTrustList(publisher, { ...tools, isOwn: publisher === ownOrigin, known, cards })
      if (isSuspended) {
        if (known.length === 0) known = [record]
        throw new TrustListError('ERR_TRUST_LIST_SIGNER', 'the list is signed by a city that is suspended')
      }
      await vault.commit([{ kind: 'trustList', put: record }])
      return
    } catch (error) {
      failure = error
      // What is added while the set is gone through is asked last.
      if (error instanceof TrustListError && error.code === 'ERR_TRUST_LIST_SIGNER') for (const member of memberOrigins(known)) publishers.add(member)
    }
  }
  if (failure !== undefined) throw failure
}

function memberOrigins(known: readonly TrustListRecord[]): readonly string[] {
  const members = latestTrustList(known)?.list.members.filter(({ standing }) => standing === 'granted') ?? []
  return members.map(({ serviceUrl }) => originOf(serviceUrl)).filter((origin) => origin !== undefined)
}

/**
 * Fetches a list and believes it when the member at that address signed it with a key that is known: from a card of
 * that city, from a list believed before, or because the pages of this wallet come from there anyway.
 */
async function fetchTrustList(
  publisher: string, { fetch = browserFetch, now = Date.now, isOwn, known, cards }: FederationTools & {
    readonly isOwn: boolean
    readonly known: readonly TrustListRecord[]
    readonly cards: readonly CardRecord[]
  },
): Promise<{ readonly record: TrustListRecord; readonly isSuspended: boolean }> {
  const token = await requestText(fetch, `${publisher}${listPath}`, { headers: { accept: LOTE_MEDIA_TYPE } }, [LOTE_MEDIA_TYPE])
  const { list, signer, signerThumbprint } = await verifyListOfTrustedEntities(token, { nowSeconds: Math.floor(now() / 1000), crypto: webCryptoSuite, mayBeSuspended: true })
  const isListed = known.some((one) => one.list.members.some(({ serviceUrl, keys }) =>
    originOf(serviceUrl) === publisher && keys.some(({ thumbprint, standing }) => thumbprint === signerThumbprint && standing === 'granted')))
  if (originOf(signer.serviceUrl) !== publisher || !(isOwn || isListed || await hasCardOf(publisher, signerThumbprint, cards))) {
    throw new TrustListError('ERR_TRUST_LIST_SIGNER', 'the list is not signed with a known key of the city at this address')
  }
  const before = known.find(({ id }) => id === publisher)
  if (before !== undefined && before.list.authority === list.authority && before.list.sequenceNumber > list.sequenceNumber) {
    throw new TrustListError('ERR_TRUST_LIST_STALE', 'the list is older than the one that is known')
  }
  return { record: { id: publisher, fetchedAt: new Date(now()).toISOString(), list }, isSuspended: signer.standing === 'suspended' }
}

async function hasCardOf(publisher: string, thumbprint: string, cards: readonly CardRecord[]): Promise<boolean> {
  for (const card of cards) {
    if (originOf(card.issuer) === publisher && (await readSigner(card))?.thumbprint === thumbprint) return true
  }
  return false
}

/** The key that signed a card and the day it did; undefined when the card does not carry its certificate. */
export async function readSigner({ homeCopy }: CardRecord): Promise<{ thumbprint: string; issuedAtSeconds: number } | undefined> {
  try {
    const { header, payload } = await parseSdJwtVc(homeCopy.credential)
    const [certificate = ''] = header['x5c'] as readonly string[]
    const { publicJwk } = readCertificate(decodeBase64(certificate))
    return { thumbprint: await ecThumbprint(publicJwk, webCryptoSuite), issuedAtSeconds: Number(payload['iat']) }
  } catch {
    // A card of another make: nothing can be said of who signed it.
    return undefined
  }
}

/** The list of members that was issued last. */
export function latestTrustList(records: readonly TrustListRecord[]): TrustListRecord | undefined {
  return [...records].sort((a, b) => b.list.issuedAtSeconds - a.list.issuedAtSeconds)[0]
}

/** The member city whose service lives at an origin, if the list that was issued last knows it as one. */
export function findMemberCity(origin: string, records: readonly TrustListRecord[]): { locode: string; name: string } | undefined {
  return latestTrustList(records)?.list.members.find(({ standing, serviceUrl }) => standing === 'granted' && originOf(serviceUrl) === origin)
}

export function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined
}
