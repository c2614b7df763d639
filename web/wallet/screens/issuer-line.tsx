import { useTranslation } from 'react-i18next'
import { formatDate } from '../../ui/format.ts'
import { suspensionReason } from '../../ui/suspension-reason.ts'
import type { IssuerStanding } from '../cards/issuer-standing.ts'

const dateOf = (seconds: number): string => new Date(seconds * 1000).toISOString()

/** Who issued a card, as the federation's signed list says; a warning in words and colour where it says otherwise. */
export function IssuerLine({ standing }: { standing: IssuerStanding }) {
  const { t, i18n } = useTranslation()
  const date = (seconds: number): string => formatDate(dateOf(seconds), i18n.language)
  switch (standing.kind) {
    case 'member': {
      const { city, sinceSeconds, checkedAtSeconds, isStale } = standing
      return (
        <div className={isStale ? 'note note-wait' : 'wallet-issuer'}>
          <p><strong>{t('issuer.issued_by', { city })}</strong></p>
          <p>{sinceSeconds === undefined ? t('issuer.accredited') : t('issuer.accredited_since', { date: date(sinceSeconds) })}</p>
          <p><small>{t(isStale ? 'issuer.stale' : 'issuer.checked', { date: date(checkedAtSeconds) })}</small></p>
        </div>
      )
    }
    case 'unchecked': return <p className="wallet-issuer"><small>{t('issuer.unchecked')}</small></p>
    case 'unknown': return <p className="note note-bad">{t('issuer.unknown')}</p>
    case 'suspended': return (
      <div className="note note-bad">
        <p>{standing.untilSeconds === undefined ? t('issuer.suspended', { city: standing.city }) : t('issuer.suspended_until', { city: standing.city, date: date(standing.untilSeconds) })}</p>
        {standing.reason !== undefined && <p>{t('issuer.suspended_why', { reason: suspensionReason(t, standing.reason) })}</p>}
      </div>
    )
    default: return <p className="note note-bad">{t(`issuer.${standing.kind}`, { city: standing.city })}</p>
  }
}
