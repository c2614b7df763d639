import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { ApiError } from './errors.ts'
import type { RateName } from './route.ts'

export type RateLimits = Readonly<Record<RateName, RequestHandler>>

/** Requests from one address in a minute. Behind a proxy the address is right only with SYMBOLON_TRUST_PROXY. */
const requestsPerMinute = { public: 600, write: 300, credential: 60 } as const satisfies Record<Exclude<RateName, 'none'>, number>

/**
 * Rate limits with `RateLimit` and `RateLimit-Policy` headers.
 *
 * @see https://www.ietf.org/archive/id/draft-ietf-httpapi-ratelimit-headers-08.html
 */
export function createRateLimits(factor = 1): RateLimits {
  const create = (name: Exclude<RateName, 'none'>): RequestHandler => rateLimit({
    windowMs: 60_000,
    limit: Math.floor(requestsPerMinute[name] * factor),
    identifier: name,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request, response, next) => {
      const seconds = Number(response.getHeader('retry-after') ?? 60)
      next(new ApiError('ERR_RATE_LIMITED', undefined, { headers: { 'retry-after': String(seconds) } }))
    },
  })
  return {
    none: (_request, _response, next) => next(),
    public: create('public'),
    write: create('write'),
    credential: create('credential'),
  }
}
