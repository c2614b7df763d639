import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { mountLogin } from '../../../api/platform/auth/login.ts'
import type { Sessions } from '../../../api/platform/auth/sessions.ts'
import type { Principal } from '../../../api/platform/route.ts'
import { createSecrets } from '../../../api/platform/secrets.ts'

const clientId = 'symbolon'

describe('signing in at a provider of the city', () => {
  let provider: Server
  let service: Server
  let issuer: string
  let publicUrl: string
  let privateKey: CryptoKey
  let claims: Record<string, unknown> = {}
  let nonce = ''
  let ownsLogins = false
  let principal: Principal | undefined

  before(async () => {
    const keys = await generateKeyPair('ES256')
    privateKey = keys.privateKey
    const jwks = { keys: [{ ...await exportJWK(keys.publicKey), kid: 'one', alg: 'ES256', use: 'sig' }] }
    provider = createServer((request, response) => {
      void answer(request.url ?? '', jwks).then((body) => {
        response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
      })
    })
    issuer = await listen(provider)
  })
  afterEach(() => service.close())
  after(() => provider.close())

  const answer = async (path: string, jwks: object): Promise<object> => {
    if (path === '/jwks') return jwks
    if (path === '/token') {
      const idToken = await new SignJWT({ nonce, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(issuer).setAudience(clientId).setSubject('subject-1').setIssuedAt().setExpirationTime('5m').sign(privateKey)
      return { access_token: 'access', token_type: 'Bearer', expires_in: 300, id_token: idToken }
    }
    return {
      issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    }
  }

  /** Walks through the sign-in as a browser would, and returns who the service takes it for. */
  const signIn = async (given: Record<string, unknown>, changeReturn = (url: URL): URL => url): Promise<{ status: number; principal: Principal | undefined }> => {
    claims = given
    principal = undefined
    const app = express()
    service = createServer(app)
    publicUrl = await listen(service)
    mountLogin(app, {
      sessions: { create: async (_response: unknown, who: Principal) => { principal = who } } as unknown as Sessions,
      secrets: createSecrets(new Uint8Array(32).fill(7)), publicUrl, locode: 'PTOPO',
      oidc: { issuer, clientId, clientSecret: 'secret', rolesClaim: 'realm_access.roles', ownsLogins },
      findMerchantOf: async ({ issuer: from, subject, login }) => (login === 'cafe' ? `merchant of ${subject} at ${from}` : undefined),
      limit: (_request, _response, next) => next(),
    })
    app.use((_error: unknown, _request: unknown, response: express.Response, _next: unknown) => { response.status(400).end() })
    const started = await fetch(`${publicUrl}/auth/login?app=merchant`, { redirect: 'manual' })
    const asked = new URL(started.headers.get('location') ?? '').searchParams
    nonce = asked.get('nonce') ?? ''
    const back = changeReturn(new URL(`/auth/callback?code=code&state=${asked.get('state') ?? ''}`, publicUrl))
    const finished = await fetch(back, { redirect: 'manual', headers: { cookie: (started.headers.get('set-cookie') ?? '').split(';')[0] ?? '' } })
    return { status: finished.status, principal }
  }

  it('takes nobody for a merchant by a user name alone, which may be chosen freely there', async () => {
    ownsLogins = false
    expect((await signIn({ preferred_username: 'cafe', realm_access: { roles: ['operator'] } })).principal)
      .to.deep.include({ roles: ['operator'], merchantId: undefined })
  })

  it('asks the register which merchant an account with the role is, by issuer and subject', async () => {
    ownsLogins = false
    expect((await signIn({ preferred_username: 'cafe', realm_access: { roles: ['merchant'] } })).principal)
      .to.deep.include({ roles: ['merchant'], merchantId: `merchant of subject-1 at ${issuer}` })
  })

  it('needs no such role where the service itself opens the accounts', async () => {
    ownsLogins = true
    expect((await signIn({ preferred_username: 'cafe' })).principal?.roles).to.deep.equal(['merchant'])
  })

  it('gives a role only to whom the provider gives it', async () => {
    ownsLogins = false
    expect((await signIn({ preferred_username: 'ana', realm_access: { roles: ['staff', 'admin'] } })).principal?.roles).to.deep.equal(['staff'])
    service.close()
    expect((await signIn({ preferred_username: 'ana', roles: ['staff'] })).principal?.roles).to.deep.equal([])
  })

  it('refuses an answer that belongs to another sign-in', async () => {
    const { status, principal: who } = await signIn({ preferred_username: 'ana' }, (url) => {
      url.searchParams.set('state', 'of-somebody-else')
      return url
    })
    expect(status).to.equal(400)
    expect(who).to.equal(undefined)
  })
})

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
