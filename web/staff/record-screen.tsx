import { useTranslation } from 'react-i18next'
import { ButtonLink } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { formatMoment, parseMoment } from '../ui/desk/times.ts'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { useRequest } from '../ui/use-request.ts'
import { auditPath, commonIssuer, olderThan, type StaffAct, type StaffActs } from './record.ts'

/** What officers did to residents and cards, a page at a time. Residents are links for those who may open them. */
export function RecordScreen({ before, mayOpenResidents }: { before: string | undefined; mayOpenResidents: boolean }) {
  const { t, i18n } = useTranslation()
  const path = auditPath(before)
  const isNewest = path === auditPath(undefined)
  const { data, error, reload } = useRequest(path, (signal) => deskApi.get<StaffActs>(path, { signal }), isNewest ? { everyMs: 10_000 } : {})
  const older = olderThan(data?.next)
  const issuer = commonIssuer(data?.acts ?? [])
  const actOf = ({ act }: StaffAct) => t(`record.act.${act}`, { defaultValue: act })
  const reasonOf = ({ reason }: StaffAct) => (reason === undefined ? undefined : t(`card_reason.${reason}`, { defaultValue: reason }))
  const newest = <ButtonLink href="#/record">{t('record.newest')}</ButtonLink>
  return (
    <>
      <h1>{t('record.title')}</h1>
      <p className="lead">{t('record.lead')}</p>
      {data === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {data !== undefined && error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
      {data !== undefined && (
        <DataTable
          caption={t(isNewest ? 'record.table' : 'record.table_older')} rows={data.acts} rowKey={(row) => String(row.act_id)} exportName="record"
          empty={isNewest
            ? <EmptyState title={t('record.none')}><p>{t('record.none_text')}</p></EmptyState>
            : <EmptyState title={t('record.no_older')} action={newest}><p>{t('record.no_older_text')}</p></EmptyState>}
          columns={[
            { key: 'at', title: t('record.at'), cell: (row) => <span className="record-time">{formatMoment(row.at, i18n.language)}</span>, text: (row) => parseMoment(row.at)?.toISOString() ?? '' },
            { key: 'act', title: t('record.what'), cell: (row) => <strong>{actOf(row)}</strong>, text: actOf },
            { key: 'reason', title: t('record.reason'), cell: (row) => reasonOf(row) ?? '–', text: (row) => reasonOf(row) ?? '' },
            {
              key: 'resident', title: t('record.resident'), text: (row) => row.resident_id ?? '',
              cell: ({ resident_id: id }) => id === undefined ? '–' : mayOpenResidents
                ? <a className="record-id" href={`#/residents/${id}`} aria-label={t('record.open_resident', { id })}><code>{id}</code></a>
                : <code className="record-id">{id}</code>,
            },
            { key: 'card', title: t('record.card'), cell: (row) => (row.card_id === undefined ? '–' : <code className="record-id">{row.card_id}</code>), text: (row) => row.card_id ?? '' },
            {
              key: 'officer', title: t('record.officer'), text: (row) => row.officer.subject,
              cell: ({ officer }) => (
                <span className="record-id"><code>{officer.subject}</code>{issuer === undefined && <span className="soft">{t('record.of_issuer', { issuer: officer.issuer })}</span>}</span>
              ),
            },
            { key: 'issuer', title: t('record.of'), text: (row) => row.officer.issuer },
          ]}
        />
      )}
      {issuer !== undefined && <p className="soft">{t('record.issuer', { issuer })}</p>}
      {data !== undefined && data.acts.length > 0 && (older !== undefined || !isNewest) && (
        <nav className="actions" aria-label={t('record.pages')}>
          {!isNewest && newest}
          {older !== undefined && <ButtonLink href={`#/record/${older}`}>{t('record.older')}</ButtonLink>}
        </nav>
      )}
    </>
  )
}
