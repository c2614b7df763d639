import { expect } from 'chai'
import { fetchAuthorizationRequest, parseRequestLink, verifyRequestObject } from '../../../agent/protocols/authorization-request.ts'
import { parseAuthorizationResponse, postPresentation, postRefusal } from '../../../agent/protocols/authorization-response.ts'
import { createX509HashClientId } from '../../../agent/protocols/client-id.ts'
import { hasTyp, parseCompactJwt, signCompactJwt } from '../../../agent/protocols/compact-jwt.ts'
import { createDcqlQuery } from '../../../agent/protocols/dcql.ts'
import { createRequestLink, createRequestObject, type PresentationRequest } from '../../../agent/protocols/request-object.ts'
import { createResponseEncryptionKey, decryptResponse, encryptResponse } from '../../../agent/protocols/response-encryption.ts'
import { readCertificate } from '../../../agent/protocols/x509.ts'
import { codeOf, createCertificate, createKey, createNetwork, json, NOW, suite } from './support.ts'

const requestUri = 'http://localhost:4801/oid4vp/requests/1'
const responseUri = 'http://localhost:4801/oid4vp/responses/1'
const mediaType = 'application/oauth-authz-req+jwt'

const createVerifier = async (changes: Partial<PresentationRequest> = {}) => {
  const key = createKey()
  const leaf = await createCertificate(key)
  const encryption = await createResponseEncryptionKey('enc-1')
  const request: PresentationRequest = {
    clientId: await createX509HashClientId(leaf, suite), responseUri, responseMode: 'direct_post.jwt', nonce: 'nonce-1', state: 'state-1',
    dcqlQuery: createDcqlQuery({ claims: ['age_over_18'], vctValues: ['v'] }), clientName: 'Clermont-Ferrand', purpose: 'Entry',
    encryptionJwk: encryption.publicJwk, issuedAtSeconds: NOW, expiresAtSeconds: NOW + 300, ...changes
  }
  const signer = { x5c: [leaf], sign: key.sign }
  const forms: Record<string, string>[] = []
  const network = createNetwork({
    [requestUri]: async ({ method, body }) => {
      const walletNonce = new URLSearchParams(body).get('wallet_nonce') ?? undefined
      const jwt = await createRequestObject(request, signer, method === 'POST' ? walletNonce : undefined)
      return new Response(jwt, { headers: { 'content-type': `${mediaType.toUpperCase()}; charset=utf-8` } })
    },
    [responseUri]: ({ body }) => {
      forms.push(Object.fromEntries(new URLSearchParams(body)))
      return json({ redirect_uri: 'http://localhost:4801/verifier/#done' })
    }
  })
  const expected = { responseMode: request.responseMode, state: 'state-1', queryIds: ['card'], decryption: { kid: 'enc-1', privateJwk: encryption.privateJwk } }
  return { key, leaf, request, signer, forms, expected, ...network, link: createRequestLink(request.clientId, requestUri) }
}
type Verifier = Awaited<ReturnType<typeof createVerifier>>
const context = ({ fetch }: Pick<Verifier, 'fetch'>) => ({ fetch, crypto: suite, nowSeconds: NOW })

describe('a presentation', () => {
  it('goes from the link to the verifier, encrypted, in the same state', async () => {
    const verifier = await createVerifier()
    const request = await fetchAuthorizationRequest(verifier.link, context(verifier))
    expect(request).to.deep.include({ responseUri, nonce: 'nonce-1', state: 'state-1', clientName: 'Clermont-Ferrand', purpose: 'Entry' })
    expect(request.verifier.certificate).to.deep.include({ commonName: 'Clermont-Ferrand', organization: 'Métropole', dnsNames: ['localhost'] })
    expect(await postPresentation(request, { card: ['presentation~'] }, verifier.fetch)).to.deep.equal({ redirectUri: 'http://localhost:4801/verifier/#done' })
    expect(Object.keys(verifier.forms[0] ?? {})).to.deep.equal(['response'])
    expect(await parseAuthorizationResponse(verifier.forms[0] ?? {}, verifier.expected)).to.deep.equal({ kind: 'presented', vpToken: { card: ['presentation~'] } })
  })

  it('goes in the clear with direct_post, and the request is fetched with GET when the link says nothing', async () => {
    const verifier = await createVerifier({ responseMode: 'direct_post' })
    const link = `openid4vp://?${new URLSearchParams({ client_id: verifier.request.clientId, request_uri: requestUri })}`
    const request = await fetchAuthorizationRequest(link, context(verifier))
    expect(verifier.requests[0]).to.include({ method: 'GET' })
    await postPresentation(request, { card: ['p'] }, verifier.fetch)
    expect(verifier.forms[0]).to.deep.equal({ vp_token: '{"card":["p"]}', state: 'state-1' })
    expect(await parseAuthorizationResponse(verifier.forms[0] ?? {}, verifier.expected)).to.deep.equal({ kind: 'presented', vpToken: { card: ['p'] } })
  })

  it('can be refused by the holder, who shows nothing', async () => {
    const verifier = await createVerifier()
    const request = await fetchAuthorizationRequest(verifier.link, context(verifier))
    await postRefusal(request, 'access_denied', verifier.fetch)
    expect(await parseAuthorizationResponse(verifier.forms[0] ?? {}, verifier.expected)).to.deep.equal({ kind: 'refused', error: 'access_denied' })
  })
})

