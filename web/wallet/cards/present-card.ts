import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { presentSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { fetchAuthorizationRequest } from '../../../agent/protocols/authorization-request.ts'
import type { VerifiedRequest } from '../../../agent/protocols/authorization-request.ts'
import { postPresentation, postRefusal } from '../../../agent/protocols/authorization-response.ts'
import { matchDcqlQuery } from '../../../agent/protocols/dcql.ts'
import { ProtocolError } from '../../../agent/protocols/errors.ts'
import type { Fetch } from '../../../agent/protocols/http.ts'
import { listClaims } from './claim-order.ts'
import type { CardRecord, Change } from '../vault/records.ts'
import type { CardTools } from './receive-card.ts'

/** One way to answer a request: with this card, telling these claims. */
export interface PresentationChoice {
  readonly queryId: string
  readonly card: CardRecord
  readonly claims: readonly string[]
}

/** A verified request and how it can be answered from this wallet. */
export interface OpenedRequest {
  readonly request: VerifiedRequest
  /** All that is truly known of who asks: where the answer goes. */
  readonly origin: string
  readonly choices: readonly PresentationChoice[]
}

/** A presentation that is made and marked as used, ready to be sent as often as it takes. */
export interface PreparedPresentation {
  readonly request: VerifiedRequest
  readonly vpToken: Readonly<Record<string, readonly string[]>>
  readonly copiesLeft: number
}

const browserFetch: Fetch = (url, init) => fetch(url, init)

/**
 * Fetches and verifies a request and finds the cards that answer it.
 * @throws ProtocolError ERR_NO_MATCHING_CREDENTIAL when no card does
 */
export async function openRequest(link: string, { vault, fetch = browserFetch, now = Date.now }: CardTools): Promise<OpenedRequest> {
  const request = await fetchAuthorizationRequest(link, { fetch, crypto: webCryptoSuite, nowSeconds: Math.floor(now() / 1000) })
  const cards = await vault.list('card')
  const { required } = matchDcqlQuery(request.dcqlQuery, cards)
  const [match, ...more] = required
  if (match === undefined || more.length > 0) throw new ProtocolError('ERR_UNSUPPORTED', 'one card at a time is shown')
  const choices = match.candidates.map(({ credential: card, paths }): PresentationChoice => ({
    queryId: match.queryId, card, claims: [...new Set(paths.map((path) => String(path[0])))],
  }))
  return { request, origin: new URL(request.responseUri).origin, choices }
}

/**
 * Makes the presentation and uses up one copy of the card, before anything is sent: a copy that might have been seen is
 * never shown to anybody else. The last copy stays, so that nobody is left without a card.
 * @param verifierName what the registry calls the verifier, for the history; what it calls itself may be anything
 */
export async function preparePresentation(
  { request, origin }: OpenedRequest, choice: PresentationChoice, { vault, now = Date.now }: CardTools, verifierName?: string,
): Promise<PreparedPresentation> {
  return vault.exclusively('copies', async () => {
    const card = await vault.find('card', choice.card.id)
    const copy = card?.copies[0]
    if (card === undefined || copy === undefined) throw new ProtocolError('ERR_NO_MATCHING_CREDENTIAL', 'the card is gone')
    const { sign } = await vault.holderKey(copy.keyId)
    const presentation = await presentSdJwtVc({
      credential: copy.credential, claims: listClaims(choice.claims),
      audience: request.clientId, nonce: request.nonce, issuedAtSeconds: Math.floor(now() / 1000), sign,
    })
    const isLast = card.copies.length === 1
    const used: CardRecord = isLast
      ? { ...card, lastCopyShown: card.lastCopyShown + 1 }
      : { ...card, copies: card.copies.slice(1) }
    const changes: Change[] = [
      { kind: 'card', put: used },
      {
        kind: 'event',
        put: {
          id: crypto.randomUUID(), at: new Date(now()).toISOString(), kind: 'shown', who: origin,
          claims: choice.claims, ...(verifierName === undefined ? {} : { name: verifierName }),
          ...(request.purpose === undefined ? {} : { purpose: request.purpose }),
        },
      },
    ]
    await vault.commit(changes)
    return { request, vpToken: { [choice.queryId]: [presentation] }, copiesLeft: copiesLeft(used) }
  })
}

/** Copies of a card that nobody has seen. */
export function copiesLeft(card: CardRecord): number {
  return card.lastCopyShown > 0 ? card.copies.length - 1 : card.copies.length
}

/** Sends a presentation; the same again when the first attempt did not get through. */
export function sendPresentation({ request, vpToken }: PreparedPresentation, { fetch = browserFetch }: CardTools): Promise<{ redirectUri?: string }> {
  return postPresentation(request, vpToken, fetch)
}

/** Tells the verifier that the holder said no. That this gets through does not matter to the holder. */
export async function refuseRequest(request: VerifiedRequest, { fetch = browserFetch }: CardTools): Promise<void> {
  await postRefusal(request, 'access_denied', fetch).catch(() => {})
}
