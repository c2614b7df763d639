import { startApp } from '../ui/start-app.tsx'
import type { Language } from '../ui/i18n.ts'
import { App } from './app.tsx'
import { createCityPoints } from './points/city-points.ts'
import { createOrders } from './points/order.ts'
import { ClosedVault } from './screens/closed-vault.tsx'
import { openVault } from './vault/vault.ts'
import { WalletProvider } from './wallet-context.tsx'
import './wallet.css'

const words: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import('./locales/en.json'),
  pt: () => import('./locales/pt.json'),
  fr: () => import('./locales/fr.json'),
}

const loadWords = (language: Language) => words[language]()

try {
  const vault = await openVault()
  const tools = { vault, city: createCityPoints({ vault }), orders: createOrders() }
  await startApp(<WalletProvider value={tools}><App /></WalletProvider>, loadWords)
} catch (error) {
  // A browser in private mode or a page without https keeps nothing: better no wallet than one that forgets.
  await startApp(<ClosedVault error={error} />, loadWords)
}

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  void navigator.serviceWorker.register('./sw.js', { updateViaCache: 'none' })
}
