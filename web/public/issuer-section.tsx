import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import { formatDay, parseMoment } from '../ui/desk/times.ts'
import { useNow } from '../ui/desk/use-now.ts'
import { cityNameOf, keyStateOf } from './trust-view.ts'
import type { KeyState } from './trust-view.ts'
import { TrustSection } from './trust-section.tsx'
import type { Issuer, Trust } from './wire.ts'

const looks: Readonly<Record<KeyState, readonly [className: string, mark: string]>> = {
  'valid': ['badge badge-good', '●'],
  'not-yet': ['badge badge-wait', '◌'],
  'lapsed': ['badge', '○'],
  'withdrawn': ['badge badge-bad', '✕'],
}

/** Whose keys count for which kind of card, and when. */
export function IssuerSection({ trust }: { trust: Trust }) {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const day = (moment: Issuer['untrusted_from']) => formatDay(moment, i18n.language)
  const iso = (moment: Issuer['untrusted_from']) => parseMoment(moment)?.toISOString() ?? ''
  return (
    <TrustSection id="issuers" title={t('issuers.title')} explanation={t('issuers.text')} data={trust.issuers}>
      <DataTable
        caption={t('issuers.table')} rows={trust.issuers} exportName="issuers" empty={<p className="note">{t('issuers.none')}</p>}
        rowKey={(row) => `${row.city}/${row.thumbprint}/${row.credential_type}/${row.valid_from}`}
        columns={[
          { key: 'city', title: t('cities.city'), cell: (row) => cityNameOf(trust, row.city), text: (row) => row.city },
          { key: 'key', title: t('issuers.key'), cell: (row) => <code>{row.thumbprint}</code>, text: (row) => row.thumbprint },
          { key: 'type', title: t('issuers.type'), cell: (row) => <code>{row.credential_type}</code>, text: (row) => row.credential_type },
          {
            key: 'state', title: t('issuers.state'), text: (row) => keyStateOf(row, now),
            cell: (row) => {
              const state = keyStateOf(row, now)
              const [className, mark] = looks[state]
              return <span className={className}><span aria-hidden="true">{mark}</span>{t(`issuers.state_${state}`)}</span>
            },
          },
          { key: 'from', title: t('issuers.from'), cell: (row) => day(row.valid_from), text: (row) => iso(row.valid_from) },
          { key: 'until', title: t('issuers.until'), cell: (row) => day(row.untrusted_from || row.valid_until), text: (row) => iso(row.untrusted_from || row.valid_until) },
        ]}
      />
    </TrustSection>
  )
}
