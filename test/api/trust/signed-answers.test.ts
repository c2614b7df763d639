import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import { httpbis } from 'http-message-signatures'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'
import { contentDigestOf, type AskedRequest } from '../../../agent/trust-lists/answer-signature.ts'
import { AnswerError } from '../../../agent/trust-lists/errors.ts'
import { readListOfTrustedEntities, type TrustList } from '../../../agent/trust-lists/read-lote.ts'
import type { TrustRegister } from '../../../agent/trust-lists/trust-register.ts'
import { keysOfMembers, verifyAnswer, type ReceivedAnswer, type VerifyAnswerOptions } from '../../../agent/trust-lists/verify-answer.ts'
import { createOpenApi } from '../../../api/platform/openapi.ts'
import { authority, History, someTypes, START } from '../../agent/trust-lists/registers.ts'
import { openTrustDesk, type TrustDesk } from './trust-desk.ts'

const listPath = '/trust-lists/city-card-issuers.jwt'
const registry = '/trusted-issuers-registry'
const signatureHeaders = ['content-digest', 'signature', 'signature-input']

/** A question, and what it is answered with. */
interface Question {
  readonly path: string
  readonly query?: object
  readonly status: number
}

describe('Every answer of the registry', function () {
  this.timeout(60_000)
  let desk: TrustDesk
  let questions: readonly Question[]
  before(async () => {
    desk = await openTrustDesk(START + 1_000_000)
    desk.register = ownRegister()
    desk.past.set(104, ownRegister())
    questions = await allQuestions()
  })
  after(async () => { await desk.close() })
  beforeEach(() => {
    desk.nowSeconds = START + 1_000_000
    desk.register = ownRegister()
  })

  /** Porto with the key that it signs with, and Clermont-Ferrand. */
  const history = (): History => new History().emit('CityRegistry', 'CityAdmitted', {
    city: '0x50544f504f', name: 'Porto', did: desk.identity.did, controller: '0x1', recovery: '0x2', serviceUrl: desk.url,
  }).activate(0).accredit(0, 0, 0).admit(1).activate(1).accredit(1, 1, 1).recognise(0, 1, 1)
  const ownRegister = (past = history()): TrustRegister => {
    const register = past.register(desk.nowSeconds)
    const own = ({ locode }: { readonly locode: string }): boolean => locode === 'PTOPO'
    const key = { publicJwk: desk.identity.issuerJwk, thumbprint: desk.identity.issuerKid }
    return { ...register, accreditations: register.accreditations.map((one) => (own(one) ? { ...one, ...key } : one)) }
  }

  async function allQuestions(): Promise<Question[]> {
    const did = encodeURIComponent(desk.identity.did)
    const json = async (path: string) => JSON.parse(Buffer.from((await ask({ path, status: 200 })).answer.body).toString()) as { items: { id: string }[] }
    const issuer = `${registry}/v5/issuers/${did}`
    const attribute = `${issuer}/attributes/${(await json(`${issuer}/attributes`)).items[0]?.id ?? ''}`
    const revision = `${attribute}/revisions/${(await json(`${attribute}/revisions`)).items[0]?.id ?? ''}`
    const issuerPaths = [`${registry}/v5/issuers`, issuer, `${issuer}/attributes`, attribute, `${attribute}/revisions`, revision, `${issuer}/proxies`]
    const found = ['/v1/trust', '/v1/trust/cities/PTOPO', listPath, ...issuerPaths, ...issuerPaths.map((path) => path.replace('v5', 'v4'))]
    const missing = ['/v1/trust/cities/ESBCN', '/v1/trust/cities/nowhere', `${registry}/v5/issuers/did:web:nobody.example`]
    const query = { entity_id: desk.identity.did, authority_id: authority, action: 'issue', resource: someTypes[0] }
    return [
      ...found.map((path) => ({ path, status: 200 })),
      ...missing.map((path) => ({ path, status: 404 })),
      { path: `${registry}/v5/issuers?page[size]=none`, status: 400 },
      { path: '/trqp/authorization', query, status: 200 },
      { path: '/trqp/recognition', query: { ...query, entity_id: 'did:web:clermont.example', resource: someTypes[1] }, status: 200 },
      { path: '/trqp/recognition', query: { ...query, authority_id: 'did:web:nobody.example' }, status: 404 },
      { path: '/trqp/authorization', query: { ...query, action: '' }, status: 400 },
    ]
  }

  async function ask({ path, query }: Question, block?: number): Promise<{ request: AskedRequest; answer: ReceivedAnswer }> {
    const url = `${desk.url}${path}${query !== undefined || block === undefined ? '' : `${path.includes('?') ? '&' : '?'}block=${block}`}`
    const body = block === undefined ? query : { ...query, context: { block: String(block) } }
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await fetch(url, query === undefined ? {} : post)
    const answer = { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) }
    return { request: { method: query === undefined ? 'GET' : 'POST', url }, answer }
  }

  const verify = async (answer: ReceivedAnswer, request: AskedRequest, options: Partial<VerifyAnswerOptions> = {}) => await verifyAnswer(answer, {
    request, findKey: keysOfMembers(await listNow()), nowSeconds: desk.nowSeconds, crypto: webCryptoSuite, ...options,
  })
  const codeOf = async (verifying: Promise<unknown>): Promise<string> => await verifying.then(() => 'verified', (error: unknown) => {
    if (error instanceof AnswerError) return error.code
    throw error
  })
  const listNow = async (): Promise<TrustList> => {
    const { body } = await desk.get(listPath)
    return readListOfTrustedEntities(JSON.parse(Buffer.from((body as string).split('.')[1] ?? '', 'base64url').toString()))
  }
  const otherKey = async () => {
    const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
    const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
    return { kty: 'EC', crv: 'P-256', x, y } as const
  }

  it('verifies with a key in good standing, of now and of a past block, and not once a byte, the question or the key is another', async () => {
    const foreign = await otherKey()
    const findKey = keysOfMembers(await listNow())
    const seen = new Set<string>()
    await fc.assert(fc.asyncProperty(fc.nat({ max: questions.length - 1 }), fc.boolean(), fc.nat(), fc.integer({ min: 0, max: 7 }), async (index, isPast, at, bit) => {
      const question = questions[index] ?? { path: '', status: 0 }
      const { request, answer } = await ask(question, isPast ? 104 : undefined)
      const named = `${request.method} ${request.url}`
      seen.add(`${question.path} ${isPast}`)
      expect(answer.status, named).to.equal(question.status)
      expect(await verify(answer, request, { findKey }), named).to.deep.equal({ keyId: `${desk.identity.did}#${desk.identity.issuerKid}`, signedAtSeconds: desk.nowSeconds })

      const body = Uint8Array.from(answer.body, (byte, i) => (i === at % answer.body.length ? byte ^ (1 << bit) : byte))
      expect(await codeOf(verify({ ...answer, body }, request, { findKey })), `${named}: another byte`).to.equal('ERR_ANSWER_DIGEST')
      const headers = new Headers(answer.headers)
      headers.set('content-digest', await contentDigestOf(body, webCryptoSuite))
      expect(await codeOf(verify({ ...answer, body, headers }, request, { findKey })), `${named}: another byte and digest`).to.equal('ERR_ANSWER_SIGNATURE')

      const other = questions[(index + 1 + (at % (questions.length - 1))) % questions.length]?.path ?? ''
      const otherUrls = [...(other === question.path ? [] : [`${desk.url}${other}`]), `${request.url}${request.url.includes('?') ? '&' : '?'}block=103`]
      for (const url of otherUrls) expect(await codeOf(verify(answer, { ...request, url }, { findKey })), `${named} as ${url}`).to.equal('ERR_ANSWER_SIGNATURE')
      expect(await codeOf(verify(answer, { ...request, method: 'PUT' }, { findKey })), `${named} as PUT`).to.equal('ERR_ANSWER_SIGNATURE')
      expect(await codeOf(verify({ ...answer, status: 203 }, request, { findKey })), `${named}: another status`).to.equal('ERR_ANSWER_SIGNATURE')
      expect(await codeOf(verify(answer, request, { findKey: () => foreign })), `${named}: another key`).to.equal('ERR_ANSWER_SIGNATURE')
      expect(await codeOf(verify(answer, request, { findKey: () => undefined })), `${named}: no key`).to.equal('ERR_ANSWER_SIGNER')
    }), { numRuns: 150, seed: 20_261_123 })
    expect(seen.size).to.be.greaterThan(questions.length)
  })

  it('is not believed by the key of a city that withdrew it, is suspended or is gone, though that key signs on', async () => {
    const ends: readonly ((past: History) => History)[] = [
      (past) => past.withdraw(0, 0, 0, START + 10), (past) => past.city('CitySuspended', 0, { reason: 1, until: START + 2_000_000 }), (past) => past.city('CityRemoved', 0),
    ]
    for (const end of ends) {
      desk.register = ownRegister(end(history().pass(100)))
      for (const path of ['/v1/trust', '/v1/trust?block=104']) {
        const { request, answer } = await ask({ path, status: 200 })
        expect(await codeOf(verify(answer, request)), path).to.equal('ERR_ANSWER_SIGNER')
      }
    }
  })

  it('verifies for a short while only, for one who does not keep it as a cache does', async () => {
    const { request, answer } = await ask({ path: '/v1/trust', status: 200 })
    const after = async (seconds: number, maxAgeSeconds?: number) =>
      await codeOf(verify(answer, request, { nowSeconds: desk.nowSeconds + seconds, ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) }))
    expect(await Promise.all([after(600), after(601), after(59, 60), after(61, 60), after(-300), after(-301)])).to.deep.equal(
      ['verified', 'ERR_ANSWER_STALE', 'verified', 'ERR_ANSWER_STALE', 'verified', 'ERR_ANSWER_STALE'])
  })

  it('is none without its header fields, nor with those of another signature of the key', async () => {
    const { request, answer } = await ask({ path: '/v1/trust', status: 200 })
    for (const name of signatureHeaders) {
      const headers = new Headers(answer.headers)
      headers.delete(name)
      expect(await codeOf(verify({ ...answer, headers }, request)), name).to.equal('ERR_ANSWER_UNSIGNED')
    }
    const input = answer.headers.get('signature-input') ?? ''
    for (const [from, to] of [['tag="symbolon-registry"', 'tag="another"'], ['"@status" ', ''], ['"@query";req', '"@query"'], ['symbolon=', 'other='], ['created=', 'created=1']] as const) {
      const headers = new Headers(answer.headers)
      expect(input).to.include(from)
      headers.set('signature-input', input.replace(from, to))
      expect(await codeOf(verify({ ...answer, headers }, request)), to).to.equal('ERR_ANSWER_SIGNATURE')
    }
  })

  it('verifies with another implementation of RFC 9421', async () => {
    const key = await crypto.subtle.importKey('jwk', { ...desk.identity.issuerJwk }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
    const config = {
      keyLookup: async () => ({
        algs: ['ecdsa-p256-sha256'],
        verify: async (base: Buffer, signature: Buffer) => await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, new Uint8Array(signature), new Uint8Array(base)),
      }),
      requiredFields: ['@status', 'content-type', 'content-digest', '@method', '@path', '@query'], requiredParams: ['created', 'keyid', 'alg', 'tag'],
    }
    for (const question of questions) {
      const { request, answer } = await ask(question, question.status === 200 ? 104 : undefined)
      const message = { status: answer.status, headers: Object.fromEntries(answer.headers) }
      expect(await httpbis.verifyMessage(config, message, { ...request, headers: {} }), question.path).to.equal(true)
      expect(await httpbis.verifyMessage(config, message, { ...request, url: `${request.url}1`, headers: {} }), `${question.path}1`).to.equal(false)
    }
  })

  it('verifies with the few lines that docs/trust-lists.md gives, and nothing else', async () => {
    const [, script = ''] = /```js\n(.*?)```/s.exec(readFileSync('docs/trust-lists.md', 'utf8')) ?? []
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-answer-'))
    try {
      writeFileSync(join(folder, 'verify-answer.mjs'), script)
      const run = async (path: string) => (await promisify(execFile)(process.execPath, [join(folder, 'verify-answer.mjs'), `${desk.url}${path}`])).stdout.trim()
      const signed = `signed by ${desk.identity.did}#${desk.identity.issuerKid}`
      expect(await run('/v1/trust?block=104')).to.equal(signed)
      expect(await run('/v1/trust/cities/ESBCN')).to.equal(signed)
      writeFileSync(join(folder, 'verify-answer.mjs'), script.replace('await answer.arrayBuffer()', 'await answer.text() + " "'))
      expect(await run('/v1/trust?block=104')).to.equal('not signed by this key')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('keeps its signature in a cache: a 304 brings none that would take its place', async () => {
    const { request, answer } = await ask({ path: listPath, status: 200 })
    const kept = await fetch(request.url, { headers: { 'if-none-match': answer.headers.get('etag') ?? '' } })
    expect([kept.status, await kept.text(), ...signatureHeaders.map((name) => kept.headers.get(name))]).to.deep.equal([304, '', null, null, null])
    // RFC 9111 §3.2: what a 304 says takes the place of what was stored.
    const stored = new Headers(answer.headers)
    for (const [name, value] of kept.headers) stored.set(name, value)
    expect(await codeOf(verify({ ...answer, headers: stored }, request))).to.equal('verified')
  })

  it('may be verified by a page of another origin', async () => {
    for (const question of questions) {
      const exposed = (await ask(question)).answer.headers.get('access-control-expose-headers')?.split(', ')
      expect(exposed, question.path).to.include.members(signatureHeaders)
    }
  })

  it('is declared with its signature in the OpenAPI document', () => {
    const { paths = {} } = createOpenApi(desk.routes, { cityName: 'Porto', publicUrl: desk.url, sessionCookie: 'session' })
    const operations = Object.values(paths).flatMap((item) => [item.get, item.post].filter((one) => one !== undefined))
    expect(operations).to.have.length(desk.routes.length)
    for (const { operationId, responses } of operations) {
      const headersOf = (status: string) => Object.keys((responses?.[status] as { headers?: object }).headers ?? {}).map((name) => name.toLowerCase()).sort()
      expect(headersOf('200'), operationId).to.deep.equal(signatureHeaders)
      expect(headersOf('default'), operationId).to.deep.equal(signatureHeaders)
    }
    const list = paths[listPath]?.get?.responses?.['304'] as { headers?: object }
    expect(list).to.not.have.property('headers')
  })

  it('is refused when the key is not there, and never given without a signature', async () => {
    const bare = await openTrustDesk(START + 1_000_000)
    try {
      bare.register = new History().admit(0).activate(0).accredit(0, 0, 0).register(bare.nowSeconds)
      await bare.agent.keys.deleteKey({ kid: bare.identity.issuerKid })
      for (const path of ['/v1/trust', '/v1/trust/cities/PTOPO', '/v1/trust/cities/ESBCN', listPath, `${registry}/v5/issuers`, `${registry}/v4/issuers/did:web:porto.example`]) {
        const { status, headers, body } = await bare.get(path)
        expect([status, (body as { code: string }).code, headers.get('signature')], path).to.deep.equal([503, 'ERR_SIGNING_UNAVAILABLE', null])
      }
    } finally {
      await bare.close()
    }
  })
})
