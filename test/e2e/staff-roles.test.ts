import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { findBarriers } from './support/barriers.ts'
import { servePages } from './support/pages-alone.ts'

const session = { signed_in: true, name: 'Councillor', roles: [] as readonly string[], csrf_token: 'x' }
const residentId = '3f2b8a51-9c1e-4d7a-8b6f-0123456789ab'
const cardId = '7a1c2e3d-4b5f-4a6c-9d8e-ba9876543210'
const newCardId = '9c3e4f5a-6d7b-4c8e-8fa1-dc0123456789'
const otherId = '58d1c0ee-2f4b-4c3d-9a7e-fedcba987654'
const issuer = 'https://sign-in.porto.example'
const record = {
  acts: [
    { act_id: 52, at: '2026-11-23T10:05:00.000Z', officer: { issuer, subject: 'oidc:5e0f7c2a9b' }, act: 'revoked', resident_id: residentId, card_id: cardId, reason: 'holder_request' },
    { act_id: 51, at: '2026-11-23T10:00:00.000Z', officer: { issuer, subject: 'oidc:5e0f7c2a9b' }, act: 'offer_cancelled', resident_id: residentId, card_id: cardId },
    { act_id: 50, at: '2026-11-23T09:58:00.000Z', officer: { issuer, subject: 'oidc:5e0f7c2a9b' }, act: 'reissued', resident_id: residentId, card_id: cardId, new_card_id: newCardId, reason: 'damaged' },
    { act_id: 49, at: '2026-11-23T09:57:00.000Z', officer: { issuer, subject: 'oidc:5e0f7c2a9b' }, act: 'awarded', resident_id: residentId, program_id: `0x${'1f'.repeat(32)}`, points: 1200 },
    { act_id: 48, at: '2026-11-23T09:55:00.000Z', officer: { issuer, subject: 'oidc:5e0f7c2a9b' }, act: 'looked_up', resident_id: residentId, reason: 'file' },
    { act_id: 47, at: '2026-11-23T09:54:00.000Z', officer: { issuer, subject: 'oidc:0b1c2d3e4f' }, act: 'looked_up', resident_id: otherId, reason: 'search' },
  ],
  next: '/v1/audit?before=47&limit=50',
}
const proof = {
  whole: true, acts: 1252, first_act_id: 7, last_act_id: 1259, anchors: 31,
  latest_anchor: { act_id: 1250, acted_at: '2026-11-22T16:58:00.000Z', hash: 'a1'.repeat(32), salt: 'b2'.repeat(32), root: `0x${'c3'.repeat(32)}`, anchored_at: '2026-11-22T17:00:00.000Z' },
}
const answers = {
  '/v1/city': { locode: 'PTOPO', name: 'Porto', did: 'did:web:localhost', public_url: '', chain_id: 7411, env: 'test' },
  '/auth/session': session,
  '/v1/federation/members': { members: [] }, '/v1/federation/proposals': { proposals: [] }, '/v1/governance/drafts': { drafts: [] },
  '/v1/audit': record, '/v1/audit/proof': proof,
}

