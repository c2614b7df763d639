import { useTranslation } from 'react-i18next'
import type { Action, Refusal } from './wire.ts'

/** Why the chain refuses something: what to do first, the chain's own words last. Of several actions it says which one. */
export function RefusalNote({ refusal, title, action }: { refusal: Refusal; title: string; action?: Action | undefined }) {
  const { t, i18n } = useTranslation()
  const key = `refusal.${refusal.code}`
  const refused = refusal.position === undefined ? undefined : action?.actions?.[refusal.position]
  return (
    <div className="note note-bad" role="alert">
      <p><strong>{title}</strong></p>
      {refused !== undefined && <p>{t('governance.refused_action', { number: (refusal.position ?? 0) + 1, kind: t(`governance.kind.${refused.type}`) })}</p>}
      {i18n.exists(key) ? <p>{t(key)}</p> : <p lang="en">{refusal.advice}</p>}
      <p className="state-code">{t('governance.in_detail')} <code lang="en">{refusal.detail === '' ? refusal.code : refusal.detail}</code></p>
    </div>
  )
}
