import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { id } from 'ethers'
import type { Page } from 'playwright-core'
import { encodeCall } from '../../chain/contracts.ts'
import { buildWeb } from '../../web/build.ts'
import { startHttpCity, type HttpCity } from '../api/http-city.ts'
import { clermont, guardian, owner, toBytes5 } from '../chain/support/accounts.ts'
import { createNoteKey, farAway, newController, Sender } from '../chain/support/history.ts'
import { TestNetwork } from '../chain/support/network.ts'
import { proposalIdOf } from '../chain/support/sender.ts'
import { writeFederation } from '../scripts/recompute/federation-at-work.ts'
import { findBarriers } from './support/barriers.ts'
import { findChromium, openBrowser, takePicture, type Person } from './support/browser.ts'
import { countFromChain, pagesOfRecord, type Tables } from './support/record-figures.ts'
import { differencesOn, looseFigures, partsOf, tablesBehind } from './support/record-page.ts'

const webFolder = join(import.meta.dirname, '..', '..', 'web', 'dist')
/** More than a double can hold to the last digit. */
const vast = 9_007_199_254_740_993n

/** A member proposes by hand: bytes to spare, a function that is no decision, and a call of what is none of the federation's. */
async function proposeOddly(sender: Sender): Promise<bigint> {
  const { CityRegistry } = sender.deployment.contracts
  const reinstate = encodeCall('CityRegistry', 'reinstate', [toBytes5('PTOPO')])
  // One byte of code, which stops.
  const foreign = await sender.deploy(newController, '0x6001600c60003960016000f300')
  const calls = [[CityRegistry, `${reinstate}00`], [CityRegistry, encodeCall('CityRegistry', 'renounceOwnership', [])], [foreign, reinstate]] as const
  const args = [calls.map(([target]) => target), calls.map(() => 0), calls.map(([, data]) => data), 'Harmless, really'] as const
  return await proposalIdOf(sender, (await sender.call(newController, 'Federation', 'propose', args)).transactionHash)
}

