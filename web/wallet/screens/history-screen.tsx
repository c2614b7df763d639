import { useTranslation } from 'react-i18next'
import { formatMoment } from '../../ui/format.ts'
import { EmptyState, Loading } from '../../ui/states.tsx'
import { listClaims } from '../cards/claim-order.ts'
import { findMemberCity } from '../cards/federation.ts'
import type { EventRecord, TrustListRecord } from '../vault/records.ts'
import type { Vault } from '../vault/vault.ts'
import { useStored } from '../wallet-context.tsx'
import { ClaimName } from './claim-value.tsx'

const readHistory = async (vault: Vault) => ({
  events: (await vault.list('event')).sort((a, b) => b.at.localeCompare(a.at)),
  trustLists: await vault.list('trustList'),
})

/** What happened with this wallet. Only this device knows it. */
export function HistoryScreen() {
  const { t } = useTranslation()
  const history = useStored(readHistory)
  if (history === undefined) return <Loading />
  if (history.events.length === 0) return <EmptyState isScreen title={t('history.empty_title')}>{t('history.empty_text')}</EmptyState>
  return (
    <>
      <h1>{t('history.title')}</h1>
      <p className="soft">{t('history.text')}</p>
      <ul className="things">
        {history.events.map((event) => <li key={event.id}><OneEvent event={event} trustLists={history.trustLists} /></li>)}
      </ul>
    </>
  )
}

function OneEvent({ event, trustLists }: { event: EventRecord; trustLists: readonly TrustListRecord[] }) {
  const { t, i18n } = useTranslation()
  const city = URL.canParse(event.who) ? findMemberCity(event.who, trustLists) : undefined
  const place = URL.canParse(event.who) ? new URL(event.who).host : event.who
  const who = city === undefined ? place : event.name ?? city.name
  const claims = listClaims(event.claims ?? [])
  return (
    <>
      <p><strong>{t(`history.${event.kind}`, { who, count: event.points ?? 0 })}</strong></p>
      {claims.length > 0 && <p>{claims.map((claim, i) => <span key={claim}>{i > 0 && ', '}<ClaimName claim={claim} /></span>)}</p>}
      {event.purpose !== undefined && <p className="soft">{event.purpose}</p>}
      <p><small className="soft">{formatMoment(event.at, i18n.language)}</small></p>
    </>
  )
}
