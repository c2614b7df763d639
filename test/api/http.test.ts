import { expect } from 'chai'
import { sql } from 'kysely'
import type { RouteDefinition } from '../../api/platform/route.ts'
import { tinyJpeg } from '../agent/pictures.ts'
import { createBrowser, passwords, startHttpCity, type Browser, type HttpCity } from './http-city.ts'

const somebody = {
  given_name: 'Marcadora', family_name: 'Inconfundível', birth_date: '1987-06-05',
  portrait: { media_type: 'image/jpeg', data: Buffer.from(tinyJpeg()).toString('base64') }, papers_inspected: true,
}

/** A path with something of the right form in each place. */
function pathOf(route: RouteDefinition): string {
  return route.path
    .replace(/:(program_id|order_id|settlement_id)/g, `0x${'0'.repeat(64)}`)
    .replace(/:[a-z_]+/g, '00000000-0000-4000-8000-000000000000')
}

describe('the HTTP service of a city', () => {
  let city: HttpCity
  let officer: Browser
  let gate: Browser
  const anybody = () => createBrowser(city.url)
  const codeOf = async (response: Response): Promise<unknown> => (await response.json() as { code?: string }).code

  before(async function startAll() {
    this.timeout(120_000)
    city = await startHttpCity()
    officer = anybody()
    gate = anybody()
    await officer.signIn('staff', 'officer', passwords.officer)
    await gate.signIn('verifier', 'gate', passwords.gate)
  })
  after(async () => { await city.stop() })

  describe('signing in', () => {
    it('goes through the OpenID provider and comes back to the app', async () => {
      const browser = anybody()
      const response = await browser.signIn('staff', 'officer', passwords.officer)
      expect([response.status, response.headers.get('location')]).to.deep.equal([303, '/staff/'])
      const session = await (await browser.fetch('/auth/session')).json() as Record<string, unknown>
      expect(session).to.deep.include({ signed_in: true, name: 'Enrolment officer', roles: ['staff', 'federation'] })
    })

    it('gives the browser a cookie that scripts cannot read, named for the city', async () => {
      const browser = anybody()
      const response = await browser.signIn('staff', 'officer', passwords.officer)
      const cookie = response.headers.getSetCookie().find((line) => line.startsWith('symbolon_ptopo_staff=')) ?? ''
      expect(cookie).to.match(/HttpOnly/i).and.to.match(/SameSite=Lax/i)
    })

    it('refuses a wrong password and an unknown login alike', async () => {
      const pages = await Promise.all([['officer', 'wrong-password'], ['nobody', 'wrong-password']].map(async ([login = '', password = '']) => {
        const response = await anybody().signIn('staff', login, password)
        return [response.status, (await response.text()).replaceAll(/\/login\/[\w-]+|value="\w*"/g, '')]
      }))
      expect(pages[0]?.[0]).to.equal(401)
      expect(pages[0]).to.deep.equal(pages[1])
    })

    it('ends when asked, on the server too', async () => {
      const browser = anybody()
      await browser.signIn('staff', 'officer', passwords.officer)
      const kept = new Map(browser.cookies)
      expect((await browser.post('/auth/logout', {})).status).to.equal(204)
      for (const [name, value] of kept) browser.cookies.set(name, value)
      expect(await (await browser.fetch('/auth/session')).json()).to.deep.equal({ signed_in: false, roles: [] })
    })

    it('cannot be finished with somebody else\'s state', async () => {
      const browser = anybody()
      await browser.fetch('/auth/login?app=staff')
      const response = await browser.fetch('/auth/callback?code=stolen&state=guessed')
      expect([response.status, await codeOf(response)]).to.deep.equal([400, 'ERR_LOGIN_FAILED'])
    })

    it('tells people who come back too late on a page, with a way to start again', async () => {
      const response = await anybody().fetch('/auth/callback?code=old', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
      expect([response.status, response.headers.get('content-type')]).to.deep.equal([400, 'text/html; charset=utf-8'])
      expect(await response.text()).to.contain('Start again')
    })

    it('survives a restart of the service', async function restart() {
      this.timeout(60_000)
      const again = await startHttpCity({ db: city.db })
      const browser = createBrowser(again.url)
      for (const [name, value] of officer.cookies) browser.cookies.set(name, value)
      expect(await (await browser.fetch('/auth/session')).json()).to.include({ signed_in: true })
      await again.stop()
    })
  })

  describe('who may do what', () => {
    it('refuses every route with roles to strangers, and to those who lack them', async () => {
      for (const route of city.service.routes) {
        if (!Array.isArray(route.access)) continue
        const init = { method: route.method.toUpperCase(), headers: { 'content-type': 'application/json' } }
        const stranger = await anybody().fetch(pathOf(route), init)
        expect([stranger.status, await codeOf(stranger)], `${route.method} ${route.path} by a stranger`).to.deep.equal([401, 'ERR_NOT_SIGNED_IN'])
        for (const [browser, role, roles] of [[officer, 'officer', ['staff', 'federation']], [gate, 'operator', ['operator']]] as const) {
          const mayCall = roles.some((held) => (route.access as readonly string[]).includes(held))
          const response = route.method === 'get' ? await browser.fetch(pathOf(route)) : await browser.post(pathOf(route), {})
          if (mayCall) expect(response.status, `${route.method} ${route.path} by ${role}`).not.to.be.oneOf([401, 403])
          else expect([response.status, await codeOf(response)], `${route.method} ${route.path} by ${role}`).to.deep.equal([403, 'ERR_FORBIDDEN'])
        }
      }
    })

    it('refuses every unsafe route with roles without the CSRF token', async () => {
      for (const route of city.service.routes) {
        if (!Array.isArray(route.access) || route.method === 'get') continue
        const response = await officer.fetch(pathOf(route), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
        expect([response.status, await codeOf(response)], route.path).to.deep.equal([403, 'ERR_CSRF'])
      }
    })

    it('refuses every bearer route without a token, and with a wrong one', async () => {
      const routes = city.service.routes.filter((route) => typeof route.access === 'object' && 'bearer' in route.access)
      expect(routes.length).to.be.greaterThan(2)
      for (const route of routes) {
        for (const headers of [{}, { authorization: 'Bearer wrong' }] as Record<string, string>[]) {
          const response = await anybody().fetch(pathOf(route), { method: route.method.toUpperCase(), headers })
          expect([response.status, response.headers.has('www-authenticate')], route.path).to.deep.equal([401, true])
        }
      }
    })

    it('asks for an idempotency key wherever something is issued, awarded or settled', async () => {
      const needed = ['/v1/residents', '/v1/programs', '/v1/residents/:resident_id/awards', '/v1/points/withdrawals', '/v1/merchants', '/v1/orders',
        '/v1/orders/:order_id/payments', '/v1/settlements', '/v1/settlements/:settlement_id/paid', '/v1/residents/:resident_id/offers']
      const idempotent = city.service.routes.filter((route) => route.idempotent).map((route) => route.path)
      expect(idempotent).to.include.members(needed)
      const session = await (await officer.fetch('/auth/session')).json() as { csrf_token: string }
      const without = await officer.fetch('/v1/residents', {
        method: 'POST', headers: { 'content-type': 'application/json', 'x-csrf-token': session.csrf_token }, body: JSON.stringify(somebody),
      })
      expect(await codeOf(without)).to.equal('ERR_IDEMPOTENCY_KEY_MISSING')
    })
  })

  describe('enrolling', () => {
    it('enrols, finds by family name, birth date and both, and reads', async () => {
      const created = await officer.post('/v1/residents', somebody)
      expect(created.status).to.equal(201)
      const { resident_id: residentId } = await created.json() as { resident_id: string }
      const searches = [{ family_name: 'inconfundivel' }, { birth_date: '1987-06-05' }, { family_name: 'INCONFUNDÍVEL', birth_date: '1987-06-05' }]
      for (const search of searches) {
        const { residents } = await (await officer.post('/v1/residents/search', search)).json() as { residents: { resident_id: string }[] }
        expect(residents.map((resident) => resident.resident_id)).to.include(residentId)
      }
      const { residents: none } = await (await officer.post('/v1/residents/search', { family_name: 'inconfundivel', birth_date: '1987-06-06' })).json() as { residents: unknown[] }
      expect(none).to.deep.equal([])
      const portrait = await officer.fetch(`/v1/residents/${residentId}/portrait`)
      expect([portrait.headers.get('content-type'), portrait.headers.get('cache-control')]).to.deep.equal(['image/jpeg', 'no-store'])
      const read = await (await officer.fetch(`/v1/residents/${residentId}`)).json() as object
      expect(read).to.deep.include({ given_name: 'Marcadora', cards: [], points: [] })
    })

    it('enrols once when the request is repeated', async () => {
      const key = crypto.randomUUID()
      const body = { ...somebody, family_name: 'Repetida' }
      const answers = await Promise.all(Array.from({ length: 4 }, () => officer.post('/v1/residents', body, { 'idempotency-key': key })))
      const ids = await Promise.all(answers.map(async (answer) => (await answer.json() as { resident_id: string }).resident_id))
      expect(new Set(ids)).to.have.property('size', 1)
      const { residents } = await (await officer.post('/v1/residents/search', { family_name: 'repetida' })).json() as { residents: unknown[] }
      expect(residents).to.have.length(1)
    })

    it('insists that the papers were inspected', async () => {
      const response = await officer.post('/v1/residents', { ...somebody, papers_inspected: false })
      const problem = await response.json() as { code: string; errors: { pointer: string }[] }
      expect([response.status, problem.code, problem.errors[0]?.pointer]).to.deep.equal([400, 'ERR_VALIDATION', '#/papers_inspected'])
    })

    it('leaves no trace of a person in the log or, in plain text, in the database', async () => {
      await officer.post('/v1/residents', somebody)
      await officer.post('/v1/residents', { ...somebody, birth_date: 'Marcadora' })
      await officer.post('/v1/residents', { ...somebody, portrait: { media_type: 'image/jpeg', data: 'TWFyY2Fkb3Jh' } })
      await officer.post('/v1/residents', { ...somebody, Marcadora: 'Marcadora' })
      await officer.post('/v1/residents/search', { family_name: 'Inconfundível' })
      await officer.fetch('/v1/residents?family_name=Marcadora')
      const tables = (await sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public'`.execute(city.db)).rows
      const dump = (await Promise.all(tables.map(async ({ name }) => JSON.stringify((await sql`select t::text from ${sql.table(name)} t`.execute(city.db)).rows)))).join()
      expect(dump).to.contain('residents')
      const hex = Buffer.from('Marcadora').toString('hex')
      for (const trace of ['Marcadora', 'Inconfund', 'inconfund', '1987-06-05', hex, Buffer.from('1987-06-05').toString('hex')]) {
        expect(dump, 'database').not.to.contain(trace)
        expect(city.log.join(''), 'log').not.to.contain(trace)
      }
      expect(city.log.length).to.be.greaterThan(10)
    })
  })

  describe('every answer', () => {
    it('carries the strict policy, and none of it allows inline scripts or other sources of them', async () => {
      for (const path of ['/', '/docs', '/v1/city', '/nowhere', '/theme.css']) {
        const { headers } = await anybody().fetch(path)
        const policy = headers.get('content-security-policy') ?? ''
        expect(policy, path).to.contain("script-src 'self';").and.to.contain("frame-ancestors 'none'").and.to.contain("object-src 'none'")
        expect(policy, path).not.to.match(/unsafe| \*[ ;]|script-src[^;]*:/)
        expect(headers.get('permissions-policy'), path).to.contain('camera=(self)')
        expect([headers.get('x-content-type-options'), headers.get('referrer-policy'), headers.get('x-powered-by')], path).to.deep.equal(['nosniff', 'no-referrer', null])
      }
    })

    it('has an icon where a page names one, and where browsers look for one by themselves', async () => {
      for (const path of ['/', '/docs']) {
        const page = await (await anybody().fetch(path)).text()
        const icon = /<link rel="icon" href="([^"]+)"/.exec(page)?.[1]
        for (const address of [icon ?? 'none', '/favicon.ico']) {
          const answer = await anybody().fetch(address)
          expect([answer.status, answer.headers.get('content-type')], `${path} ${address}`).to.deep.equal([200, 'image/svg+xml; charset=utf-8'])
          expect(await answer.text()).to.match(/^<svg [^]+<\/svg>\n$/)
        }
      }
    })

    it('is readable by any origin where wallets and cities call, and nowhere else', async () => {
      for (const route of city.service.routes) {
        const preflight = await anybody().fetch(pathOf(route), { method: 'OPTIONS', headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' } })
        const isOpen = city.service.routes.some((other) => other.path === route.path && other.cors)
        expect(preflight.headers.get('access-control-allow-origin'), route.path).to.equal(isOpen ? '*' : null)
        expect(preflight.headers.get('access-control-allow-credentials'), route.path).to.equal(null)
        if (Array.isArray(route.access)) expect(route.cors, route.path).to.equal(false)
      }
      const answer = await anybody().fetch('/v1/city')
      expect(answer.headers.get('access-control-allow-origin')).to.equal('*')
    })

    it('tells how much of the rate limit is left on public routes', async () => {
      const { headers } = await anybody().fetch('/v1/city')
      expect(headers.get('ratelimit')).to.match(/"public"; r=\d+; t=\d+/)
      expect(headers.get('ratelimit-policy')).to.match(/"public"; q=\d+; w=60/)
    })
  })

  describe('problems', () => {
    const expectProblem = async (response: Response, status: number, code: string): Promise<void> => {
      expect(response.headers.get('content-type')).to.equal('application/problem+json; charset=utf-8')
      expect(await response.json()).to.deep.include({ status, code, type: `urn:symbolon:problem:${code}` })
      expect(response.status).to.equal(status)
    }
    it('tell an unknown path', async () => { await expectProblem(await anybody().fetch('/v1/nothing'), 404, 'ERR_NOT_FOUND') })
    it('tell a path that cannot be decoded', async () => { await expectProblem(await anybody().fetch('/v1/orders/%E0%A4%A'), 404, 'ERR_NOT_FOUND') })
    it('tell an identifier of the wrong form', async () => { await expectProblem(await officer.fetch('/v1/residents/1'), 404, 'ERR_NOT_FOUND') })
    it('tell a method that is not allowed', async () => {
      const response = await anybody().fetch('/v1/city', { method: 'DELETE' })
      expect(response.headers.get('allow')).to.equal('GET, HEAD, OPTIONS')
      await expectProblem(response, 405, 'ERR_METHOD_NOT_ALLOWED')
    })
    it('tell malformed JSON', async () => { await expectProblem(await officer.post('/v1/residents/search', '{"family_name":'), 400, 'ERR_MALFORMED_BODY') })
    it('tell a body that is too large', async () => {
      await expectProblem(await officer.post('/v1/residents/search', { family_name: 'x'.repeat(70_000) }), 413, 'ERR_PAYLOAD_TOO_LARGE')
    })
    it('tell a media type that is not accepted', async () => {
      await expectProblem(await officer.post('/v1/residents/search', '<x/>', { 'content-type': 'text/xml' }), 415, 'ERR_MEDIA_TYPE')
    })
    it('tell a compression that is not known', async () => {
      await expectProblem(await officer.post('/v1/residents/search', '{}', { 'content-encoding': 'made-up' }), 415, 'ERR_MEDIA_TYPE')
    })
    it('carry the number of the request, which is in the log too', async () => {
      const response = await anybody().fetch('/v1/nothing')
      const { request_id: id } = await response.json() as { request_id: string }
      expect(response.headers.get('x-request-id')).to.equal(id)
      expect(city.log.some((line) => line.includes(id))).to.equal(true)
    })
  })

  describe('the documentation', () => {
    it('describes every route that is served, and is sound', async () => {
      const document = await (await anybody().fetch('/openapi.json')).json() as {
        openapi: string
        paths: Record<string, Record<string, { operationId: string; responses: object; parameters?: { in: string; name: string }[] }>>
        components: { schemas: Record<string, object> }
      }
      expect(document.openapi).to.equal('3.1.0')
      for (const route of city.service.routes) {
        const template = route.path.replace(/:([a-z_]+)/g, '{$1}')
        const operation = document.paths[template]?.[route.method]
        expect(operation, `${route.method} ${route.path}`).to.be.an('object')
        const declared = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name)
        expect(declared.sort(), route.path).to.deep.equal([...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort())
        expect(Object.keys(operation?.responses ?? {}), route.path).to.include('default')
      }
      const ids = Object.values(document.paths).flatMap((item) => Object.values(item)).map((operation) => operation.operationId)
      expect(new Set(ids).size).to.equal(ids.length)
      for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(document.components.schemas).to.have.property(name ?? '')
    })

    it('is a page without scripts', async () => {
      const response = await anybody().fetch('/docs')
      const page = await response.text()
      expect(page).to.contain('/v1/residents').and.to.contain('ERR_NOTE_SPENT')
      expect(page).not.to.match(/<script|style=|onclick/)
    })
  })

  describe('health', () => {
    it('is live, and not ready without a chain that knows the city', async () => {
      expect(await (await anybody().fetch('/health/live')).json()).to.deep.equal({ status: 'live' })
      const response = await anybody().fetch('/health/ready')
      const body = await response.json() as { dependencies: object; registration: { waiting_for: string[] } }
      expect(response.status).to.equal(503)
      expect(body.dependencies).to.deep.equal({ database: 'up', chain: 'down' })
      expect(body.registration.waiting_for).to.include('activation by the federation')
    })

    it('tells metrics by route template, never by path', async () => {
      await anybody().fetch(`/v1/orders/0x${'1'.repeat(64)}`)
      const metrics = await (await anybody().fetch('/metrics')).text()
      expect(metrics).to.contain('route="/v1/orders/:order_id"')
      expect(metrics).not.to.contain('1'.repeat(64))
    })
  })

  describe('merchants', () => {
    it('sign in with the first password, told once, and ask for points', async () => {
      const program = await (await officer.post('/v1/programs', { name: 'Trial', units: 100, until: '2099-12-31' })).json() as { program_id: string }
      const registered = await officer.post('/v1/merchants', { name: 'Livraria', iban: 'PT50 0002 0123 1234 5678 9015 4', login: 'livraria' })
      const { password, merchant_id: merchantId } = await registered.json() as { password: string; merchant_id: string }
      const till = anybody()
      await till.signIn('merchant', 'livraria', password)
      expect(await (await till.fetch('/auth/session?app=merchant')).json()).to.deep.include({ roles: ['merchant'], merchant_id: merchantId })
      const placed = await till.post('/v1/orders', { program_id: program.program_id, points: 5, memo: 'a book' })
      expect(placed.status).to.equal(201)
      const order = await placed.json() as { order_id: string; order_url: string }
      const seen = await (await anybody().fetch(new URL(order.order_url).pathname)).json() as object
      expect(seen).to.deep.include({ state: 'open', points: 5, program_name: 'Trial' })
      expect(JSON.stringify(seen)).not.to.contain('a book')
      const listed = await (await officer.fetch('/v1/merchants')).text()
      expect(listed).not.to.contain(password).and.not.to.contain('PT50000201231234567890154')
    }).timeout(60_000)
  })
})

describe('rate limits', () => {
  it('answer 429 with Retry-After once there were too many attempts to sign in', async function limited() {
    this.timeout(60_000)
    const city = await startHttpCity({ env: { SYMBOLON_RATE_LIMIT_FACTOR: '1' } })
    const browser = createBrowser(city.url)
    let response = await browser.fetch('/v1/points/sessions', { method: 'POST' })
    for (let attempt = 0; attempt < 70 && response.status !== 429; attempt += 1) response = await browser.fetch('/v1/points/sessions', { method: 'POST' })
    expect([response.status, Number(response.headers.get('retry-after')) > 0]).to.deep.equal([429, true])
    expect(await response.json()).to.include({ code: 'ERR_RATE_LIMITED' })
    await city.stop()
  })
})
