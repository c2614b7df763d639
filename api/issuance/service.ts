import { createHmac } from 'node:crypto'
import { createCardNumber } from '../../agent/formats/card-number.ts'
import { encodeBase64url } from '../../agent/formats/base64url.ts'
import { createCredentialOffer, createOfferLinks, type CredentialOffer } from '../../agent/protocols/credential-offer.ts'
import { CONFIGURATION_IDS } from '../../agent/protocols/issuer-metadata.ts'
import { randomInteger } from '../../agent/status/random-integer.ts'
import type { Actor, StaffActs } from '../audit/types.ts'
import type { Db } from '../platform/database.ts'
import { ApiError } from '../platform/errors.ts'
import type { Secrets } from '../platform/secrets.ts'
import { transact } from '../platform/transaction.ts'
import type { CardView, ResidentCards } from '../residents/types.ts'
import { hashTxCode, TX_CODE_DIGITS } from './codes.ts'
import type { StatusService } from './status-service.ts'
import type { IssuanceStore } from './store.ts'
import type { Card, CardReason, CardState } from './types.ts'

/** How long a resident has to take an offer, in seconds. */
const OFFER_SECONDS = 24 * 3600

export interface IssuanceServiceOptions {
  readonly db: Db
  readonly store: IssuanceStore
  readonly status: Pick<StatusService, 'change'>
  readonly acts: StaffActs
  readonly secrets: Secrets
  readonly locode: string
  readonly publicUrl: string
  readonly clock: () => Date
  readonly random: (length: number) => Uint8Array
}

export interface NewOffer {
  readonly offerId: string
  /** Where wallets fetch the offer. */
  readonly offerUrl: string
  readonly link: string
  readonly linkByValue: string
  readonly walletLink: string
  /** Told to the resident by another way than the link. */
  readonly txCode: string
  readonly expiresAt: Date
}

export type OfferView = 'pending' | 'claimed' | 'issued' | 'expired' | 'cancelled'

export interface IssuanceService extends ResidentCards {
  /**
   * Offers a card. A card that is on its way already is offered again, and its earlier offers end: a wallet that lost
   * its answer half-way gets the same card.
   * @throws ApiError `ERR_NOT_FOUND`, `ERR_CONFLICT` when the resident has a card
   */
  createOffer(residentId: string, by: Actor): Promise<NewOffer>
  readOffer(offerId: string): Promise<{ readonly offerId: string; readonly cardId: string; readonly state: OfferView; readonly expiresAt: Date }>
  /** @throws ApiError `ERR_NOT_FOUND`, `ERR_CONFLICT` when it is issued */
  cancelOffer(offerId: string, by: Actor): Promise<void>
  suspend(cardId: string, reason: CardReason, by: Actor): Promise<CardView>
  resume(cardId: string, reason: CardReason, by: Actor): Promise<CardView>
  revoke(cardId: string, reason: CardReason, by: Actor): Promise<CardView>
  /** Offers a card in place of another, which is revoked when the new one is issued. */
  reissue(cardId: string, reason: CardReason, by: Actor): Promise<NewOffer>
  /** The offer as wallets fetch it. @throws ApiError `ERR_NOT_FOUND` unless it waits to be taken */
  readOfferObject(offerId: string): Promise<Record<string, unknown>>
}

