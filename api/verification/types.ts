import type { ResponseEncryptionJwk } from '../../agent/protocols/response-encryption.ts'

export type RequestState = 'waiting' | 'opened' | 'decided'

export type VerificationTables = {
  verification_requests: {
    request_id: string
    state: RequestState
    /** Nonce, state and the private key for the answer, sealed: who can read the database cannot read answers. */
    secrets_sealed: Uint8Array
    claims: string
    purpose: string
    same_device: boolean
    /** What was decided and, of the card, what was asked for. Personal data: sealed, and gone with the request. */
    decision_sealed: Uint8Array | null
    created_at: Date
    expires_at: Date
  }
  /** Presentations seen through the plain endpoint, as hashes, until they are too old to be accepted anyway. */
  verification_seen: { presentation_hash: string; expires_at: Date }
}

/** The agent's checks, and whether what was asked for was shown. */
export interface VerificationCheck {
  readonly check: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly code?: string
  readonly detail?: string
}

export interface Verdict {
  readonly accepted: boolean
  readonly checks: readonly VerificationCheck[]
  /** Only what was asked for, and nothing unless accepted. */
  readonly claims: Readonly<Record<string, unknown>>
  readonly issuer?: { readonly locode: string; readonly name: string }
  readonly status?: { readonly epoch: number; readonly ageSeconds: number }
  readonly decidedAt: string
}

export interface VerificationRequest {
  readonly requestId: string
  readonly state: RequestState
  readonly nonce: string
  readonly responseState: string
  readonly encryption: { readonly publicJwk: ResponseEncryptionJwk; readonly privateJwk: Readonly<Record<string, string>> }
  readonly claims: readonly string[]
  readonly purpose: string
  readonly sameDevice: boolean
  readonly verdict: Verdict | undefined
  readonly createdAt: Date
  readonly expiresAt: Date
}
