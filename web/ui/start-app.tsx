import { StrictMode } from 'react'
import type { ReactNode } from 'react'
import { createRoot } from 'react-dom/client'
import { Notices } from './notices.tsx'
import { startI18n } from './i18n.ts'
import type { MessageLoader } from './i18n.ts'
import { WidgetLanguage } from './widget-language.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'

/** Starts an app: its words first, then its first screen inside the element `#app`. */
export async function startApp(screen: ReactNode, loadMessages: MessageLoader): Promise<void> {
  await startI18n(loadMessages)
  const element = document.getElementById('app')
  if (element === null) throw new Error('The page has no element #app')
  createRoot(element).render(
    <StrictMode>
      <WidgetLanguage>
        <Notices>{screen}</Notices>
      </WidgetLanguage>
    </StrictMode>,
  )
}
