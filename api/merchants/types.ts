import type { Generated } from 'kysely'
import type { RedeemDomain } from '../../agent/notes/redeem-digest.ts'

export type MerchantTables = {
  merchants: {
    merchant_id: string
    name: string
    iban_sealed: Uint8Array
    login_index: string
    login_sealed: Uint8Array
    subject_index: Generated<string | null>
    address: string
    created_at: Generated<Date>
  }
  merchants_orders: {
    order_id: string
    merchant_id: string
    program_id: string
    points: number
    memo_sealed: Uint8Array | null
    expires_at: Date
    /** The last moment at which the chain takes the payment. */
    deadline: Date
    created_at: Date
    /** The settlement the order's points went into. */
    settlement_ref: string | null
  }
  /** Attempts to pay. The one that is neither failed nor confirmed keeps others out. */
  merchants_payments: {
    payment_id: string
    order_id: string
    outbox_key: string
    failure_code: string | null
    created_at: Date
  }
  /** Notes of payments on their way, so that one note does not start on two. Rows go when a payment fails. */
  merchants_payment_notes: { program_id: string; note: string; payment_id: string }
  merchants_settlements: {
    ref: string
    merchant_id: string
    program_id: string
    units: number
    created_at: Date
    bank_reference_sealed: Uint8Array | null
  }
}

export interface Merchant {
  readonly merchantId: string
  readonly name: string
  readonly address: string
  readonly login: string
  readonly iban: string
}

/** Name of a merchant's account in the key store and the outbox. */
export function merchantAccount(merchantId: string): string {
  return `merchant:${merchantId}`
}

/** Outbox key of the call that first registers a merchant. */
export function registrationKey(merchantId: string): string {
  return `merchant:${merchantId}:register`
}

export type OrderState = 'open' | 'paying' | 'paid' | 'settled' | 'expired' | 'failed'

export interface StoredOrder {
  readonly orderId: string
  readonly merchantId: string
  readonly programId: string
  readonly points: number
  readonly memo: string | undefined
  readonly expiresAt: Date
  readonly deadline: Date
  readonly createdAt: Date
  readonly settlementRef: string | undefined
}

export interface StoredPayment {
  readonly paymentId: string
  readonly orderId: string
  readonly outboxKey: string
  readonly failureCode: string | undefined
}

export interface Order extends StoredOrder {
  readonly state: OrderState
  readonly paidAt: Date | undefined
  readonly failureCode: string | undefined
}

/** A note as a wallet pays with it. */
export interface OfferedNote {
  readonly value: number
  readonly rsaSignature: Uint8Array
  /** 0x and 65 bytes. */
  readonly ownerSignature: string
}

export interface Redemption {
  readonly units: bigint
  readonly redeemedAtSeconds: number
}

export interface ChainSettlement {
  readonly merchant: string
  readonly programId: string
  readonly units: bigint
  readonly paidAtSeconds: number | undefined
}

/** Under which contract notes are signed over: the present one, and those that the federation has replaced. */
export interface RedeemDomains {
  readonly current: RedeemDomain
  readonly earlier: readonly RedeemDomain[]
}

/** What merchants need of the index. */
export interface MerchantsIndex {
  readRedeemDomains(): Promise<RedeemDomains>
  /** What the merchant got for an order in a programme: anybody may redeem under any order number. */
  findRedemption(merchantAddress: string, programId: string, orderId: string): Promise<Redemption | undefined>
  findSpentNotes(programId: string, notes: readonly string[]): Promise<readonly string[]>
  merchantBalances(address: string): Promise<readonly { readonly programId: string; readonly units: bigint }[]>
  findSettlement(ref: string): Promise<ChainSettlement | undefined>
}

export interface Settlement {
  readonly ref: string
  readonly merchantId: string
  readonly programId: string
  readonly units: number
  readonly state: 'requested' | 'confirmed' | 'paid' | 'failed'
  readonly requestedAt: Date
  readonly paidAt: Date | undefined
  readonly bankReference: string | undefined
}
