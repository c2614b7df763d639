import { decodeBase64 } from '../../../agent/formats/base64url.ts'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { parseSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { requestText } from '../../../agent/protocols/http.ts'
import type { Fetch } from '../../../agent/protocols/http.ts'
import { readCertificate } from '../../../agent/protocols/x509.ts'
import { readStatus, statusValue } from '../../../agent/status/status-bits.ts'
import { verifyStatusListToken } from '../../../agent/status/token-status-list.ts'
import type { CardRecord, StatusValue } from '../vault/records.ts'
import type { CardTools } from './receive-card.ts'

const mediaType = 'application/statuslist+jwt'
const browserFetch: Fetch = (url, init) => fetch(url, init)

/**
 * Looks up whether the city still vouches for a card. The whole list is fetched, as anybody may, so that the city does
 * not learn about whose card somebody asks. Undefined when the card has no status or it cannot be found out.
 */
export async function fetchCardStatus(
  { homeCopy }: CardRecord, { fetch = browserFetch, now = Date.now }: Pick<CardTools, 'fetch' | 'now'>,
): Promise<StatusValue | undefined> {
  const { header, payload } = await parseSdJwtVc(homeCopy.credential)
  const reference = (payload['status'] as { status_list?: { uri?: unknown; idx?: unknown } } | undefined)?.status_list
  const certificate = (header['x5c'] as readonly string[] | undefined)?.[0]
  if (typeof reference?.uri !== 'string' || typeof reference.idx !== 'number' || certificate === undefined) return undefined
  const { publicJwk } = readCertificate(decodeBase64(certificate))
  const token = await requestText(fetch, reference.uri, { headers: { accept: mediaType }, cache: 'no-cache' }, [mediaType])
  const { bytes, bits } = await verifyStatusListToken(token, {
    uri: reference.uri, nowSeconds: Math.floor(now() / 1000),
    verify: (_, signingInput, signature) => webCryptoSuite.verifyEs256(publicJwk, signingInput, signature),
  })
  return statusValue(readStatus(bytes, reference.idx, bits))
}

/** Looks up all cards and keeps what changed. What cannot be found out now stays as it was. */
export async function renewStatuses({ vault, ...tools }: CardTools): Promise<void> {
  for (const card of await vault.list('card')) {
    const status = await fetchCardStatus(card, tools).catch(() => undefined)
    if (status === undefined || status === card.status) continue
    await vault.exclusively('copies', async () => {
      const current = await vault.find('card', card.id)
      if (current !== undefined) await vault.commit([{ kind: 'card', put: { ...current, status } }])
    })
  }
}
