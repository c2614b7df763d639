import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import { TrustSection } from './trust-section.tsx'
import type { Trust } from './wire.ts'

const looks: Readonly<Record<string, readonly [className: string, mark: string]>> = {
  active: ['badge badge-good', '●'],
  pending: ['badge badge-wait', '◌'],
  suspended: ['badge badge-wait', '▲'],
  removed: ['badge badge-bad', '✕'],
}

/** The member cities and how each stands. */
export function CitySection({ trust }: { trust: Trust }) {
  const { t } = useTranslation()
  return (
    <TrustSection id="cities" title={t('cities.title')} explanation={t('cities.text')} data={trust.cities}>
      <DataTable
        caption={t('cities.table')} rows={trust.cities} rowKey={(row) => row.locode} exportName="cities"
        empty={<p className="note">{t('cities.none')}</p>}
        columns={[
          { key: 'name', title: t('cities.city'), cell: (row) => <strong>{row.name}</strong>, text: (row) => row.name },
          { key: 'locode', title: t('cities.locode'), cell: (row) => <code>{row.locode}</code>, text: (row) => row.locode },
          {
            key: 'status', title: t('cities.status'), text: (row) => row.status,
            cell: (row) => {
              const [className, mark] = looks[row.status] ?? ['badge', '?']
              return <span className={className}><span aria-hidden="true">{mark}</span>{t(`cities.status_${row.status}`, { defaultValue: row.status })}</span>
            },
          },
          { key: 'did', title: t('cities.did'), cell: (row) => <code>{row.did}</code>, text: (row) => row.did },
          { key: 'service', title: t('cities.service'), cell: (row) => <code>{row.service_url}</code>, text: (row) => row.service_url },
        ]}
      />
    </TrustSection>
  )
}
