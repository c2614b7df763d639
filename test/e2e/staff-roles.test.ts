import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { buildWeb } from '../../web/build.ts'
import { findBarriers } from './support/barriers.ts'
import { findChromium, openBrowser, type Person } from './support/browser.ts'
import { serveStatic, type StaticServer } from './support/static-server.ts'

const session = { signed_in: true, name: 'Councillor', roles: [] as readonly string[], csrf_token: 'x' }
const answers = {
  '/v1/city': { locode: 'PTOPO', name: 'Porto', did: 'did:web:localhost', public_url: '', chain_id: 7411, env: 'test' },
  '/auth/session': session,
  '/v1/federation/members': { members: [] }, '/v1/federation/proposals': { proposals: [] }, '/v1/governance/drafts': { drafts: [] },
}

describe('the staff console, by role', () => {
  let server: StaticServer
  let person: Person

  before(async function () {
    const chromium = findChromium()
    if (chromium === undefined) this.skip()
    this.timeout(120_000)
    await buildWeb({ apps: ['staff'] })
    server = await serveStatic(join(import.meta.dirname, '..', '..', 'web', 'dist'), answers)
    person = await openBrowser(chromium)
  })
  after(async () => {
    await (person as Person | undefined)?.close()
    await (server as StaticServer | undefined)?.close()
  })

  const open = async (roles: readonly string[], path = ''): Promise<Page> => {
    session.roles = roles
    const page = await person.context.newPage()
    await page.goto(`${server.url}/staff/${path}`)
    await page.locator('h1').first().waitFor()
    return page
  }
  const navigation = (page: Page): Promise<string[]> => page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link').allTextContents()

  it('lets somebody of the federation alone begin there and see nothing else', async function () {
    this.timeout(60_000)
    const page = await open(['federation'])
    await page.getByRole('heading', { name: 'Decisions of the cities' }).waitFor()
    expect(await navigation(page)).to.deep.equal(['Federation'])
    await page.close()
  })

  it('says plainly that a section is for others, and leads to one\'s own', async function () {
    this.timeout(60_000)
    const page = await open(['federation'], '#/merchants')
    await page.getByRole('heading', { name: 'This part is not for your account' }).waitFor()
    expect(await findBarriers(page)).to.deep.equal([])
    await page.getByRole('link', { name: 'To “Federation”' }).click()
    await page.getByRole('heading', { name: 'Decisions of the cities' }).waitFor()
    await page.close()
  })

  it('keeps the federation from the desk alone', async function () {
    this.timeout(60_000)
    const page = await open(['staff'], '#/federation')
    await page.getByRole('heading', { name: 'This part is not for your account' }).waitFor()
    expect(await navigation(page)).to.deep.equal(['Residents', 'Merchants', 'Settlements', 'Programmes'])
    await page.close()
  })

  it('turns away whom nothing here is for', async function () {
    this.timeout(60_000)
    const page = await open(['merchant'])
    await page.getByRole('heading', { name: 'This account cannot be used here' }).waitFor()
    expect(await page.getByRole('navigation').count()).to.equal(0)
    await page.close()
  })
})