describe('a request link', () => {
  it('of any scheme in any case is read', () => {
    for (const prefix of ['OPENID4VP://?', 'haip-vp://?', 'https://wallet.example/authorize?', 'openid4vp://authorize?']) {
      expect(parseRequestLink(`${prefix}client_id=x509_hash%3Aabc&request_uri=${encodeURIComponent(requestUri)}&request_uri_method=POST`), prefix)
        .to.deep.equal({ clientId: 'x509_hash:abc', requestUri, requestUriMethod: 'post' })
    }
  })

  it('without client, without signature, doubled or insecure is refused', async () => {
    const cases: Record<string, string> = {
      'openid4vp://?request_uri=https://v.example/r': 'ERR_REQUEST_INVALID',
      'openid4vp://?client_id=a&request_uri=https://v.example/r&request=x': 'ERR_REQUEST_INVALID',
      'openid4vp://?client_id=a&client_id=b&request_uri=https://v.example/r': 'ERR_REQUEST_INVALID',
      'openid4vp://?client_id=a&request_uri=https://v.example/r&request_uri_method=put': 'ERR_REQUEST_INVALID',
      'openid4vp://?client_id=redirect_uri:https://v.example&response_type=vp_token&nonce=n': 'ERR_UNSUPPORTED',
      'openid4vp://?client_id=a&request_uri=http://v.example/r': 'ERR_URL_NOT_ALLOWED',
      hello: 'ERR_REQUEST_INVALID'
    }
    for (const [link, code] of Object.entries(cases)) expect(await codeOf(() => parseRequestLink(link)), link).to.equal(code)
  })
})

