import { useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { changeLanguage, languages } from './i18n.ts'
import type { Language } from './i18n.ts'

export interface AppShellProps {
  /** Name of the app: "Wallet". */
  readonly title: string
  /** Name of the page in it, for the title of the browser's window. */
  readonly page?: string | undefined
  readonly cityName?: string | undefined
  readonly navigation?: readonly { readonly href: string; readonly label: string; readonly isCurrent: boolean; readonly icon?: ReactNode }[]
  /** Right of the title: who is signed in, a sign-out button. */
  readonly aside?: ReactNode
  /** Changes with each screen; the focus then moves to the heading of the new one. */
  readonly screen?: string
  readonly children: ReactNode
  /** `wide` for tables, `narrow` (the default) for one thing to do. */
  readonly width?: 'narrow' | 'wide'
}

/** The frame of every app: skip link, the city's header, navigation, language, an offline banner, and the screen. */
export function AppShell(
  { title, page, cityName, navigation = [], aside, screen, children, width = 'narrow' }: AppShellProps,
) {
  const { t, i18n } = useTranslation()
  const isOnline = useOnline()
  useEffect(() => {
    document.title = [page, title, cityName].filter((part) => part !== undefined).join(' · ')
  }, [page, title, cityName])
  useScreenFocus(screen)
  return (
    <div className={`shell shell-${width}`}>
      <a className="skip-link" href="#main" onClick={(event) => { event.preventDefault(); focusMain() }}>{t('shell.skip')}</a>
      <header className="shell-header">
        <div className="shell-bar">
          <a className="shell-title" href="#/">
            <span className="shell-city">{cityName ?? 'Symbolon'}</span>
            <span className="shell-app">{title}</span>
          </a>
          <div className="shell-aside">
            {aside}
            <label className="visually-hidden" htmlFor="language">{t('shell.language')}</label>
            <select
              id="language" className="shell-language" value={i18n.language}
              onChange={(event) => void changeLanguage(event.target.value as Language)}
            >
              {Object.entries(languages).map(([code, name]) => <option key={code} value={code} lang={code}>{name}</option>)}
            </select>
          </div>
        </div>
      </header>
      {navigation.length > 0 && (
        <nav className="shell-navigation" aria-label={t('shell.navigation')}>
          <ul>
            {navigation.map((entry) => (
              <li key={entry.href}>
                <a href={entry.href} aria-current={entry.isCurrent ? 'page' : undefined}>{entry.icon}<span>{entry.label}</span></a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {!isOnline && <p className="shell-offline" role="status">{t('shell.offline')}</p>}
      <main id="main" tabIndex={-1} className="shell-main">{children}</main>
    </div>
  )
}

function focusMain(): void {
  document.getElementById('main')?.focus()
}

/** Moves the focus to the new screen, so that a screen reader starts there; the first screen is left alone. */
function useScreenFocus(screen: string | undefined): void {
  const shown = useRef(screen)
  useEffect(() => {
    if (screen === shown.current) return
    shown.current = screen
    window.scrollTo(0, 0)
    focusMain()
  }, [screen])
}

/** Whether the device believes it has a network. */
export function useOnline(): boolean {
  const [isOnline, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const update = () => setOnline(navigator.onLine)
    window.addEventListener('online', update)
    window.addEventListener('offline', update)
    return () => {
      window.removeEventListener('online', update)
      window.removeEventListener('offline', update)
    }
  }, [])
  return isOnline
}