describe('the staff console, by role', () => {
  const served = servePages(answers, { apps: ['staff'] })

  const open = async (roles: readonly string[], path = ''): Promise<Page> => {
    session.roles = roles
    const page = await served.context.newPage()
    await page.goto(`${served.url}/staff/${path}`)
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

  const refuse = async (page: Page): Promise<void> => {
    await page.route('**/v1/audit?*', (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: '{"status":403,"code":"ERR_FORBIDDEN"}' }))
  }
  const answer = async (page: Page, acts: readonly object[]): Promise<void> => {
    await page.route('**/v1/audit?*', (route) => route.fulfill({ json: { acts } }))
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1280]) {
      it(`shows auditors what officers did, in a table that everybody can use, ${width} px, ${colorScheme}`, async function () {
        this.timeout(60_000)
        const page = await open(['auditor'])
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 3600 })
        const table = page.getByRole('table', { name: 'Acts, the newest first' })
        await table.waitFor()
        expect(await table.locator('th[scope=col]').allTextContents()).to.deep.equal(['When', 'Act', 'Resident', 'Card', 'Officer'])
        const rows = await table.locator('tbody tr').allTextContents()
        expect(rows[0]).to.contain('Card revoked').and.contain('The holder asked for it').and.contain(residentId).and.contain(cardId).and.contain('oidc:5e0f7c2a9b')
        expect(rows[1]).to.contain('Offer cancelled')
        expect(rows[2]).to.contain('Replacement offered').and.contain(cardId).and.contain(newCardId)
        expect(rows[3]).to.contain('Points awarded').and.contain('1,200 points')
        expect(rows[4]).to.contain('Resident looked up').and.contain('Opened the file')
        expect(rows[5]).to.contain('In the result of a search').and.contain(otherId)
        expect(await findBarriers(page)).to.deep.equal([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width)
        await page.close()
      })
    }
  }

  it('keeps residents from who only audits, and lets staff who audit open them', async function () {
    this.timeout(60_000)
    const auditor = await open(['auditor'])
    await auditor.getByRole('table').waitFor()
    expect(await navigation(auditor)).to.deep.equal(['Record'])
    expect(await auditor.locator('a[href*="#/residents"]').count()).to.equal(0)
    await auditor.goto(`${served.url}/staff/#/record/${residentId}`)
    await auditor.getByText('Only acts that concern the resident').waitFor()
    expect(await auditor.locator('a[href*="#/residents"]').count()).to.equal(0)
    await auditor.close()
    const both = await open(['staff', 'auditor'], `#/record/${residentId}`)
    const link = both.getByRole('link', { name: 'Open the resident' })
    expect(await link.getAttribute('href')).to.equal(`#/residents/${residentId}`)
    await both.close()
  })

  it('shows the acts of one kind, and all that concerns one resident, a link that opens no file', async function () {
    this.timeout(60_000)
    const page = await open(['staff', 'auditor'], '#/record')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname + new URL(request.url()).search))
    const choice = page.getByRole('combobox', { name: 'Show' })
    await choice.focus()
    await choice.selectOption({ label: 'Resident looked up' })
    await page.waitForURL('**/staff/#/record/looked_up')
    expect(await choice.and(page.locator(':focus')).count(), 'whoever chooses stays at the choice').to.equal(1)
    await page.getByRole('link', { name: `Only acts that concern resident ${otherId}` }).click()
    await page.getByText('Only acts that concern the resident').waitFor()
    await page.getByRole('combobox', { name: 'Show' }).selectOption({ label: 'All acts' })
    await page.waitForURL(`**/staff/#/record/${otherId}`)
    await page.getByRole('link', { name: 'Older acts' }).click()
    await page.waitForURL(`**/staff/#/record/${otherId}/47`)
    await page.getByRole('link', { name: 'Show all residents' }).click()
    await page.waitForURL('**/staff/#/record')
    expect(asked.filter((path) => path.startsWith('/v1/'))).to.include.members([
      '/v1/audit?acts=looked_up&limit=50', `/v1/audit?acts=looked_up&resident_id=${otherId}&limit=50`,
      `/v1/audit?resident_id=${otherId}&limit=50`, `/v1/audit?before=47&resident_id=${otherId}&limit=50`,
    ]).and.satisfy((paths: string[]) => paths.every((path) => !path.startsWith('/v1/residents')))
    await page.close()
  })

  it('goes back through the record page by page, with the keyboard', async function () {
    this.timeout(60_000)
    const page = await open(['auditor'])
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).search))
    await page.getByRole('link', { name: 'Older acts' }).press('Enter')
    await page.getByRole('table', { name: 'Older acts, the newest first' }).waitFor()
    expect(asked).to.include('?before=47&limit=50')
    expect(await page.evaluate('document.activeElement.id')).to.equal('main')
    await page.getByRole('link', { name: 'To the newest acts' }).press('Enter')
    await page.getByRole('table', { name: 'Acts, the newest first' }).waitFor()
    await page.close()
  })

  it('says when there is no act yet, none before a page, and when the record cannot be read', async function () {
    this.timeout(60_000)
    const page = await open(['auditor'])
    await answer(page, [])
    await page.reload()
    await page.getByRole('heading', { name: 'No acts yet' }).waitFor()
    await page.goto(`${served.url}/staff/#/record/51`)
    await page.getByRole('heading', { name: 'No older acts' }).waitFor()
    expect(await page.getByRole('link', { name: 'To the newest acts' }).count()).to.equal(1)
    await page.goto(`${served.url}/staff/#/record/revoked`)
    await page.getByRole('heading', { name: 'No such acts' }).waitFor()
    await page.getByRole('link', { name: 'Show all acts' }).click()
    await page.getByRole('heading', { name: 'No acts yet' }).waitFor()
    await page.unrouteAll()
    await refuse(page)
    await page.reload()
    await page.getByRole('alert').getByText('ERR_FORBIDDEN').waitFor()
    expect(await findBarriers(page)).to.deep.equal([])
    await page.close()
  })

  const check = async (page: Page, found: object): Promise<void> => {
    await page.unrouteAll()
    await page.route('**/v1/audit/proof', (route) => route.fulfill({ json: found }))
    await page.getByRole('button', { name: 'Check the record' }).click()
  }

  for (const width of [320, 1280]) {
    it(`says whether the record is whole, up to when the chain proves it, and which act does not fit, ${width} px`, async function () {
      this.timeout(60_000)
      const page = await open(['auditor'])
      await page.setViewportSize({ width, height: 4200 })
      const found = page.getByRole('region', { name: 'Is the record whole?' }).getByRole('status')
      await check(page, proof)
      await found.getByText('1,252 acts, and all fit together.').waitFor()
      expect(await found.textContent()).to.contain('up to act number 1,250').and.contain(proof.latest_anchor.root)
      expect(await findBarriers(page)).to.deep.equal([])
      expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(width)
      await check(page, { whole: true, acts: 1, anchors: 0 })
      await found.getByText('None of them is anchored on the chain yet.').waitFor()
      await check(page, { whole: false, acts: 4, anchors: 0, fault: { act_id: 50, kind: 'rewritten' } })
      await found.getByText('No act before it is proven by the chain.').waitFor()
      await check(page, { whole: false, acts: 4, anchors: 1, fault: { act_id: 50, kind: 'changed', proven_up_to: 48 } })
      await found.getByText('Everything up to act number 48').waitFor()
      expect(await found.textContent()).to.contain('Act number 50 does not fit.').and.contain('It was changed after it was noted down.')
      expect(await findBarriers(page)).to.deep.equal([])
      await found.getByRole('link', { name: 'Show the acts there' }).click()
      await page.waitForURL('**/staff/#/record/51')
      await page.close()
    })
  }

  it('names the sign-in service of each officer when there are several', async function () {
    this.timeout(60_000)
    const page = await open(['auditor'])
    const [first] = record.acts
    await answer(page, [first ?? {}, { ...record.acts[1], officer: { issuer: 'https://old.porto.example', subject: 'oidc:5e0f7c2a9b' } }])
    await page.reload()
    await page.getByText('at https://old.porto.example').waitFor()
    await page.getByText(`at ${issuer}`).waitFor()
    expect(await page.getByText('Officers are shown by the pseudonyms').count()).to.equal(0)
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download as a table (CSV)' }).click()])
    const lines = (await readFile(await file.path(), 'utf8')).replace(/^\uFEFF/, '').trim().split(/\r?\n/)
    expect(lines[0]).to.match(/^"?When"?.*Sign-in service"?,"?Number"?,"?Hash"?$/)
    expect(lines.slice(1).map((line) => /https:[^",]+/.exec(line)?.[0])).to.deep.equal([issuer, 'https://old.porto.example'])
    await page.close()
  })

  for (const [width, language] of [[390, 'en'], [320, 'en'], [320, 'pt'], [320, 'fr']] as const) {
    for (const roles of [['staff'], ['staff', 'federation'], ['staff', 'federation', 'auditor']]) {
      it(`shows all ${roles.join(' and ')} may use in the bar of a phone of ${width} px, ${language}, none cut off or broken`, async function () {
        this.timeout(60_000)
        const page = await open(roles)
        await page.setViewportSize({ width, height: 844 })
        await page.locator('#language').selectOption(language)
        await page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' })
        const hidden = await page.locator('.shell-navigation a').evaluateAll((links, [right, bottom]) => links.filter((link) => {
          const place = link.getBoundingClientRect()
          const isOutside = place.left < 0 || place.right > right || place.top < 0 || place.bottom > bottom
          const lines = Math.round((link.querySelector('span')?.getBoundingClientRect().height ?? 0) / 15)
          return isOutside || place.height < 44 || link.scrollWidth > link.clientWidth || lines !== 1
        }).map((link) => link.textContent), [width, 844] as const)
        expect(hidden).to.deep.equal([])
        const { scrollWidth, clientWidth } = await page.locator('.shell-navigation ul').evaluate((list) => ({ scrollWidth: list.scrollWidth, clientWidth: list.clientWidth }))
        expect(scrollWidth).to.equal(clientWidth)
        await page.close()
      })
    }
  }
})
