import { join } from 'node:path'
import { expect } from 'chai'
import { buildWeb } from '../../web/build.ts'
import { findBarriers } from './support/barriers.ts'
import { findChromium, openBrowser, type Person } from './support/browser.ts'
import { serveStatic, type StaticServer } from './support/static-server.ts'

const pages = [
  ...['', '#/scan', '#/points', '#/more', '#/history', '#/backup', '#/restore', '#offer=unreadable'].map((fragment) => `wallet/${fragment}`),
  'staff/', 'verifier/', 'merchant/', 'public/',
]

describe('the pages', () => {
  let server: StaticServer
  let person: Person

  before(async function () {
    const chromium = findChromium()
    if (chromium === undefined) this.skip()
    await buildWeb()
    const city = { locode: 'PTOPO', name: 'Porto', did: 'did:web:localhost', public_url: '', chain_id: 7411, env: 'test' }
    server = await serveStatic(join(import.meta.dirname, '..', '..', 'web', 'dist'), {
      '/v1/city': city, '/auth/session': { signed_in: false, roles: [] },
      '/v1/trust': { block: 1, cities: [], issuers: [], recognitions: [], programs: [], status_lists: [] },
    })
    person = await openBrowser(chromium)
  })
  after(async () => {
    await (person as Person | undefined)?.close()
    await (server as StaticServer | undefined)?.close()
  })

  for (const path of pages) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`/${path} can be used by everybody on a narrow screen, ${colorScheme}, under a strict policy`, async () => {
        const page = await person.context.newPage()
        const complaints: string[] = []
        page.on('console', (message) => {
          if (message.text().includes('Content Security Policy')) complaints.push(message.text())
        })
        page.on('pageerror', (error) => complaints.push(error.message))
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width: 320, height: 640 })
        await page.goto(`${server.url}/${path}`)
        await page.locator('h1').first().waitFor()
        expect(await findBarriers(page)).to.deep.equal([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(320)
        expect(complaints).to.deep.equal([])
        await page.close()
      })
    }
  }

  it('of the wallet opens without a network after the first visit', async () => {
    const page = await person.context.newPage()
    await page.goto(`${server.url}/wallet/`)
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)')
    await person.context.setOffline(true)
    try {
      await page.goto('about:blank')
      await page.goto(`${server.url}/wallet/`)
      await page.getByText('Your card will be here').waitFor()
    } finally {
      await person.context.setOffline(false)
      await page.close()
    }
  })
})
