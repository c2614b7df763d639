import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, readFile, readdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { SymbolonError } from '../agent/errors.ts'
import { createViteConfig, webApps } from './vite.config.ts'
import type { WebApp } from './vite.config.ts'

/** Compressed JavaScript an app may have altogether, lazily loaded parts included. */
export const budgetBytes = 250_000

const rootFolder = fileURLToPath(new URL('..', import.meta.url))
const stampName = '.inputs.json'

export interface BuiltApp {
  readonly app: WebApp
  readonly folder: string
  readonly gzipBytes: number
  /** True when nothing had changed since the last build and it was left as it was. */
  readonly skipped: boolean
}

/** Why the web apps could not be built. */
export class WebBuildError extends SymbolonError<'ERR_BUNDLE_TOO_LARGE' | 'ERR_APP_UNKNOWN'> {}

/** SHA-256 over the names and contents of everything an app is built from. */
export async function hashInputs(app: WebApp, folder: string = rootFolder): Promise<string> {
  const patterns = [
    `web/${app}/**/*`, 'web/ui/**/*', 'web/*.ts', 'web/tsconfig.json', 'package-lock.json',
    'agent/{protocols,formats,status,notes,trust-lists}/**/*', 'agent/*.ts',
  ]
  const paths = new Set<string>()
  for await (const entry of glob(patterns, { cwd: folder, withFileTypes: true })) {
    if (entry.isFile()) paths.add(relative(folder, join(entry.parentPath, entry.name)))
  }
  const hash = createHash('sha256')
  for (const path of [...paths].sort()) {
    const content = await readFile(join(folder, path))
    hash.update(`${path}\0${content.byteLength}\0`).update(content)
  }
  return hash.digest('hex')
}

/** The gzip size in bytes of all JavaScript below a folder. */
export async function measureJavaScript(folder: string): Promise<number> {
  let total = 0
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith('.js')) total += gzipSync(await readFile(join(folder, name)), { level: 9 }).byteLength
  }
  return total
}

async function readStamp(folder: string): Promise<{ hash: string; gzipBytes: number } | undefined> {
  const path = join(folder, stampName)
  if (!existsSync(path) || !existsSync(join(folder, 'index.html'))) return undefined
  return JSON.parse(await readFile(path, 'utf8')) as { hash: string; gzipBytes: number }
}

async function buildApp(app: WebApp, force: boolean): Promise<BuiltApp> {
  const folder = join(rootFolder, 'web', 'dist', app)
  const hash = await hashInputs(app)
  const stamp = force ? undefined : await readStamp(folder)
  if (stamp?.hash === hash) return { app, folder, gzipBytes: stamp.gzipBytes, skipped: true }
  await build(createViteConfig(app))
  const gzipBytes = await measureJavaScript(folder)
  if (gzipBytes > budgetBytes) {
    throw new WebBuildError('ERR_BUNDLE_TOO_LARGE',
      `${app} has ${formatKilobytes(gzipBytes)} of compressed JavaScript; ${formatKilobytes(budgetBytes)} are allowed`)
  }
  await writeFile(join(folder, stampName), JSON.stringify({ hash, gzipBytes }))
  return { app, folder, gzipBytes, skipped: false }
}

/**
 * Builds the web apps to `web/dist/<app>/`, leaving out those whose inputs have not changed.
 * @throws `ERR_BUNDLE_TOO_LARGE` when an app's JavaScript is above the budget.
 */
export async function buildWeb(
  { apps = webApps, force = false, report = () => {} }:
  { apps?: readonly WebApp[]; force?: boolean; report?: (built: BuiltApp) => void } = {},
): Promise<BuiltApp[]> {
  const built: BuiltApp[] = []
  for (const app of apps) {
    const result = await buildApp(app, force)
    report(result)
    built.push(result)
  }
  return built
}

function formatKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

function parseApps(names: string[]): readonly WebApp[] {
  for (const name of names) {
    if (!webApps.some((app) => app === name)) {
      throw new WebBuildError('ERR_APP_UNKNOWN', `There is no app "${name}"; there are ${webApps.join(', ')}`)
    }
  }
  return names.length === 0 ? webApps : (names as WebApp[])
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  try {
    await buildWeb({
      apps: parseApps(names.filter((name) => name !== '--force')),
      force: names.includes('--force'),
      report: ({ app, gzipBytes, skipped }) => console.log(
        `${app.padEnd(9)} ${formatKilobytes(gzipBytes).padStart(9)} of ${formatKilobytes(budgetBytes)}${skipped ? '  (unchanged)' : ''}`),
    })
  } catch (error) {
    console.error(error instanceof WebBuildError ? error.message : error)
    process.exitCode = 1
  }
}
