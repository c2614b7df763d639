import type { Language, MessageLoader } from '../../../ui/i18n.ts'
import type { RefusalWords } from './pt.ts'

const loaders: Readonly<Record<Exclude<Language, 'en'>, () => Promise<RefusalWords>>> = {
  pt: async () => (await import('./pt.ts')).pt,
  fr: async () => (await import('./fr.ts')).fr,
}

/** What to do about each refusal of the chain, in a language; undefined for English, in which the service says it. */
export async function loadRefusals(language: Language): Promise<RefusalWords | undefined> {
  return language === 'en' ? undefined : await loaders[language]()
}

/** An app's own words together with those for refusals of the chain, under `refusal`. */
export function withRefusals(loadMessages: MessageLoader): MessageLoader {
  return async (language) => {
    const [refusal, app] = await Promise.all([loadRefusals(language), loadMessages(language)])
    return { default: { ...app.default, ...(refusal && { refusal }) } }
  }
}
