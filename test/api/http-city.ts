import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contractNames } from '../../chain/deployment.ts'
import { createCityService, type CityService } from '../../api/app.ts'
import { parseConfig } from '../../api/platform/config.ts'
import { openDatabase, type Db } from '../../api/platform/database.ts'

export interface HttpCity {
  readonly url: string
  readonly db: Db
  readonly service: CityService
  /** Everything the service logged. */
  readonly log: string[]
  stop(): Promise<void>
}

export const passwords = { officer: 'officer-password', councillor: 'councillor-password', gate: 'gate-password', cafe: 'cafe-password' } as const

/** A whole city service on a port of its own, over a database in memory. No chain: what is sent waits in the outbox. */
export async function startHttpCity(options: { readonly env?: Record<string, string>; readonly db?: Db } = {}): Promise<HttpCity> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-city-'))
  const deploymentFile = join(folder, 'deployment.json')
  const contracts = Object.fromEntries(contractNames.map((name, position) => [name, `0x${String(position + 1).padStart(40, '0')}`]))
  writeFileSync(deploymentFile, JSON.stringify({ chainId: 7411, deployedAtBlock: 0, contracts }))
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const config = parseConfig({
    SYMBOLON_ENV: 'test', SYMBOLON_LOCODE: 'PTOPO', SYMBOLON_CITY_NAME: 'Porto', SYMBOLON_PUBLIC_URL: url, SYMBOLON_PORT: '0', SYMBOLON_DATA_DIR: folder,
    SYMBOLON_RPC_URL: 'http://127.0.0.1:9', SYMBOLON_DEPLOYMENT: deploymentFile, SYMBOLON_KEK: Buffer.alloc(32, 5).toString('base64url'),
    SYMBOLON_DEMO_PASSWORDS: Object.entries(passwords).map(([login, password]) => `${login}:${password}`).join(','),
    SYMBOLON_RATE_LIMIT_FACTOR: '100', SYMBOLON_LOG_LEVEL: 'debug', SYMBOLON_THEME: 'themes/PTOPO.css', SYMBOLON_WEB_DIR: folder,
    ...options.env,
  })
  const log: string[] = []
  const db = options.db ?? openDatabase({ kind: 'memory' })
  const service = await createCityService(config, { db, logDestination: { write: (line: string) => { log.push(line) } } })
  server.on('request', service.app)
  return {
    url, db, service, log,
    async stop() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await service.stop()
      if (options.db === undefined) await db.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A browser without a screen: keeps cookies, follows redirects by hand. */
export interface Browser {
  readonly cookies: Map<string, string>
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Follows redirects within the origin; resolves to the last answer. */
  visit(path: string, init?: RequestInit): Promise<Response>
  /** Signs in through the login page. */
  signIn(app: 'staff' | 'verifier' | 'merchant', login: string, password: string): Promise<Response>
  /** POSTs JSON as the apps do: with the CSRF token, and an idempotency key unless told otherwise. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
}

export function createBrowser(url: string): Browser {
  const cookies = new Map<string, string>()
  const browser: Browser = {
    cookies,
    async fetch(path, init = {}) {
      const headers = new Headers(init.headers)
      if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
      const response = await fetch(new URL(path, url), { redirect: 'manual', ...init, headers })
      for (const line of response.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split(';')
        const at = pair.indexOf('=')
        const gone = attributes.some((attribute) => /^\s*expires=thu, 01 jan 1970/i.test(attribute))
        if (gone || pair.length === at + 1) cookies.delete(pair.slice(0, at))
        else cookies.set(pair.slice(0, at), pair.slice(at + 1))
      }
      return response
    },
    async visit(path, init) {
      let response = await browser.fetch(path, init)
      for (let hops = 0; hops < 10 && response.status >= 300 && response.status < 400; hops += 1) {
        const target = new URL(response.headers.get('location') ?? '', url)
        if (/^\/(staff|verifier|merchant)\/$/.test(target.pathname)) return response
        response = await browser.fetch(target.href)
      }
      return response
    },
    async signIn(app, login, password) {
      const page = await browser.visit(`/auth/login?app=${app}`)
      const action = /action="([^"]+)"/.exec(await page.text())?.[1] ?? ''
      return await browser.visit(action, {
        method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ login, password }),
      })
    },
    async post(path, body, headers = {}) {
      const session = await (await browser.fetch('/auth/session')).json() as { csrf_token?: string }
      return await browser.fetch(path, {
        method: 'POST',
        headers: {
          'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(),
          ...(session.csrf_token === undefined ? {} : { 'x-csrf-token': session.csrf_token }), ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
    },
  }
  return browser
}
