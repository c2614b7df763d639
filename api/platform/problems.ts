import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { escapeHtml, renderPage } from './html.ts'
import { ApiError, OAuthError, problemTable, toApiError, type ApiErrorCode } from './errors.ts'

export interface Problem {
  readonly status: number
  readonly mediaType: string
  readonly headers: Readonly<Record<string, string>>
  readonly document: Readonly<Record<string, unknown>>
  /** What to log: present for failures of ours. */
  readonly cause: unknown
}

const oauthNames: Partial<Record<ApiErrorCode, string>> = {
  ERR_TOKEN_INVALID: 'invalid_token',
  ERR_RATE_LIMITED: 'temporarily_unavailable',
  ERR_DATABASE_UNAVAILABLE: 'temporarily_unavailable',
  ERR_CHAIN_UNAVAILABLE: 'temporarily_unavailable',
  ERR_INTERNAL: 'server_error',
}

/**
 * Turns anything thrown into what the client gets: problem details, or OAuth's own form for protocol endpoints.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457#section-3
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function problemFor(error: unknown, format: 'problem' | 'oauth'): Problem {
  if (error instanceof OAuthError) {
    return {
      status: error.status,
      mediaType: 'application/json; charset=utf-8',
      headers: error.headers,
      document: { error: error.error, error_description: error.message },
      cause: error,
    }
  }
  const apiError = toApiError(error)
  const { status, title } = problemTable[apiError.code]
  const base = { status, headers: apiError.headers, cause: error }
  if (format === 'oauth') {
    const document = { error: oauthNames[apiError.code] ?? 'invalid_request', error_description: apiError.message }
    return { ...base, mediaType: 'application/json; charset=utf-8', document }
  }
  const detail = apiError.message === title ? {} : { detail: apiError.message }
  return {
    ...base,
    mediaType: 'application/problem+json; charset=utf-8',
    document: { type: `urn:symbolon:problem:${apiError.code}`, title, status, code: apiError.code, ...detail, ...apiError.members },
  }
}

/** What goes out as a problem. */
export function problemBody(request: Request, problem: Problem): Uint8Array {
  return Buffer.from(JSON.stringify({ ...problem.document, ...(request.id === undefined ? {} : { request_id: String(request.id) }) }))
}

/** Writes a problem and logs what is our fault. */
export function sendProblem(request: Request, response: Response, problem: Problem, body = problemBody(request, problem)): void {
  response.locals.problem = problem.document.code ?? problem.document.error
  if (problem.status >= 500) request.log?.error({ err: problem.cause }, 'request failed')
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value)
  response.setHeader('cache-control', 'no-store')
  response.status(problem.status).setHeader('content-type', problem.mediaType)
  response.end(body)
}

/** The last handler for paths that nobody serves. */
export const notFound: RequestHandler = () => {
  throw new ApiError('ERR_NOT_FOUND')
}

/** The last handler for errors. People on their way through signing in get a page, everything else a problem document. */
export function createErrorHandler(cityName: string): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error)
    const problem = problemFor(error, 'problem')
    const isPerson = /^\/(auth\/(login|callback)|login\/)/.test(request.path) && request.accepts(['json', 'html']) === 'html'
    if (!isPerson) return sendProblem(request, response, problem)
    response.locals.problem = problem.document.code
    if (problem.status >= 500) request.log?.error({ err: problem.cause }, 'request failed')
    response.status(problem.status).setHeader('cache-control', 'no-store')
    const advice = escapeHtml(String(problem.document.title ?? ''))
    response.type('html').send(renderPage({
      title: 'Sign in', cityName, body: `<div class="narrow"><h1>Signing in did not work</h1><p>${advice}</p><p><a class="button" href="/">Start again</a></p></div>`,
    }))
  }
}
