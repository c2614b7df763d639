import { join } from 'node:path'
import type { BrowserContext } from 'playwright-core'
import { buildWeb } from '../../../web/build.ts'
import { findChromium, openBrowser, type Person } from './browser.ts'
import { serveStatic, type StaticServer } from './static-server.ts'

const dist = join(import.meta.dirname, '..', '..', '..', 'web', 'dist')

/** Pages without a service behind them, in one browser. */
export interface PagesAlone {
  readonly url: string
  readonly context: BrowserContext
}

/**
 * Serves the built apps with these answers by path, for the tests of one `describe`. Where no browser can be had they are
 * reported as skipped.
 */
export function servePages(answers: Readonly<Record<string, unknown>>, apps?: Parameters<typeof buildWeb>[0]): PagesAlone {
  let server: StaticServer | undefined
  let person: Person | undefined

  before(async function () {
    const chromium = findChromium()
    if (chromium === undefined) this.skip()
    this.timeout(120_000)
    await buildWeb(apps)
    server = await serveStatic(dist, answers)
    person = await openBrowser(chromium)
  })
  after(async () => {
    await person?.close()
    await server?.close()
  })

  const begun = <Thing>(thing: Thing | undefined): Thing => {
    if (thing === undefined) throw new TypeError('the pages are served from the first hook on')
    return thing
  }
  return {
    get url() { return begun(server).url },
    get context() { return begun(person).context },
  }
}
