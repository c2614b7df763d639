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

/** The Vite configuration of one app. All apps share everything but their folder. */
export function createViteConfig(app: WebApp): InlineConfig {
  return {
    configFile: false,
    root: `${webFolder}${app}`,
    base: `/${app}/`,
    logLevel: 'warn',
    plugins: [keepOwnLanguages(), react()],
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
