import { SymbolonError } from '../../agent/errors.ts'

interface ProblemEntry {
  readonly status: number
  readonly title: string
}

/** The one table from error code to HTTP status. Codes of every room stand here; what does not is a 500. */
export const problemTable = {
  // requests
  ERR_MALFORMED_BODY: { status: 400, title: 'The body cannot be read.' },
  ERR_VALIDATION: { status: 400, title: 'The request is not of the expected form.' },
  ERR_PAYLOAD_TOO_LARGE: { status: 413, title: 'The request is too large.' },
  ERR_MEDIA_TYPE: { status: 415, title: 'The body has a media type that is not accepted here.' },
  ERR_NOT_FOUND: { status: 404, title: 'There is nothing here.' },
  ERR_METHOD_NOT_ALLOWED: { status: 405, title: 'This method is not allowed here.' },
  ERR_RATE_LIMITED: { status: 429, title: 'Too many requests. Try again later.' },
  // who
  ERR_NOT_SIGNED_IN: { status: 401, title: 'Sign in first.' },
  ERR_TOKEN_INVALID: { status: 401, title: 'The access token is missing, unknown or expired.' },
  ERR_FORBIDDEN: { status: 403, title: 'You may not do this.' },
  ERR_CSRF: { status: 403, title: 'The request does not come from this city\'s own pages.' },
  ERR_LOGIN_FAILED: { status: 400, title: 'Signing in did not work. Start again.' },
  // idempotency
  ERR_IDEMPOTENCY_KEY_MISSING: { status: 400, title: 'An Idempotency-Key header is needed.' },
  ERR_IDEMPOTENCY_KEY_INVALID: { status: 400, title: 'The Idempotency-Key is 8 to 200 characters of visible ASCII.' },
  ERR_IDEMPOTENCY_CONFLICT: { status: 422, title: 'This Idempotency-Key was used for another request.' },
  // business
  ERR_CONFLICT: { status: 409, title: 'This is not possible in the present state.' },
  ERR_PORTRAIT_INVALID: { status: 422, title: 'The portrait is not a JPEG or WebP image of an accepted size.' },
  ERR_PORTRAIT_TOO_LARGE: { status: 422, title: 'The portrait does not fit on a card. Send a smaller picture.' },
  ERR_PROGRAM_NOT_RUNNING: { status: 409, title: 'The programme is not running.' },
  ERR_PROGRAM_REPLACED: { status: 409, title: 'The federation has replaced the contract that holds this programme: its points are not taken any more.' },
  ERR_BUDGET_EXHAUSTED: { status: 409, title: 'The programme has not that many points left.' },
  ERR_BALANCE_INSUFFICIENT: { status: 409, title: 'The balance is too low.' },
  ERR_DENOMINATION_UNKNOWN: { status: 422, title: 'The programme has no note of that value.' },
  ERR_BLINDED_INVALID: { status: 422, title: 'A blinded value is not a number below the modulus.' },
  ERR_BLINDED_REUSED: { status: 409, title: 'A blinded value was already signed for another value.' },
  ERR_CARD_REFUSED: { status: 403, title: 'The card was not accepted.' },
  ERR_LOGIN_TAKEN: { status: 409, title: 'This login is taken.' },
  ERR_ORDER_CLOSED: { status: 409, title: 'The order does not wait for a payment.' },
  ERR_ORDER_EXPIRED: { status: 410, title: 'The time to pay this order has passed.' },
  ERR_AMOUNT_MISMATCH: { status: 422, title: 'The notes do not add up to the order.' },
  ERR_NOTE_INVALID: { status: 422, title: 'A note is not genuine.' },
  ERR_NOTE_OUTDATED: { status: 409, title: 'A note was signed for a contract that the federation has replaced. Read the order again, and sign anew.' },
  ERR_NOTE_SPENT: { status: 409, title: 'A note was already spent.' },
  ERR_NOTE_REPEATED: { status: 422, title: 'A note stands twice in the payment.' },
  ERR_HOLDINGS_TOO_LOW: { status: 409, title: 'The merchant does not hold that many points.' },
  // governance
  ERR_REHEARSAL_REFUSED: { status: 422, title: 'The chain would refuse this as it stands now.' },
  ERR_SAME_OFFICER: { status: 403, title: 'Another officer than the one who drafted it must approve it.' },
  ERR_DRAFT_CLOSED: { status: 409, title: 'The draft does not wait for an approval.' },
  ERR_DRAFT_EXPIRED: { status: 410, title: 'The draft was not approved in time. Draft it again.' },
  ERR_PROPOSAL_FAULTY: { status: 422, title: 'The proposal is not what it seems: say that it is wanted all the same, or vote against it.' },
  ERR_PROPOSAL_UNKNOWN: { status: 422, title: 'There is no such proposal.' },
  ERR_NOTHING_OFFERED: { status: 409, title: 'Control over the city was not offered to a key of this service.' },
  ERR_CONTROL_MOVING: { status: 409, title: 'Control over the city is being handed over at the moment.' },
  // dependencies
  ERR_DATABASE_UNAVAILABLE: { status: 503, title: 'The database is not reachable at the moment.' },
  ERR_CHAIN_UNAVAILABLE: { status: 503, title: 'The chain is not reachable at the moment.' },
  ERR_CHAIN_BLOCK_AHEAD: { status: 404, title: 'This block is not there yet.' },
  ERR_CHAIN_BLOCK_TOO_EARLY: { status: 404, title: 'The federation is younger than this block.' },
  ERR_CHAIN_UNREACHABLE: { status: 503, title: 'The chain is not reachable at the moment.' },
  ERR_CHAIN_MISMATCH: { status: 503, title: 'The chain\'s node contradicts itself at the moment.' },
  ERR_SIGNING_UNAVAILABLE: { status: 503, title: 'The city cannot sign its answer at the moment, and gives none without a signature.' },
  ERR_SHUTTING_DOWN: { status: 503, title: 'The service is shutting down.' },
  ERR_INTERNAL: { status: 500, title: 'Something went wrong on our side.' },
} as const satisfies Record<string, ProblemEntry>

