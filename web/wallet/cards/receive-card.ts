import { parseSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { ProtocolError } from '../../../agent/protocols/errors.ts'
import type { CredentialOffer } from '../../../agent/protocols/credential-offer.ts'
import type { Fetch } from '../../../agent/protocols/http.ts'
import { beginIssuance, requestCredentials, sendNotification } from '../../../agent/protocols/receive-credentials.ts'
import type { CardCopy, CardRecord, Change, IssuanceRecord } from '../vault/records.ts'
import type { Vault } from '../vault/vault.ts'

export interface CardTools {
  readonly vault: Vault
  readonly fetch?: Fetch
  readonly now?: () => number
}

const sdJwtVc = 'dc+sd-jwt'
/** One copy for the home city and as many for others as the issuer gives, up to this. */
const mostCopies = 16

const browserFetch: Fetch = (url, init) => fetch(url, init)

/**
 * Takes an offer up: exchanges the codes, keeps what is needed to go on after a crash, and asks for one copy for each of
 * a batch of fresh keys.
 * @throws ProtocolError with oauthError `invalid_grant` when a code is wrong or used
 */
export async function acceptOffer(
  { offer, offerLink, txCode }: { offer: CredentialOffer; offerLink: string; txCode?: string | undefined }, tools: CardTools,
): Promise<CardRecord> {
  const { vault, fetch = browserFetch, now = Date.now } = tools
  const nowSeconds = Math.floor(now() / 1000)
  const session = await beginIssuance({ offer, txCode, fetch, nowSeconds })
  const configurationId = session.configurationIds.find((id) => session.metadata.configurations[id]?.format === sdJwtVc)
  if (configurationId === undefined) throw new ProtocolError('ERR_UNSUPPORTED', 'the offer has no SD-JWT VC')
  const count = Math.max(1, Math.min(session.metadata.batchSize, mostCopies))
  const issuance: IssuanceRecord = {
    id: crypto.randomUUID(), offerLink, session, configurationId,
    keyIds: Array.from({ length: count }, () => vault.createKeyId()), startedAt: new Date(now()).toISOString(),
  }
  await vault.commit([{ kind: 'issuance', put: issuance }])
  return completeIssuance(issuance, tools)
}

/** Finishes every issuance that was interrupted. @returns the cards that arrived */
export async function resumeIssuances(tools: CardTools): Promise<readonly CardRecord[]> {
  const arrived: CardRecord[] = []
  for (const issuance of await tools.vault.list('issuance')) {
    try {
      arrived.push(await completeIssuance(issuance, tools))
    } catch (error) {
      const isOver = error instanceof ProtocolError && error.code === 'ERR_REMOTE_REFUSED' && (error.status ?? 500) < 500 && error.status !== 429
      if (isOver) await tools.vault.commit([{ kind: 'issuance', remove: issuance.id }])
    }
  }
  return arrived
}

async function completeIssuance(issuance: IssuanceRecord, { vault, fetch = browserFetch, now = Date.now }: CardTools): Promise<CardRecord> {
  const { session, configurationId, keyIds } = issuance
  const keys = await Promise.all(keyIds.map((keyId) => vault.holderKey(keyId)))
  const issued = await requestCredentials({
    session, configurationId, keys, fetch, nowSeconds: Math.floor(now() / 1000),
  })
  const copies = issued.credentials.map((credential, i): CardCopy => ({ credential, keyId: keyIds[i] as string }))
  const card = await readCard(issuance, copies, keys.map(({ publicJwk }) => publicJwk.x), new Date(now()).toISOString())
  const changes: Change[] = [
    { kind: 'card', put: card },
    { kind: 'issuance', remove: issuance.id },
    { kind: 'event', put: { id: issuance.id, at: card.receivedAt, kind: 'received', who: card.issuerName } },
  ]
  await vault.commit(changes)
  if (issued.notificationId !== undefined) {
    const { notificationId } = issued
    await sendNotification({ session, notificationId, event: 'credential_accepted', fetch }).catch(() => {
      // The card is here; that the city hears of it is a courtesy.
    })
  }
  return card
}

async function readCard(
  { session, configurationId }: IssuanceRecord, copies: readonly CardCopy[], keys: readonly string[], receivedAt: string,
): Promise<CardRecord> {
  const parsed = await Promise.all(copies.map(({ credential }) => parseSdJwtVc(credential)))
  const first = parsed[0]
  const isOurs = parsed.every(({ payload }, i) => (payload['cnf'] as { jwk?: { x?: string } } | undefined)?.jwk?.x === keys[i])
  const vct = first?.payload['vct']
  if (first === undefined || !isOurs || typeof vct !== 'string') {
    throw new ProtocolError('ERR_RESPONSE_INVALID', 'the copies are not bound to the keys they were asked for')
  }
  const { credentialIssuer, name } = session.metadata
  const number = first.claims['card_number']
  const spread = copies.length > 1 ? copies.slice(1) : copies
  return {
    id: `${credentialIssuer} ${typeof number === 'string' ? number : crypto.randomUUID()}`,
    issuer: credentialIssuer, issuerName: name ?? new URL(credentialIssuer).host,
    configurationId, format: sdJwtVc, vct, claims: first.claims, receivedAt,
    copies: spread, homeCopy: copies[0] as CardCopy, lastCopyShown: 0,
  }
}
