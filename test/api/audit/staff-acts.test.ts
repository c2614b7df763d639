import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { sql } from 'kysely'
import { createAuditRoutes } from '../../../api/audit/routes.ts'
import { createAuditService } from '../../../api/audit/service.ts'
import { createAuditStore, type AuditStore } from '../../../api/audit/store.ts'
import type { PublishedAnchor } from '../../../api/audit/types.ts'
import { ApiError } from '../../../api/platform/errors.ts'
import { createRateLimits } from '../../../api/platform/limits.ts'
import { createPatientSender } from '../../../api/platform/patient-sender.ts'
import { createErrorHandler } from '../../../api/platform/problems.ts'
import { mountRoutes } from '../../../api/platform/router.ts'
import { transact } from '../../../api/platform/transaction.ts'
import { createResidentRoutes } from '../../../api/residents/routes.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { cityMigrations, createTestCity, type TestCity } from '../city.ts'
import { issueCard, keysOf } from '../wallet.ts'

interface WireAct { act_id: number; act: string; officer: { issuer: string; subject: string }; resident_id?: string; card_id?: string; reason?: string }

describe('what officers do', () => onEachDatabase(cityMigrations, (db) => {
  let city: TestCity
  let store: AuditStore
  let server: Server
  let url: string
  let anchor: () => Promise<void>
  const published: PublishedAnchor[] = []
  const officer = { issuer: 'https://login.test', subject: 'officer' }

  before(async function () {
    this.timeout(120_000)
    city = await createTestCity({ db: db() })
    store = createAuditStore(db(), city.deps.clock)
    const record = createAuditService({
      store, sender: createPatientSender({ chain: city.chain, indexedBlock: async () => undefined, clock: city.deps.clock }), locode: 'PTOPO', clock: city.deps.clock, random: () => new Uint8Array(32).fill(7), listPublished: async () => published,
    })
    anchor = async () => {
      await record.anchor()
      const { args } = (await city.chain.calls()).at(-1) ?? { args: [] }
      published.push({ actId: Number(args[2]), root: String(args[3]), anchoredAt: city.deps.clock() })
    }
    const app = express()
    mountRoutes(app, [...createAuditRoutes(store, record), ...createResidentRoutes(city.residents, city.issuance.cards, { listBalances: async () => [] })], {
      db: db(), secrets: city.secrets, limits: createRateLimits(1_000), bearers: new Map(), checkResponses: true,
      sessions: { authorise: async (request, roles) => {
        const role = request.headers.cookie === 'auditor' ? 'auditor' as const : 'staff' as const
        if (!roles.includes(role)) throw new ApiError('ERR_FORBIDDEN')
        return { ...officer, ...(request.headers.cookie === 'colleague' ? { subject: 'colleague' } : {}), name: 'Marcadora', app: 'staff', roles: [role], merchantId: undefined }
      } },
    })
    app.use(createErrorHandler('Porto'))
    server = createServer(app)
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    url = `http://localhost:${(server.address() as AddressInfo).port}`
  })
  after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => { server.close(resolve) })
    await city.close()
  })
  const read = async (path = '/v1/audit', cookie = 'auditor') => {
    const response = await fetch(`${url}${path}`, { headers: { cookie } })
    return { status: response.status, body: await response.json() as { acts: WireAct[]; next?: string; code?: string } }
  }
  const latest = async (count: number) => (await store.list({ limit: count })).map(({ act, by, residentId, cardId, reason }) => ({ act, by, residentId, cardId, reason }))

  it('is on record with who did it, to which card, and for which reason', async () => {
    const { cardId } = await issueCard(city, keysOf(1))
    await city.staff('POST', `/v1/cards/${cardId}/suspend`, { reason: 'lost' })
    await city.staff('POST', `/v1/cards/${cardId}/resume`, { reason: 'found' })
    const { body: reissue } = await city.staff('POST', `/v1/cards/${cardId}/reissue`, { reason: 'damaged' })
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'stolen' })
    const acts = await latest(6)
    const residentId = acts[0]?.residentId
    const { body: replacement } = await city.staff('GET', `/v1/offers/${String(reissue['offer_id'])}`)
    expect(replacement['card_id']).not.to.equal(cardId)
    expect((await store.list({ limit: 2 }))[1]?.newCardId).to.equal(replacement['card_id'])
    expect(acts).to.deep.equal([
      { act: 'revoked', by: officer, residentId, cardId, reason: 'stolen' },
      { act: 'reissued', by: officer, residentId, cardId, reason: 'damaged' },
      { act: 'resumed', by: officer, residentId, cardId, reason: 'found' },
      { act: 'suspended', by: officer, residentId, cardId, reason: 'lost' },
      { act: 'offered', by: officer, residentId, cardId, reason: undefined },
      { act: 'enrolled', by: officer, residentId, cardId: undefined, reason: undefined },
    ])
  })

  it('is on record when an offer is withdrawn', async () => {
    const residentId = await city.enrol()
    const { body } = await city.staff('POST', `/v1/residents/${residentId}/offers`)
    const { body: offer } = await city.staff('GET', `/v1/offers/${String(body['offer_id'])}`)
    await city.staff('POST', `/v1/offers/${String(body['offer_id'])}/cancel`)
    expect(await latest(2)).to.deep.equal([
      { act: 'offer_cancelled', by: officer, residentId, cardId: offer['card_id'], reason: undefined },
      { act: 'offered', by: officer, residentId, cardId: offer['card_id'], reason: undefined },
    ])
  })

  it('is on record once for a request that is repeated, and not at all for one that is refused', async () => {
    const { cardId } = await issueCard(city, keysOf(1))
    const key = 'the same request'.replaceAll(' ', '-')
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' }, key)
    const [{ actId } = { actId: 0 }] = await store.list({ limit: 1 })
    expect((await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' }, key)).status).to.equal(200)
    expect((await city.staff('POST', `/v1/cards/${cardId}/suspend`, { reason: 'lost' })).status).to.equal(409)
    expect((await store.list({ limit: 1 }))[0]?.actId).to.equal(actId)
  })

  it('stands or falls with what it changes', async () => {
    const [before] = await latest(1)
    const dying = transact(db(), async () => {
      await city.enrol({ familyName: 'Ninguém' })
      throw new Error('power cut')
    })
    expect(await dying.catch((error: unknown) => String(error))).to.equal('Error: power cut')
    expect(await latest(1)).to.deep.equal([before])
    await sql`alter table staff_acts rename to staff_acts_away`.execute(db())
    const failed = await city.enrol({ familyName: 'Alguém' }).then(() => 'enrolled', () => 'refused')
    await sql`alter table staff_acts_away rename to staff_acts`.execute(db())
    expect(failed).to.equal('refused')
    expect(await city.residents.search({ familyName: 'Alguém' }, officer)).to.deep.equal([])
  })

  describe('with residents whom an officer is shown', () => {
    const look = async (path: string, cookie = 'officer', body?: object) => {
      const method = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      const response = await fetch(`${url}/v1/residents/${path}`, { headers: { cookie, 'content-type': 'application/json' }, ...method })
      return { status: response.status, text: await response.text() }
    }
    const looksAt = async (residentId: string) =>
      (await store.list({ limit: 100, residentId, kinds: ['looked_up'] })).map(({ by, reason }) => `${by.subject}: ${reason ?? ''}`).reverse()

    it('is on record for all whom a search finds, by the resident and never by what was searched for', async () => {
      const [first, second] = [await city.enrol({ familyName: 'Procurada' }), await city.enrol({ familyName: 'Procurada' })]
      const { status, text } = await look('search', 'officer', { family_name: 'procurada' })
      expect([status, text.includes(first), text.includes(second)]).to.deep.equal([200, true, true])
      expect([await looksAt(first), await looksAt(second)]).to.deep.equal([['officer: search'], ['officer: search']])
      const rows = JSON.stringify((await sql`select * from staff_acts`.execute(db())).rows)
      expect(rows).to.contain(first).and.not.match(/procurada/i)
      const before = await latest(1)
      expect((await look('search', 'officer', { family_name: 'Ningures' })).status).to.equal(200)
      expect(await latest(1)).to.deep.equal(before)
    })

    it('is on record once a day for each officer and way, however often the page asks', async () => {
      const residentId = await city.enrol({ familyName: 'Vista' })
      expect(await looksAt(residentId)).to.deep.equal([])
      const asks = [residentId, `${residentId}/portrait`, residentId, `${residentId}/portrait`]
      expect((await Promise.all(asks.map((path) => look(path)))).map(({ status }) => status)).to.deep.equal([200, 200, 200, 200])
      await look('search', 'officer', { family_name: 'vista' })
      await look(residentId, 'colleague')
      expect(await looksAt(residentId)).to.deep.equal(['officer: file', 'officer: search', 'colleague: file'])
      city.pass(86_400)
      await look(residentId)
      await look(residentId)
      expect(await looksAt(residentId)).to.deep.equal(['officer: file', 'officer: search', 'colleague: file', 'officer: file'])
    })

    it('shows nobody whom it cannot put on record', async () => {
      const residentId = await city.enrol({ familyName: 'Oculta' })
      await sql`alter table staff_acts rename to staff_acts_away`.execute(db())
      const refused = await Promise.all([look(residentId), look(`${residentId}/portrait`), look('search', 'officer', { family_name: 'oculta' })])
      await sql`alter table staff_acts_away rename to staff_acts`.execute(db())
      expect(refused.map(({ status }) => status)).to.deep.equal([500, 500, 500])
      expect(refused.map(({ text }) => text).join('')).not.to.match(/oculta|Maria/i)
      expect(await looksAt(residentId)).to.deep.equal([])
    })

    it('is on record for nobody where there is no such resident', async () => {
      const nobody = '00000000-0000-4000-8000-000000000001'
      expect((await look(nobody)).status).to.equal(404)
      expect(await looksAt(nobody)).to.deep.equal([])
    })
  })

  it('is read of some kinds and of one resident alone, page by page', async () => {
    const residentId = await city.enrol()
    await city.residents.open(residentId, officer)
    await city.residents.search({ familyName: 'Ferreira' }, officer)
    await city.staff('POST', `/v1/residents/${residentId}/offers`)
    const readAll = async (filter: string) => {
      const acts: WireAct[] = []
      for (let path: string | undefined = `/v1/audit?${filter}&limit=1`; path !== undefined;) {
        const { body } = await read(path)
        acts.push(...body.acts)
        path = body.next
      }
      return acts
    }
    expect((await readAll(`resident_id=${residentId}`)).map(({ act }) => act)).to.deep.equal(['offered', 'looked_up', 'looked_up', 'enrolled'])
    expect((await readAll(`resident_id=${residentId}&acts=enrolled,offered`)).map(({ act }) => act)).to.deep.equal(['offered', 'enrolled'])
    expect(new Set((await readAll('acts=looked_up')).map(({ act }) => act))).to.deep.equal(new Set(['looked_up']))
    for (const wrong of ['acts=', 'acts=deleted', 'acts=enrolled,', 'resident_id=1']) expect((await read(`/v1/audit?${wrong}`)).status, wrong).to.equal(400)
  })

  it('can be neither changed nor deleted before its time', async () => {
    const failing = async (statement: ReturnType<typeof sql>) => await statement.execute(db()).then(() => 'done', (error: unknown) => String(error))
    expect(await failing(sql`update staff_acts set subject = 'somebody else'`)).to.contain('only ever added to')
    expect(await failing(sql`delete from staff_acts`)).to.contain('only ever added to')
  })

  it('is read by auditors alone, page by page, without a name', async () => {
    expect((await read('/v1/audit', 'staff')).body.code).to.equal('ERR_FORBIDDEN')
    const { body: whole } = await read()
    const paged: WireAct[] = []
    for (let path: string | undefined = '/v1/audit?limit=3'; path !== undefined;) {
      const { body } = await read(path)
      paged.push(...body.acts)
      path = body.next
    }
    expect(paged).to.deep.equal(whole.acts)
    expect(whole.acts.length).to.be.greaterThan(8)
    expect(whole.acts.find(({ reason }) => reason === 'stolen')).to.have.all.keys('act_id', 'at', 'officer', 'act', 'resident_id', 'card_id', 'reason', 'previous_hash', 'hash')
    expect(JSON.stringify(whole)).not.to.match(/Marcadora|Maria|Ferreira/)
    expect((await read('/v1/audit?limit=0')).status).to.equal(400)
  })

  it('is proven to auditors alone, against what the chain has', async () => {
    await city.enrol()
    await anchor()
    const [head] = await store.list({ limit: 1 })
    const prove = async (cookie: string) => (await fetch(`${url}/v1/audit/proof`, { headers: { cookie } })).json() as Promise<Record<string, unknown>>
    expect((await prove('staff'))['code']).to.equal('ERR_FORBIDDEN')
    const proof = await prove('auditor')
    expect(proof).to.deep.include({ whole: true, last_act_id: head?.actId, anchors: 1 })
    expect(proof['latest_anchor']).to.deep.include({
      act_id: head?.actId, root: published[0]?.root, hash: Buffer.from(head?.hash ?? []).toString('hex'), salt: '07'.repeat(32),
    })
    published[0] = { actId: head?.actId ?? 0, root: `0x${'00'.repeat(32)}`, anchoredAt: city.deps.clock() }
    expect(await prove('auditor')).to.deep.include({ whole: false, anchors: 0, fault: { act_id: head?.actId, kind: 'unproven' } })
  })

  it('leaves no name in the log', () => {
    expect(city.log()).not.to.match(/Maria|Ferreira|Ningu|Algu|Procurada|Vista|Oculta/i)
  })
}))
