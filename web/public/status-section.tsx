import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import { formatMoment, parseMoment } from '../ui/desk/times.ts'
import { formatNumber } from '../ui/format.ts'
import { cityNameOf } from './trust-view.ts'
import { TrustSection } from './trust-section.tsx'
import type { Trust } from './wire.ts'

/** The heads of the status lists: which update each is at, and its fingerprint. */
export function StatusSection({ trust }: { trust: Trust }) {
  const { t, i18n } = useTranslation()
  const number = (value: number) => formatNumber(value, i18n.language)
  return (
    <TrustSection id="status" title={t('status.title')} explanation={t('status.text')} data={trust.status_lists}>
      <DataTable
        caption={t('status.table')} rows={trust.status_lists} rowKey={(row) => row.uri} exportName="status-lists"
        empty={<p className="note">{t('status.none')}</p>}
        columns={[
          { key: 'city', title: t('cities.city'), cell: (row) => cityNameOf(trust, row.city), text: (row) => row.city },
          { key: 'uri', title: t('status.uri'), cell: (row) => <code>{row.uri}</code>, text: (row) => row.uri },
          { key: 'epoch', title: t('status.epoch'), isNumber: true, cell: (row) => number(row.epoch), text: (row) => row.epoch },
          { key: 'time', title: t('status.time'), cell: (row) => formatMoment(row.updated_at, i18n.language), text: (row) => parseMoment(row.updated_at)?.toISOString() ?? '' },
          { key: 'size', title: t('status.size'), isNumber: true, cell: (row) => number(row.size), text: (row) => row.size },
          { key: 'digest', title: t('status.digest'), cell: (row) => <code>{row.digest}</code>, text: (row) => row.digest },
        ]}
      />
    </TrustSection>
  )
}
