import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { buildWeb } from '../../web/build.ts'
import { findBarriers } from './support/barriers.ts'
import { findChromium, openBrowser, type Person } from './support/browser.ts'
import { serveStatic, type StaticServer } from './support/static-server.ts'

const hash = `0x${'5a'.repeat(32)}`
const account = `0x${'11'.repeat(20)}`
const place = { block: 12, transaction_hash: hash, at: '2026-11-23T10:00:00Z' }
const member = { did: 'did:web:x', service_url: 'https://x.test', controller: account, recovery: account, admitted_at: '2026-01-01T00:00:00Z' }
const action = { type: 'suspend', contract: 'CityRegistry', locode: 'FRCFE', reason: 5, until: '2099-12-31T23:59:59Z' }
const proposal = {
  proposal_id: '42', title: 'Suspend Clermont-Ferrand', description: 'Suspend Clermont-Ferrand\n\nIts data centre moves.', state: 'active', changes_at: '2099-01-01T00:00:00Z',
  proposer: { account, city: 'PTOPO' }, actions: [action, { type: 'unknown', address: account, data: `0x${'ab'.repeat(100)}` }], created: place,
  voting_starts_at: '2026-11-23T10:00:01Z', voting_ends_at: '2099-01-01T00:00:00Z', tally: { for: 0, against: 1, abstain: 0, seats: 2, quorum: 1, quorum_reached: false },
  votes: [{ city: 'FRCFE', account, support: 'against', reason: 'Not needed.', cast: place }],
}
const draft = (id: string, state: string, more: object = {}) => ({
  draft_id: id, state, action, description: 'Suspend Clermont-Ferrand', drafted: { by: 'Councillor', is_you: false, at: place.at }, expires_at: '2099-01-01T00:00:00Z',
  may_approve: state === 'draft', ...more,
})
const failed = draft('d2', 'failed', { failure: { code: 'ERR_X', detail: 'CityRegistryWrongStatus(0x4652434645, 4)', advice: 'Look up the city.' } })
const drafts = [draft('d1', 'draft'), failed]
const answers = {
  '/v1/city': { locode: 'PTOPO', name: 'Porto', did: 'did:web:localhost', public_url: '', chain_id: 7411, env: 'test' },
  '/auth/session': { signed_in: true, name: 'Officer', roles: ['staff', 'federation'], csrf_token: 'x' },
  '/v1/federation/members': { members: [
    { ...member, locode: 'PTOPO', name: 'Porto', status: 'suspended', suspension: { reason: 3, until: '2099-01-01T00:00:00Z' }, offer: { account, acceptable_from: '2099-01-01T00:00:00Z' } },
    { ...member, locode: 'FRCFE', name: 'Clermont-Ferrand', status: 'active' },
  ] },
  '/v1/federation/proposals': { proposals: [proposal] }, '/v1/federation/proposals/42': proposal,
  '/v1/governance/drafts': { drafts }, '/v1/governance/drafts/d1': drafts[0], '/v1/governance/drafts/d2': failed,
  '/v1/governance/control': { controller: account, handing_over: false }, '/v1/governance/rehearsals': { passes: true },
}

const pages = ['', '/proposals/42', '/new', '/new/admit', '/new/activate', '/new/suspend', '/drafts', '/drafts/d1', '/drafts/d2', '/drafts/d9', '/city']

describe('the officers\' pages of the federation', () => {
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

  const open = async (path: string, complaints: string[] = []): Promise<Page> => {
    const page = await person.context.newPage()
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(`${server.url}/staff/#/federation${path}`)
    await page.locator('h1').first().waitFor()
    return page
  }

  for (const path of pages) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`#/federation${path} can be used by everybody on a narrow screen, ${colorScheme}, under a strict policy`, async function () {
        this.timeout(60_000)
        const complaints: string[] = []
        const page = await open(path, complaints)
        await page.emulateMedia({ colorScheme })
        // All of it at once: on a real phone the bar at the bottom lies over what is scrolled away.
        await page.setViewportSize({ width: 320, height: 2400 })
        expect(await findBarriers(page)).to.deep.equal([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(320)
        expect(complaints).to.deep.equal([])
        await page.close()
      })
    }
  }

  it('let a decision be filled in and tried out with the keyboard alone', async function () {
    this.timeout(60_000)
    const page = await open('/new/suspend')
    await page.getByLabel('City').focus()
    await page.keyboard.type('Clermont')
    await page.keyboard.press('Tab')
    await page.keyboard.type('5')
    await page.keyboard.press('Tab')
    for (const part of ['31', '12', '2098']) await page.keyboard.type(part)
    await page.getByLabel('Description').focus()
    await page.keyboard.type('At its own request')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('Try it out')
    await page.keyboard.press('Enter')
    await page.getByText('the chain would accept this now').waitFor()
    expect(await page.getByRole('button', { name: 'Give it to a second officer' }).isEnabled()).to.equal(true)
    await page.close()
  })

  it('hash a document in the browser and send none of it', async function () {
    this.timeout(60_000)
    const page = await open('/new/activate')
    const sent: string[] = []
    page.on('request', (request) => sent.push(`${request.method()} ${request.postData() ?? ''}`))
    await page.getByLabel('Or pick the file: Joint-controller agreement').setInputFiles({ name: 'agreement.pdf', mimeType: 'application/pdf', buffer: Buffer.from('abc') })
    await page.getByText('The fingerprint of agreement.pdf was computed on this device.').waitFor()
    const field = page.getByRole('textbox', { name: 'Joint-controller agreement' })
    expect(await field.inputValue()).to.equal('0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sent.filter((line) => line.startsWith('POST'))).to.deep.equal([])
    await page.close()
  })
})
