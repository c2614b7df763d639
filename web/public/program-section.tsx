import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import type { Column } from '../ui/data-table.tsx'
import { formatDay, parseMoment } from '../ui/desk/times.ts'
import { formatNumber } from '../ui/format.ts'
import { cityNameOf, outstandingOf, totalsOf } from './trust-view.ts'
import { TrustSection } from './trust-section.tsx'
import type { Program, Trust } from './wire.ts'

/** The points programmes and their totals: funded = redeemed + outstanding. */
export function ProgramSection({ trust }: { trust: Trust }) {
  const { t, i18n } = useTranslation()
  const totals = totalsOf(trust.programs)
  const number = (value: number) => formatNumber(value, i18n.language)
  const units = (key: 'funded' | 'redeemed' | 'outstanding', read: (row: Program) => number): Column<Program> => ({
    key, title: t(`programs.${key}`), isNumber: true, cell: (row) => number(read(row)), text: read,
  })
  return (
    <TrustSection id="programs" title={t('programs.title')} explanation={t('programs.text')} data={trust.programs}>
      <dl className="totals">
        {(['funded', 'redeemed', 'outstanding'] as const).map((key) => (
          <div key={key} className="panel"><dt>{t(`programs.${key}`)}</dt><dd className="big-number">{number(totals[key])}</dd></div>
        ))}
      </dl>
      <DataTable
        caption={t('programs.table')} rows={trust.programs} rowKey={(row) => row.program_id} exportName="programmes"
        empty={<p className="note">{t('programs.none')}</p>}
        columns={[
          { key: 'name', title: t('programs.name'), cell: (row) => row.name, text: (row) => row.name },
          { key: 'city', title: t('cities.city'), cell: (row) => cityNameOf(trust, row.city), text: (row) => row.city },
          { key: 'until', title: t('programs.until'), cell: (row) => formatDay(row.until, i18n.language), text: (row) => parseMoment(row.until)?.toISOString() ?? '' },
          units('funded', (row) => row.funded),
          units('redeemed', (row) => row.redeemed),
          units('outstanding', outstandingOf),
        ]}
      />
    </TrustSection>
  )
}
