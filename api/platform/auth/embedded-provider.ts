import type { Express, Request, RequestHandler, Response } from 'express'
import express from 'express'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider, type Configuration, type JWK } from 'oidc-provider'
import type { Db } from '../database.ts'
import { ApiError } from '../errors.ts'
import { escapeHtml, renderPage } from '../html.ts'
import type { Secrets } from '../secrets.ts'
import type { Settings } from '../settings.ts'
import type { Logger } from '../telemetry.ts'
import type { Accounts } from './accounts.ts'
import { createOidcAdapter } from './oidc-adapter.ts'
import { sessionSeconds } from './sessions.ts'

export const embeddedClientId = 'symbolon'

export interface EmbeddedProviderOptions {
  readonly db: Db
  readonly secrets: Secrets
  readonly settings: Settings
  readonly accounts: Accounts
  readonly clock: () => Date
  readonly logger: Logger
  readonly publicUrl: string
  readonly locode: string
  readonly cityName: string
  readonly trustProxy: boolean
  readonly limit: RequestHandler
}

export interface EmbeddedProvider {
  readonly issuer: string
  readonly clientSecret: string
  mount(app: Express): void
}

/**
 * An OpenID provider inside the service, for demonstrations: `/oidc`, with its login page at `/login`.
 * The configuration refuses it in production.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 */
export async function createEmbeddedProvider(options: EmbeddedProviderOptions): Promise<EmbeddedProvider> {
  const { accounts, secrets, publicUrl, logger } = options
  const issuer = `${publicUrl}/oidc`
  const clientSecret = Buffer.from(secrets.derive('oidc-client-secret')).toString('base64url')
  const cookie = (what: string): string => `symbolon_${options.locode.toLowerCase()}_idp_${what}`
  const signingKey = JSON.parse(await options.settings.findOrCreate('oidc-signing-key', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    return JSON.stringify({ ...await exportJWK(privateKey), kid: 'embedded-1', use: 'sig', alg: 'ES256' })
  })) as JWK
  const configuration: Configuration = {
    adapter: createOidcAdapter(options.db, secrets, options.clock),
    jwks: { keys: [signingKey] },
    clients: [{
      client_id: embeddedClientId,
      client_secret: clientSecret,
      redirect_uris: [`${publicUrl}/auth/callback`],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
      token_endpoint_auth_method: 'client_secret_basic',
    }],
    cookies: {
      keys: [Buffer.from(secrets.derive('oidc-cookies')).toString('base64url')],
      names: { interaction: cookie('interaction'), resume: cookie('resume'), session: cookie('session') },
      long: { signed: true, httpOnly: true, sameSite: 'lax' },
      short: { signed: true, httpOnly: true, sameSite: 'lax' },
    },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'roles'] },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    scopes: ['openid', 'profile'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false }, userinfo: { enabled: false } },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 900, Session: sessionSeconds, Grant: sessionSeconds },
    findAccount: async (_context, accountId) => {
      const account = await accounts.find(accountId)
      if (account === undefined) return undefined
      return {
        accountId,
        claims: () => ({ sub: accountId, name: account.name, preferred_username: account.login, roles: [...account.roles] }),
      }
    },
    // One first-party client: asking officers whether their own console may know their name would be noise.
    loadExistingGrant: async (context) => {
      const { client, session, provider } = context.oidc
      if (client === undefined || session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope('openid profile')
      await grant.save()
      return grant
    },
    renderError: (context, out) => {
      logger.warn({ problem: out.error }, 'the embedded provider refused a request')
      context.type = 'html'
      context.body = renderPage({
        title: 'Sign in',
        cityName: options.cityName,
        body: `<div class="narrow"><h1>Signing in did not work</h1><p>The sign-in was interrupted or took too long.</p><p><a class="button" href="/">Start again</a></p></div>`,
      })
    },
  }
  const provider = new Provider(issuer, configuration)
  provider.proxy = options.trustProxy
  provider.on('server_error', (_context, error) => logger.error({ err: error }, 'the embedded provider failed'))

  const page = (uid: string, message: string, login = ''): string => renderPage({
    title: 'Sign in',
    cityName: options.cityName,
    body: `<div class="narrow"><h1>Sign in</h1>
${message === '' ? '' : `<p class="panel error" role="alert">${escapeHtml(message)}</p>`}
<form method="post" action="/login/${escapeHtml(uid)}">
<label for="login">User name</label>
<input id="login" name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="100" value="${escapeHtml(login)}"${login === '' ? ' autofocus' : ''}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="200"${login === '' ? '' : ' autofocus'}>
<button type="submit">Sign in</button>
</form></div>`,
  })

  const show = async (request: Request, response: Response): Promise<void> => {
    response.locals.route = '/login/:uid'
    const details = await interaction(provider, request, response)
    sendPage(response, 200, page(details.uid, ''))
  }
  const submit = async (request: Request, response: Response): Promise<void> => {
    response.locals.route = '/login/:uid'
    const details = await interaction(provider, request, response)
    const { login, password } = request.body as Record<string, unknown>
    if (typeof login !== 'string' || typeof password !== 'string' || login.length > 100 || password.length > 200) throw new ApiError('ERR_VALIDATION')
    let account
    try {
      account = await accounts.verifyPassword(login, password)
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'ERR_RATE_LIMITED')) throw error
      return sendPage(response, 429, page(details.uid, 'Too many attempts. Wait a few minutes and try again.', login))
    }
    if (account === undefined) return sendPage(response, 401, page(details.uid, 'This user name and password do not go together.', login))
    await provider.interactionFinished(request, response, { login: { accountId: account.accountId } }, { mergeWithLastSubmission: false })
  }

  return {
    issuer,
    clientSecret,
    mount(app) {
      app.get('/login/:uid', options.limit, show)
      app.post('/login/:uid', options.limit, express.urlencoded({ extended: false, limit: '8kb', parameterLimit: 8 }), submit)
      const callback = provider.callback()
      app.use('/oidc', (request, response, next) => {
        response.locals.route = '/oidc'
        callback(request, response).catch(next)
      })
    },
  }
}

async function interaction(provider: Provider, request: Request, response: Response): Promise<{ uid: string }> {
  try {
    return await provider.interactionDetails(request, response)
  } catch (cause) {
    throw new ApiError('ERR_LOGIN_FAILED', undefined, { cause })
  }
}

function sendPage(response: Response, status: number, html: string): void {
  response.status(status).setHeader('cache-control', 'no-store')
  response.type('html').send(html)
}
