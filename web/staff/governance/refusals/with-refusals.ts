import type { Language, MessageLoader } from '../../../ui/i18n.ts'
import type { RefusalWords } from './en.ts'

const loaders: Readonly<Record<Language, () => Promise<RefusalWords>>> = {
  en: async () => (await import('./en.ts')).en,
  pt: async () => (await import('./pt.ts')).pt,
  fr: async () => (await import('./fr.ts')).fr,
}

/** What to do about each refusal of the chain, in a language. */
export async function loadRefusals(language: Language): Promise<RefusalWords> {
  return await loaders[language]()
}

/** An app's own words together with those for refusals of the chain, under `refusal`. */
export function withRefusals(loadMessages: MessageLoader): MessageLoader {
  return async (language) => {
    const [refusal, app] = await Promise.all([loadRefusals(language), loadMessages(language)])
    return { default: { ...app.default, refusal } }
  }
}
