import type { Moment } from '../ui/desk/times.ts'

/** `POST /v1/verification/requests`. */
export interface CreatedRequest {
  readonly request_id: string
  readonly authorization_request: string
  readonly wallet_link: string
  readonly expires_at: Moment
}

export interface Check {
  readonly check: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly code?: string | null
}

export interface Decision {
  readonly accepted: boolean
  readonly checks: readonly Check[]
  readonly claims?: Readonly<Record<string, unknown>> | null
  readonly issuer?: { readonly locode: string, readonly name: string } | null
  readonly status?: { readonly epoch: number, readonly age_seconds: number } | null
}

/** `GET /v1/verification/requests/:id`. */
export interface RequestState {
  readonly state: 'waiting' | 'opened' | 'decided' | 'expired'
  readonly expires_at?: Moment
  readonly decision?: Decision | null
}

/** A member city, as `GET /v1/trust` has it. */
export interface City {
  readonly locode: string
  readonly name: string
  readonly status?: string
  readonly suspension_reason?: number
  readonly suspended_until?: Moment
}
