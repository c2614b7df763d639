import type { Generated } from 'kysely'

/** `cancelled`: an offer was withdrawn before any copy was issued; such a card never was one. */
export type CardState = 'offered' | 'active' | 'suspended' | 'revoked' | 'cancelled'

/** Why staff changed a card. One closed list: free text would collect personal data. */
export const CARD_REASONS = [
  'lost', 'stolen', 'damaged', 'moved_away', 'deceased', 'issued_in_error', 'holder_request', 'data_changed', 'found', 'misuse', 'replaced'
] as const
export type CardReason = (typeof CARD_REASONS)[number]

export type OfferState = 'pending' | 'claimed' | 'issued' | 'cancelled'

export type IssuanceTables = {
  issuance_cards: {
    card_id: string
    resident_id: string
    card_number_sealed: Uint8Array
    card_number_index: string
    state: CardState
    reason: string | null
    /** YYYY-MM-DD, set when the first copies are issued. */
    issued_on: string | null
    expires_on: string | null
    replaces: string | null
    created_at: Date
  }
  issuance_offers: {
    offer_id: string
    card_id: string
    code_hash: string
    tx_code_hash: string
    attempts: number
    state: OfferState
    expires_at: Date
    token_hash: string | null
    token_expires_at: Date | null
    created_at: Date
  }
  issuance_nonces: { nonce_hash: string; expires_at: Date; token_hash: string | null }
  /** One single-use copy of a card: its own holder key, its own status index. */
  issuance_copies: {
    card_id: string
    configuration_id: string
    position: number
    holder_thumbprint: string
    list_id: string
    status_index: number
  }
  issuance_notifications: { card_id: string; configuration_id: string; event: string; received_at: Date }
  issuance_status_lists: {
    list_id: string
    uri: string
    size: number
    epoch: number
    decoys: Uint8Array
    open: boolean
    /** How often it began anew from what stood on the chain: in another contract, or after a refusal. */
    moves: Generated<number>
    published_at: Date | null
    created_at: Date
  }
  /** Every index ever given out; rows stay for ever, so that none comes twice. */
  issuance_status_indexes: { list_id: string; status_index: number }
  /** The last epoch that is known to have arrived, and those after it; epoch 0 is the making of the list. */
  issuance_status_epochs: { list_id: string; epoch: number; digest: Uint8Array; delta: Uint8Array; attempt: number }
  /** Bits that are set, as of the list's epoch. */
  issuance_status_bits: { list_id: string; position: number }
  /** Changes that wait for the next epoch. */
  issuance_status_changes: { change_id: Generated<number>; list_id: string; status_index: number; value: string }
}

export interface Card {
  readonly cardId: string
  readonly residentId: string
  readonly cardNumber: string
  readonly state: CardState
  readonly reason: string | undefined
  readonly issuedOn: string | undefined
  readonly expiresOn: string | undefined
  /** The card that this one replaces once it is issued. */
  readonly replaces: string | undefined
}

export interface Offer {
  readonly offerId: string
  readonly cardId: string
  readonly state: OfferState
  readonly expiresAt: Date
}

/** What an access token stands for. */
export interface TokenGrant {
  readonly offerId: string
  readonly cardId: string
  readonly tokenHash: string
}

export interface Copy {
  readonly configurationId: string
  readonly position: number
  readonly holderThumbprint: string
  readonly listId: string
  readonly statusIndex: number
}

export interface StatusListRow {
  readonly listId: string
  readonly uri: string
  readonly size: number
  readonly epoch: number
  readonly decoys: Uint32Array
  readonly open: boolean
  readonly moves: number
  readonly publishedAt: Date | undefined
}

/** An epoch that the chain may not have yet. Epoch 0 stands for the making of the list. */
export interface PendingEpoch {
  readonly epoch: number
  readonly digest: Uint8Array
  readonly delta: Uint8Array
  /** How often the chain refused it, or what it says. */
  readonly attempt: number
}
