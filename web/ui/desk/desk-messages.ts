import type { MessageLoader } from '../i18n.ts'

const deskMessages: MessageLoader = (language) => ({
  en: () => import('./locales/en.json'),
  pt: () => import('./locales/pt.json'),
  fr: () => import('./locales/fr.json'),
})[language]()

/** An app's own words together with those the desk apps share. */
export function withDeskMessages(loadMessages: MessageLoader): MessageLoader {
  return async (language) => {
    const [desk, app] = await Promise.all([deskMessages(language), loadMessages(language)])
    return { default: { ...desk.default, ...app.default } }
  }
}
