import { expect } from 'chai'
import { ecThumbprint } from '../../../agent/formats/jwk.ts'
import { fetchCredentialOffer } from '../../../agent/protocols/credential-offer.ts'
import { fetchIssuerMetadata } from '../../../agent/protocols/fetch-issuer-metadata.ts'
import { beginIssuance, requestCredentials, sendNotification } from '../../../agent/protocols/receive-credentials.ts'
import { createFakeIssuer, publicUrl } from './fake-issuer.ts'
import { codeOf, createKey, createNetwork, json, NOW, suite, vector } from './support.ts'

const keys = Array.from({ length: 8 }, createKey)
const begin = async (issuer: ReturnType<typeof createFakeIssuer>, txCode: string | undefined = '123456') => {
  const offer = await fetchCredentialOffer(issuer.offerLink, issuer.fetch)
  return await beginIssuance({ offer, txCode, fetch: issuer.fetch, nowSeconds: NOW })
}

describe('receiving a card', () => {
  it('goes from the link to one copy for each key, and a notification', async () => {
    const issuer = createFakeIssuer()
    const session = await begin(issuer)
    const issued = await requestCredentials({ session, configurationId: 'city_card_sd_jwt', keys, fetch: issuer.fetch, nowSeconds: NOW })
    expect(issued.credentials).to.deep.equal(await Promise.all(keys.map(({ publicJwk }) => ecThumbprint(publicJwk, suite))))
    expect(issued).to.include({ format: 'dc+sd-jwt', notificationId: 'notification-1' })
    await sendNotification({ session, notificationId: 'notification-1', event: 'credential_accepted', fetch: issuer.fetch })
    expect(issuer.notifications).to.deep.equal([{ notificationId: 'notification-1', event: 'credential_accepted' }])
  })

  it('goes on after an interruption with what was stored of the session', async () => {
    const issuer = createFakeIssuer()
    const stored = JSON.stringify(await begin(issuer))
    const session = JSON.parse(stored) as Awaited<ReturnType<typeof begin>>
    const issued = await requestCredentials({ session, configurationId: 'city_card_jwt_vc', keys: keys.slice(0, 1), fetch: issuer.fetch, nowSeconds: NOW })
    expect(issued.credentials).to.have.length(1)
  })

  it('renews a stale nonce once, not for ever', async () => {
    const [once, always] = [createFakeIssuer({ staleNonces: 1 }), createFakeIssuer({ staleNonces: 99 })]
    const ask = async (issuer: typeof once) => await requestCredentials({
      session: await begin(issuer), configurationId: 'city_card_sd_jwt', keys: keys.slice(0, 1), fetch: issuer.fetch, nowSeconds: NOW
    })
    expect((await ask(once)).credentials).to.have.length(1)
    expect(await codeOf(() => ask(always))).to.equal('ERR_REMOTE_REFUSED')
    expect(always.requests.filter(({ url }) => url.endsWith('/credential'))).to.have.length(2)
  })

  it('says what the issuer said: wrong code, missing code, unknown token', async () => {
    const issuer = createFakeIssuer()
    const oauthError = async (run: Promise<unknown>) => await run.then(() => 'nothing', (error: unknown) => (error as { oauthError: unknown }).oauthError)
    expect(await oauthError(begin(issuer, '999999'))).to.equal('invalid_grant')
    const offer = await fetchCredentialOffer(issuer.offerLink, issuer.fetch)
    expect(await oauthError(beginIssuance({ offer, fetch: issuer.fetch, nowSeconds: NOW }))).to.equal('invalid_request')
    const session = { ...await begin(issuer), accessToken: 'forged' }
    expect(await oauthError(requestCredentials({ session, configurationId: 'city_card_sd_jwt', keys: keys.slice(0, 1), fetch: issuer.fetch, nowSeconds: NOW })))
      .to.equal('invalid_token')
  })

  it('stops before asking when there are more keys than the issuer takes', async () => {
    const issuer = createFakeIssuer()
    const session = await begin(issuer)
    const many = [...keys, createKey()]
    expect(await codeOf(() => requestCredentials({ session, configurationId: 'city_card_sd_jwt', keys: many, fetch: issuer.fetch, nowSeconds: NOW })))
      .to.equal('ERR_UNSUPPORTED')
  })

  it('tells nobody where it comes from: no cookies, no referrer, no redirects', async () => {
    const seen: RequestInit[] = []
    const issuer = createFakeIssuer()
    const fetch = async (url: string, init?: RequestInit) => {
      seen.push(init ?? {})
      return await issuer.fetch(url, init)
    }
    await fetchCredentialOffer(issuer.offerLink, fetch)
    expect(seen[0]).to.include({ credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error' })
  })
})

describe('the metadata of an issuer', () => {
  const base = 'https://credential-issuer.example.com'
  const wellKnown = `${base}/.well-known/openid-credential-issuer`
  const server = 'https://server.example.com'

  it('is read from the example of the specification', async () => {
    const { fetch } = createNetwork({
      [wellKnown]: () => json(vector('openid4vci/credential_issuer_metadata_sd_jwt_long.json'), 200, 'application/json;charset=utf-8'),
      [`${server}/.well-known/oauth-authorization-server`]: () => json({ issuer: server, token_endpoint: `${server}/token` })
    })
    expect(await fetchIssuerMetadata({ credentialIssuer: base }, fetch)).to.deep.include({
      name: 'Example University', tokenEndpoint: `${server}/token`, batchSize: 10, nonceEndpoint: `${base}/nonce`
    })
  })

  it('is found below the path of the issuer, and openid-configuration serves where RFC 8414 is not served', async () => {
    const tenant = 'https://issuer.example/tenant'
    const { fetch } = createNetwork({
      'https://issuer.example/.well-known/openid-credential-issuer/tenant': () => json({
        credential_issuer: tenant, credential_endpoint: `${tenant}/credential`, credential_configurations_supported: {}
      }),
      'https://issuer.example/.well-known/openid-configuration/tenant': () => json({ issuer: tenant, token_endpoint: `${tenant}/token` })
    })
    expect(await fetchIssuerMetadata({ credentialIssuer: tenant }, fetch)).to.include({ tokenEndpoint: `${tenant}/token`, batchSize: 1 })
  })

  it('of somebody else is refused', async () => {
    const metadata = { credential_issuer: 'https://evil.example', credential_endpoint: `${base}/c`, credential_configurations_supported: {} }
    const { fetch } = createNetwork({ [wellKnown]: () => json(metadata) })
    expect(await codeOf(() => fetchIssuerMetadata({ credentialIssuer: base }, fetch))).to.equal('ERR_METADATA_INVALID')
  })

  it('with a foreign authorization server or an insecure endpoint is refused', async () => {
    const issuer = createFakeIssuer()
    expect(await codeOf(() => fetchIssuerMetadata({ credentialIssuer: publicUrl, authorizationServer: server }, issuer.fetch))).to.equal('ERR_METADATA_INVALID')
    const metadata = { credential_issuer: base, credential_endpoint: 'http://credential-issuer.example.com/c', credential_configurations_supported: {} }
    const { fetch } = createNetwork({
      [wellKnown]: () => json(metadata),
      [`${base}/.well-known/oauth-authorization-server`]: () => json({ issuer: base, token_endpoint: `${base}/token` })
    })
    expect(await codeOf(() => fetchIssuerMetadata({ credentialIssuer: base }, fetch))).to.equal('ERR_URL_NOT_ALLOWED')
  })

  it('that is HTML is refused', async () => {
    const { fetch } = createNetwork({ [wellKnown]: () => json({}, 200, 'text/html') })
    expect(await codeOf(() => fetchIssuerMetadata({ credentialIssuer: base }, fetch))).to.equal('ERR_RESPONSE_INVALID')
  })
})
