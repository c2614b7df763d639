import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import type { InlineConfig, Plugin } from 'vite'

/** The web apps; each is served by a city under `/<name>/` and built to `web/dist/<name>/`. */
export const webApps = ['wallet', 'staff', 'verifier', 'merchant', 'public'] as const
export type WebApp = (typeof webApps)[number]

const webFolder = fileURLToPath(new URL('.', import.meta.url))
const keptLocales = /[\\/](en-US|pt-PT|pt-BR|fr-FR)\.mjs$/
const widgetLocales = /[\\/](?:react-aria|react-aria-components|react-stately)[\\/].*[\\/][a-z]{2}-[A-Z]{2}\.mjs$/

/** The widget library ships its words in thirty-four languages; only those the apps speak are bundled. */
function keepOwnLanguages(): Plugin {
  return {
    name: 'symbolon:keep-own-languages',
    enforce: 'pre',
    load(id) {
      return widgetLocales.test(id) && !keptLocales.test(id) ? 'export default undefined' : null
    },
  }
}

/**
 * Writes `sw.js` for an app that has a `service-worker.js`, with the list of its files and a version that changes with
 * them: an app whose shell opens without a network.
 */
function keepShellOffline(app: WebApp): Plugin {
  const source = `${webFolder}${app}/service-worker.js`
  const publicFolder = `${webFolder}${app}/public`
  return {
    name: 'symbolon:keep-shell-offline',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        if (!existsSync(source)) return
        const publicFiles = readdirSync(publicFolder).sort()
        const files = [...Object.keys(bundle).filter((name) => name !== 'index.html').sort(), ...publicFiles]
        const template = readFileSync(source, 'utf8')
        const hash = createHash('sha256').update(template).update(JSON.stringify(files))
        for (const name of publicFiles) hash.update(readFileSync(`${publicFolder}/${name}`))
        hash.update(readFileSync(`${webFolder}${app}/index.html`))
        this.emitFile({
          type: 'asset', fileName: 'sw.js',
          source: template
            .replace('__VERSION__', hash.digest('hex').slice(0, 16))
            .replace('__FILES__', JSON.stringify([`/${app}/`, ...files.map((name) => `/${app}/${name}`)])),
        })
      },
    },
  }
}

/** The Vite configuration of one app. All apps share everything but their folder. */
export function createViteConfig(app: WebApp): InlineConfig {
  return {
    configFile: false,
    root: `${webFolder}${app}`,
    base: `/${app}/`,
    logLevel: 'warn',
    plugins: [keepOwnLanguages(), react(), keepShellOffline(app)],
    build: {
      outDir: `${webFolder}dist/${app}`,
      emptyOutDir: true,
      target: 'es2023',
      // A data: URL would need a wider content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1000,
    },
  }
}
