import { createHash } from 'node:crypto'
import { type CallbackContext, clientAuthenticationAnonymous, type JwtSigner } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { Openid4vpClient, Openid4vpVerifier } from '@openid4vc/openid4vp'
import { expect } from 'chai'
import { compactDecrypt, CompactEncrypt, importJWK } from 'jose'
import { ecThumbprint } from '../../../agent/formats/jwk.ts'
import { fetchAuthorizationRequest } from '../../../agent/protocols/authorization-request.ts'
import { parseAuthorizationResponse, postPresentation } from '../../../agent/protocols/authorization-response.ts'
import { createX509HashClientId } from '../../../agent/protocols/client-id.ts'
import { createDcqlQuery, matchDcqlQuery } from '../../../agent/protocols/dcql.ts'
import type { Fetch } from '../../../agent/protocols/http.ts'
import { createRequestLink, createRequestObject } from '../../../agent/protocols/request-object.ts'
import { createResponseEncryptionKey } from '../../../agent/protocols/response-encryption.ts'
import { createFakeIssuer } from './fake-issuer.ts'
import { createCertificate, createKey, createNetwork, json, NOW, signWith, suite, type TestKey } from './support.ts'

/** Cryptography for the library that plays the foreign wallet or verifier. */
const callbacks = (fetch: Fetch, keys: readonly TestKey[]): CallbackContext => ({
  fetch: fetch as typeof globalThis.fetch,
  hash: (data, alg) => createHash(alg.replace('-', '')).update(data).digest(),
  generateRandom: (length) => crypto.getRandomValues(new Uint8Array(length)),
  clientAuthentication: clientAuthenticationAnonymous(),
  signJwt: (signer: JwtSigner, { header, payload }) => {
    const key = signer.method === 'jwk' ? keys.find(({ publicJwk }) => publicJwk.x === signer.publicJwk.x) : keys[0]
    if (key === undefined) throw new Error('no key')
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const input = `${encode(header)}.${encode(payload)}`
    return { jwt: `${input}.${signWith(key.privateJwk, input)}`, signerJwk: { ...key.publicJwk } }
  },
  verifyJwt: async (signer, { compact }) => {
    if (signer.method !== 'x5c') return { verified: false }
    const { X509Certificate } = await import('node:crypto')
    const jwk = new X509Certificate(Buffer.from(signer.x5c[0] ?? '', 'base64')).publicKey.export({ format: 'jwk' }) as TestKey['publicJwk']
    const [header, payload, signature = ''] = compact.split('.')
    const verified = await suite.verifyEs256({ kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y }, `${header}.${payload}`, signature)
    return verified ? { verified, signerJwk: { ...jwk } } : { verified: false }
  },
  encryptJwe: async ({ publicJwk, enc, alg, kid }: { publicJwk: { kid?: string | undefined, kty: string }, enc: string, alg: string, kid?: string }, data: string) => ({
    jwe: await new CompactEncrypt(new TextEncoder().encode(data))
      .setProtectedHeader({ alg, enc, kid: publicJwk.kid ?? kid ?? '' }).encrypt(await importJWK(publicJwk as never, alg)),
    encryptionJwk: publicJwk
  }),
  decryptJwe: async (jwe: string, options?: { jwk?: unknown }) => {
    const { plaintext } = await compactDecrypt(jwe, await importJWK(options?.jwk as never, 'ECDH-ES'))
    return { decrypted: true as const, payload: new TextDecoder().decode(plaintext), decryptionJwk: options?.jwk as { kty: string } }
  },
  getX509CertificateMetadata: () => ({ sanDnsNames: ['localhost'], sanUriNames: [] })
} as CallbackContext)

