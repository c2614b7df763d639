import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const places = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe']

/** A Chromium on this machine, `SYMBOLON_CHROMIUM` first; undefined when there is none. */
export function findChromium(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [process.env['SYMBOLON_CHROMIUM'] ?? '', ...onPath, ...places].find((path) => path !== '' && existsSync(path))
}

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
  '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'
]

/** One person's own browser: own profile, own storage. Close it when done. */
export interface Person {
  readonly context: BrowserContext
  close(): Promise<void>
}

export interface PersonOptions {
  readonly phone?: boolean
  readonly authorityFile?: string
  /** What the camera sees; see camera-film.ts. */
  readonly cameraFilm?: string
}

/** Opens a browser of its own for one person, in English, on a phone-sized or desktop screen. */
export async function openBrowser(executablePath: string, options: PersonOptions = {}): Promise<Person> {
  const profile = mkdtempSync(join(tmpdir(), 'symbolon-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: options.cameraFilm === undefined ? flags : [...flags, `--use-file-for-fake-video-capture=${options.cameraFilm}`],
    permissions: ['camera'],
    locale: 'en-GB',
    viewport: options.phone === true ? { width: 390, height: 844 } : { width: 1280, height: 900 },
    ignoreHTTPSErrors: options.authorityFile !== undefined
  })
  context.setDefaultTimeout(30_000)
  return {
    context,
    async close() {
      await context.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** Leaves pictures of everybody's pages in test-results/, for whoever looks into a failure. */
export async function keepScreenshots(people: readonly Person[], name: string): Promise<void> {
  const folder = join(import.meta.dirname, '..', '..', '..', 'test-results')
  for (const [who, { context }] of people.entries()) {
    for (const [which, page] of context.pages().entries()) {
      await page.screenshot({ path: join(folder, `${name}-${who}-${which}.png`), fullPage: true })
    }
  }
}

/** Keeps a picture for the README when `SYMBOLON_PICTURES` names a folder; does nothing otherwise. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['SYMBOLON_PICTURES']
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}
