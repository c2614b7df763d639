import { clientAuthenticationAnonymous, type CallbackContext } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { expect } from 'chai'
import type { CityAgent } from '../../../agent/agent.ts'
import { parseJwtVc } from '../../../agent/formats/jwt-vp.ts'
import { parseSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { fetchCredentialOffer } from '../../../agent/protocols/credential-offer.ts'
import { beginIssuance, requestCredentials, sendNotification } from '../../../agent/protocols/receive-credentials.ts'
import { signWith } from '../../agent/protocols/support.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { cityMigrations, createTestCity, type TestCity } from '../city.ts'
import { createWire, credentialsOf, didJwkOf, issueCard, keysOf, statusOf } from '../wallet.ts'

describe('issuing a card over OpenID4VCI', () => onEachDatabase(cityMigrations, (db) => {
  let city: TestCity
  const failing = { times: 0 }
  before(async function () {
    this.timeout(120_000)
    city = await createTestCity({
      db: db(),
      wrapAgent: (agent): CityAgent => ({
        ...agent,
        createSdJwtVc: (args) => failing.times-- > 0 ? Promise.reject(new Error('killed')) : agent.createSdJwtVc(args),
      }),
    })
  })
  beforeEach(() => { failing.times = 0 })
  after(() => city.close())
  const offerTo = async (residentId: string) => (await city.staff('POST', `/v1/residents/${residentId}/offers`)).body
  const countIndexes = async (): Promise<number> => Number((await city.db.withTables<{ issuance_status_indexes: { list_id: string } }>()
    .selectFrom('issuance_status_indexes').select((select) => select.fn.countAll().as('n')).executeTakeFirstOrThrow()).n)

  it('gives our wallet eight copies, each with its own key and index, in both formats', async () => {
    const residentId = await city.enrol()
    const offer = await offerTo(residentId)
    const keys = keysOf(8)
    for (const link of ['offer_link', 'offer_by_value_link']) expect(await fetchCredentialOffer(String(offer[link]), fetch)).to.have.property('credentialIssuer', city.url)
    const session = await beginIssuance({
      offer: await fetchCredentialOffer(String(offer['offer_link']), fetch), txCode: String(offer['tx_code']), fetch, nowSeconds: city.now(),
    })
    expect(session.metadata).to.include({ name: 'Porto', batchSize: 8 })
    const sdJwt = await requestCredentials({ session, configurationId: 'city_card_sd_jwt', keys, fetch, nowSeconds: city.now() })
    const jwtVc = await requestCredentials({ session, configurationId: 'city_card_jwt_vc', keys: keysOf(2), fetch, nowSeconds: city.now() })
    const cards = await Promise.all(sdJwt.credentials.map((credential) => parseSdJwtVc(credential)))
    expect(cards.map(({ claims }) => (claims['cnf'] as { jwk: unknown }).jwk)).to.deep.equal(keys.map(({ publicJwk }) => publicJwk))
    for (const { claims } of cards) expect(claims).to.deep.include({ given_name: 'Maria', family_name: 'Ferreira', city: 'PTOPO', issue_date: '2026-05-20', expiry_date: '2031-05-20', age_over_25: true, age_over_60: false })
    const indexes = [...sdJwt.credentials, ...jwtVc.credentials].map((credential) => statusOf(credential).idx)
    expect(new Set(indexes)).to.have.property('size', 10)
    expect(parseJwtVc(jwtVc.credentials[0] ?? '').claims).to.deep.include({ given_name: 'Maria', card_number: cards[0]?.claims['card_number'] })
    await sendNotification({ session, notificationId: sdJwt.notificationId ?? '', event: 'credential_accepted', fetch })
    expect((await city.staff('GET', `/v1/offers/${String(offer['offer_id'])}`)).body).to.include({ state: 'issued' })
  })

  it('serves a foreign wallet, the client of @openid4vc, over the same endpoints', async () => {
    const offer = await offerTo(await city.enrol())
    const keys = keysOf(2)
    const client = new Openid4vciClient({ callbacks: {
      fetch, clientAuthentication: clientAuthenticationAnonymous(), generateRandom: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
      signJwt: (signer: { publicJwk: { x: string } }, { header, payload }: { header: unknown, payload: unknown }) => {
        const key = keys.find(({ publicJwk }) => publicJwk.x === signer.publicJwk.x)
        const input = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
        return { jwt: `${input}.${signWith(key?.privateJwk ?? {}, input)}`, signerJwk: key?.publicJwk }
      },
    } as unknown as CallbackContext })
    const credentialOffer = await client.resolveCredentialOffer(String(offer['offer_link']))
    const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
    const { accessTokenResponse } = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({ credentialOffer, issuerMetadata, txCode: String(offer['tx_code']) })
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
    const jwt = await Promise.all(keys.map(async ({ publicJwk }) => (await client.createCredentialRequestJwtProof({
      issuerMetadata, credentialConfigurationId: 'city_card_sd_jwt', nonce, issuedAt: new Date(city.now() * 1000), signer: { method: 'jwk', alg: 'ES256', publicJwk: { ...publicJwk } },
    })).jwt))
    const { credentialResponse } = await client.retrieveCredentials({
      issuerMetadata, accessToken: accessTokenResponse.access_token, credentialConfigurationId: 'city_card_sd_jwt', proofs: { jwt },
    })
    expect(credentialResponse.credentials).to.have.length(2)
    await client.sendNotification({
      issuerMetadata, accessToken: accessTokenResponse.access_token,
      notification: { notificationId: credentialResponse.notification_id ?? '', event: 'credential_accepted' },
    })
  })

  it('takes proofs whose key is named as did:jwk', async () => {
    const wire = createWire(city)
    const token = await wire.accessToken(await offerTo(await city.enrol()))
    const [key] = keysOf(1)
    const nonce = await wire.nonce()
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const input = `${encode({ typ: 'openid4vci-proof+jwt', alg: 'ES256', kid: `${didJwkOf(key?.publicJwk as never)}#0` })}.${encode({ aud: city.url, iat: city.now(), nonce })}`
    const answer = await wire.credential(token, { credential_configuration_id: 'city_card_sd_jwt', proofs: { jwt: [`${input}.${await key?.sign(input)}`] } })
    expect(answer.status).to.equal(200)
    expect(answer.headers.get('cache-control')).to.equal('no-store')
  })

  it('uses a code up once: of two simultaneous requests one wins', async () => {
    const wire = createWire(city)
    const codes = await wire.codes(await offerTo(await city.enrol()))
    const answers = await Promise.all([wire.token(codes), wire.token(codes), wire.token(codes)])
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 400, 400])
    expect(answers.find(({ status }) => status === 400)?.body).to.include({ error: 'invalid_grant' })
    expect((await wire.token(codes)).body).to.include({ error: 'invalid_grant' })
  })

  it('allows five tries at a transaction code, then ends the offer, also when they come at once', async () => {
    const wire = createWire(city)
    const offer = await offerTo(await city.enrol())
    const codes = await wire.codes(offer)
    const wrong = { ...codes, tx_code: codes.tx_code === '000000' ? '000001' : '000000' }
    expect((await wire.token({ 'pre-authorized_code': codes['pre-authorized_code'] })).body).to.include({ error: 'invalid_request' })
    const answers = await Promise.all(Array.from({ length: 8 }, () => wire.token(wrong)))
    for (const { body } of answers) expect(body).to.include({ error: 'invalid_grant' })
    expect((await wire.token(codes)).body).to.include({ error: 'invalid_grant' })
    expect((await city.staff('GET', `/v1/offers/${String(offer['offer_id'])}`)).body).to.include({ state: 'cancelled' })
  })

  it('takes the right code after four wrong ones', async () => {
    const wire = createWire(city)
    const codes = await wire.codes(await offerTo(await city.enrol()))
    const wrong = { ...codes, tx_code: codes.tx_code === '000000' ? '000001' : '000000' }
    for (let i = 0; i < 4; i++) await wire.token(wrong)
    expect((await wire.token(codes)).status).to.equal(200)
  })

  it('ends an offer after a day and a token after ten minutes', async () => {
    const wire = createWire(city)
    const offer = await offerTo(await city.enrol())
    const codes = await wire.codes(offer)
    city.pass(24 * 3600)
    expect((await wire.token(codes)).body).to.include({ error: 'invalid_grant' })
    expect((await wire.get(`/oid4vci/offers/${String(offer['offer_id'])}`)).status).to.equal(404)
    expect((await city.staff('GET', `/v1/offers/${String(offer['offer_id'])}`)).body).to.include({ state: 'expired' })
    const token = await wire.accessToken(await offerTo(await city.enrol()))
    city.pass(600)
    const late = await wire.request(token, keysOf(1))
    expect([late.status, late.body['error'], late.headers.get('www-authenticate')]).to.deep.equal([401, 'invalid_token', 'Bearer error="invalid_token"'])
  })

  it('takes a nonce once, for one token, and not after it expired', async () => {
    const wire = createWire(city)
    const [first, second] = [await wire.accessToken(await offerTo(await city.enrol())), await wire.accessToken(await offerTo(await city.enrol()))]
    const nonce = await wire.nonce()
    const body = async (count: number) => ({ credential_configuration_id: 'city_card_sd_jwt', proofs: { jwt: await wire.proofs(keysOf(count), nonce) } })
    expect((await wire.credential(first, await body(1))).status).to.equal(200)
    expect((await wire.credential(second, await body(1))).body).to.include({ error: 'invalid_nonce' })
    const stale = await wire.nonce()
    city.pass(301)
    const late = { credential_configuration_id: 'city_card_sd_jwt', proofs: { jwt: await wire.proofs(keysOf(1), stale) } }
    expect((await wire.credential(second, late)).body).to.include({ error: 'invalid_nonce' })
    await city.runJob('issuance-sweep')
    expect((await wire.credential(second, late)).body).to.include({ error: 'invalid_nonce' })
    const invented = { credential_configuration_id: 'city_card_sd_jwt', proofs: { jwt: await wire.proofs(keysOf(1), 'invented') } }
    expect((await wire.credential(second, invented)).body).to.include({ error: 'invalid_nonce' })
  })

  it('gives the same copies again for the same request, and takes no second index', async () => {
    const wire = createWire(city)
    const token = await wire.accessToken(await offerTo(await city.enrol()))
    const keys = keysOf(3)
    const body = { credential_configuration_id: 'city_card_sd_jwt', proofs: { jwt: await wire.proofs(keys, await wire.nonce()) } }
    const before = await countIndexes()
    const answers = await Promise.all([wire.credential(token, body), wire.credential(token, body)])
    answers.push(await wire.credential(token, body), await wire.request(token, keys))
    const indexes = answers.map((answer) => credentialsOf(answer).map((credential) => statusOf(credential).idx))
    for (const again of indexes) expect(again).to.deep.equal(indexes[0])
    expect(new Set(answers.map(({ body: { notification_id: id } }) => id))).to.have.property('size', 1)
    expect(await countIndexes()).to.equal(before + 3)
    expect((await wire.request(token, keysOf(3))).body).to.include({ error: 'credential_request_denied' })
    expect((await wire.request(token, keys.slice(1))).body).to.include({ error: 'credential_request_denied' })
  })

  it('loses and doubles nothing when it is interrupted while signing', async () => {
    const wire = createWire(city)
    const residentId = await city.enrol()
    const token = await wire.accessToken(await offerTo(residentId))
    const body = { credential_configuration_id: 'city_card_sd_jwt', proofs: { jwt: await wire.proofs(keysOf(2), await wire.nonce()) } }
    const before = await countIndexes()
    failing.times = 1
    expect((await wire.credential(token, body)).status).to.equal(500)
    const again = await wire.credential(token, body)
    expect(credentialsOf(again)).to.have.length(2)
    expect(await countIndexes()).to.equal(before + 2)
    expect((await city.issuance.cards.listCards([residentId])).get(residentId)).to.have.length(1)
  })

  it('offers the same card again when the answer with the token was lost, and the lost token is worth nothing', async () => {
    const wire = createWire(city)
    const residentId = await city.enrol()
    const first = await offerTo(residentId)
    const lost = await wire.accessToken(first)
    const second = await offerTo(residentId)
    expect((await wire.request(lost, keysOf(1))).status).to.equal(401)
    expect((await city.staff('GET', `/v1/offers/${String(first['offer_id'])}`)).body).to.include({ state: 'cancelled' })
    expect((await wire.request(await wire.accessToken(second), keysOf(1))).status).to.equal(200)
    expect((await city.issuance.cards.listCards([residentId])).get(residentId)).to.have.length(1)
  })

  it('refuses without a token, with two proofs of one key, and with broken JSON, each with its own error', async () => {
    const wire = createWire(city)
    const token = await wire.accessToken(await offerTo(await city.enrol()))
    expect((await wire.request('forged', keysOf(1))).status).to.equal(401)
    expect((await wire.credential(undefined, {})).status).to.equal(401)
    const [key] = keysOf(1)
    expect((await wire.request(token, [key as never, key as never])).body).to.include({ error: 'invalid_proof' })
    expect((await wire.credential(token, { credential_configuration_id: 'x', proofs: { jwt: ['a'] } })).body).to.include({ error: 'unknown_credential_configuration' })
    const broken = await fetch(`${city.url}/oid4vci/credential`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } })
    expect(broken.status).to.equal(400)
    expect(await broken.json()).to.have.property('error')
    expect((await wire.notification(token, { notification_id: 'other', event: 'credential_accepted' })).body).to.include({ error: 'invalid_notification_id' })
    expect((await wire.notification(token, { notification_id: 'other', event: 'eaten' })).body).to.include({ error: 'invalid_notification_request' })
  })

  it('stores no code, no transaction code, no token and no nonce as it is', async () => {
    const wire = createWire(city)
    const offer = await offerTo(await city.enrol())
    const codes = await wire.codes(offer)
    const token = await wire.accessToken(offer)
    const nonce = await wire.nonce()
    const rows = JSON.stringify(await Promise.all(['issuance_offers', 'issuance_nonces'].map((table) =>
      city.db.withTables<Record<string, Record<string, unknown>>>().selectFrom(table).selectAll().execute())))
    for (const secret of [codes['pre-authorized_code'], token, nonce]) expect(rows).not.to.include(secret)
    expect(rows).not.to.match(new RegExp(`"${codes.tx_code}"`))
  })

  it('tells the log nothing of the resident, the card or the codes', async () => {
    const { offer, token } = await issueCard(city, keysOf(1), { givenName: 'Zulmira', familyName: 'Quaresma', birthDate: '1931-12-30' })
    for (const word of ['Zulmira', 'Quaresma', '1931-12-30', String(offer['tx_code']), token]) expect(city.log()).not.to.include(word)
    expect(city.log()).to.include('/oid4vci/credential')
  })

  it('answers any origin without credentials, and only where wallets call', async () => {
    for (const path of ['/.well-known/openid-credential-issuer', '/vct/city-card', '/.well-known/jwt-vc-issuer', '/.well-known/did.json', '/.well-known/oauth-authorization-server']) {
      const response = await fetch(`${city.url}${path}`, { headers: { origin: 'https://wallet.example' } })
      expect([response.status, response.headers.get('access-control-allow-origin')], path).to.deep.equal([200, '*'])
    }
    const preflight = await fetch(`${city.url}/oid4vci/credential`, { method: 'OPTIONS', headers: { origin: 'https://wallet.example', 'access-control-request-method': 'POST' } })
    expect(preflight.headers.get('access-control-allow-headers')).to.include('authorization')
    const staff = await fetch(`${city.url}/v1/offers/${'A'.repeat(32)}`, { headers: { origin: 'https://wallet.example', cookie: 'staff' } })
    expect(staff.headers.get('access-control-allow-origin')).to.equal(null)
  })

  it('names in type metadata and issuer metadata every claim the card has', async () => {
    const type = (await createWire(city).get('/vct/city-card')).body as { vct: string; claims: { path: string[] }[] }
    const { credentials } = await issueCard(city, keysOf(1))
    const { claims } = await parseSdJwtVc(credentials[0] ?? '')
    expect(type.vct).to.equal(claims['vct'])
    const registered = ['iss', 'vct', 'iat', 'nbf', 'exp', 'cnf', 'status', '_sd', '_sd_alg']
    expect(type.claims.map(({ path }) => path[0]).sort()).to.deep.equal(Object.keys(claims).filter((name) => !registered.includes(name)).sort())
  })
}))
