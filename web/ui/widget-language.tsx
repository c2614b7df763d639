import type { ReactNode } from 'react'
import { I18nProvider } from 'react-aria-components/I18nProvider'
import { useTranslation } from 'react-i18next'
import { localeOf } from './format.ts'

/** Gives the widget library the language the app speaks. */
export function WidgetLanguage({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation()
  return <I18nProvider locale={localeOf(i18n.language)}>{children}</I18nProvider>
}
