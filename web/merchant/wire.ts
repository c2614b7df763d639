import type { Moment } from '../ui/desk/times.ts'

/** `GET /v1/merchant`. */
export interface Merchant {
  readonly merchant_id: string
  readonly name: string
  readonly address: string
  readonly balances: readonly Balance[]
}

export interface Balance {
  readonly program_id: string
  readonly name: string
  readonly units: number
}

export type OrderState = 'open' | 'paying' | 'paid' | 'settled' | 'expired' | 'failed'

export interface Order {
  readonly order_id: string
  readonly program_id: string
  readonly program_name?: string
  readonly points: number
  readonly memo?: string | null
  readonly state: OrderState
  /** What the notes sign; the till stops waiting at `expires_at`, which comes before. */
  readonly deadline?: Moment
  readonly expires_at?: Moment
  readonly created_at?: Moment
  readonly paid_at?: Moment | null
  readonly failure_code?: string | null
}

/** `POST /v1/orders`. */
export interface CreatedOrder {
  readonly order_id: string
  readonly pay_link: string
  readonly order_url: string
  readonly expires_at: Moment
}

export interface Program {
  readonly program_id: string
  readonly name: string
  readonly city: string
  readonly until: Moment
  readonly state?: 'pending' | 'running' | 'ended'
}

export interface Settlement {
  readonly settlement_id: string
  readonly program_id: string
  readonly program_name?: string
  readonly units: number
  readonly state: 'requested' | 'confirmed' | 'paid' | 'failed'
  readonly requested_at?: Moment
  readonly paid_at?: Moment | null
  readonly bank_reference?: string | null
}