describe('a request object', () => {
  const refusal = async (verifier: Verifier, header: object, payload: object, nowSeconds = NOW) => {
    const good = parseCompactJwt(await createRequestObject(verifier.request, verifier.signer))
    const jwt = await signCompactJwt({ ...good.header, ...header }, { ...good.payload, ...payload }, verifier.key.sign)
    return await codeOf(() => verifyRequestObject(jwt, { clientId: verifier.request.clientId, crypto: suite, nowSeconds }))
  }

  it('is refused for what is wrong with it, and only for that', async () => {
    const verifier = await createVerifier()
    const other = await createCertificate(createKey())
    expect(await refusal(verifier, {}, {})).to.equal(undefined)
    expect(await refusal(verifier, { typ: 'JWT' }, {})).to.equal('ERR_REQUEST_INVALID')
    expect(await refusal(verifier, { alg: 'RS256' }, {})).to.equal('ERR_UNSUPPORTED')
    expect(await refusal(verifier, { x5c: [other] }, {})).to.equal('ERR_CLIENT_ID')
    expect(await refusal(verifier, { x5c: [] }, {})).to.equal('ERR_CLIENT_ID')
    expect(await refusal(verifier, { x5c: undefined }, {})).to.equal('ERR_CLIENT_ID')
    expect(await refusal(verifier, {}, { client_id: 'x509_hash:other' })).to.equal('ERR_CLIENT_ID')
    expect(await refusal(verifier, {}, { aud: 'https://wallet.example' })).to.equal('ERR_REQUEST_INVALID')
    expect(await refusal(verifier, {}, { aud: undefined })).to.equal('ERR_REQUEST_INVALID')
    expect(await refusal(verifier, {}, { nonce: undefined })).to.equal('ERR_REQUEST_INVALID')
    expect(await refusal(verifier, {}, { response_type: 'code' })).to.equal('ERR_UNSUPPORTED')
    expect(await refusal(verifier, {}, { response_mode: 'fragment' })).to.equal('ERR_UNSUPPORTED')
    expect(await refusal(verifier, {}, { transaction_data: ['x'] })).to.equal('ERR_UNSUPPORTED')
    expect(await refusal(verifier, {}, { response_uri: 'http://gate.example/r' })).to.equal('ERR_URL_NOT_ALLOWED')
    expect(await refusal(verifier, {}, { redirect_uri: 'https://gate.example/r' })).to.equal('ERR_REQUEST_INVALID')
    expect(await refusal(verifier, {}, { dcql_query: { credentials: [{ id: 'a', format: 'x' }, { id: 'a', format: 'x' }] } })).to.equal('ERR_DCQL_INVALID')
    expect(await refusal(verifier, {}, { exp: NOW - 61 })).to.equal('ERR_REQUEST_EXPIRED')
    expect(await refusal(verifier, {}, { iat: NOW + 61 })).to.equal('ERR_REQUEST_EXPIRED')
    expect(await refusal(verifier, {}, {}, NOW + 31 * 86_400)).to.equal('ERR_CLIENT_ID')
  })

  it('that somebody else signed is refused', async () => {
    const verifier = await createVerifier()
    const jwt = await createRequestObject(verifier.request, { ...verifier.signer, sign: createKey().sign })
    expect(await codeOf(() => verifyRequestObject(jwt, { clientId: verifier.request.clientId, crypto: suite, nowSeconds: NOW }))).to.equal('ERR_REQUEST_SIGNATURE')
  })

  it('that was made for another wallet is refused', async () => {
    const verifier = await createVerifier()
    const jwt = await createRequestObject(verifier.request, verifier.signer, 'another-nonce')
    const { fetch } = createNetwork({ [requestUri]: () => new Response(jwt, { headers: { 'content-type': mediaType } }) })
    expect(await codeOf(() => fetchAuthorizationRequest(verifier.link, context({ fetch })))).to.equal('ERR_WALLET_NONCE')
  })

  it('of another media type is refused', async () => {
    const verifier = await createVerifier()
    const { fetch } = createNetwork({ [requestUri]: () => new Response('x', { headers: { 'content-type': 'text/plain' } }) })
    expect(await codeOf(() => fetchAuthorizationRequest(verifier.link, context({ fetch })))).to.equal('ERR_RESPONSE_INVALID')
  })

  it('with x509_san_dns must come from the name in the certificate', async () => {
    const verifier = await createVerifier()
    const verify = async (clientId: string) => {
      const jwt = await createRequestObject({ ...verifier.request, clientId }, verifier.signer)
      return await codeOf(() => verifyRequestObject(jwt, { clientId, crypto: suite, nowSeconds: NOW }))
    }
    expect(await verify('x509_san_dns:localhost')).to.equal(undefined)
    expect(await verify('x509_san_dns:gate.example')).to.equal('ERR_CLIENT_ID')
    expect(await verify('redirect_uri:http://localhost/')).to.equal('ERR_UNSUPPORTED')
    expect(await verify('decentralized_identifier:did:web:gate.example')).to.equal('ERR_UNSUPPORTED')
  })

  it('with a DID must be signed by a key of that DID', async () => {
    const { key, request } = await createVerifier()
    const clientId = 'decentralized_identifier:did:web:gate.example'
    const verify = async (kid: string) => {
      const { payload } = parseCompactJwt(await createRequestObject({ ...request, clientId }, { x5c: [], sign: key.sign }))
      const jwt = await signCompactJwt({ alg: 'ES256', typ: 'oauth-authz-req+jwt', kid }, payload, key.sign)
      const resolveDid = async (_did: string, wanted: string) => wanted.endsWith('#key-1') ? key.publicJwk : undefined
      return await codeOf(() => verifyRequestObject(jwt, { clientId, crypto: suite, nowSeconds: NOW, resolveDid }))
    }
    expect(await verify('did:web:gate.example#key-1')).to.equal(undefined)
    expect(await verify('did:web:gate.example#key-2')).to.equal('ERR_CLIENT_ID')
    expect(await verify('did:web:evil.example#key-1')).to.equal('ERR_CLIENT_ID')
  })
})

