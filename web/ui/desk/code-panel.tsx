import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { QrCode } from '../qr-code.tsx'

/** A code for somebody's wallet, and the same as a link that leaves this page open. */
export function CodePanel(
  { value, label, walletLink, children }: { value: string; label: string; walletLink: string; children?: ReactNode },
) {
  const { t } = useTranslation()
  return (
    <div className="code-panel">
      <QrCode value={value} label={label} />
      <div className="code-panel-side">
        {children}
        <a className="button button-secondary" href={walletLink} target="_blank" rel="noopener">
          <span>{t('desk.open_wallet')}</span>
        </a>
      </div>
    </div>
  )
}
