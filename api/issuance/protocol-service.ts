import type { CityAgent } from '../../agent/agent.ts'
import { encodeBase64url } from '../../agent/formats/base64url.ts'
import { secondsOfIsoDate } from '../../agent/formats/city-card-claims.ts'
import { createCityCardClaims } from '../../agent/formats/city-card-schema.ts'
import type { CryptoSuite, EcPublicJwk } from '../../agent/formats/crypto-suite.ts'
import { resolveHolderKey } from '../../agent/protocols/did-key.ts'
import { ProtocolError } from '../../agent/protocols/errors.ts'
import { CONFIGURATION_IDS, JWT_VC_CONFIGURATION } from '../../agent/protocols/issuer-metadata.ts'
import { createCredentialResponse, parseCredentialRequest, parseNotification, parseTokenRequest } from '../../agent/protocols/issuer-requests.ts'
import { verifyKeyProof, type VerifiedKeyProof } from '../../agent/protocols/key-proof.ts'
import type { Db } from '../platform/database.ts'
import { OAuthError } from '../platform/errors.ts'
import type { Secrets } from '../platform/secrets.ts'
import { transact } from '../platform/transaction.ts'
import type { Resident } from '../residents/types.ts'
import { cardDates } from './card-dates.ts'
import { hashTxCode, MAX_TX_CODE_ATTEMPTS, notificationIdOf, sameHash } from './codes.ts'
import type { StatusService } from './status-service.ts'
import type { IssuanceStore } from './store.ts'
import type { Card, Copy, TokenGrant } from './types.ts'

/** Single-use copies of a card that a wallet gets at once. */
export const BATCH_SIZE = 8
const TOKEN_SECONDS = 600
const NONCE_SECONDS = 300

export interface ProtocolServiceOptions {
  readonly db: Db
  readonly store: IssuanceStore
  readonly status: Pick<StatusService, 'allocate' | 'change' | 'uriOf'>
  readonly secrets: Secrets
  readonly agent: Pick<CityAgent, 'createSdJwtVc' | 'createJwtVc'>
  readonly issuer: { readonly did: string; readonly kid: string; readonly x5c: readonly string[] }
  readonly readResident: (residentId: string) => Promise<Resident>
  readonly crypto: CryptoSuite
  readonly locode: string
  readonly publicUrl: string
  readonly vct: string
  readonly clock: () => Date
  readonly random: (length: number) => Uint8Array
  /** Told how many copies went to a wallet. */
  readonly onIssued?: (copies: number) => void
}

export interface ProtocolService {
  /** @throws OAuthError as OpenID4VCI 1.0 §6.3 names them */
  token(form: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>
  nonce(): Promise<Record<string, unknown>>
  /** @throws OAuthError as OpenID4VCI 1.0 §8.3.1 names them */
  credential(authorization: string | undefined, body: unknown): Promise<Record<string, unknown>>
  /** @throws OAuthError as OpenID4VCI 1.0 §11.3 names them */
  notification(authorization: string | undefined, body: unknown): Promise<void>
}

/** OpenID4VCI 1.0, as a wallet meets it. */
export function createProtocolService(options: ProtocolServiceOptions): ProtocolService {
  const { db, store, status, secrets, agent, issuer, clock, random } = options
  const nowSeconds = (): number => Math.floor(clock().getTime() / 1000)

  const authorise = async (authorization: string | undefined): Promise<TokenGrant> => {
    const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) {
      throw new OAuthError('invalid_token', 'There must be a bearer token.', { status: 401, headers: { 'www-authenticate': 'Bearer' } })
    }
    const grant = await store.findToken(token, clock())
    if (grant === undefined) throw unauthorised()
    return grant
  }

  const verifyProofs = async (proofs: readonly string[]): Promise<readonly VerifiedKeyProof[]> => {
    const verified = await Promise.all(proofs.map((jwt) => verifyKeyProof(jwt, {
      audience: options.publicUrl, nowSeconds: nowSeconds(), maxAgeSeconds: NONCE_SECONDS, crypto: options.crypto, resolve: resolveHolderKey,
    })))
    if (new Set(verified.map(({ thumbprint }) => thumbprint)).size !== verified.length) {
      throw new OAuthError('invalid_proof', 'Each proof must be of another key.')
    }
    return verified
  }

  /**
   * Makes the copies, or finds them when this is a repetition. Everything that is to be remembered of an issuance is
   * written here in one transaction; signing comes afterwards and may be repeated.
   */
  const takeCopies = (grant: TokenGrant, configurationId: string, proofs: readonly VerifiedKeyProof[]) => transact(db, async () => {
    const card = await store.lockCard(grant.cardId)
    // the token may have been withdrawn while its request waited for the card
    const offer = await store.findOffer(grant.offerId)
    if (card === undefined || (offer?.state !== 'claimed' && offer?.state !== 'issued')) throw unauthorised()
    if (card.state !== 'offered' && card.state !== 'active') throw new OAuthError('credential_request_denied', 'The card is not issued any more.')
    for (const nonce of new Set(proofs.map(({ nonce }) => nonce))) {
      if (!(await store.useNonce(nonce, grant.tokenHash, clock()))) throw new OAuthError('invalid_nonce', 'The nonce is unknown, used or expired.')
    }
    const known = (await store.listCopies(card.cardId)).filter((copy) => copy.configurationId === configurationId)
    if (known.length > 0) return { card, copies: matchCopies(known, proofs) }
    const copies: Copy[] = []
    for (const [position, { thumbprint }] of proofs.entries()) {
      const { listId, index } = await status.allocate()
      copies.push({ configurationId, position, holderThumbprint: thumbprint, listId, statusIndex: index })
    }
    await store.insertCopies(card.cardId, copies)
    return { card: card.state === 'offered' ? await activate(card, grant) : card, copies }
  })