describe('a foreign wallet (the client of @openid4vc)', () => {
  it('receives a batch of cards from our issuer', async () => {
    const issuer = createFakeIssuer()
    const keys = [createKey(), createKey()]
    const client = new Openid4vciClient({ callbacks: callbacks(issuer.fetch, keys) })
    const credentialOffer = await client.resolveCredentialOffer(issuer.offerLink)
    const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
    const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer, issuerMetadata, txCode: '123456' })
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
    const proofs = await Promise.all(keys.map(async ({ publicJwk }) => (await client.createCredentialRequestJwtProof({
      issuerMetadata, credentialConfigurationId: 'city_card_sd_jwt', nonce, issuedAt: new Date(NOW * 1000),
      signer: { method: 'jwk', alg: 'ES256', publicJwk: { ...publicJwk } }
    })).jwt))
    const { credentialResponse } = await client.retrieveCredentials({
      issuerMetadata, accessToken: accessTokenResponse.access_token, credentialConfigurationId: 'city_card_sd_jwt', proofs: { jwt: proofs }
    })
    expect(credentialResponse.credentials?.map((entry) => (entry as { credential: unknown }).credential))
      .to.deep.equal(await Promise.all(keys.map(({ publicJwk }) => ecThumbprint(publicJwk, suite))))
    await client.sendNotification({
      issuerMetadata, accessToken: accessTokenResponse.access_token, notification: { notificationId: 'notification-1', event: 'credential_accepted' }
    })
    expect(issuer.notifications).to.have.length(1)
  })

  for (const responseMode of ['direct_post', 'direct_post.jwt'] as const) {
    it(`answers our verifier with ${responseMode}`, async () => {
      const key = createKey()
      const leaf = await createCertificate(key, { days: 36_500 })
      const { publicJwk, privateJwk } = await createResponseEncryptionKey('enc-1')
      const clientId = await createX509HashClientId(leaf, suite)
      const [requestUri, responseUri] = ['https://clermont.example/oid4vp/requests/1', 'https://clermont.example/oid4vp/responses/1']
      const dcqlQuery = createDcqlQuery({ claims: ['age_over_18'], vctValues: ['v'], jwtVcTypes: [['VerifiableCredential', 'CityCard']] })
      const posted: string[] = []
      const { fetch } = createNetwork({
        [requestUri]: async ({ body }) => new Response(await createRequestObject({
          clientId, responseUri, responseMode, nonce: 'nonce-1', state: 'state-1', dcqlQuery, clientName: 'Clermont-Ferrand', encryptionJwk: publicJwk,
          issuedAtSeconds: Math.floor(Date.now() / 1000), expiresAtSeconds: Math.floor(Date.now() / 1000) + 300
        }, { x5c: [leaf], sign: key.sign }, new URLSearchParams(body).get('wallet_nonce') ?? undefined), { headers: { 'content-type': 'application/oauth-authz-req+jwt' } }),
        [responseUri]: ({ body }) => {
          posted.push(body)
          return json({})
        }
      })
      const client = new Openid4vpClient({ callbacks: callbacks(fetch, [createKey()]) })
      const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: createRequestLink(clientId, requestUri) })
      const resolved = await client.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params })
      expect(resolved.client).to.include({ prefix: 'x509_hash' })
      const authorizationRequestPayload = resolved.authorizationRequestPayload as Parameters<Openid4vpClient['createOpenid4vpAuthorizationResponse']>[0]['authorizationRequestPayload']
      const { authorizationResponsePayload, jarm } = await client.createOpenid4vpAuthorizationResponse({
        authorizationRequestPayload, authorizationResponsePayload: { vp_token: { card: ['presentation~'] } },
        ...(responseMode === 'direct_post.jwt' && {
          jarm: { encryption: { nonce: 'wallet' }, serverMetadata: { authorization_signing_alg_values_supported: [], authorization_encryption_alg_values_supported: ['ECDH-ES'], authorization_encryption_enc_values_supported: ['A256GCM', 'A128GCM'] } }
        })
      })
      await client.submitOpenid4vpAuthorizationResponse({
        authorizationRequestPayload: { response_uri: responseUri }, authorizationResponsePayload, ...(jarm !== undefined && { jarm })
      })
      const form = Object.fromEntries(new URLSearchParams(posted[0]))
      expect('response' in form).to.equal(responseMode === 'direct_post.jwt')
      expect(await parseAuthorizationResponse(form, {
        responseMode, state: 'state-1', queryIds: ['card', 'card_w3c'], decryption: { kid: 'enc-1', privateJwk }
      })).to.deep.equal({ kind: 'presented', vpToken: { card: ['presentation~'] } })
    })
  }
})

describe('a foreign verifier (the verifier of @openid4vc)', () => {
  it('is answered by our wallet, encrypted', async () => {
    const key = createKey()
    const leaf = await createCertificate(key, { days: 36_500 })
    const encryption = await createResponseEncryptionKey('enc-9')
    // the library takes the time of its request from the clock of the machine
    const wallClock = Math.floor(Date.now() / 1000)
    const [requestUri, responseUri] = ['https://gate.example/r/1', 'https://gate.example/a/1']
    const posted: Record<string, string>[] = []
    const network = createNetwork({
      [requestUri]: () => new Response(jwt, { headers: { 'content-type': 'application/oauth-authz-req+jwt' } }),
      [responseUri]: ({ body }) => {
        posted.push(Object.fromEntries(new URLSearchParams(body)))
        return new Response(null, { status: 200 })
      }
    })
    const verifier = new Openid4vpVerifier({ callbacks: callbacks(network.fetch, [key]) })
    const { authorizationRequest, authorizationRequestObject, jar } = await verifier.createOpenId4vpAuthorizationRequest({
      authorizationRequestPayload: {
        response_type: 'vp_token', client_id: await createX509HashClientId(leaf, suite), response_uri: responseUri, response_mode: 'direct_post.jwt', nonce: 'abc',
        aud: 'https://self-issued.me/v2', state: 'st', dcql_query: { credentials: [{ id: 'q', format: 'dc+sd-jwt', meta: { vct_values: ['v'] }, claims: [{ path: ['given_name'] }] }] },
        client_metadata: { jwks: { keys: [{ ...encryption.publicJwk }] }, vp_formats_supported: {}, encrypted_response_enc_values_supported: ['A128GCM'] }
      },
      jar: { requestUri, expiresInSeconds: 300, jwtSigner: { method: 'x5c', alg: 'ES256', x5c: [leaf] } }
    })
    const jwt = jar?.authorizationRequestJwt ?? ''
    expect(authorizationRequestObject).to.be.an('object')
    const request = await fetchAuthorizationRequest(authorizationRequest, { fetch: network.fetch, crypto: suite, nowSeconds: wallClock })
    const held = [{ format: 'dc+sd-jwt', vct: 'v', claims: { given_name: 'Ana' } }]
    const { required } = matchDcqlQuery(request.dcqlQuery, held)
    expect(required[0]?.candidates[0]?.paths).to.deep.equal([['given_name']])
    expect(await postPresentation(request, { q: ['presentation~'] }, network.fetch)).to.deep.equal({})
    const { plaintext } = await compactDecrypt(posted[0]?.['response'] ?? '', await importJWK(encryption.privateJwk, 'ECDH-ES'))
    expect(JSON.parse(new TextDecoder().decode(plaintext))).to.deep.equal({ vp_token: { q: ['presentation~'] }, state: 'st' })
  })
})
