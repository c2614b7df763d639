import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { adviceOf } from '../../chain/revert-advice.ts'
import { fr } from '../../web/staff/governance/refusals/fr.ts'
import { pt } from '../../web/staff/governance/refusals/pt.ts'
import { findBarriers } from './support/barriers.ts'
import { takePicture } from './support/browser.ts'
import { servePages } from './support/pages-alone.ts'

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
const batch = { type: 'batch', actions: [
  { type: 'admit', locode: 'PTBRG', name: 'Braga', did: 'did:web:card.braga.example', controller: account, recovery: account, service_url: 'https://card.braga.example' },
  { type: 'activate', locode: 'PTBRG', agreement_hash: hash, dpia_hash: hash },
] }
const joining = { ...proposal, proposal_id: '43', title: 'Braga asks to join', description: 'Braga asks to join', actions: batch.actions }
const fault = (code: 'ERR_CHAIN_METHOD_UNKNOWN' | 'ERR_CHAIN_CALLDATA_INVALID', detail: string) => ({ code, detail, advice: adviceOf(code) })
const faults = [fault('ERR_CHAIN_CALLDATA_INVALID', 'bytes to spare, or out of place, in the arguments of CityRegistry.suspend'), fault('ERR_CHAIN_METHOD_UNKNOWN', 'Federation.relay is none of the federation’s decisions')]
const odd = {
  ...proposal, proposal_id: '44', title: 'Harmless, really', description: 'Harmless, really', votes: [],
  actions: [{ ...action, fault: faults[0] }, { type: 'unknown', contract: 'Federation', address: account, data: `0x${'cd'.repeat(100)}`, fault: faults[1] }],
}
const draft = (id: string, state: string, more: object = {}) => ({
  draft_id: id, state, action, description: 'Suspend Clermont-Ferrand', drafted: { by: 'Councillor', is_you: false, at: place.at }, expires_at: '2099-01-01T00:00:00Z',
  may_approve: state === 'draft', ...more,
})
const failed = draft('d2', 'failed', { failure: { code: 'ERR_X', detail: 'CityRegistryWrongStatus(0x4652434645, 4)', advice: 'Look up the city.' } })
const joined = draft('d3', 'failed', {
  action: batch, description: 'Braga asks to join', failure: { code: 'ERR_CITY_REGISTRY_MISSING_DOCUMENT', detail: 'CityRegistryMissingDocument()', advice: adviceOf('ERR_CITY_REGISTRY_MISSING_DOCUMENT'), position: 1 },
})
const refusedVote = draft('d4', 'failed', {
  action: { type: 'vote', proposal_id: '42', support: 'for' }, description: undefined, reason: 'Agreed.',
  failure: { code: 'ERR_FEDERATION_NOT_ACTIVE_CITY', detail: 'FederationNotActiveCity(0x50544f504f)', advice: adviceOf('ERR_FEDERATION_NOT_ACTIVE_CITY') },
})
const knowing = draft('d5', 'draft', {
  action: { type: 'vote', proposal_id: '45', support: 'for', despite_faults: true }, description: undefined, reason: 'We wrote it.',
  faults: faults.map((one, position) => ({ ...one, position })),
})
const drafts = [draft('d1', 'draft'), failed, joined, refusedVote, knowing]
const pause = { incident: hash, paused: place, until: '2099-01-01T00:00:00Z', running: true }
const answers = {
  '/v1/city': { locode: 'PTOPO', name: 'Porto', did: 'did:web:localhost', public_url: '', chain_id: 7411, env: 'test' },
  '/auth/session': { signed_in: true, name: 'Officer', roles: ['staff', 'federation'], csrf_token: 'x' },
  '/v1/federation/members': { members: [
    { ...member, locode: 'PTOPO', name: 'Porto', status: 'suspended', suspension: { reason: 3, until: '2099-01-01T00:00:00Z' }, offer: { account, acceptable_from: '2099-01-01T00:00:00Z' } },
    { ...member, locode: 'FRCFE', name: 'Clermont-Ferrand', status: 'active' },
  ] },
  '/v1/federation/proposals': { proposals: [proposal, joining, odd] }, '/v1/federation/proposals/42': proposal, '/v1/federation/proposals/43': joining, '/v1/federation/proposals/44': odd,
  '/v1/federation/pauses': { pauses: [{ ...pause, address: account, contract: 'RewardPrograms', effective: true }, { ...pause, address: account.replaceAll('1', '2'), contract: 'Directory', effective: false }] },
  '/v1/governance/drafts': { drafts }, '/v1/governance/drafts/d1': drafts[0], '/v1/governance/drafts/d2': failed, '/v1/governance/drafts/d3': joined, '/v1/governance/drafts/d4': refusedVote, '/v1/governance/drafts/d5': knowing,
  '/v1/open-data/programs.json': { rows: [
    { program_id: hash, name: 'Clean rivers', city: 'FRCFE', is_shared: true, is_closed: false }, { program_id: '0x02', name: 'Porto Points', city: 'PTOPO', is_shared: false, is_closed: false },
  ] },
  '/v1/governance/control': { controller: account, handing_over: false }, '/v1/governance/rehearsals': { passes: true },
}