  const activate = async (card: Card, grant: TokenGrant): Promise<Card> => {
    const dates = cardDates(clock())
    if (card.replaces !== undefined && await store.moveCard(card.replaces, ['active', 'suspended'], 'revoked', { reason: 'replaced' })) {
      await status.change(await store.listCopies(card.replaces), 'invalid')
    }
    await store.moveCard(card.cardId, ['offered'], 'active', dates)
    await store.setOfferIssued(grant.offerId)
    return { ...card, state: 'active', ...dates }
  }

  const signCopies = async (card: Card, copies: readonly Copy[], keys: readonly EcPublicJwk[]): Promise<readonly string[]> => {
    const resident = await options.readResident(card.residentId)
    const { issuedOn = '', expiresOn = '' } = card
    const claims = createCityCardClaims({
      givenName: resident.givenName, familyName: resident.familyName, birthDate: resident.birthDate, portrait: resident.portrait.bytes,
      cardNumber: card.cardNumber, city: options.locode, issueDate: issuedOn, expiryDate: expiresOn,
    })
    return await Promise.all(copies.map(async (copy, i) => {
      const common = {
        claims, vct: options.vct, kid: issuer.kid, x5c: issuer.x5c, holderJwk: keys[i] as EcPublicJwk,
        status: { uri: status.uriOf(copy.listId), index: copy.statusIndex },
        issuedAtSeconds: secondsOfIsoDate(issuedOn), expiresAtSeconds: secondsOfIsoDate(expiresOn),
      }
      return copy.configurationId === JWT_VC_CONFIGURATION
        ? await agent.createJwtVc({ ...common, issuerDid: issuer.did })
        : await agent.createSdJwtVc({ ...common, issuer: options.publicUrl })
    }))
  }

  return {
    token: (form) => withOAuthErrors(async () => {
      const { preAuthorizedCode, txCode } = parseTokenRequest(form)
      if (txCode === undefined) throw new OAuthError('invalid_request', 'The offer wants a tx_code.')
      const token = encodeBase64url(random(32))
      const granted = await transact(db, async () => {
        // the try is counted and stays counted, also when it turns out wrong
        const offer = await store.countAttempt(preAuthorizedCode, clock(), MAX_TX_CODE_ATTEMPTS)
        if (offer === undefined) return false
        if (sameHash(offer.txCodeHash, hashTxCode(secrets, offer.offerId, txCode))) {
          return await store.claimOffer(offer.offerId, token, new Date(clock().getTime() + TOKEN_SECONDS * 1000))
        }
        if (offer.attempts >= MAX_TX_CODE_ATTEMPTS) await store.cancelOffer(offer.offerId)
        return false
      })
      if (!granted) throw new OAuthError('invalid_grant', 'The code or the tx_code is wrong, used or expired.')
      return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS }
    }),

    async nonce() {
      const nonce = encodeBase64url(random(24))
      await store.insertNonce(nonce, new Date(clock().getTime() + NONCE_SECONDS * 1000))
      return { c_nonce: nonce }
    },

    credential: (authorization, body) => withOAuthErrors(async () => {
      const grant = await authorise(authorization)
      const request = parseCredentialRequest(body, { configurationIds: CONFIGURATION_IDS, batchSize: BATCH_SIZE })
      const proofs = await verifyProofs(request.proofs)
      const { card, copies } = await takeCopies(grant, request.configurationId, proofs)
      const credentials = await signCopies(card, copies, proofs.map(({ publicJwk }) => publicJwk))
      options.onIssued?.(credentials.length)
      return createCredentialResponse(credentials, notificationIdOf(secrets, card.cardId, request.configurationId))
    }),

    notification: (authorization, body) => withOAuthErrors(async () => {
      const grant = await authorise(authorization)
      const { notificationId, event } = parseNotification(body)
      const configurationId = CONFIGURATION_IDS.find((id) => sameHash(notificationIdOf(secrets, grant.cardId, id), notificationId))
      if (configurationId === undefined) throw new OAuthError('invalid_notification_id', 'There is no such notification.')
      await store.recordNotification(grant.cardId, configurationId, event, clock())
    }),
  }
}

/** A repetition has the keys of the first request, in any order; the copies come in the order of the keys. */
function matchCopies(known: readonly Copy[], proofs: readonly VerifiedKeyProof[]): readonly Copy[] {
  const byKey = new Map(known.map((copy) => [copy.holderThumbprint, copy]))
  const matched = proofs.flatMap(({ thumbprint }) => byKey.get(thumbprint) ?? [])
  if (matched.length !== known.length || matched.length !== proofs.length) {
    throw new OAuthError('credential_request_denied', 'The copies of this card were issued to other keys.')
  }
  return matched
}

function unauthorised(): OAuthError {
  return new OAuthError('invalid_token', 'The token is unknown or expired.', { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })
}

async function withOAuthErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ProtocolError && error.oauthError !== undefined) throw new OAuthError(error.oauthError, error.message)
    throw error
  }
}
