import { expect } from 'chai'
import { findBarriers } from './support/barriers.ts'
import { servePages } from './support/pages-alone.ts'

const pages = [
  ...['', '#/scan', '#/points', '#/more', '#/history', '#/backup', '#/restore', '#offer=unreadable'].map((fragment) => `wallet/${fragment}`),
  'staff/', 'verifier/', 'merchant/', 'public/',
]

describe('the pages', () => {
  const served = servePages({
    '/v1/city': { locode: 'PTOPO', name: 'Porto', did: 'did:web:localhost', public_url: '', chain_id: 7411, env: 'test' },
    '/auth/session': { signed_in: false, roles: [] },
    '/v1/trust': { block: 1, cities: [], issuers: [], recognitions: [], programs: [], status_lists: [] },
  })

  for (const path of pages) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`/${path} can be used by everybody on a narrow screen, ${colorScheme}, under a strict policy`, async () => {
        const page = await served.context.newPage()
        const complaints: string[] = []
        page.on('console', (message) => {
          if (message.text().includes('Content Security Policy')) complaints.push(message.text())
        })
        page.on('pageerror', (error) => complaints.push(error.message))
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width: 320, height: 640 })
        await page.goto(`${served.url}/${path}`)
        await page.locator('h1').first().waitFor()
        expect(await findBarriers(page)).to.deep.equal([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(320)
        expect(complaints).to.deep.equal([])
        await page.close()
      })
    }
  }

  it('of the wallet opens without a network after the first visit', async () => {
    const page = await served.context.newPage()
    await page.goto(`${served.url}/wallet/`)
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)')
    await served.context.setOffline(true)
    try {
      await page.goto('about:blank')
      await page.goto(`${served.url}/wallet/`)
      await page.getByText('Your card will be here').waitFor()
    } finally {
      await served.context.setOffline(false)
      await page.close()
    }
  })
})
