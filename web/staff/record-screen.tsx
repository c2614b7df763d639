import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ButtonLink } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { formatMoment, parseMoment } from '../ui/desk/times.ts'
import { formatNumber } from '../ui/format.ts'
import { Select } from '../ui/select.tsx'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { useRequest } from '../ui/use-request.ts'
import { goTo } from '../ui/use-route.ts'
import { RecordCheck } from './record-check.tsx'
import { auditPath, choices, commonIssuer, olderThan, recordLink, type RecordPage, type StaffAct, type StaffActs } from './record.ts'

/** What officers did to residents and cards and whom they looked up, a page at a time. */
export function RecordScreen({ page, mayOpenResidents }: { page: RecordPage; mayOpenResidents: boolean }) {
  const { t } = useTranslation()
  const path = auditPath(page)
  const isNewest = page.before === undefined
  const isWhole = page.choice === 'all' && page.residentId === undefined
  const { data, error, reload } = useRequest(path, (signal) => deskApi.get<StaffActs>(path, { signal }), isNewest ? { everyMs: 10_000 } : {})
  const older = olderThan(data?.next)
  const newest = <ButtonLink href={recordLink({ ...page, before: undefined })}>{t('record.newest')}</ButtonLink>
  const whole = <ButtonLink href="#/record">{t('record.show_all')}</ButtonLink>
  return (
    <>
      <h1>{t('record.title')}</h1>
      <p className="lead">{t('record.lead')}</p>
      <div className="record-filter">
        <Select
          label={t('record.show')} value={page.choice} onChange={(choice) => goTo(recordLink({ ...page, choice, before: undefined }))}
          options={choices.map((choice) => ({ value: choice, label: t(choice === 'all' || choice === 'changes' ? `record.${choice}` : `record.act.${choice}`) }))}
        />
      </div>
      {page.residentId !== undefined && (
        <section className="note record-resident" aria-label={t('record.one_resident')}>
          <p>{t('record.one_resident')} <code>{page.residentId}</code></p>
          <div className="actions">
            <ButtonLink href={recordLink({ choice: page.choice })}>{t('record.all_residents')}</ButtonLink>
            {mayOpenResidents && <ButtonLink href={`#/residents/${page.residentId}`}>{t('record.open_resident')}</ButtonLink>}
          </div>
        </section>
      )}
      {data === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {data !== undefined && error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
      {data !== undefined && (
        <ActTable
          page={page} acts={data.acts}
          empty={!isNewest
            ? <EmptyState title={t('record.no_older')} action={newest}><p>{t('record.no_older_text')}</p></EmptyState>
            : isWhole
              ? <EmptyState title={t('record.none')}><p>{t('record.none_text')}</p></EmptyState>
              : <EmptyState title={t('record.none_such')} action={whole}><p>{t('record.none_such_text')}</p></EmptyState>}
        />
      )}
      {data !== undefined && data.acts.length > 0 && (older !== undefined || !isNewest) && (
        <nav className="actions" aria-label={t('record.pages')}>
          {!isNewest && newest}
          {older !== undefined && <ButtonLink href={recordLink({ ...page, before: older })}>{t('record.older')}</ButtonLink>}
        </nav>
      )}
      {isWhole && isNewest && data !== undefined && data.acts.length > 0 && <RecordCheck />}
    </>
  )
}

function ActTable({ page, acts, empty }: { page: RecordPage; acts: readonly StaffAct[]; empty: ReactNode }) {
  const { t, i18n } = useTranslation()
  const issuer = commonIssuer(acts)
  const actOf = ({ act }: StaffAct) => t(`record.act.${act}`, { defaultValue: act })
  const detailOf = ({ act, reason, points }: StaffAct) => {
    if (points !== undefined) return t('points.balance', { count: points, points: formatNumber(points, i18n.language) })
    if (reason === undefined) return undefined
    return t(act === 'looked_up' ? `record.look.${reason}` : `card_reason.${reason}`, { defaultValue: reason })
  }
  return (
    <>
      <DataTable
        caption={t(page.before === undefined ? 'record.table' : 'record.table_older')} rows={acts} rowKey={(row) => String(row.act_id)} exportName="record" empty={empty}
        columns={[
          { key: 'at', title: t('record.at'), cell: (row) => <span className="record-time">{formatMoment(row.at, i18n.language)}</span>, text: (row) => parseMoment(row.at)?.toISOString() ?? '' },
          {
            key: 'act', title: t('record.what'), text: actOf,
            cell: (row) => <span className="record-act"><strong>{actOf(row)}</strong>{detailOf(row) !== undefined && <span className="soft">{detailOf(row)}</span>}</span>,
          },
          { key: 'detail', title: t('record.detail'), text: (row) => detailOf(row) ?? '' },
          {
            key: 'resident', title: t('record.resident'), text: (row) => row.resident_id ?? '',
            cell: ({ resident_id: id }) => id === undefined ? <span className="record-none">–</span> : id === page.residentId
              ? <code className="record-id">{id}</code>
              : <a className="record-id" href={recordLink({ choice: page.choice, residentId: id })} aria-label={t('record.only_resident', { id })}><code>{id}</code></a>,
          },
          {
            key: 'card', title: t('record.card'), text: (row) => row.card_id ?? '',
            cell: ({ card_id: id, new_card_id: newId }) => id === undefined ? <span className="record-none">–</span> : (
              <span className="record-id"><code>{id}</code>{newId !== undefined && <><span className="soft">{t('record.replaced_by')}</span><code>{newId}</code></>}</span>
            ),
          },
          { key: 'new-card', title: t('record.new_card'), text: (row) => row.new_card_id ?? '' },
          { key: 'program', title: t('record.program'), text: (row) => row.program_id ?? '' },
          {
            key: 'officer', title: t('record.officer'), text: (row) => row.officer.subject,
            cell: ({ officer }) => (
              <span className="record-id"><code>{officer.subject}</code>{issuer === undefined && <span className="soft">{t('record.of_issuer', { issuer: officer.issuer })}</span>}</span>
            ),
          },
          { key: 'issuer', title: t('record.of'), text: (row) => row.officer.issuer },
          { key: 'number', title: t('record.number'), text: (row) => row.act_id },
          { key: 'hash', title: t('record.hash'), text: (row) => row.hash ?? '' },
        ]}
      />
      {issuer !== undefined && <p className="soft">{t('record.issuer', { issuer })}</p>}
    </>
  )
}
