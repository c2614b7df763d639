import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { webCryptoSuite, type EcPublicJwk } from '../../../agent/formats/crypto-suite.ts'
import { readListOfTrustedEntities } from '../../../agent/trust-lists/read-lote.ts'
import { isoOf } from '../../../agent/trust-lists/times.ts'
import type { TrustRegister } from '../../../agent/trust-lists/trust-register.ts'
import { verifyListOfTrustedEntities } from '../../../agent/trust-lists/verify-lote.ts'
import { explicitLoteSchema } from '../../agent/trust-lists/lote-schema.ts'
import { anyRegister, authority, History, someTypes, START, thumbprints } from '../../agent/trust-lists/registers.ts'
import { openTrustDesk, type TrustDesk } from './trust-desk.ts'

const listPath = '/trust-lists/city-card-issuers.jwt'
const registry = '/trusted-issuers-registry/v5/issuers'

interface Claim { readonly city: string; readonly key: string; readonly type: string; readonly from: string; readonly until: string; readonly standing: string }
const texts = (claims: readonly Claim[]): readonly string[] => claims.map((one) => JSON.stringify([one.city, one.key, one.type, one.from, one.until, one.standing])).sort()

interface Paged<Item> { readonly items: Item[]; readonly total: number; readonly links: { readonly next: string; readonly last: string }; readonly self: string }
interface AttributeBody { readonly hash: string; readonly body: string; readonly issuerType: string; readonly tao: string; readonly rootTao: string }
interface Proof {
  readonly iss: string
  readonly sub: string
  readonly vc: {
    readonly validFrom: string; readonly validUntil: string
    readonly credentialSubject: { readonly standing: string; readonly publicKeyJwk: { readonly kid: string }; readonly accreditedFor: { readonly schemaId: string }[] }
  }
}
const payloadOf = <T>(jwt: string): T => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as T

