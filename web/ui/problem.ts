import { SymbolonError } from '../../agent/errors.ts'

export type ApiErrorCode = 'ERR_OFFLINE' | 'ERR_PROBLEM' | 'ERR_RESPONSE_INVALID'

/**
 * A request that did not end well. `problem` is the city's own code, from the RFC 9457 problem details.
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-3
 */
export class ApiError extends SymbolonError<ApiErrorCode> {
  /** The HTTP status, 0 when nothing came back. */
  readonly status: number
  readonly problem: string | undefined
  readonly detail: string | undefined
  readonly retryAfterSeconds: number | undefined
  /** The other members of the problem details, extensions of RFC 9457 §3.2 among them. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(code: ApiErrorCode, options: {
    status?: number
    problem?: string | undefined
    detail?: string | undefined
    retryAfterSeconds?: number | undefined
    members?: Readonly<Record<string, unknown>>
    cause?: unknown
  } = {}) {
    super(code, options.problem ?? `${code} ${options.status ?? 0}`, { cause: options.cause })
    this.status = options.status ?? 0
    this.problem = options.problem
    this.detail = options.detail
    this.retryAfterSeconds = options.retryAfterSeconds
    this.members = options.members ?? {}
  }
}

/** What the person reads about an error: two translation keys, what happened and what to do. */
export interface PlainWords {
  readonly title: string
  readonly advice: string
  readonly retry: boolean
}

/** Turns an error into plain words. Codes decide, never messages. */
export function describeError(error: unknown): PlainWords {
  if (!(error instanceof ApiError)) return words('unexpected', true)
  if (error.code === 'ERR_OFFLINE') return words('offline', true)
  if (error.status === 401) return words('signed_out', false)
  if (error.status === 403) return words('not_allowed', false)
  if (error.status === 404 || error.status === 410) return words('not_found', false)
  if (error.status === 409) return words('conflict', true)
  if (error.status === 413) return words('too_large', false)
  if (error.status === 429) return words('too_many', true)
  if (error.status >= 400 && error.status < 500) return words('refused', false)
  return words('unavailable', true)
}

function words(name: string, retry: boolean): PlainWords {
  return { title: `error.${name}.title`, advice: `error.${name}.advice`, retry }
}
