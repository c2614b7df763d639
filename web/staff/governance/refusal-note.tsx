import { useTranslation } from 'react-i18next'
import type { Refusal } from './wire.ts'

/** Why the chain refuses something: what to do first, the chain's own words last. */
export function RefusalNote({ refusal, title }: { refusal: Refusal; title: string }) {
  const { t, i18n } = useTranslation()
  const key = `refusal.${refusal.code}`
  return (
    <div className="note note-bad" role="alert">
      <p><strong>{title}</strong></p>
      {i18n.exists(key) ? <p>{t(key)}</p> : <p lang="en">{refusal.advice}</p>}
      <p className="state-code">{t('governance.in_detail')} <code lang="en">{refusal.detail === '' ? refusal.code : refusal.detail}</code></p>
    </div>
  )
}