/** What staff does with cards. */
export function createIssuanceService(options: IssuanceServiceOptions): IssuanceService {
  const { db, store, status, acts, secrets, publicUrl, clock, random } = options

  /** Made from the offer's identifier, so that only its hash is stored. */
  const codeOf = (offerId: string): string => createHmac('sha256', secrets.derive('pre-authorized-code')).update(offerId).digest('base64url')

  const offerObject = (offerId: string): CredentialOffer => ({
    credentialIssuer: publicUrl,
    credentialConfigurationIds: CONFIGURATION_IDS,
    preAuthorizedCode: codeOf(offerId),
    txCode: { inputMode: 'numeric', length: TX_CODE_DIGITS, description: 'The code you were given at the desk' },
  })

  const viewOf = (card: Card): CardView => {
    const lapsed = card.state === 'active' && card.expiresOn !== undefined && card.expiresOn <= clock().toISOString().slice(0, 10)
    return {
      cardId: card.cardId,
      cardNumber: card.cardNumber,
      state: lapsed ? 'expired' : card.state === 'cancelled' ? 'revoked' : card.state,
      issuedOn: card.issuedOn,
      expiresOn: card.expiresOn,
      reason: card.reason,
    }
  }

  const makeCardNumber = async (): Promise<string> => {
    for (;;) {
      const cardNumber = createCardNumber(options.locode, random)
      if (!(await store.isCardNumberTaken(cardNumber))) return cardNumber
    }
  }

  /** Inside a transaction that holds the resident. */
  const offerCard = async (residentId: string, replaces: string | undefined): Promise<{ readonly offer: NewOffer; readonly cardId: string }> => {
    const now = clock()
    const onItsWay = (await store.listCards([residentId])).find(({ state }) => state === 'offered')
    if (onItsWay !== undefined) {
      await store.cancelOffers(onItsWay.cardId)
      await store.setReplaces(onItsWay.cardId, replaces)
    }
    const card = onItsWay ?? await store.insertCard({ residentId, cardNumber: await makeCardNumber(), replaces, now })
    const offerId = encodeBase64url(random(24))
    const txCode = String(randomInteger(10 ** TX_CODE_DIGITS, random)).padStart(TX_CODE_DIGITS, '0')
    const expiresAt = new Date(now.getTime() + OFFER_SECONDS * 1000)
    await store.insertOffer({ offerId, cardId: card.cardId, code: codeOf(offerId), txCodeHash: hashTxCode(secrets, offerId, txCode), expiresAt, now })
    const offerUrl = `${publicUrl}/oid4vci/offers/${offerId}`
    const links = createOfferLinks(offerObject(offerId), offerUrl)
    const offer = {
      offerId, offerUrl, link: links.byReference, linkByValue: links.byValue,
      walletLink: `${publicUrl}/wallet/#offer=${encodeURIComponent(links.byReference)}`, txCode, expiresAt,
    }
    return { offer, cardId: card.cardId }
  }

  const requireCard = async (cardId: string): Promise<Card> => {
    const card = await store.lockCard(cardId)
    if (card === undefined || card.state === 'cancelled') throw new ApiError('ERR_NOT_FOUND', 'There is no such card.')
    return card
  }

  /** Moves a card on and has all its copies follow at the next epoch. */
  const change = async (cardId: string, from: readonly CardState[], to: 'active' | 'suspended' | 'revoked', reason: CardReason, by: Actor): Promise<CardView> =>
    await transact(db, async () => {
      const card = await requireCard(cardId)
      if (!(await store.moveCard(cardId, from, to, { reason }))) throw new ApiError('ERR_CONFLICT', `The card is ${card.state}.`)
      const values = { active: 'valid', suspended: 'suspended', revoked: 'invalid' } as const
      await status.change(await store.listCopies(cardId), values[to])
      await acts.record(by, { act: to === 'active' ? 'resumed' : to, residentId: card.residentId, cardId, reason })
      return viewOf({ ...card, state: to, reason })
    })

  return {
    createOffer: (residentId, by) => transact(db, async () => {
      await store.lockResident(residentId)
      const cards = await store.listCards([residentId])
      if (cards.some((card) => ['active', 'suspended'].includes(viewOf(card).state))) {
        throw new ApiError('ERR_CONFLICT', 'The resident has a card. Reissue it instead.')
      }
      // one that has lapsed makes room for the next; its copies say by themselves that they are over
      const lapsed = cards.find(({ state }) => state === 'active')
      const { offer, cardId } = await offerCard(residentId, lapsed?.cardId)
      await acts.record(by, { act: 'offered', residentId, cardId })
      return offer
    }),

    async readOffer(offerId) {
      const offer = await store.findOffer(offerId)
      if (offer === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such offer.')
      const over = (offer.state === 'pending') && offer.expiresAt <= clock()
      return { ...offer, state: over ? 'expired' : offer.state }
    },

    cancelOffer: (offerId, by) => transact(db, async () => {
      const offer = await store.findOffer(offerId)
      if (offer === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such offer.')
      const card = await store.lockCard(offer.cardId)
      if ((await store.findOffer(offerId))?.state === 'issued') throw new ApiError('ERR_CONFLICT', 'The card is issued already. Revoke it instead.')
      if (offer.state === 'cancelled') return
      await store.cancelOffers(offer.cardId)
      await store.moveCard(offer.cardId, ['offered'], 'cancelled')
      await acts.record(by, { act: 'offer_cancelled', residentId: card?.residentId, cardId: offer.cardId })
    }),

    suspend: (cardId, reason, by) => change(cardId, ['active'], 'suspended', reason, by),
    resume: (cardId, reason, by) => change(cardId, ['suspended'], 'active', reason, by),
    revoke: (cardId, reason, by) => change(cardId, ['active', 'suspended'], 'revoked', reason, by),

    reissue: (cardId, reason, by) => transact(db, async () => {
      const card = await requireCard(cardId)
      if (card.state === 'offered') throw new ApiError('ERR_CONFLICT', 'The card is not issued yet. Offer it again instead.')
      const inUse = (await store.listCards([card.residentId])).find(({ state }) => state === 'active' || state === 'suspended')
      if (inUse !== undefined && inUse.cardId !== cardId) throw new ApiError('ERR_CONFLICT', 'The resident has another card.')
      if (inUse !== undefined) await store.moveCard(cardId, [card.state], card.state, { reason })
      const { offer, cardId: newCardId } = await offerCard(card.residentId, inUse?.cardId)
      await acts.record(by, { act: 'reissued', residentId: card.residentId, cardId, newCardId, reason })
      return offer
    }),

    async readOfferObject(offerId) {
      const offer = await store.findOffer(offerId)
      if (offer === undefined || offer.state !== 'pending' || offer.expiresAt <= clock()) {
        throw new ApiError('ERR_NOT_FOUND', 'There is no such offer, or no longer.')
      }
      return createCredentialOffer(offerObject(offerId))
    },

    async listCards(residentIds) {
      const views = new Map<string, CardView[]>(residentIds.map((residentId) => [residentId, []]))
      for (const card of await store.listCards(residentIds)) views.get(card.residentId)?.push(viewOf(card))
      return views
    },

    async findResident(cardNumber) {
      return await store.findResidentByCardNumber(cardNumber.replace(/[\s-]/g, '').toUpperCase())
    },
  }
}
