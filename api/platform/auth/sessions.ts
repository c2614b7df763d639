import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CookieOptions, Request, Response } from 'express'
import type { Db } from '../database.ts'
import { ApiError } from '../errors.ts'
import type { AppName, Principal, Role } from '../route.ts'
import type { Secrets } from '../secrets.ts'

/** A signed-in session ends after a working day, in seconds. */
export const sessionSeconds = 10 * 3600
export const appNames: readonly AppName[] = ['staff', 'verifier', 'merchant']

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

export interface OpenSession {
  readonly principal: Principal
  readonly csrfToken: string
}

export interface SessionAuthenticator {
  /**
   * Finds the session that may do this. Unsafe methods also need the header `x-csrf-token`.
   *
   * @throws ApiError `ERR_NOT_SIGNED_IN`, `ERR_FORBIDDEN`, `ERR_CSRF`
   */
  authorise(request: Request, roles: readonly Role[]): Promise<Principal>
}

export interface Sessions extends SessionAuthenticator {
  create(response: Response, principal: Principal): Promise<void>
  /** Sessions of this browser, one for each app at most. */
  list(request: Request): Promise<readonly OpenSession[]>
  end(request: Request, response: Response, app: AppName | undefined): Promise<void>
  endOfMerchant(merchantId: string): Promise<void>
  checkCsrf(request: Request): void
  sweep(now: Date): Promise<void>
}

export interface SessionsOptions {
  readonly db: Db
  readonly secrets: Secrets
  readonly locode: string
  readonly secure: boolean
  readonly clock: () => Date
}

/** Cookies of one name are shared by all ports of a host, so the name carries the city. */
export function cookieName(locode: string, secure: boolean, what: string): string {
  return `${secure ? '__Host-' : ''}symbolon_${locode.toLowerCase()}_${what}`
}

/** Server-side sessions: the cookie holds a random token, the database its hash. */
export function createSessions(options: SessionsOptions): Sessions {
  const { db, secrets, locode, secure, clock } = options
  const nameOf = (app: AppName): string => cookieName(locode, secure, app)
  const cookie: CookieOptions = { httpOnly: true, sameSite: 'lax', secure, path: '/' }
  const hash = (token: string): string => createHash('sha256').update(token).digest('base64url')
  const csrfOf = (token: string): string => createHmac('sha256', secrets.derive('csrf')).update(token).digest('base64url')

  const tokens = (request: Request): { app: AppName; token: string }[] => {
    const cookies = readCookies(request)
    return appNames.flatMap((app) => {
      const token = cookies.get(nameOf(app))
      return token === undefined ? [] : [{ app, token }]
    })
  }

  const list = async (request: Request): Promise<OpenSession[]> => {
    const present = tokens(request)
    if (present.length === 0) return []
    const rows = await db.selectFrom('platform_sessions').selectAll()
      .where('token_hash', 'in', present.map(({ token }) => hash(token))).where('expires_at', '>', clock()).execute()
    return present.flatMap(({ app, token }) => {
      const row = rows.find((candidate) => candidate.token_hash === hash(token) && candidate.app === app)
      if (row === undefined) return []
      const principal: Principal = {
        subject: row.subject,
        issuer: row.issuer,
        name: secrets.openText('session', `platform_sessions.name:${row.token_hash}`, row.name_sealed),
        app,
        roles: row.roles.split(' ') as Role[],
        merchantId: row.merchant_id ?? undefined,
      }
      return [{ principal, csrfToken: csrfOf(token) }]
    })
  }

  const checkCsrf = (request: Request): void => {
    const given = Buffer.from(request.get('x-csrf-token') ?? '')
    const matches = tokens(request).some(({ token }) => {
      const expected = Buffer.from(csrfOf(token))
      return expected.length === given.length && timingSafeEqual(expected, given)
    })
    const site = request.get('sec-fetch-site')
    if (!matches || site === 'cross-site' || site === 'same-site') throw new ApiError('ERR_CSRF')
  }

  return {
    list,
    checkCsrf,
    async authorise(request, roles) {
      const open = await list(request)
      if (open.length === 0) throw new ApiError('ERR_NOT_SIGNED_IN')
      if (!safeMethods.has(request.method)) checkCsrf(request)
      const fitting = open.find(({ principal }) => principal.roles.some((role) => roles.includes(role)))
      if (fitting === undefined) throw new ApiError('ERR_FORBIDDEN')
      return fitting.principal
    },
    async create(response, principal) {
      const token = randomBytes(32).toString('base64url')
      const tokenHash = hash(token)
      await db.insertInto('platform_sessions').values({
        token_hash: tokenHash,
        app: principal.app,
        subject: principal.subject,
        issuer: principal.issuer,
        name_sealed: secrets.seal('session', `platform_sessions.name:${tokenHash}`, principal.name),
        roles: principal.roles.join(' '),
        merchant_id: principal.merchantId ?? null,
        expires_at: new Date(clock().getTime() + sessionSeconds * 1000),
      }).execute()
      response.cookie(nameOf(principal.app), token, { ...cookie, maxAge: sessionSeconds * 1000 })
    },
    async end(request, response, app) {
      const ending = tokens(request).filter((entry) => app === undefined || entry.app === app)
      for (const entry of ending) response.clearCookie(nameOf(entry.app), cookie)
      if (ending.length === 0) return
      await db.deleteFrom('platform_sessions').where('token_hash', 'in', ending.map(({ token }) => hash(token))).execute()
    },
    async endOfMerchant(merchantId) {
      await db.deleteFrom('platform_sessions').where('merchant_id', '=', merchantId).execute()
    },
    async sweep(now) {
      await db.deleteFrom('platform_sessions').where('expires_at', '<', now).execute()
    },
  }
}

/** Reads the `Cookie` header (RFC 6265 §5.4); of two cookies with one name the first counts. */
export function readCookies(request: Request): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    const key = pair.slice(0, at).trim()
    if (at > 0 && !cookies.has(key)) cookies.set(key, pair.slice(at + 1).trim())
  }
  return cookies
}
