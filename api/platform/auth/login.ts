import type { Express, Request, RequestHandler, Response } from 'express'
import * as client from 'openid-client'
import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { defineRoute, type AppName, type Principal, type Role, type RouteDefinition } from '../route.ts'
import type { Secrets } from '../secrets.ts'
import { appNames, cookieName, readCookies, type Sessions } from './sessions.ts'

const LOGIN_SECONDS = 600

export interface LoginOptions {
  readonly sessions: Sessions
  readonly secrets: Secrets
  readonly publicUrl: string
  readonly locode: string
  readonly oidc: {
    readonly issuer: string
    readonly clientId: string
    readonly clientSecret: string | undefined
    readonly rolesClaim: string
    /** The provider gives each user name to one account, and only this service opens accounts. */
    readonly ownsLogins: boolean
  }
  /** Finds the merchant an account of the provider acts for; the first account to come with a merchant's login becomes that merchant's. */
  readonly findMerchantOf: (account: { readonly issuer: string; readonly subject: string; readonly login: string }) => Promise<string | undefined>
  readonly limit: RequestHandler
}

const pendingLogin = z.object({ app: z.enum(['staff', 'verifier', 'merchant']), verifier: z.string(), state: z.string(), nonce: z.string(), until: z.number() })
const appQuery = z.object({ app: z.enum(['staff', 'verifier', 'merchant']).optional() })

/**
 * Signing in: the service is an OpenID Connect client with a secret, uses the code flow with PKCE, and gives the
 * browser nothing but a session cookie. The verifier, state and nonce wait in a sealed cookie of ten minutes.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1
 */
export function mountLogin(app: Express, options: LoginOptions): void {
  const { sessions, secrets, publicUrl, oidc } = options
  const secure = publicUrl.startsWith('https:')
  const loginCookie = cookieName(options.locode, secure, 'login')
  const redirectUri = `${publicUrl}/auth/callback`
  let discovered: Promise<client.Configuration> | undefined

  const discover = async (): Promise<client.Configuration> => {
    discovered ??= client.discovery(new URL(oidc.issuer), oidc.clientId, oidc.clientSecret, undefined, {
      // Only the embedded provider of a demonstration may speak http; the configuration sees to it.
      ...(oidc.issuer.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {}),
    })
    try {
      return await discovered
    } catch (cause) {
      discovered = undefined
      throw new ApiError('ERR_LOGIN_FAILED', 'The sign-in service cannot be reached.', { cause })
    }
  }

  const start: RequestHandler = async (request, response) => {
    response.locals.route = '/auth/login'
    const parsed = appQuery.safeParse(request.query)
    if (!parsed.success) throw new ApiError('ERR_VALIDATION', 'app is staff, verifier or merchant.')
    const configuration = await discover()
    const verifier = client.randomPKCECodeVerifier()
    const pending = {
      app: parsed.data.app ?? 'staff', verifier, state: client.randomState(), nonce: client.randomNonce(), until: Date.now() + LOGIN_SECONDS * 1000,
    }
    const target = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: 'openid profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: pending.state,
      nonce: pending.nonce,
      // Several people share a desk: who signs in types a password, whoever was there before.
      prompt: 'login',
    })
    const sealed = Buffer.from(secrets.seal('login-cookie', loginCookie, JSON.stringify(pending))).toString('base64url')
    response.cookie(loginCookie, sealed, { httpOnly: true, sameSite: 'lax', secure, path: '/', maxAge: LOGIN_SECONDS * 1000 })
    response.setHeader('cache-control', 'no-store')
    response.redirect(303, target.href)
  }

  const finish = async (request: Request, response: Response): Promise<void> => {
    response.locals.route = '/auth/callback'
    const pending = readPending(request)
    response.clearCookie(loginCookie, { httpOnly: true, sameSite: 'lax', secure, path: '/' })
    let claims: Record<string, unknown> | undefined
    try {
      const tokens = await client.authorizationCodeGrant(await discover(), new URL(request.originalUrl, publicUrl), {
        pkceCodeVerifier: pending.verifier, expectedState: pending.state, expectedNonce: pending.nonce, idTokenExpected: true,
      })
      claims = tokens.claims()
    } catch (cause) {
      if (cause instanceof ApiError) throw cause
      throw new ApiError('ERR_LOGIN_FAILED', undefined, { cause })
    }
    await sessions.create(response, await principalOf(claims ?? {}, pending.app))
    response.setHeader('cache-control', 'no-store')
    response.redirect(303, `/${pending.app}/`)
  }

  const readPending = (request: Request): z.output<typeof pendingLogin> => {
    try {
      const sealed = Buffer.from(readCookies(request).get(loginCookie) ?? '', 'base64url')
      const pending = pendingLogin.parse(JSON.parse(secrets.openText('login-cookie', loginCookie, sealed)))
      if (pending.until > Date.now()) return pending
    } catch (cause) {
      throw new ApiError('ERR_LOGIN_FAILED', undefined, { cause })
    }
    throw new ApiError('ERR_LOGIN_FAILED')
  }

  const principalOf = async (claims: Record<string, unknown>, appName: AppName): Promise<Principal> => {
    const subject = String(claims.sub)
    const login = typeof claims.preferred_username === 'string' ? claims.preferred_username : subject
    // At a provider of somebody else a user name may be chosen freely: it opens nothing without the role.
    const mayBeMerchant = oidc.ownsLogins || namesOf(claims, oidc.rolesClaim).includes('merchant')
    const merchantId = mayBeMerchant ? await options.findMerchantOf({ issuer: oidc.issuer, subject, login }) : undefined
    const granted = rolesOf(claims, oidc.rolesClaim)
    const roles: Role[] = [...granted, ...(merchantId === undefined ? [] : ['merchant' as const])]
    const issuer = typeof claims.iss === 'string' ? claims.iss : oidc.issuer
    return { subject: `oidc:${subject}`, issuer, name: typeof claims.name === 'string' ? claims.name : login, app: appName, roles, merchantId }
  }

  app.get('/auth/login', options.limit, start)
  app.get('/auth/callback', options.limit, finish)
  app.post('/auth/logout', options.limit, async (request, response) => {
    response.locals.route = '/auth/logout'
    const parsed = appQuery.safeParse(request.query)
    if (!parsed.success) throw new ApiError('ERR_VALIDATION', 'app is staff, verifier or merchant.')
    if ((await sessions.list(request)).length > 0) sessions.checkCsrf(request)
    await sessions.end(request, response, parsed.data.app)
    response.status(204).end()
  })
  app.get('/auth/session', options.limit, async (request, response) => {
    response.locals.route = '/auth/session'
    const parsed = appQuery.safeParse(request.query)
    if (!parsed.success) throw new ApiError('ERR_VALIDATION', 'app is staff, verifier or merchant.')
    const open = (await sessions.list(request)).filter(({ principal }) => parsed.data.app === undefined || principal.app === parsed.data.app)
    const first = open[0]
    const merchantId = open.find(({ principal }) => principal.merchantId !== undefined)?.principal.merchantId
    response.setHeader('cache-control', 'no-store')
    response.json(first === undefined ? { signed_in: false, roles: [] } : {
      signed_in: true,
      name: first.principal.name,
      roles: [...new Set(open.flatMap(({ principal }) => principal.roles))],
      ...(merchantId === undefined ? {} : { merchant_id: merchantId }),
      csrf_token: first.csrfToken,
    })
  })
}

