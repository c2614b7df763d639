import { useState } from 'react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { QrCode } from '../qr-code.tsx'
import { ChoiceGroup } from './choice-group.tsx'

type WalletKind = 'city' | 'other'

interface CodePanelProps {
  /** Opens the city's own wallet in a browser. */
  readonly walletLink: string
  /** The same for any other wallet app, as its specification writes it. */
  readonly otherLink?: string
  readonly label: string
  readonly children?: ReactNode
}

/** A code for somebody's wallet, and the same as a link that leaves this page open. */
export function CodePanel({ walletLink, otherLink, label, children }: CodePanelProps) {
  const { t } = useTranslation()
  const [kind, setKind] = useState<WalletKind>('city')
  return (
    <div className="code-panel">
      <div className="code-panel-code">
        {otherLink !== undefined && (
          <ChoiceGroup<WalletKind>
            label={t('desk.wallet_kind')} layout="row" value={kind} onChange={(next) => setKind(next)}
            options={[{ value: 'city', label: t('desk.city_wallet') }, { value: 'other', label: t('desk.other_wallet') }]}
          />
        )}
        <QrCode value={kind === 'other' && otherLink !== undefined ? otherLink : walletLink} label={label} />
      </div>
      <div className="code-panel-side">
        {children}
        <div className="code-panel-here">
          <p className="field-hint">{t('desk.open_wallet_hint')}</p>
          <a className="button button-secondary button-wide" href={walletLink} target="_blank" rel="noopener">{t('desk.open_wallet')}</a>
        </div>
      </div>
    </div>
  )
}