describe('the public record', function () {
  this.timeout(300_000)
  let network: TestNetwork
  let folder: string
  let city: HttpCity
  let person: Person
  let admission: bigint
  let running: bigint
  let odd: bigint
  let head: number
  let counted: Tables

  before(async function () {
    const chromium = findChromium()
    if (chromium === undefined) this.skip()
    await buildWeb({ apps: ['public'] })
    network = await TestNetwork.start()
    const sender = new Sender(network.provider, network.deployment)
    const written = await writeFederation(network, sender)
    admission = written.admission
    running = written.running
    odd = await proposeOddly(sender)
    await sender.call(guardian, 'Guardian', 'pause', [network.deployment.contracts.Directory, id('a pause of what cannot be paused')])
    const program = [id('vast'), clermont, 'Vast', owner.address, await sender.nowSeconds(), farAway] as const
    await sender.call(newController, 'RewardPrograms', 'create', [...program, [8], [createNoteKey(8).modulus]])
    await sender.call(newController, 'RewardPrograms', 'fund', [id('vast'), vast])
    head = Number(await network.provider.send('eth_blockNumber', []))
    counted = await countFromChain(network.rpcUrl, network.deployment.contracts.Directory, head)
    folder = await mkdtemp(join(tmpdir(), 'symbolon-record-'))
    const deploymentFile = join(folder, 'deployment.json')
    await writeFile(deploymentFile, JSON.stringify(network.deployment))
    city = await startHttpCity({ env: { SYMBOLON_RPC_URL: network.rpcUrl, SYMBOLON_DEPLOYMENT: deploymentFile, SYMBOLON_WEB_DIR: webFolder } })
    await city.service.indexer.catchUp()
    person = await openBrowser(chromium)
  })
  after(async () => {
    await (person as Person | undefined)?.close()
    await (city as HttpCity | undefined)?.stop()
    await (network as TestNetwork | undefined)?.stop()
    if ((folder as string | undefined) !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const open = async (fragment: string): Promise<Page> => {
    const page = await person.context.newPage()
    await page.goto(`${city.url}/public/#/${fragment}`)
    await page.getByTestId('block').waitFor()
    return page
  }

  it('can be read by everybody on a narrow screen, light and dark, on every page', async () => {
    const fragments = ['', 'cities', 'cities/PTEVR', 'cities/PTOPO', 'agreements', 'keys', 'proposals', `proposals/${admission}`, `proposals/${running}`, `proposals/${odd}`, 'programmes', 'nets', 'rules', 'data']
    const barriers: string[] = []
    for (const fragment of fragments) {
      const page = await open(fragment)
      await takePicture(page, `public-${fragment.replaceAll('/', '-').slice(0, 24)}-wide`)
      await page.setViewportSize({ width: 320, height: 640 })
      // As tall as it needs to be: the bar at the bottom covers nothing then.
      await page.setViewportSize({ width: 320, height: Number(await page.evaluate('document.documentElement.scrollHeight')) + 80 })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        barriers.push(...(await findBarriers(page)).map((barrier) => `${fragment} ${colorScheme}: ${barrier}`))
      }
      await takePicture(page, `public-${fragment.replaceAll('/', '-').slice(0, 24)}-narrow-dark`)
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'))
      if (width > 320) barriers.push(`${fragment}: ${width} pixels wide`)
      await page.close()
    }
    expect(barriers.join('\n')).to.equal('')
  })

  it('tells which proposal admitted a city and who voted how and why', async () => {
    const page = await open('cities/PTEVR')
    await page.getByRole('heading', { name: 'Évora' }).waitFor()
    await page.getByRole('link', { name: /^Proposal / }).first().click()
    await page.getByRole('heading', { name: 'Admit Évora' }).waitFor()
    expect(await page.getByRole('row', { name: /Porto.*For.*Good neighbours/s }).count()).to.equal(1)
    expect(await page.getByText('Carried out').first().isVisible()).to.equal(true)
    await page.close()
  })

  it('goes back to a block of the past and stays there from link to link', async () => {
    const page = await open('cities')
    const rowsNow = await page.getByRole('row').count()
    await page.getByText('Look at another block').click()
    await page.getByRole('textbox', { name: 'Block number' }).fill('45')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByText('You are looking at the past.', { exact: false }).waitFor()
    expect(await page.getByRole('row').count()).to.be.lessThan(rowsNow)
    await page.getByRole('link', { name: 'Porto', exact: true }).click()
    await page.getByRole('heading', { name: 'Porto' }).waitFor()
    expect(page.url()).to.match(/#\/at\/45\/cities\/PTOPO$/)
    await page.close()
  })

  it('shows on every page what is counted from the chain alone, to the last digit', async () => {
    const differences: string[] = []
    for (const [fragment, shown] of pagesOfRecord(counted)) {
      const page = await open(`at/${head}/${fragment}`)
      differences.push(...(await differencesOn(page, shown, counted)).map((difference) => `${fragment}: ${difference}`))
      await page.close()
    }
    expect(differences.join('\n')).to.equal('')
    const present = await open('')
    expect(await differencesOn(present, pagesOfRecord(counted).get('') ?? [], counted)).to.deep.equal([])
    expect(await present.locator('[data-figures=funded] .tile-value').textContent()).to.match(/^9,007,199,254,74\d,\d{3}$/)
    await present.close()
  })

  it('would not pass with a digit that is another than on the chain', async () => {
    const page = await person.context.newPage()
    await page.route('**/v1/open-data/programs.json*', async (route) => {
      const text = await (await route.fetch()).text()
      await route.fulfill({ contentType: 'application/json', body: text.replaceAll(String(vast), String(vast - 1n)) })
    })
    await page.goto(`${city.url}/public/#/at/${head}/programmes`)
    await page.getByTestId('block').waitFor()
    const differences = await differencesOn(page, pagesOfRecord(counted).get('programmes') ?? [], counted)
    expect(differences.map((difference) => difference.split(':')[0])).to.deep.equal([
      'all, .big-number', 'all, .bar-names strong', `program-${id('vast')}, p > strong.number`, `program-${id('vast')}, .bar-names strong`,
    ])
    await page.close()
  })

  it('links every figure on every page to a query that answers with it', async () => {
    const missing: string[] = []
    for (const [fragment, shown] of pagesOfRecord(counted)) {
      const page = await open(`at/${head}/${fragment}`)
      missing.push(...(await looseFigures(page)).map((figure) => `${fragment}: ${figure} has no query`))
      const [block, ...parts] = await partsOf(page)
      expect([block?.name, await page.getByTestId('block').textContent()]).to.deep.equal(['block', new Intl.NumberFormat('en-GB').format(head)])
      for (const part of block === undefined ? [] : [block, ...parts]) {
        const { tables, blocks } = await tablesBehind(part)
        if (part.links.length === 0 || blocks.some((number) => number !== head)) missing.push(`${fragment}: ${part.name} links to blocks ${blocks.join(', ')}`)
        const own = shown.filter((one) => one.part === part.name)
        if (own.length === 0 && part !== block) missing.push(`${fragment}: nothing is known of ${part.name}`)
        missing.push(...(await differencesOn(page, own, tables)).map((difference) => `${fragment}: ${difference}`))
      }
      await page.close()
    }
    expect(missing.join('\n')).to.equal('')
  })

  it('says how far it has come with a long table, and shows nothing of one that breaks off', async () => {
    const page = await person.context.newPage()
    let answer: (() => void) | undefined
    const held = new Promise<void>((resolve) => { answer = resolve })
    await page.route('**/v1/open-data/settlements.json*', async (route) => {
      const url = new URL(route.request().url())
      if (url.searchParams.has('from_block')) {
        await held
        return await route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"code":"ERR_CHAIN_UNAVAILABLE"}' })
      }
      const whole = await (await route.fetch()).json() as { rows: { block: number }[] }
      const next = `${url.pathname}${url.search}&from_block=${(whole.rows[0]?.block ?? 0) + 1}`
      await route.fulfill({ json: { ...whole, rows: whole.rows.slice(0, 1), next } })
    })
    await page.goto(`${city.url}/public/#/at/${head}/nets`)
    await page.getByText('One moment… 1 row has come so far.').waitFor()
    answer?.()
    await page.getByRole('heading', { name: 'Only part of the record came' }).waitFor()
    expect(await page.getByText('The table “Settlements” broke off after 1 row.', { exact: false }).count()).to.equal(1)
    expect(await page.locator('main table, main .number').count()).to.equal(0)
    await page.unroute('**/v1/open-data/settlements.json*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('table', { name: 'Net of each city' }).waitFor()
    expect(await differencesOn(page, pagesOfRecord(counted).get('nets') ?? [], counted)).to.deep.equal([])
    await page.close()
  })

  it('can be walked by keyboard, landmark by landmark, and names each page in the title of the window', async () => {
    const page = await open('proposals')
    expect(await page.title()).to.equal('Votes · Public record · Porto')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.className')).to.equal('skip-link')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).to.equal('main')
    for (const landmark of ['banner', 'navigation', 'main'] as const) expect(await page.getByRole(landmark).count(), landmark).to.equal(1)
    for (const name of ['To be decided', 'Decided']) expect(await page.getByRole('region', { name, exact: true }).count(), name).to.equal(1)
    // The query of the block, then what chooses another one, then the first proposal.
    for (const name of ['Query: Block number', 'Look at another block', 'Harmless, really']) {
      await page.keyboard.press('Tab')
      expect(await page.evaluate('document.activeElement.ariaLabel ?? document.activeElement.textContent')).to.equal(name)
    }
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Votes and reasons' }).waitFor()
    expect(await page.evaluate('document.activeElement.id')).to.equal('main')
    expect(await page.title()).to.match(/^\d{10}…\d{6} · Votes · Public record · Porto$/)
    await page.close()
  })

  it('says beside each call what is wrong with it, now, in the reader\'s language', async () => {
    const page = await open(`proposals/${odd}`)
    const notes = page.locator('#actions-title ~ ol .note')
    const texts = {
      en: [
        'Its bytes are not exactly those of the decision that they look like, or cannot be read as one.', 'It calls a function that its contract does not have, or that is none of the federation’s decisions.',
        'It calls something that is none of the federation’s contracts now.',
      ],
      pt: [
        'Os seus bytes não são exatamente os da decisão que parecem ser, ou não se deixam ler como tal.', 'Chama uma função que o contrato não tem, ou que não é uma decisão da federação.',
        'Chama algo que não é, agora, um contrato da federação.',
      ],
      fr: [
        'Ses octets ne sont pas exactement ceux de la décision qu’ils paraissent être, ou ne peuvent pas être lus comme telle.', 'Elle appelle une fonction que le contrat n’a pas, ou qui n’est pas une décision de la fédération.',
        'Elle appelle ce qui n’est pas, à présent, un contrat de la fédération.',
      ],
    } as const
    for (const [label, language] of [['Language', 'en'], ['Language', 'pt'], ['Língua', 'fr']] as const) {
      await page.getByLabel(label).selectOption(language)
      for (const [position, text] of texts[language].entries()) await notes.nth(position).getByText(text).waitFor()
      expect(await notes.count()).to.equal(3)
    }
    await page.getByLabel('Langue').selectOption('en')
    await page.close()
  })

  it('marks a pause that stops nothing, and names the contracts that can be paused', async () => {
    const page = await open('rules')
    const rows = page.getByRole('table', { name: 'Pauses by the guardian' }).getByRole('row')
    await rows.filter({ hasText: 'Directory' }).getByText('Without effect: this contract does not ask the guardian.').waitFor()
    expect(await page.getByText('Without effect').count()).to.equal(1)
    await page.getByText('Contracts that can be paused: Anchors, CityRegistry, IssuerRegistry, RecognitionRegistry, RewardPrograms, Settlement, StatusLists.', { exact: false }).waitFor()
    await page.close()
  })

  it('says what to do about a block that is not there yet, and about a page that is not there at all', async () => {
    const page = await person.context.newPage()
    await page.goto(`${city.url}/public/#/at/999999/nets`)
    await page.getByRole('heading', { name: 'This block is not there yet' }).waitFor()
    await page.getByRole('button', { name: 'Back to the present' }).click()
    await page.getByTestId('block').waitFor()
    await page.goto(`${city.url}/public/#/nothing`)
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
    await page.close()
  })
})