/** Roles a claim grants. Which merchant somebody is comes from the register. */
export function rolesOf(claims: Record<string, unknown>, path: string): Role[] {
  const names = namesOf(claims, path)
  return (['staff', 'operator', 'federation', 'auditor'] as const).filter((role) => names.includes(role))
}

/** The words in a claim; `realm_access.roles` reaches into objects, as Keycloak needs. */
function namesOf(claims: Record<string, unknown>, path: string): readonly unknown[] {
  let value: unknown = claims
  for (const step of path.split('.')) value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[step] : undefined
  if (Array.isArray(value)) return value
  return typeof value === 'string' ? value.split(/[ ,]+/) : []
}

const sessionSchema = z.object({
  signed_in: z.boolean(),
  name: z.string().optional(),
  roles: z.array(z.enum(['staff', 'operator', 'merchant', 'federation', 'auditor'])),
  merchant_id: z.string().optional(),
  csrf_token: z.string().optional(),
}).meta({ id: 'Session' })

/** The routes above as OpenAPI shows them; they are served by `mountLogin`, for they set cookies and redirect. */
export const loginRoutes: readonly RouteDefinition[] = ([
  ['get', '/auth/login', 'Sign in: redirects to the OpenID provider', { 303: { mediaType: 'text/plain', description: 'To the provider' } }],
  ['get', '/auth/callback', 'The OpenID provider sends the browser back here', { 303: { mediaType: 'text/plain', description: 'To the app' } }],
  ['post', '/auth/logout', 'Sign out of one app or all', { 204: { mediaType: 'text/plain', description: 'Signed out' } }],
  ['get', '/auth/session', 'Who is signed in here', { 200: sessionSchema }],
] as const).map(([method, path, summary, responses]) => defineRoute({
  method, path, tag: 'Signing in', summary, access: 'public', responses,
  ...(path === '/auth/callback' ? {} : { query: z.object({ app: z.enum(appNames as [AppName, ...AppName[]]).optional() }) }),
  handle: async () => ({ status: 204 }),
}))
