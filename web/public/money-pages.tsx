import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import { formatNumber } from '../ui/format.ts'
import { EmptyState } from '../ui/states.tsx'
import { Page, type PageProps } from './page.tsx'
import { Bar, CityLink, Day, Figures, LongNumber, namesOf, Section } from './parts.tsx'
import { formatUnits, sumOf } from './record-view.ts'

const parts = ['in_escrow', 'held', 'burnt'] as const

/** Budgets of points: what was put in, and where it is. */
export function ProgramsPage({ at }: PageProps) {
  const { t, i18n } = useTranslation()
  const units = (value: string | bigint) => formatUnits(value, i18n.language)
  return (
    <Page title={t('programs.title')} lead={t('programs.text')} path="programmes" tables={['members', 'programs']} at={at}>
      {({ block, tables: { members, programs } }) => {
        const names = namesOf(members)
        const funded = sumOf(programs, 'funded')
        if (programs.length === 0) return <EmptyState title={t('programs.none')}>{t('programs.none_text')}</EmptyState>
        return (
          <>
            <Section id="all" title={t('programs.all')} text={t('programs.identity')} source={{ tables: ['programs'], block: block.number }}>
              <p><span className="soft">{t('programs.funded')}</span> <strong className="big-number"><LongNumber>{units(funded)}</LongNumber></strong></p>
              <Bar whole={funded} parts={parts.map((key) => ({ key, name: t(`programs.${key}`), value: units(sumOf(programs, key)), share: sumOf(programs, key) }))} />
            </Section>
            {programs.map((program) => (
              <Section key={program.program_id} id={`program-${program.program_id}`} title={program.name} source={{ tables: ['programs', 'redemptions'], block: block.number }}>
                <p className="soft">
                  <CityLink city={program.city} names={names} at={at} /> · {t(program.is_closed ? 'programs.closed' : 'programs.runs_until')}{' '}
                  {!program.is_closed && <Day time={program.valid_until} />}{program.is_shared && <> · {t('programs.shared')}</>}
                </p>
                <p><span className="soft">{t('programs.funded')}</span> <strong className="number">{units(program.funded)}</strong></p>
                <Bar whole={BigInt(program.funded)} parts={parts.map((key) => ({ key, name: t(`programs.${key}`), value: units(program[key]), share: BigInt(program[key]) }))} />
                <p className="soft">{t('programs.redeemed_in', { count: program.redemptions, units: units(program.redeemed), number: formatNumber(program.redemptions, i18n.language) })}</p>
              </Section>
            ))}
          </>
        )
      }}
    </Page>
  )
}

/** What the cities owe each other for what their merchants took. */
export function NetsPage({ at }: PageProps) {
  const { t, i18n } = useTranslation()
  const units = (value: string | bigint) => formatUnits(value, i18n.language)
  return (
    <Page title={t('nets.title')} lead={t('nets.text')} path="nets" tables={['members', 'nets', 'debts', 'settlements']} at={at}>
      {({ block, tables: { members, nets, debts, settlements } }) => {
        const names = namesOf(members)
        const link = (city: string) => <CityLink city={city} names={names} at={at} />
        const paid = settlements.filter(({ paid_at: time }) => time !== null)
        return (
          <>
            <Figures id="nets" tables={['nets']} block={block.number}>
              <DataTable
                caption={t('nets.table')} rows={nets} rowKey={(row) => row.city} empty={<EmptyState title={t('cities.none')} />}
                columns={[
                  { key: 'city', title: t('common.city'), cell: (row) => link(row.city) },
                  { key: 'to', title: t('nets.owed_to_it'), isNumber: true, cell: (row) => units(row.owed_to_it) },
                  { key: 'by', title: t('nets.owed_by_it'), isNumber: true, cell: (row) => units(row.owed_by_it) },
                  { key: 'net', title: t('nets.net'), isNumber: true, cell: (row) => <strong>{units(row.net)}</strong> },
                ]}
              />
              <p className="note">{t('nets.sum')} <strong className="number">{units(sumOf(nets, 'net'))}</strong></p>
            </Figures>
            <Section id="debts" title={t('nets.debts')} source={{ tables: ['debts'], block: block.number }}>
              <DataTable
                caption={t('nets.debts_table')} rows={debts} rowKey={(row) => `${row.debtor} ${row.creditor}`} empty={<p className="note">{t('nets.no_debts')}</p>}
                columns={[
                  { key: 'debtor', title: t('nets.debtor'), cell: (row) => link(row.debtor) },
                  { key: 'creditor', title: t('nets.creditor'), cell: (row) => link(row.creditor) },
                  { key: 'accrued', title: t('nets.accrued'), isNumber: true, cell: (row) => units(row.accrued) },
                  { key: 'settled', title: t('nets.settled'), isNumber: true, cell: (row) => units(row.settled) },
                  { key: 'owed', title: t('nets.owed'), isNumber: true, cell: (row) => <strong>{units(row.owed)}</strong> },
                ]}
              />
            </Section>
            <Section id="settlements" title={t('nets.settlements')} source={{ tables: ['settlements'], block: block.number }}>
              <dl className="facts">
                <div><dt>{t('nets.requested')}</dt><dd className="number">{units(sumOf(settlements, 'units'))}</dd></div>
                <div><dt>{t('nets.paid')}</dt><dd className="number">{units(sumOf(paid, 'units'))}</dd></div>
              </dl>
            </Section>
          </>
        )
      }}
    </Page>
  )
}
