import { createHash, randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Db } from '../platform/database.ts'
import type { PersonCipher, Secrets } from '../platform/secrets.ts'
import type { Card, CardReason, CardState, Copy, IssuanceTables, Offer, OfferState, TokenGrant } from './types.ts'

/** SHA-256 for values with at least 128 bits of randomness in them. */
export const hashSecret = (value: string): string => createHash('sha256').update(value).digest('base64url')

const cardPlace = (cardId: string): string => `issuance_cards.card_number:${cardId}`
const numberIndex = (secrets: Secrets, cardNumber: string): string => secrets.blindIndex('card-number', cardNumber)

export type IssuanceStore = ReturnType<typeof createIssuanceStore>

/** Cards, offers, tokens, nonces and copies. Codes and tokens stand here as hashes only. */
export function createIssuanceStore(db: Db, { secrets, cipherOf }: {
  readonly secrets: Secrets
  /** The data key of a resident. */
  readonly cipherOf: (residentId: string) => Promise<PersonCipher>
}) {
  const tables = db.withTables<IssuanceTables>()

  const readCard = async (row: IssuanceTables['issuance_cards']): Promise<Card> => ({
    cardId: row.card_id,
    residentId: row.resident_id,
    cardNumber: (await cipherOf(row.resident_id)).openText(cardPlace(row.card_id), row.card_number_sealed),
    state: row.state,
    reason: row.reason ?? undefined,
    issuedOn: row.issued_on ?? undefined,
    expiresOn: row.expires_on ?? undefined,
    replaces: row.replaces ?? undefined,
  })
  const readOffer = (row: { offer_id: string; card_id: string; state: OfferState; expires_at: Date }): Offer => ({
    offerId: row.offer_id, cardId: row.card_id, state: row.state, expiresAt: row.expires_at,
  })

  return {
    async insertCard(card: { readonly residentId: string; readonly cardNumber: string; readonly replaces: string | undefined; readonly now: Date }): Promise<Card> {
      const cardId = randomUUID()
      const cipher = await cipherOf(card.residentId)
      const row = await tables.insertInto('issuance_cards').values({
        card_id: cardId,
        resident_id: card.residentId,
        card_number_sealed: cipher.seal(cardPlace(cardId), card.cardNumber),
        card_number_index: numberIndex(secrets, card.cardNumber),
        state: 'offered',
        reason: null,
        issued_on: null,
        expires_on: null,
        replaces: card.replaces ?? null,
        created_at: card.now,
      }).returningAll().executeTakeFirstOrThrow()
      return await readCard(row)
    },

    /** Reads a card and keeps it, and all cards of its resident, for this transaction. */
    async lockCard(cardId: string): Promise<Card | undefined> {
      const found = await tables.selectFrom('issuance_cards').select('resident_id').where('card_id', '=', cardId).executeTakeFirst()
      if (found === undefined) return undefined
      await this.lockResident(found.resident_id)
      const row = await tables.selectFrom('issuance_cards').selectAll().where('card_id', '=', cardId).forUpdate().executeTakeFirst()
      return row === undefined ? undefined : await readCard(row)
    },

    /** Cards of residents, the newest first; cancelled ones are left out. */
    async listCards(residentIds: readonly string[]): Promise<readonly Card[]> {
      if (residentIds.length === 0) return []
      const rows = await tables.selectFrom('issuance_cards').selectAll().where('resident_id', 'in', [...residentIds])
        .where('state', '!=', 'cancelled').orderBy('created_at', 'desc').execute()
      return await Promise.all(rows.map(readCard))
    },

    /**
     * Serialises what changes the cards of one resident, until the transaction ends. Always taken before any row, so
     * that nobody waits in a circle.
     */
    async lockResident(residentId: string): Promise<void> {
      await sql`select pg_advisory_xact_lock(hashtextextended(${`issuance:${residentId}`}, 0))`.execute(db)
    },

    async findResidentByCardNumber(cardNumber: string): Promise<string | undefined> {
      const row = await tables.selectFrom('issuance_cards').select('resident_id').where('card_number_index', '=', numberIndex(secrets, cardNumber)).executeTakeFirst()
      return row?.resident_id
    },

    async isCardNumberTaken(cardNumber: string): Promise<boolean> {
      return await this.findResidentByCardNumber(cardNumber) !== undefined
    },

    async setReplaces(cardId: string, replaces: string | undefined): Promise<void> {
      await tables.updateTable('issuance_cards').set({ replaces: replaces ?? null }).where('card_id', '=', cardId).execute()
    },

    /** Moves a card on if it is in one of the states; whether it was. */
    async moveCard(cardId: string, from: readonly CardState[], to: CardState, change: {
      readonly reason?: CardReason; readonly issuedOn?: string; readonly expiresOn?: string
    } = {}): Promise<boolean> {
      const moved = await tables.updateTable('issuance_cards').set({
        state: to,
        reason: change.reason ?? null,
        ...(change.issuedOn === undefined ? {} : { issued_on: change.issuedOn }),
        ...(change.expiresOn === undefined ? {} : { expires_on: change.expiresOn }),
      }).where('card_id', '=', cardId).where('state', 'in', [...from]).returning('card_id').executeTakeFirst()
      return moved !== undefined
    },

    async insertOffer(offer: {
      readonly offerId: string; readonly cardId: string; readonly code: string; readonly txCodeHash: string; readonly expiresAt: Date; readonly now: Date
    }): Promise<void> {
      await tables.insertInto('issuance_offers').values({
        offer_id: offer.offerId, card_id: offer.cardId, code_hash: hashSecret(offer.code), tx_code_hash: offer.txCodeHash, attempts: 0, state: 'pending',
        expires_at: offer.expiresAt, token_hash: null, token_expires_at: null, created_at: offer.now,
      }).execute()
    },

    async findOffer(offerId: string): Promise<Offer | undefined> {
      const row = await tables.selectFrom('issuance_offers').select(['offer_id', 'card_id', 'state', 'expires_at']).where('offer_id', '=', offerId).executeTakeFirst()
      return row === undefined ? undefined : readOffer(row)
    },

    /** Withdraws every offer of a card through which nothing was issued, and its tokens. */
    async cancelOffers(cardId: string): Promise<void> {
      await tables.updateTable('issuance_offers').set({ state: 'cancelled', token_hash: null })
        .where('card_id', '=', cardId).where('state', 'in', ['pending', 'claimed']).execute()
    },

    /**
     * Counts a try at an offer's transaction code, before looking at it: whoever loses the race finds nothing more to
     * try. Undefined when there is no such offer waiting.
     */
    async countAttempt(code: string, now: Date, most: number): Promise<{ readonly offerId: string; readonly cardId: string; readonly txCodeHash: string; readonly attempts: number } | undefined> {
      const row = await tables.updateTable('issuance_offers').set((set) => ({ attempts: set('attempts', '+', 1) }))
        .where('code_hash', '=', hashSecret(code)).where('state', '=', 'pending').where('expires_at', '>', now).where('attempts', '<', most)
        .returning(['offer_id', 'card_id', 'tx_code_hash', 'attempts']).executeTakeFirst()
      return row === undefined ? undefined : { offerId: row.offer_id, cardId: row.card_id, txCodeHash: row.tx_code_hash, attempts: row.attempts }
    },

    /** Withdraws one offer that waits, whose transaction code was guessed at too often. */
    async cancelOffer(offerId: string): Promise<void> {
      await tables.updateTable('issuance_offers').set({ state: 'cancelled' }).where('offer_id', '=', offerId).where('state', '=', 'pending').execute()
    },

    /** Uses up an offer's code for a token; whether it was there to be used. */
    async claimOffer(offerId: string, token: string, tokenExpiresAt: Date): Promise<boolean> {
      const row = await tables.updateTable('issuance_offers').set({ state: 'claimed', token_hash: hashSecret(token), token_expires_at: tokenExpiresAt })
        .where('offer_id', '=', offerId).where('state', '=', 'pending').returning('offer_id').executeTakeFirst()
      return row !== undefined
    },

    async findToken(token: string, now: Date): Promise<TokenGrant | undefined> {
      const tokenHash = hashSecret(token)
      const row = await tables.selectFrom('issuance_offers').select(['offer_id', 'card_id']).where('token_hash', '=', tokenHash)
        .where('token_expires_at', '>', now).where('state', 'in', ['claimed', 'issued']).executeTakeFirst()
      return row === undefined ? undefined : { offerId: row.offer_id, cardId: row.card_id, tokenHash }
    },

    async setOfferIssued(offerId: string): Promise<void> {
      await tables.updateTable('issuance_offers').set({ state: 'issued' }).where('offer_id', '=', offerId).execute()
    },

    async insertNonce(nonce: string, expiresAt: Date): Promise<void> {
      await tables.insertInto('issuance_nonces').values({ nonce_hash: hashSecret(nonce), expires_at: expiresAt, token_hash: null }).execute()
    },

    /** Uses up a nonce for one token; again for the same token only, so that a wallet may repeat its request. */
    async useNonce(nonce: string, tokenHash: string, now: Date): Promise<boolean> {
      const row = await tables.updateTable('issuance_nonces').set({ token_hash: tokenHash }).where('nonce_hash', '=', hashSecret(nonce))
        .where('expires_at', '>', now).where((where) => where.or([where('token_hash', 'is', null), where('token_hash', '=', tokenHash)]))
        .returning('nonce_hash').executeTakeFirst()
      return row !== undefined
    },

    async listCopies(cardId: string): Promise<readonly Copy[]> {
      const rows = await tables.selectFrom('issuance_copies').selectAll().where('card_id', '=', cardId).orderBy('configuration_id').orderBy('position').execute()
      return rows.map((row) => ({
        configurationId: row.configuration_id, position: row.position, holderThumbprint: row.holder_thumbprint, listId: row.list_id, statusIndex: row.status_index,
      }))
    },

    async insertCopies(cardId: string, copies: readonly Copy[]): Promise<void> {
      await tables.insertInto('issuance_copies').values(copies.map((copy) => ({
        card_id: cardId, configuration_id: copy.configurationId, position: copy.position, holder_thumbprint: copy.holderThumbprint,
        list_id: copy.listId, status_index: copy.statusIndex,
      }))).execute()
    },

    async recordNotification(cardId: string, configurationId: string, event: string, now: Date): Promise<void> {
      await tables.insertInto('issuance_notifications').values({ card_id: cardId, configuration_id: configurationId, event, received_at: now })
        .onConflict((conflict) => conflict.columns(['card_id', 'configuration_id', 'event']).doNothing()).execute()
    },

    /** Forgets nonces that have expired. */
    async sweep(now: Date): Promise<void> {
      await tables.deleteFrom('issuance_nonces').where('expires_at', '<', now).execute()
    },
  }
}
