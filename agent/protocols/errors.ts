import { SymbolonError } from '../errors.ts'

export type ProtocolErrorCode =
  // what came in cannot be read
  | 'ERR_OFFER_INVALID'
  | 'ERR_METADATA_INVALID'
  | 'ERR_RESPONSE_INVALID'
  | 'ERR_REQUEST_INVALID'
  | 'ERR_DCQL_INVALID'
  | 'ERR_JWT_INVALID'
  | 'ERR_CERTIFICATE_UNREADABLE'
  | 'ERR_URL_NOT_ALLOWED'
  // the other side
  | 'ERR_REMOTE_UNREACHABLE'
  | 'ERR_REMOTE_REFUSED'
  | 'ERR_UNSUPPORTED'
  // presentation
  | 'ERR_REQUEST_SIGNATURE'
  | 'ERR_REQUEST_EXPIRED'
  | 'ERR_CLIENT_ID'
  | 'ERR_WALLET_NONCE'
  | 'ERR_NO_MATCHING_CREDENTIAL'
  | 'ERR_RESPONSE_ENCRYPTION'
  | 'ERR_RESPONSE_MISMATCH'
  // issuance, as the credential issuer refuses
  | 'ERR_TOKEN_REQUEST'
  | 'ERR_CREDENTIAL_REQUEST'
  | 'ERR_PROOF_INVALID'
  | 'ERR_NOTIFICATION_REQUEST'

export interface ProtocolErrorOptions extends ErrorOptions {
  /** The `error` member of an OAuth-style error response: what we answer, or what we were answered. */
  readonly oauthError?: string
  /** HTTP status that came with it, when it came from the other side. */
  readonly status?: number
}

/** An error of OpenID4VCI or OpenID4VP. */
export class ProtocolError extends SymbolonError<ProtocolErrorCode> {
  readonly oauthError: string | undefined
  readonly status: number | undefined

  constructor(code: ProtocolErrorCode, message: string, options: ProtocolErrorOptions = {}) {
    super(code, message, options.cause === undefined ? undefined : { cause: options.cause })
    this.oauthError = options.oauthError
    this.status = options.status
  }
}