describe('a response', () => {
  const read = async (form: Record<string, unknown>, changes: object = {}) => {
    const { expected } = await createVerifier({ responseMode: 'direct_post' })
    return await codeOf(() => parseAuthorizationResponse(form, { ...expected, ...changes }))
  }

  it('in the clear, of another state, or not as asked for is refused', async () => {
    const vpToken = '{"card":["p"]}'
    expect(await read({ vp_token: vpToken, state: 'state-1' })).to.equal(undefined)
    expect(await read({ vp_token: vpToken })).to.equal('ERR_RESPONSE_MISMATCH')
    expect(await read({ vp_token: vpToken, state: 'state-2' })).to.equal('ERR_RESPONSE_MISMATCH')
    expect(await read({ vp_token: vpToken, state: 'state-1' }, { responseMode: 'direct_post.jwt' })).to.equal('ERR_RESPONSE_MISMATCH')
    for (const wrong of ['{"other":["p"]}', '{"card":["p","q"]}', '{"card":[]}', '{"card":"p"}', '{"card":[{}]}', '{}', '[]', 'p', undefined]) {
      expect(await read({ vp_token: wrong, state: 'state-1' }), wrong).to.equal('ERR_RESPONSE_INVALID')
    }
  })

  it('encrypted to another key, with another kid or cut short is refused', async () => {
    const [mine, other] = [await createResponseEncryptionKey('enc-1'), await createResponseEncryptionKey('enc-1')]
    const metadata = { jwks: { keys: [{ ...mine.publicJwk }] }, encrypted_response_enc_values_supported: ['A128GCM', 'A256GCM'] }
    const jwe = await encryptResponse({ a: 1 }, metadata)
    expect(await decryptResponse(jwe, mine.privateJwk, 'enc-1')).to.deep.equal({ a: 1 })
    expect(await codeOf(() => decryptResponse(jwe, other.privateJwk, 'enc-1'))).to.equal('ERR_RESPONSE_ENCRYPTION')
    expect(await codeOf(() => decryptResponse(jwe, mine.privateJwk, 'enc-2'))).to.equal('ERR_RESPONSE_ENCRYPTION')
    expect(await codeOf(() => decryptResponse(jwe.slice(0, -4), mine.privateJwk, 'enc-1'))).to.equal('ERR_RESPONSE_ENCRYPTION')
    expect(hasTyp({ typ: 7 }, 'jwt')).to.equal(false)
  })

  it('uses the content encryption the verifier offers, A128GCM when it offers none, and no other', async () => {
    const { publicJwk } = await createResponseEncryptionKey('k')
    const encOf = async (values?: string[]) => {
      const jwe = await encryptResponse({}, { jwks: { keys: [{ ...publicJwk }] }, encrypted_response_enc_values_supported: values })
      return (JSON.parse(Buffer.from(jwe.split('.')[0] ?? '', 'base64url').toString()) as { enc: string, kid: string }).enc
    }
    expect(await encOf()).to.equal('A128GCM')
    expect(await encOf(['A128GCM', 'A256GCM'])).to.equal('A256GCM')
    expect(await codeOf(() => encOf(['A128CBC-HS256']))).to.equal('ERR_UNSUPPORTED')
    expect(await codeOf(() => encryptResponse({}, { jwks: { keys: [{ ...publicJwk, use: 'sig' }] } }))).to.equal('ERR_UNSUPPORTED')
    expect(await codeOf(() => encryptResponse({}, {}))).to.equal('ERR_UNSUPPORTED')
  })
})

describe('a certificate', () => {
  it('gives key, names and period, also without names of hosts', async () => {
    const key = createKey()
    const der = Buffer.from(await createCertificate(key, { dnsNames: ['a.example', 'b.example'] }), 'base64')
    expect(readCertificate(der)).to.deep.equal({
      publicJwk: key.publicJwk, dnsNames: ['a.example', 'b.example'], commonName: 'Clermont-Ferrand', organization: 'Métropole',
      notBeforeSeconds: NOW - 86_400, notAfterSeconds: NOW + 30 * 86_400
    })
  })

  it('that is cut short anywhere is refused, never misread', async () => {
    const der = Buffer.from(await createCertificate(createKey()), 'base64')
    for (let length = 0; length < der.length; length += 7) {
      expect(await codeOf(() => readCertificate(der.subarray(0, length)))).to.equal('ERR_CERTIFICATE_UNREADABLE')
    }
  })
})