const pages = ['', '/proposals/42', '/proposals/43', '/proposals/44', '/new', '/new/join', '/new/join/d3', '/new/activate', '/new/suspend', '/new/renew_contract', '/new/fund_shared', '/drafts', '/drafts/d1', '/drafts/d2', '/drafts/d3', '/drafts/d4', '/drafts/d5', '/drafts/d9', '/city']

describe('the officers\' pages of the federation', () => {
  const served = servePages(answers, { apps: ['staff'] })

  const open = async (path: string, complaints: string[] = []): Promise<Page> => {
    const page = await served.context.newPage()
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(`${served.url}/staff/#/federation${path}`)
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
    await page.getByLabel('Pick the file: Joint-controller agreement').setInputFiles({ name: 'agreement.pdf', mimeType: 'application/pdf', buffer: Buffer.from('abc') })
    await page.getByText('The fingerprint of agreement.pdf was computed on this device.').waitFor()
    const field = page.getByRole('textbox', { name: 'Joint-controller agreement' })
    expect(await field.inputValue()).to.equal('0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(sent.filter((line) => line.startsWith('POST'))).to.deep.equal([])
    await page.close()
  })

  it('take the fingerprint of the file picked last, and say when a file cannot be read', async function () {
    this.timeout(60_000)
    const page = await served.context.newPage()
    await page.addInitScript(() => {
      const read = Blob.prototype.arrayBuffer
      Blob.prototype.arrayBuffer = async function (this: Blob) {
        const { name } = this as File
        if (name === 'gone.pdf') throw new DOMException('', 'NotReadableError')
        if (name === 'large.pdf') await new Promise((resolve) => setTimeout(resolve, 500))
        return await read.call(this)
      }
    })
    await page.goto(`${served.url}/staff/#/federation/new/activate`)
    const picker = page.getByLabel('Pick the file: Joint-controller agreement')
    const field = page.getByRole('textbox', { name: 'Joint-controller agreement' })
    const file = (name: string, text: string) => ({ name, mimeType: 'application/pdf', buffer: Buffer.from(text) })
    await picker.setInputFiles(file('large.pdf', 'another'))
    await picker.setInputFiles(file('small.pdf', 'abc'))
    await page.getByText('The fingerprint of small.pdf').waitFor()
    await page.waitForTimeout(700)
    expect(await field.inputValue()).to.equal('0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    await picker.setInputFiles(file('gone.pdf', 'abc'))
    await page.getByRole('alert').getByText('gone.pdf could not be read').waitFor()
    expect(await field.inputValue()).to.equal('')
    await page.close()
  })

  it('say nothing of a try whose form has changed before the answer came', async function () {
    this.timeout(60_000)
    const page = await open('/new/reinstate')
    let answer = (): void => {}
    await page.route('**/v1/governance/rehearsals', async (route) => {
      await new Promise<void>((resolve) => { answer = resolve })
      await route.fulfill({ json: { passes: true } })
    })
    const asked = page.waitForRequest('**/v1/governance/rehearsals')
    await page.getByLabel('City').selectOption('PTOPO')
    await page.getByLabel('Description').fill('The keys are replaced')
    await page.getByRole('button', { name: 'Try it out' }).click()
    await asked
    await page.getByLabel('Description').fill('Another text')
    const answered = page.waitForResponse('**/v1/governance/rehearsals')
    answer()
    await answered
    const askedAgain = page.waitForRequest('**/v1/governance/rehearsals')
    await page.getByRole('button', { name: 'Try it out' }).click()
    await askedAgain
    expect(await page.getByText('the chain would accept this now').count()).to.equal(0)
    answer()
    await page.getByText('the chain would accept this now').waitFor()
    await page.close()
  })

  it('offer a suspended city its appeal, and nothing that the chain would refuse', async function () {
    this.timeout(60_000)
    const page = await open('/city')
    await page.getByRole('button', { name: 'Appeal against the suspension' }).waitFor()
    expect(await page.getByRole('main').getByRole('button').allTextContents()).to.deep.equal(['Appeal against the suspension'])
    await page.close()
  })

  it('show the city of an earlier draft, though it stands otherwise by now', async function () {
    this.timeout(60_000)
    const page = await open('/new/reinstate/d2')
    await page.getByRole('option', { name: 'Clermont-Ferrand (FRCFE), active' }).waitFor({ state: 'attached' })
    expect(await page.getByLabel('City').inputValue()).to.equal('FRCFE')
    await page.close()
  })

  it('say a day in words of the page\'s language, whatever the browser writes it as', async function () {
    this.timeout(60_000)
    const page = await open('/new/suspend')
    await page.getByLabel('Until', { exact: true }).fill('2098-12-03')
    await page.getByRole('status').getByText('3 December 2098').waitFor()
    await page.getByLabel('Language').selectOption('fr')
    await page.getByRole('status').getByText('3 décembre 2098').waitFor()
    await page.getByLabel('Jusqu’au', { exact: true }).fill('0209-12-03')
    await page.getByText('3 décembre').waitFor({ state: 'detached' })
    await page.getByLabel('Langue').selectOption('en')
    await page.close()
  })

  it('lead to the first field that is missing', async function () {
    this.timeout(60_000)
    const page = await open('/new/suspend')
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByRole('alert').getByText('4').waitFor()
    expect(await page.evaluate('document.activeElement.labels[0].textContent')).to.equal('City')
    await page.close()
  })

  it('offer the programmes that cities share, and another try when they cannot be read', async function () {
    this.timeout(60_000)
    const page = await open('/new/fund_shared')
    await page.getByRole('option', { name: 'Clean rivers (FRCFE)' }).waitFor({ state: 'attached' })
    const options = await page.getByLabel('Programme').getByRole('option').allTextContents()
    expect(options).to.deep.equal(['Choose', 'Clean rivers (FRCFE)'])
    await page.route('**/v1/open-data/programs.json', (route) => route.fulfill({ status: 503, body: '{}' }))
    await page.reload()
    await page.getByRole('button', { name: 'Try again' }).waitFor()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('option', { name: 'Clean rivers (FRCFE)' }).waitFor({ state: 'attached' })
    await page.close()
  })

  it('do not call done what waits', async function () {
    this.timeout(60_000)
    const page = await open('/drafts/d1')
    expect(await page.getByRole('list', { name: 'How far it has come' }).locator('[aria-current=step]').innerText()).to.contain('Approval by a second officer')
    await page.close()
  })

  it('propose with one vote that a city joins, with the fingerprints of both documents', async function () {
    this.timeout(60_000)
    const page = await open('/new/join')
    const asked: unknown[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/governance/rehearsals')) asked.push(request.postDataJSON())
    })
    const filled = { City: 'PTBRG', Name: 'Braga', 'Decentralised identifier (DID)': 'did:web:card.braga.example', 'Address of its service': 'https://card.braga.example', 'Account that acts for the city': account, 'Recovery account': account, Description: 'Braga asks to join' }
    for (const [label, text] of Object.entries(filled)) await page.getByLabel(label, { exact: true }).fill(text)
    for (const document of ['Joint-controller agreement', 'Data protection impact assessment']) {
      await page.getByLabel(`Pick the file: ${document}`).setInputFiles({ name: `${document}.pdf`, mimeType: 'application/pdf', buffer: Buffer.from('abc') })
      await page.getByText(`The fingerprint of ${document}.pdf`).waitFor()
    }
    await page.getByRole('button', { name: 'Try it out' }).click()
    await page.getByText('the chain would accept this now').waitFor()
    const abc = '0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    const actions = [batch.actions[0], { ...batch.actions[1], agreement_hash: abc, dpia_hash: abc }]
    expect(asked).to.deep.equal([{ action: { type: 'batch', actions }, description: 'Braga asks to join' }])
    const shown = await page.getByRole('status').getByRole('listitem').locator('.governance-sentence').allTextContents()
    expect(shown).to.deep.equal(['Admit Braga (PTBRG) as a member.', 'Activate Braga: it gets a seat and may issue cards.'])
    await page.close()
  })

  it('number the actions of a proposal and name a city that is no member yet', async function () {
    this.timeout(60_000)
    const page = await open('/proposals/43')
    const sentences = page.getByRole('listitem').locator('.governance-sentence')
    await sentences.first().waitFor()
    expect(await sentences.allTextContents()).to.deep.equal(['Admit Braga (PTBRG) as a member.', 'Activate Braga: it gets a seat and may issue cards.'])
    await page.close()
  })

  it('say which of several actions the chain refused, and what to do, in the reader\'s language', async function () {
    this.timeout(60_000)
    const page = await open('/drafts/d3')
    await page.getByLabel('Language').selectOption('fr')
    const note = page.getByRole('alert')
    await note.getByText('Il s’agit de l’action 2 : Activer une ville.').waitFor()
    await note.getByText('Donnez les empreintes de l’accord de responsables conjoints et de l’analyse d’impact.').waitFor()
    await page.getByLabel('Langue').selectOption('en')
    await page.close()
  })

  const sentDrafts = (page: Page): unknown[] => {
    const sent: unknown[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/v1/governance/drafts')) sent.push(request.postDataJSON())
    })
    return sent
  }
  const focused = (page: Page): Promise<string> => page.evaluate('document.activeElement.textContent')
  const tabTo = async (page: Page, text: string): Promise<void> => {
    for (let presses = 0; presses < 40 && (await focused(page)) !== text; presses += 1) await page.keyboard.press('Tab')
    expect(await focused(page)).to.equal(text)
  }

  it('let a vote be cast with the keyboard alone, and give the focus back to who thinks better of it', async function () {
    this.timeout(60_000)
    const page = await open('/proposals/42')
    const sent = sentDrafts(page)
    await page.getByRole('button', { name: 'Vote', exact: true }).waitFor()
    await tabTo(page, 'Vote')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Vote' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await focused(page)).to.equal('Vote')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Vote' })
    await dialog.waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    expect(await dialog.getByRole('radio', { name: 'For' }).isChecked()).to.equal(true)
    await page.keyboard.press('Tab')
    await page.keyboard.type('Agreed.')
    await page.keyboard.press('Tab')
    expect(await focused(page)).to.equal('Give it to a second officer')
    await page.keyboard.press('Enter')
    await page.waitForURL(/federation\/drafts\//)
    expect(sent).to.deep.equal([{ action: { type: 'vote', proposal_id: '42', support: 'for' }, reason: 'Agreed.' }])
    await page.close()
  })

  it('tell where a proposal stands, what happens next by itself, and why our last try was refused', async function () {
    this.timeout(60_000)
    const page = await open('/proposals/42')
    await page.getByRole('timer').getByText('Vote ends in').waitFor()
    expect(await page.getByRole('list', { name: 'Course' }).locator('[aria-current=step]').innerText()).to.contain('Vote')
    await page.getByRole('alert').getByText('Only an active city proposes and votes').waitFor()
    expect(await page.getByRole('button', { name: 'Vote', exact: true }).isEnabled()).to.equal(true)
    await page.close()
  })

  it('offer a second try: a vote as it was, a decision in its form', async function () {
    this.timeout(60_000)
    const page = await open('/drafts/d4')
    const sent = sentDrafts(page)
    await page.getByRole('link', { name: 'Suspend Clermont-Ferrand' }).waitFor()
    await page.getByRole('button', { name: 'Draft it again' }).click()
    await page.waitForURL(/drafts\/undefined/)
    expect(sent).to.deep.equal([{ action: refusedVote.action, reason: 'Agreed.' }])
    await page.goto(`${served.url}/staff/#/federation/drafts/d3`)
    await page.getByRole('link', { name: 'Change it and draft it again' }).click()
    await page.getByRole('heading', { name: 'Admit and activate a city' }).waitFor()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).to.equal('Braga')
    expect(await page.getByRole('textbox', { name: 'Data protection impact assessment' }).inputValue()).to.equal(hash)
    expect(await page.getByLabel('Description').inputValue()).to.equal('Braga asks to join')
    await page.close()
  })

  it('say beside each action of a proposal what is wrong with it, and what to do, in the reader\'s language', async function () {
    this.timeout(60_000)
    const page = await open('/proposals/44')
    await page.getByText('This proposal is not what it seems').waitFor()
    const notes = page.locator('.governance-fault')
    expect(await notes.locator('p:nth-child(2)').allTextContents()).to.deep.equal(faults.map(({ advice }) => advice))
    expect(await notes.locator('code').allTextContents()).to.deep.equal(faults.map(({ detail }) => detail))
    await takePicture(page, 'staff-odd-proposal')
    for (const [from, language, words] of [['Language', 'pt', pt], ['Língua', 'fr', fr]] as const) {
      await page.getByLabel(from).selectOption(language)
      await notes.getByText(words.ERR_CHAIN_METHOD_UNKNOWN).waitFor()
      expect(await notes.locator('p:nth-child(2)').allTextContents()).to.deep.equal(faults.map(({ code }) => words[code]))
    }
    await page.getByLabel('Langue').selectOption('en')
    await page.close()
  })

  it('take a vote for such a proposal only from who says that it is known, and one against it as any other', async function () {
    this.timeout(60_000)
    const page = await open('/proposals/44')
    const sent = sentDrafts(page)
    await page.getByRole('button', { name: 'Vote', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Vote' })
    await dialog.getByText('Action 2 is not what it seems.').waitFor()
    await dialog.getByText('For', { exact: true }).click()
    const known = dialog.getByText('We know what is wrong with it, and want it all the same')
    await dialog.getByRole('button', { name: 'Give it to a second officer' }).click()
    await dialog.getByText('Say that you know what is wrong with it, or vote against it.').waitFor()
    await takePicture(page, 'staff-odd-vote')
    await dialog.getByText('Against', { exact: true }).click()
    expect(await known.count()).to.equal(0)
    await dialog.getByText('For', { exact: true }).click()
    await known.click()
    await dialog.getByRole('button', { name: 'Give it to a second officer' }).click()
    await page.waitForURL(/federation\/drafts\//)
    await dialog.waitFor({ state: 'hidden' })
    expect(sent).to.deep.equal([{ action: { type: 'vote', proposal_id: '44', support: 'for', despite_faults: true } }])
    await page.goto(`${served.url}/staff/#/federation/proposals/44`)
    await page.getByRole('button', { name: 'Vote', exact: true }).click()
    await dialog.getByText('Against', { exact: true }).click()
    await dialog.getByRole('button', { name: 'Give it to a second officer' }).click()
    await page.waitForURL(/federation\/drafts\//)
    expect(sent[1]).to.deep.equal({ action: { type: 'vote', proposal_id: '44', support: 'against' } })
    await page.close()
  })

  it('show the second officer what is wrong with the proposal, and that the first one knew', async function () {
    this.timeout(60_000)
    const page = await open('/drafts/d5')
    await page.getByText('Whoever drafted this has said: we know what is wrong with it, and want it all the same.').waitFor()
    expect(await page.locator('.governance-fault p:nth-child(1)').allTextContents()).to.deep.equal(['Action 1 is not what it seems.', 'Action 2 is not what it seems.'])
    await takePicture(page, 'staff-odd-draft')
    await page.close()
  })

  it('tell a pause that stops new entries from one that stops nothing', async function () {
    this.timeout(60_000)
    const page = await open('')
    await page.getByText(/^RewardPrograms is paused until .*: it takes no new entries\.$/).waitFor()
    await page.getByText(/^A pause of Directory is recorded until .*\. It stops nothing: only contracts that ask the guardian can be paused\.$/).waitFor()
    await takePicture(page, 'staff-pauses')
    await page.close()
  })
})
