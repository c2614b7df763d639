import type { ReactNode } from 'react'
import { I18nProvider } from 'react-aria-components/I18nProvider'
import { useTranslation } from 'react-i18next'

const widgetLocales: Record<string, string> = { en: 'en-US', pt: 'pt-PT', fr: 'fr-FR' }

/** Gives the widget library the language the app speaks. */
export function WidgetLanguage({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation()
  return <I18nProvider locale={widgetLocales[i18n.language] ?? 'en-US'}>{children}</I18nProvider>
}