describe('One registry in every dialect', function () {
  this.timeout(60_000)
  let desk: TrustDesk
  before(async () => { desk = await openTrustDesk(START + 1_000_000) })
  after(async () => { await desk.close() })
  beforeEach(() => {
    desk.nowSeconds = START + 1_000_000
    desk.register = undefined
    desk.past.clear()
    desk.decisions.clear()
  })

  const getJson = async <T>(path: string): Promise<T> => {
    const { status, body } = await desk.get(path)
    expect(status, path).to.equal(200)
    return body as T
  }
  const pathOf = (href: string): string => href.slice(desk.url.length)
  const walk = async <Item>(path: string): Promise<Item[]> => {
    const items: Item[] = []
    for (let next = path; ;) {
      const page = await getJson<Paged<Item>>(next)
      items.push(...page.items)
      if (page.self === page.links.last || page.total === 0) return items
      next = pathOf(page.links.next)
    }
  }

  /* Each dialect's own words, turned into the same claims. */
  const fromPeople = async (): Promise<Claim[]> => {
    const { issuers } = await getJson<{ issuers: Record<string, string>[] }>('/v1/trust')
    return issuers.map((one) => ({ city: one['city'] ?? '', key: one['thumbprint'] ?? '', type: one['credential_type'] ?? '', from: one['valid_from'] ?? '', until: one['valid_until'] ?? '', standing: one['standing'] ?? '' }))
  }
  const fromList = async (): Promise<Claim[]> => {
    const { status, body } = await desk.get(listPath)
    expect(status).to.equal(200)
    return readListOfTrustedEntities(payloadOf(body)).members.flatMap(({ locode, keys }) => keys.map((key) => ({
      city: locode, key: key.thumbprint, type: key.credentialType, from: isoOf(key.validFromSeconds), until: isoOf(key.validUntilSeconds), standing: key.standing,
    })))
  }
  const fromIssuers = async (register: TrustRegister): Promise<Claim[]> => {
    const claims: Claim[] = []
    for (const { href } of await walk<{ href: string }>(`${registry}?page[size]=1`)) {
      const { attributes } = await getJson<{ attributes: string }>(pathOf(href))
      for (const link of await walk<{ href: string }>(`${pathOf(attributes)}?page[size]=2`)) {
        const { did, attribute } = await getJson<{ did: string; attribute: AttributeBody }>(pathOf(link.href))
        const { sub, vc } = payloadOf<Proof>(attribute.body)
        expect(sub).to.equal(did)
        claims.push({
          city: register.cities.find((city) => city.did === did)?.locode ?? '', key: vc.credentialSubject.publicKeyJwk.kid, type: vc.credentialSubject.accreditedFor[0]?.schemaId ?? '',
          from: vc.validFrom, until: vc.validUntil, standing: vc.credentialSubject.standing,
        })
      }
    }
    return claims
  }
  /** TRQP has yes and no, and no lists: it is asked of every key that there could be. */
  const grantedByQueries = async (register: TrustRegister): Promise<string[]> => {
    const granted: string[] = []
    for (const { did, locode } of register.cities) {
      for (const key of thumbprints) {
        for (const resource of someTypes) {
          const query = { entity_id: `${did}#${key}`, authority_id: authority, action: 'issue', resource }
          const { status, body } = await desk.post('/trqp/authorization', query)
          if (status === 200 && (body as { authorized: boolean }).authorized) granted.push(JSON.stringify([locode, key, resource]))
          else expect(status).to.be.oneOf([200, 404])
        }
      }
    }
    return granted.sort()
  }

  it('says the same of each city, key, type, validity and standing, whatever happened', async () => {
    await fc.assert(fc.asyncProperty(anyRegister(), async (register) => {
      // Only cities that were active are issuers; the chain lets no other accredit a key.
      const active = new Set(register.cities.filter(({ activated }) => activated !== undefined).map(({ locode }) => locode))
      desk.register = { ...register, accreditations: register.accreditations.filter(({ locode }) => active.has(locode)) }
      desk.nowSeconds = register.atSeconds
      const people = await fromPeople()
      expect(texts(await fromList()), 'the list of trusted entities').to.deep.equal(texts(people))
      expect(texts(await fromIssuers(register)), 'the trusted issuers').to.deep.equal(texts(people))
      const granted = people.filter(({ standing }) => standing === 'granted').map(({ city, key, type }) => JSON.stringify([city, key, type])).sort()
      expect(await grantedByQueries(register), 'authority statements').to.deep.equal(granted)
    }), { numRuns: 12, seed: 20_261_123 })
  })

  describe('list of trusted entities', () => {
    /** A register in which the city that publishes has its own key. */
    const own = (history: History): TrustRegister => {
      const register = history.register(desk.nowSeconds)
      const key = register.accreditations[0]
      if (key === undefined) throw new Error('no key')
      const publicJwk: EcPublicJwk = desk.identity.issuerJwk
      return { ...register, accreditations: [{ ...key, publicJwk, thumbprint: desk.identity.issuerKid }] }
    }
    const founded = () => new History().admit(0).activate(0).accredit(0, 0, 0)

    it('is a signed list that verifies with its own words, and says how long it may be kept', async () => {
      desk.register = own(founded())
      const { status, headers, body } = await desk.get(listPath)
      expect([status, headers.get('content-type'), headers.get('cache-control'), headers.get('access-control-allow-origin')])
        .to.deep.equal([200, 'application/jwt', 'public, max-age=300', '*'])
      explicitLoteSchema.parse(payloadOf(body))
      const { signer, list } = await verifyListOfTrustedEntities(body, { nowSeconds: desk.nowSeconds, crypto: webCryptoSuite })
      expect([signer.locode, list.sequenceNumber, list.authority]).to.deep.equal(['PTOPO', 103, authority])
      const header = JSON.parse(Buffer.from((body as string).split('.')[0] ?? '', 'base64url').toString()) as { x5c: string[] }
      expect(header.x5c).to.deep.equal([...desk.identity.x5c, desk.identity.authorityCertificate])
    })

    it('stays the same, to the byte, until something changes or an hour has passed', async () => {
      const history = founded()
      desk.register = own(history)
      const first = await desk.get(listPath)
      desk.nowSeconds += 3_599
      desk.register = { ...own(history), block: { number: 200, hash: '0x200', timestampSeconds: desk.nowSeconds } }
      const again = await desk.get(listPath)
      expect([again.body, again.headers.get('etag')]).to.deep.equal([first.body, first.headers.get('etag')])
      const kept = await desk.get(listPath, { 'if-none-match': `"other", W/${first.headers.get('etag') ?? ''}` })
      expect([kept.status, kept.body, kept.headers.get('etag')]).to.deep.equal([304, '', first.headers.get('etag')])
      desk.register = own(history.city('CitySuspended', 0, { reason: 1, until: desk.nowSeconds + 60 }))
      const changed = await desk.get(listPath)
      expect(changed.headers.get('etag')).to.not.equal(first.headers.get('etag'))
      expect(readListOfTrustedEntities(payloadOf(changed.body)).sequenceNumber).to.equal(104)
      // The suspension ends by itself: no event says so, the list does.
      desk.nowSeconds += 61
      expect(readListOfTrustedEntities(payloadOf((await desk.get(listPath)).body)).members[0]?.standing).to.equal('granted')
      desk.nowSeconds += 3_601
      expect((await desk.get(listPath)).headers.get('etag')).to.not.equal(changed.headers.get('etag'))
    })

    it('of a past block is stale: nobody can pass it off as that of today', async () => {
      const history = founded()
      desk.register = own(history.pass(500_000).city('CitySuspended', 0, { reason: 1, until: desk.nowSeconds + 60 }))
      desk.past.set(103, { ...own(founded()), atSeconds: START })
      const { status, body } = await desk.get(`${listPath}?block=103`)
      const list = readListOfTrustedEntities(payloadOf(body))
      expect([status, list.sequenceNumber, list.issuedAtSeconds, list.members[0]?.standing]).to.deep.equal([200, 103, START, 'granted'])
      const thrown: unknown = await verifyListOfTrustedEntities(body, { nowSeconds: desk.nowSeconds, crypto: webCryptoSuite }).catch((error: unknown) => error)
      expect(thrown).to.have.property('code', 'ERR_TRUST_LIST_STALE')
      expect((await desk.get(`${listPath}?block=103`)).headers.get('etag')).to.equal((await desk.get(`${listPath}?block=103`)).headers.get('etag'))
    })
  })

  describe('trusted issuers registry', () => {
    const founded = () => new History().admit(0).activate(0).admit(1).activate(1).admit(2).accredit(0, 0, 0).accredit(0, 1, 2)

    it('pages with links as EBSI writes them', async () => {
      desk.register = founded().register(desk.nowSeconds)
      const page = await getJson<Paged<{ did: string; href: string }>>(`${registry}?page[after]=2&page[size]=1`)
      const link = (after: number) => `${desk.url}${registry}?page[after]=${after}&page[size]=1`
      expect(page).to.deep.equal({
        self: link(2), items: [{ did: 'did:web:porto.example', href: `${desk.url}${registry}/did:web:porto.example` }], total: 2, pageSize: 1,
        links: { first: link(1), prev: link(1), next: link(2), last: link(2) },
      })
      for (const query of ['page[after]=0', 'page[size]=51', 'page[size]=all']) expect((await desk.get(`${registry}?${query}`)).status, query).to.equal(400)
    })

    it('gives an issuer with links in v5, with its attributes in v4', async () => {
      desk.register = founded().register(desk.nowSeconds)
      const issuer = `${registry}/did:web:porto.example`
      expect(await getJson(issuer)).to.deep.equal({ did: 'did:web:porto.example', attributes: `${desk.url}${issuer}/attributes`, hasAttributes: true })
      const old = await getJson<{ did: string; attributes: AttributeBody[] }>(issuer.replace('v5', 'v4'))
      expect(old).to.deep.equal(await getJson(`${issuer}?version=deprecated`))
      expect(old.attributes.map(({ issuerType, tao, rootTao }) => [issuerType, tao, rootTao])).to.deep.equal([['TI', authority, authority], ['TI', authority, authority]])
      expect(await getJson(`${issuer}/proxies`)).to.deep.include({ items: [], total: 0 })
    })

    it('proves each attribute with a credential of the city that publishes, whose hash never changes', async () => {
      desk.register = founded().register(desk.nowSeconds)
      const url = `${registry}/did:web:porto.example/attributes`
      const [first] = await walk<{ id: string; href: string }>(url)
      const read = async () => (await getJson<{ attribute: AttributeBody }>(`${url}/${first?.id ?? ''}`)).attribute
      const attribute = await read()
      expect(attribute.hash).to.equal(createHash('sha256').update(attribute.body).digest('hex'))
      desk.nowSeconds += 5_000
      expect(await read()).to.deep.equal(attribute)
      const [header = '', payload = '', signature = ''] = attribute.body.split('.')
      expect(await webCryptoSuite.verifyEs256(desk.identity.issuerJwk, `${header}.${payload}`, signature)).to.equal(true)
      expect(payloadOf<Proof>(attribute.body).iss).to.equal(desk.identity.did)
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).to.include({ kid: `${desk.identity.did}#${desk.identity.issuerKid}` })
    })

    it('has a revision for each turn, and keeps the hashes of those before', async () => {
      const history = founded()
      desk.register = history.register(desk.nowSeconds)
      const url = `${registry}/did:web:porto.example/attributes`
      const [first] = await walk<{ id: string }>(url)
      const revisions = `${url}/${first?.id ?? ''}/revisions`
      const before = await getJson<Paged<{ id: string }>>(revisions)
      history.pass(10).city('CitySuspended', 0, { reason: 2, until: START + 500 }).pass(10).withdraw(0, 0, 0, START + 600)
      desk.register = history.register(desk.nowSeconds)
      const after = await getJson<Paged<AttributeBody>>(`${revisions}?version=deprecated`)
      expect(after.items.map(({ issuerType, body }) => [issuerType, payloadOf<Proof>(body).vc.credentialSubject.standing])).to.deep.equal([
        ['TI', 'granted'], ['Undefined', 'suspended'], ['TI', 'granted'], ['Revoked', 'withdrawn'],
      ])
      expect(after.items[0]?.hash).to.equal(before.items[0]?.id)
      const one = await getJson<{ attribute: AttributeBody }>(`${revisions}/${after.items[1]?.hash ?? ''}`)
      expect(one.attribute).to.deep.equal(after.items[1])
    })

    it('does not know a city that was only admitted, nor another\'s attribute', async () => {
      desk.register = founded().accredit(1, 2, 1).register(desk.nowSeconds)
      const [foreign] = await walk<{ id: string }>(`${registry}/did:web:clermont.example/attributes`)
      const missing = ['did:web:barcelona.example', 'not-a-did', `did:web:porto.example/attributes/${foreign?.id ?? ''}`, `did:web:porto.example/attributes/${'0'.repeat(64)}`, 'did:web:porto.example/attributes/x']
      for (const path of missing) {
        const { status, body } = await desk.get(`${registry}/${path}`)
        expect([status, (body as { code: string }).code], path).to.deep.equal([404, 'ERR_NOT_FOUND'])
      }
    })

    it('finds a DID with a port in it, as it stands and as a path decodes it', async () => {
      const history = new History().emit('CityRegistry', 'CityAdmitted', {
        city: '0x50544f504f', name: 'Porto', did: 'did:web:localhost%3A4800', controller: '0x1', recovery: '0x2', serviceUrl: 'http://localhost:4800',
      }).activate(0)
      desk.register = history.register(desk.nowSeconds)
      const [{ href } = { href: '' }] = await walk<{ href: string }>(registry)
      for (const path of [pathOf(href), `${registry}/did:web:localhost%3A4800`]) expect(await getJson(path)).to.include({ did: 'did:web:localhost%3A4800' })
    })
  })

  describe('trust registry queries', () => {
    const query = { entity_id: 'did:web:porto.example', authority_id: authority, action: 'issue', resource: someTypes[0] }
    beforeEach(() => { desk.register = new History().admit(0).activate(0).admit(1).activate(1).accredit(0, 0, 0).accredit(1, 1, 1).recognise(0, 1, 1).register(desk.nowSeconds) })

    it('answers in the words of the specification', async () => {
      const context = { time: '2023-11-15T00:00:00Z', locator: 'anywhere' }
      const { status, headers, body } = await desk.post('/trqp/authorization', { ...query, context })
      expect([status, headers.get('content-type'), headers.get('access-control-allow-origin')]).to.deep.equal([200, 'application/json; charset=utf-8', '*'])
      expect(body).to.deep.equal({
        ...query, authorized: true, time_requested: context.time, time_evaluated: isoOf(desk.nowSeconds), message: 'The city of Porto is authorised to issue this type.', context,
      })
      const recognition = { ...query, authority_id: query.entity_id, entity_id: 'did:web:clermont.example', resource: someTypes[1] }
      expect((await desk.post('/trqp/recognition', recognition)).body).to.deep.equal({
        ...recognition, recognized: true, time_evaluated: isoOf(desk.nowSeconds), message: 'The city of Clermont-Ferrand is recognised to issue this type.',
      })
    })

    it('says 400 to what is no query and 404 to what it does not know', async () => {
      const { entity_id, authority_id, action } = query
      for (const bad of [{ entity_id, authority_id, action }, { ...query, entity_id: '' }, { ...query, context: { time: 'yesterday' } }, { ...query, context: { time: '2023-11-15T00:00:00+01:00' } }, { ...query, context: { depth: 3 } }]) {
        expect((await desk.post('/trqp/authorization', bad)).status, JSON.stringify(bad)).to.equal(400)
      }
      for (const unknown of [{ entity_id: 'did:web:elsewhere.example' }, { authority_id: 'did:web:elsewhere.example' }, { action: 'govern' }, { resource: 'x' }]) {
        const { status, headers, body } = await desk.post('/trqp/recognition', { ...query, ...unknown })
        expect([status, headers.get('content-type'), (body as { detail: string }).detail]).to.deep.equal([404, 'application/problem+json; charset=utf-8', `This registry does not know the ${Object.keys(unknown)[0]}.`])
        // A refusal stands for itself: what was asked is in what is signed.
        expect(body).to.deep.include({ ...query, ...unknown })
      }
    })

    it('refuses times that have not come and times before the federation', async () => {
      for (const [time, code] of [['2999-01-01T00:00:00Z', 'ERR_CHAIN_BLOCK_AHEAD'], ['1999-01-01T00:00:00Z', 'ERR_CHAIN_BLOCK_TOO_EARLY']]) {
        const { status, body } = await desk.post('/trqp/authorization', { ...query, context: { time } })
        expect([status, (body as { code: string }).code]).to.deep.equal([404, code])
      }
    })
  })

  describe('time travel and its refusals', () => {
    const paths = ['/v1/trust', '/v1/trust/cities/PTOPO', listPath, registry, `${registry}/did:web:porto.example`]

    it('is the same in every dialect that reads', async () => {
      const history = new History().admit(0).activate(0)
      desk.past.set(102, history.register())
      desk.register = history.accredit(0, 0, 0).register(desk.nowSeconds)
      for (const path of paths) {
        for (const [query, moment] of [['block=102', { block: 102 }], ['time=2023-11-14T22:13:20Z', { timeSeconds: START }]] as const) {
          desk.moments.length = 0
          expect((await desk.get(`${path}?${query}`)).status, path).to.equal(200)
          expect(desk.moments, path).to.deep.equal([moment])
        }
      }
      expect((await getJson<{ issuers: unknown[] }>('/v1/trust?block=102')).issuers).to.deep.equal([])
      expect((await getJson<{ issuers: unknown[] }>('/v1/trust')).issuers).to.have.length(1)
    })

    it('keeps the moment in every link', async () => {
      desk.past.set(102, new History().admit(0).activate(0).register())
      desk.register = desk.past.get(102)
      const { items, links } = await getJson<Paged<{ href: string }>>(`${registry}?block=102&page[size]=1`)
      expect([items[0]?.href, links.next].map((href) => new URL(href ?? '').searchParams.get('block'))).to.deep.equal(['102', '102'])
    })

    it('says 404 of blocks ahead and before, 400 of what is no moment, 503 while nothing is indexed', async () => {
      desk.register = new History().admit(0).register(desk.nowSeconds)
      for (const path of paths) {
        for (const [query, status, code] of [
          ['block=999', 404, 'ERR_CHAIN_BLOCK_AHEAD'], ['block=1', 404, 'ERR_CHAIN_BLOCK_TOO_EARLY'], ['time=2999-01-01T00:00:00Z', 404, 'ERR_CHAIN_BLOCK_AHEAD'],
          ['block=-1', 400, 'ERR_VALIDATION'], ['block=latest', 400, 'ERR_VALIDATION'], ['time=yesterday', 400, 'ERR_VALIDATION'], ['block=1&time=2023-11-14T22:13:20Z', 400, 'ERR_VALIDATION'],
        ] as const) {
          const answer = await desk.get(`${path}?${query}`)
          expect([answer.status, (answer.body as { code: string }).code], `${path}?${query}`).to.deep.equal([status, code])
        }
      }
      desk.register = undefined
      for (const path of paths.slice(1)) expect((await desk.get(path)).status, path).to.equal(503)
      expect(await getJson('/v1/trust')).to.deep.include({ block: null, cities: [], programs: [] })
    })
  })

  describe('why a city stands as it does', () => {
    it('tells the decisions, keys, suspensions and controllers, each with block and transaction', async () => {
      const history = new History().admit(0)
      const admission = `0x${createHash('sha256').update('transaction 101').digest('hex')}`
      const vote = { city: 'FRCFE', support: 'for', reason: 'a good neighbour', cast: { blockNumber: 99, logIndex: 0, transactionHash: '0x99', atSeconds: START - 60 } } as const
      desk.decisions.set(admission, { proposalId: '77', proposer: 'FRCFE', description: 'Admit Porto', votes: [vote] })
      history.pass(10).activate(0).accredit(0, 0, 0, { from: START }).pass(100).city('CitySuspended', 0, { reason: 3, until: START + 9_000 })
      history.city('SuspensionAppealed', 0, { statementHash: `0x${'33'.repeat(32)}` }).pass(100).city('CityReinstated', 0).city('ControllerChanged', 0, { controller: `0x${'9'.repeat(40)}` })
      history.pass(10).withdraw(0, 0, 0, START + 150).recognise(1, 0, 0)
      desk.register = history.register(desk.nowSeconds)
      const story = await getJson<Record<string, unknown> & { keys: Record<string, unknown>[]; suspensions: Record<string, Record<string, unknown>>[] }>('/v1/trust/cities/PTOPO')
      expect(story).to.deep.include({
        locode: 'PTOPO', status: 'active', member_since: isoOf(START + 10),
        admitted: {
          block: 101, transaction: admission, time: isoOf(START),
          decision: { proposal_id: '77', proposer: 'FRCFE', description: 'Admit Porto', votes: [{ city: 'FRCFE', support: 'for', reason: 'a good neighbour', block: 99, transaction: '0x99', time: isoOf(START - 60) }] },
        },
      })
      expect(story['controllers']).to.have.length(2)
      expect(story.suspensions[0]?.['suspended']).to.include({ block: 104, time: isoOf(START + 110) })
      expect(story.suspensions[0]?.['reinstated']).to.include({ block: 106 })
      expect(story.suspensions[0]?.['appealed']).to.include({ block: 105, statement_hash: `0x${'33'.repeat(32)}` })
      // The key was accredited for the second of the admission, but no city is trusted before it is a member.
      expect(story.keys[0]).to.deep.include({ standing: 'withdrawn', counts_since: isoOf(START + 10), untrusted_from: isoOf(START + 150) })
      expect((story.keys[0]?.['history'] as { standing: string }[]).map(({ standing }) => standing)).to.deep.equal(['granted', 'suspended', 'withdrawn'])
    })

    it('does not know a city that never asked to be admitted', async () => {
      desk.register = new History().admit(0).register(desk.nowSeconds)
      for (const locode of ['DEBER', 'ptopo', 'x']) expect((await desk.get(`/v1/trust/cities/${locode}`)).status).to.equal(404)
    })
  })
})
