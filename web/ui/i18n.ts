import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

/** The languages every app is complete in, by their own names. */
export const languages = { en: 'English', pt: 'Português', fr: 'Français' } as const
export type Language = keyof typeof languages

/** Loads one app's words for one language; both JSON files lie side by side in `locales/`. */
export type MessageLoader = (language: Language) => Promise<{ default: object }>

const storageKey = 'symbolon-language'

const sharedMessages: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import('./locales/en.json'),
  pt: () => import('./locales/pt.json'),
  fr: () => import('./locales/fr.json'),
}

/** The first language in order of preference that the apps speak, English when none is. */
export function chooseLanguage(preferences: readonly string[]): Language {
  for (const preference of preferences) {
    const language = preference.toLowerCase().split('-')[0]
    if (language !== undefined && Object.hasOwn(languages, language)) return language as Language
  }
  return 'en'
}

let loadAppMessages: MessageLoader | undefined

async function addMessages(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'translation')) return
  const [shared, app] = await Promise.all([sharedMessages[language](), loadAppMessages?.(language)])
  i18next.addResourceBundle(language, 'translation', { ...shared.default, ...app?.default })
}

/** Sets up translation for one app; the words of the chosen language are there when it resolves. */
export async function startI18n(loadMessages: MessageLoader): Promise<void> {
  loadAppMessages = loadMessages
  const stored = localStorage.getItem(storageKey)
  const language = chooseLanguage(stored === null ? navigator.languages : [stored, ...navigator.languages])
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
    react: { useSuspense: false },
  })
  await addMessages(language)
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}

/** Switches to another language and remembers it on this device. */
export async function changeLanguage(language: Language): Promise<void> {
  await addMessages(language)
  localStorage.setItem(storageKey, language)
  document.documentElement.lang = language
  await i18next.changeLanguage(language)
}