export type ApiErrorCode = keyof typeof problemTable

export interface ApiErrorOptions extends ErrorOptions {
  /** More members of the problem document; never personal data or secrets. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

/** An error with a place in `problemTable`. The message becomes the problem's `detail`: no personal data, no secret. */
export class ApiError extends SymbolonError<ApiErrorCode> {
  readonly members: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ApiErrorCode, message?: string, options: ApiErrorOptions = {}) {
    super(code, message ?? problemTable[code].title, options)
    this.members = options.members ?? {}
    this.headers = options.headers ?? {}
  }
}

/**
 * An error that a protocol wants as `{ error, error_description }` instead of a problem document.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export class OAuthError extends Error {
  readonly error: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(error: string, description: string, options: ErrorOptions & { status?: number; headers?: Record<string, string> } = {}) {
    super(description, options)
    this.name = 'OAuthError'
    this.error = error
    this.status = options.status ?? 400
    this.headers = options.headers ?? {}
  }
}

const databaseDownCodes = /^(08...|57P0[123]|53300|ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|ENOENT|EHOSTUNREACH)$/
const databaseDownMessages = /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|PGlite is (closed|closing)|Cannot use a pool after/i

/** Whether an error of the database driver says that the database is away, rather than that a query is wrong. */
export function isDatabaseDown(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth += 1) {
    if (current instanceof AggregateError && current.errors.some((inner) => isDatabaseDown(inner))) return true
    const code = (current as { code?: unknown }).code
    if (typeof code === 'string' && databaseDownCodes.test(code)) return true
    if (databaseDownMessages.test(current.message)) return true
  }
  return false
}

/** Finds the table entry for anything thrown. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof SymbolonError && error.code in problemTable) {
    return new ApiError(error.code as ApiErrorCode, error.message, { cause: error })
  }
  const known = fromHttpError(error)
  if (known !== undefined) return known
  if (isDatabaseDown(error)) return new ApiError('ERR_DATABASE_UNAVAILABLE', undefined, { cause: error, headers: { 'retry-after': '2' } })
  return new ApiError('ERR_INTERNAL', undefined, { cause: error })
}

/** Errors of Express and its body parsers carry `type` and `status` (http-errors). */
function fromHttpError(error: unknown): ApiError | undefined {
  if (!(error instanceof Error)) return undefined
  const { type, status } = error as { type?: unknown; status?: unknown }
  if (type === 'entity.too.large' || type === 'parameters.too.many') return new ApiError('ERR_PAYLOAD_TOO_LARGE', undefined, { cause: error })
  if (type === 'encoding.unsupported' || type === 'charset.unsupported') return new ApiError('ERR_MEDIA_TYPE', undefined, { cause: error })
  if (typeof type === 'string' && (type.startsWith('entity.') || type.startsWith('request.') || type.startsWith('stream.'))) {
    return new ApiError('ERR_MALFORMED_BODY', undefined, { cause: error })
  }
  if (error instanceof URIError || (status === 400 && error.name === 'URIError')) return new ApiError('ERR_NOT_FOUND', undefined, { cause: error })
  return undefined
}
