import { expect } from 'chai'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { presentJwtVc } from '../../../agent/formats/jwt-vp.ts'
import { presentSdJwtVc } from '../../../agent/formats/sd-jwt-vc.ts'
import { fetchAuthorizationRequest } from '../../../agent/protocols/authorization-request.ts'
import { postPresentation, postRefusal } from '../../../agent/protocols/authorization-response.ts'
import { matchDcqlQuery } from '../../../agent/protocols/dcql.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { cityMigrations, createTestCity, type TestCity } from '../city.ts'
import { createWire, credentialsOf, issueCard, keysOf } from '../wallet.ts'

type Card = Awaited<ReturnType<typeof issueCard>>

describe('verifying a card over OpenID4VP', () => onEachDatabase(cityMigrations, (db) => {
  let city: TestCity
  let card: Card
  before(async function () {
    this.timeout(120_000)
    city = await createTestCity({ db: db() })
    card = await issueCard(city, keysOf(8))
    await city.runJob('status-epochs')
  })
  after(() => city.close())
  const ask = async (claims: string[], more = {}) => (await city.staff('POST', '/v1/verification/requests', { claims, purpose: 'Entry to the museum', ...more })).body
  const outcome = async (question: Record<string, unknown>) => (await city.staff('GET', `/v1/verification/requests/${String(question['request_id'])}`)).body as {
    state: string, decision?: { accepted: boolean, claims: Record<string, unknown>, checks: { check: string, outcome: string, code?: string }[], issuer?: unknown, status?: unknown }
  }
  const open = (question: Record<string, unknown>) =>
    fetchAuthorizationRequest(String(question['authorization_request']), { fetch, crypto: webCryptoSuite, nowSeconds: city.now() })
  const present = async (request: Awaited<ReturnType<typeof open>>, claims: string[], { copy = 0, of = card, ...changes }: {
    copy?: number, of?: Card, nonce?: string, audience?: string, signer?: number
  } = {}) =>
    await presentSdJwtVc({
      credential: of.credentials[copy] ?? '', claims, audience: request.clientId, nonce: request.nonce, issuedAtSeconds: city.now(),
      sign: of.keys[changes.signer ?? copy]?.sign ?? (() => ''), ...changes,
    })
  const failures = (decision: NonNullable<Awaited<ReturnType<typeof outcome>>['decision']> | undefined) =>
    decision?.checks.filter((check) => check.outcome === 'failed').map(({ code }) => code)

  it('goes from the question to the decision, with what was asked for and nothing else', async () => {
    const question = await ask(['age_over_18', 'given_name'])
    expect(question['wallet_link']).to.equal(`${city.url}/wallet/#request=${encodeURIComponent(String(question['authorization_request']))}`)
    expect(await outcome(question)).to.deep.include({ state: 'waiting' })
    const request = await open(question)
    expect(request).to.deep.include({ clientName: 'Porto', purpose: 'Entry to the museum', responseMode: 'direct_post.jwt' })
    expect(await outcome(question)).to.deep.include({ state: 'opened' })
    const held = [{ format: 'dc+sd-jwt', vct: city.identity.credentialType, claims: { age_over_18: true, given_name: 'Maria', family_name: 'Ferreira' } }]
    const [match] = matchDcqlQuery(request.dcqlQuery, held).required
    const claims = match?.candidates[0]?.paths.map(([name]) => String(name)) ?? []
    expect(await postPresentation(request, { [match?.queryId ?? '']: [await present(request, claims)] }, fetch)).to.deep.equal({})
    const { state, decision } = await outcome(question)
    expect(state).to.equal('decided')
    expect(decision).to.deep.include({ accepted: true, claims: { age_over_18: true, given_name: 'Maria' }, issuer: { locode: 'PTOPO', name: 'Porto' } })
    expect(decision?.checks.map(({ check }) => check)).to.deep.equal(['signature', 'accreditation', 'key', 'recognition', 'validity', 'status', 'holder-binding', 'claims'])
  })

  it('keeps of a card that shows everything only what was asked for', async () => {
    const keys = keysOf(1)
    const wire = createWire(city)
    const offer = (await city.staff('POST', `/v1/residents/${await city.enrol()}/offers`)).body
    const [credential = ''] = credentialsOf(await wire.request(await wire.accessToken(offer), keys, 'city_card_jwt_vc'))
    const question = await ask(['age_over_18'])
    const request = await open(question)
    const held = [{ format: 'jwt_vc_json', types: ['VerifiableCredential', city.identity.credentialType], claims: { credentialSubject: { age_over_18: true } } }]
    expect(matchDcqlQuery(request.dcqlQuery, held).required.map(({ queryId }) => queryId)).to.deep.equal(['card_w3c'])
    const presentation = await presentJwtVc({
      credential, holderJwk: keys[0]?.publicJwk as never, audience: request.clientId, nonce: request.nonce, issuedAtSeconds: city.now(), sign: keys[0]?.sign ?? (() => ''),
    })
    await postPresentation(request, { card_w3c: [presentation] }, fetch)
    const { decision } = await outcome(question)
    expect(decision, JSON.stringify(decision?.checks)).to.deep.include({ accepted: true, claims: { age_over_18: true } })
  })

  it('says no, and why, to a presentation made for another verifier, another request or by another holder', async () => {
    const cases = [
      { changes: { audience: 'x509_hash:other' }, code: 'ERR_AUDIENCE' },
      { changes: { nonce: 'another-nonce-of-another-request' }, code: 'ERR_REPLAYED' },
      { changes: { signer: 3 }, code: 'ERR_HOLDER_BINDING' },
    ]
    for (const { changes, code } of cases) {
      const question = await ask(['age_over_18'])
      const request = await open(question)
      await postPresentation(request, { card: [await present(request, ['age_over_18'], { copy: 1, ...changes })] }, fetch)
      const { decision } = await outcome(question)
      expect([decision?.accepted, failures(decision), decision?.claims]).to.deep.equal([false, [code], {}])
    }
  })

  it('says no when the card does not show what was asked for, or an age that is not reached', async () => {
    const missing = await ask(['age_over_18', 'birth_date'])
    const first = await open(missing)
    await postPresentation(first, { card: [await present(first, ['age_over_18'])] }, fetch)
    expect(failures((await outcome(missing)).decision)).to.deep.equal(['ERR_CLAIMS_MISSING'])
    const senior = await ask(['age_over_65'])
    const second = await open(senior)
    await postPresentation(second, { card: [await present(second, ['age_over_65'])] }, fetch)
    expect(failures((await outcome(senior)).decision)).to.deep.equal(['ERR_AGE_NOT_REACHED'])
  })

  it('says no to a revoked card once the epoch is out', async () => {
    const revoked = await issueCard(city, keysOf(1))
    await city.staff('POST', `/v1/cards/${revoked.cardId}/revoke`, { reason: 'stolen' })
    await city.runJob('status-epochs')
    const question = await ask(['age_over_18'])
    const request = await open(question)
    await postPresentation(request, { card: [await present(request, ['age_over_18'], { of: revoked })] }, fetch)
    expect(failures((await outcome(question)).decision)).to.deep.equal(['ERR_REVOKED'])
  })

  it('notes that the holder refused', async () => {
    const question = await ask(['birth_date'])
    await postRefusal(await open(question), 'access_denied', fetch)
    expect(failures((await outcome(question)).decision)).to.deep.equal(['ERR_REFUSED_BY_HOLDER'])
  })

  it('decides once: of two answers at a time one counts, and none after that', async () => {
    const question = await ask(['age_over_18'])
    const request = await open(question)
    const presentation = await present(request, ['age_over_18'], { copy: 2 })
    const answers = await Promise.allSettled([1, 2, 3].map(() => postPresentation(request, { card: [presentation] }, fetch)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).to.have.length(1)
    const late = await postRefusal(request, 'access_denied', fetch).catch((error: unknown) => error)
    expect(late).to.include({ oauthError: 'invalid_request', status: 400 })
    expect((await outcome(question)).decision?.accepted).to.equal(true)
    expect((await fetch(`${city.url}/oid4vp/requests/${String(question['request_id'])}`)).status).to.equal(404)
  })

  it('takes no answer in the clear, of another state, or to another request; the right one still counts', async () => {
    const [question, other] = [await ask(['age_over_18']), await ask(['age_over_18'])]
    const [request, otherRequest] = [await open(question), await open(other)]
    const presentation = await present(request, ['age_over_18'], { copy: 4 })
    const post = async (form: Record<string, string>) => (await fetch(request.responseUri, { method: 'POST', body: new URLSearchParams(form) })).status
    expect(await post({ vp_token: JSON.stringify({ card: [presentation] }), state: request.state ?? '' })).to.equal(400)
    expect(await post({ response: 'a.b.c.d.e' })).to.equal(400)
    expect(await post({ error: 'access_denied', state: 'guessed' })).to.equal(400)
    expect(await post({})).to.equal(400)
    const crossed = await postPresentation({ ...otherRequest, responseUri: request.responseUri }, { card: [presentation] }, fetch).catch((error: unknown) => error)
    expect(crossed).to.include({ oauthError: 'invalid_request' })
    expect((await outcome(question)).state).to.equal('opened')
    await postPresentation(request, { card: [presentation] }, fetch)
    expect((await outcome(question)).decision?.accepted).to.equal(true)
  })

  it('ends after five minutes, and what was shown is forgotten an hour later', async () => {
    const [question, answered] = [await ask(['given_name']), await ask(['given_name'])]
    const [request, second] = [await open(question), await open(answered)]
    await postPresentation(second, { card: [await present(second, ['given_name'], { copy: 5 })] }, fetch)
    city.pass(301)
    expect((await outcome(question)).state).to.equal('expired')
    const late = await postPresentation(request, { card: [await present(request, ['given_name'], { copy: 6 })] }, fetch).catch((error: unknown) => error)
    expect(late).to.include({ oauthError: 'invalid_request' })
    await city.runJob('verification-sweep')
    expect((await outcome(answered)).decision?.claims).to.deep.equal({ given_name: 'Maria' })
    city.pass(3600)
    await city.runJob('verification-sweep')
    expect((await outcome(answered)) as unknown).to.include({ code: 'ERR_NOT_FOUND' })
  })

  it('sends the holder back on the same device', async () => {
    const question = await ask(['age_over_18'], { same_device: true })
    const request = await open(question)
    expect(await postPresentation(request, { card: [await present(request, ['age_over_18'], { copy: 7 })] }, fetch))
      .to.deep.equal({ redirectUri: `${city.url}/verifier/#request=${String(question['request_id'])}` })
  })

  it('keeps no name readable, in the database or in the log', async () => {
    const question = await ask(['given_name', 'family_name'])
    const request = await open(question)
    const zulmira = await issueCard(city, keysOf(1), { givenName: 'Zulmira', familyName: 'Quaresma' })
    await postPresentation(request, { card: [await present(request, ['given_name', 'family_name'], { of: zulmira })] }, fetch)
    expect((await outcome(question)).decision?.claims).to.deep.equal({ given_name: 'Zulmira', family_name: 'Quaresma' })
    const rows = await city.db.withTables<{ verification_requests: Record<string, unknown> }>().selectFrom('verification_requests').selectAll().execute()
    const stored = rows.flatMap((row) => Object.values(row)).map((value) => value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)).join()
    for (const word of ['Zulmira', 'Quaresma', request.nonce]) {
      expect(stored).not.to.include(word)
      expect(city.log()).not.to.include(word)
    }
  })

  it('asks only for claims a card has, and only whom is signed in', async () => {
    expect((await city.staff('POST', '/v1/verification/requests', { claims: ['nationality'], purpose: 'x' })).body).to.include({ code: 'ERR_VALIDATION' })
    expect((await city.staff('POST', '/v1/verification/requests', { claims: [], purpose: 'x' })).body).to.include({ code: 'ERR_VALIDATION' })
    const anonymous = await fetch(`${city.url}/v1/verification/requests`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })
    expect(anonymous.status).to.equal(401)
  })

  it('decides on a presentation that came another way, once', async () => {
    const [nonce, audience] = ['a-nonce-of-the-gate', 'https://gate.porto.example']
    const presentation = await presentSdJwtVc({
      credential: card.credentials[0] ?? '', claims: ['age_over_18'], audience, nonce, issuedAtSeconds: city.now(), sign: card.keys[0]?.sign ?? (() => ''),
    })
    const body = { presentation, nonce, audience, format: 'dc+sd-jwt' }
    expect((await city.staff('POST', '/v1/verification/verify', body)).body).to.deep.include({ accepted: true, claims: { age_over_18: true } })
    const again = (await city.staff('POST', '/v1/verification/verify', body)).body as { accepted: boolean, checks: { outcome: string, code?: string }[], claims: unknown }
    expect([again.accepted, failures(again as never), again.claims]).to.deep.equal([false, ['ERR_REPLAYED'], {}])
    const twin = { ...body, presentation: withTwinSignature(presentation) }
    expect((await city.staff('POST', '/v1/verification/verify', twin)).body, 'the same with the other form of its signature').to.include({ accepted: false })
    expect((await city.staff('POST', '/v1/verification/verify', { ...body, audience: 'https://elsewhere.example' })).body).to.include({ accepted: false })
  })
}))

/** Of an ECDSA signature (r, s) anybody can make (r, n - s), which is as good: another text, the same presentation. */
function withTwinSignature(presentation: string): string {
  const at = presentation.lastIndexOf('.') + 1
  const signature = Buffer.from(presentation.slice(at), 'base64url')
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`)
  return presentation.slice(0, at) + Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]).toString('base64url')
}
