import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { formatMoment } from '../ui/desk/times.ts'
import { ApiError } from '../ui/problem.ts'
import { ErrorState, Loading } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { formatNumber } from '../ui/format.ts'
import { goTo } from '../ui/use-route.ts'
import { Query } from './parts.tsx'
import { hrefOf } from './place.ts'
import { RecordError } from './record-error.ts'
import type { PublicRecord } from './read-record.ts'
import type { TableName } from './rows.ts'
import { useRecord } from './use-record.ts'

export interface PageProps {
  /** As of which block; undefined for the present. */
  readonly at: number | undefined
}

interface FrameProps<Name extends TableName> extends PageProps {
  readonly title: string
  readonly lead?: string
  /** What follows `#/at/<block>/`. */
  readonly path: string
  readonly tables: readonly [Name, ...Name[]]
  children(record: PublicRecord<Name>): ReactNode
}

/** A page of the record: its heading, as of when it is, what it shows, and what is told while there is nothing to show. */
export function Page<Name extends TableName>({ title, lead, path, tables, at, children }: FrameProps<Name>) {
  const { t, i18n } = useTranslation()
  const { data, error, reload, rowsSoFar } = useRecord(tables, at)
  const [asofTable] = tables
  return (
    <>
      <h1>{title}</h1>
      {lead !== undefined && <p className="lead">{lead}</p>}
      {data === undefined && error === undefined && (
        <Loading>{rowsSoFar === 0 ? undefined : t('reading.so_far', { count: rowsSoFar, number: formatNumber(rowsSoFar, i18n.language) })}</Loading>
      )}
      {data === undefined && error !== undefined && <Failed error={error} at={at} path={path} onRetry={reload} />}
      {data !== undefined && (
        <>
          <AsOf block={data.block} table={asofTable} at={at} path={path} isStale={error !== undefined} />
          <p className="visually-hidden" role="status">{error === undefined ? '' : t('desk.refresh_failed')}</p>
          {children(data)}
        </>
      )}
    </>
  )
}

function Failed({ error, at, path, onRetry }: { error: unknown; at: number | undefined; path: string; onRetry: () => void }) {
  const { t, i18n } = useTranslation()
  if (error instanceof RecordError) {
    const values = { table: t(`tables.${error.table}`), count: error.rows, number: formatNumber(error.rows, i18n.language) }
    const isChanged = error.code === 'ERR_RECORD_CHANGED'
    return <ErrorState error={error} title={t('reading.broken')} advice={t(isChanged ? 'reading.changed' : 'reading.incomplete', values)} onRetry={onRetry} />
  }
  const problem = error instanceof ApiError ? error.problem : undefined
  const isAhead = problem === 'ERR_CHAIN_BLOCK_AHEAD'
  if (at === undefined || (!isAhead && problem !== 'ERR_CHAIN_BLOCK_TOO_EARLY')) return <ErrorState error={error} onRetry={onRetry} />
  return (
    <ErrorState
      error={error} title={t(isAhead ? 'asof.ahead' : 'asof.early')} advice={t('asof.choose')} retryLabel={t('asof.now')}
      onRetry={() => goTo(hrefOf(path, undefined))}
    />
  )
}

/** As of which block the page is, and a way to another one. */
function AsOf({ block, table, at, path, isStale }: {
  block: { number: number; time: string }; table: TableName; at: number | undefined; path: string; isStale: boolean
}) {
  const { t, i18n } = useTranslation()
  const [wanted, setWanted] = useState('')
  const [isWrong, setWrong] = useState(false)
  const go = () => {
    const isBlock = /^\d{1,15}$/.test(wanted.trim())
    setWrong(!isBlock)
    if (isBlock) goTo(hrefOf(path, Number(wanted.trim())))
  }
  return (
    <div className={`panel asof${at === undefined ? '' : ' asof-past'}`} data-figures="block">
      <div>
        <p>
          <span className="soft">{t(at === undefined ? 'asof.read_at' : 'asof.as_of')}</span>{' '}
          <strong className="number" data-testid="block">{formatNumber(block.number, i18n.language)}</strong>{' '}
          <span className="soft">{formatMoment(block.time, i18n.language)}</span>{' '}
          <Query name={t('asof.block')} table={table} block={block.number} />
        </p>
        <p className="soft">{at !== undefined ? t('asof.past') : isStale ? t('desk.refresh_failed') : t('asof.fresh')}</p>
        {at !== undefined && <p><a href={hrefOf(path, undefined)}>{t('asof.now')}</a></p>}
      </div>
      <details className="asof-choose">
        <summary>{t('asof.other')}</summary>
        <form className="row" onSubmit={(event) => { event.preventDefault(); go() }}>
          <TextField label={t('asof.block')} value={wanted} onChange={setWanted} inputMode="numeric" error={isWrong ? t('asof.wrong') : undefined} />
          <Button type="submit">{t('asof.show')}</Button>
        </form>
      </details>
    </div>
  )
}
