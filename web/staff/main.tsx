import { startApp } from '../ui/start-app.tsx'
import { withDeskMessages } from '../ui/desk/desk-messages.ts'
import { App } from './app.tsx'
import { withRefusals } from './governance/refusals/with-refusals.ts'
import './app.css'

void startApp(<App />, withDeskMessages(withRefusals((language) => ({
  en: () => import('./locales/en.json'),
  pt: () => import('./locales/pt.json'),
  fr: () => import('./locales/fr.json'),
})[language]())))
