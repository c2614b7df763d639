import type { Moment } from '../ui/desk/times.ts'

export type CardState = 'active' | 'suspended' | 'revoked' | 'offered' | 'expired'

export interface Card {
  readonly card_id: string
  readonly card_number: string
  readonly state: CardState
  readonly issued_on?: Moment | null
  readonly expires_on?: Moment | null
  readonly reason?: string | null
}

export interface Resident {
  readonly resident_id: string
  readonly given_name: string
  readonly family_name: string
  readonly birth_date: string
  readonly cards?: readonly Card[]
  readonly points?: readonly PointsBalance[]
}

export interface PointsBalance {
  readonly program_id: string
  readonly name: string
  readonly balance: number
}

/** `POST /v1/residents/:id/offers` and `POST /v1/cards/:id/reissue`. */
export interface Offer {
  readonly offer_id: string
  readonly credential_offer_uri: string
  readonly offer_link: string
  readonly wallet_link: string
  readonly tx_code: string
  readonly expires_at: Moment
}

export type OfferState = 'pending' | 'claimed' | 'issued' | 'expired' | 'cancelled'

export interface Program {
  readonly program_id: string
  readonly name: string
  readonly city: string
  readonly from?: Moment
  readonly until: Moment
  readonly state?: 'pending' | 'running' | 'ended'
  readonly awarded?: number
  readonly funded: number
  readonly redeemed: number
}

export interface Merchant {
  readonly merchant_id: string
  readonly name: string
  readonly address: string
  readonly login?: string | null
  readonly iban_masked?: string
  /** Only in the answer to the registration, and only this once. */
  readonly password?: string
}

export interface Settlement {
  readonly settlement_id: string
  readonly merchant_name?: string
  readonly merchant_id?: string
  readonly program_name?: string
  readonly program_id: string
  readonly units: number
  readonly state: string
  readonly requested_at?: Moment
  readonly paid_at?: Moment | null
  readonly bank_reference?: string | null
}
