import { Fragment, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { formatDay } from '../ui/desk/times.ts'
import { hrefOf } from './place.ts'
import { isForEver, percentOf, shorten } from './record-view.ts'
import { queryOf } from './read-record.ts'
import type { PublishedTable, TableName } from './rows.ts'

type Look = readonly [className: string, mark: string]
const good: Look = ['badge badge-good', '●']
const wait: Look = ['badge badge-wait', '▲']
const open: Look = ['badge badge-wait', '◌']
const bad: Look = ['badge badge-bad', '✕']
const over: Look = ['badge', '○']

const looks: Readonly<Record<string, Look>> = {
  active: good, pending: open, suspended: wait, removed: bad,
  granted: good, withdrawn: bad, expired: over,
  voting: open, succeeded: good, queued: open, executable: open, executed: good, defeated: bad, cancelled: over,
  running: wait, ended: over, cleared: over, current: good, former: over, own: good, good, lapsed: wait, none: over, inactive: wait,
  for: good, against: bad, abstain: over,
}

/** A state as a word, a shape and a colour. `family` chooses the words. */
export function Badge({ family, state }: { family: 'city' | 'key' | 'proposal' | 'pause' | 'agreement' | 'vote' | 'version'; state: string }) {
  const { t } = useTranslation()
  const [className, mark] = looks[family === 'proposal' && state === 'active' ? 'voting' : state] ?? over
  return <span className={className}><span aria-hidden="true">{mark}</span>{t(`states.${family}.${state}`, { defaultValue: state })}</span>
}

/** Where figures come from: tables, and as of which block. */
interface SourceProps {
  readonly tables: readonly PublishedTable[]
  readonly block: number
}

/** The queries that yield what is shown, as data and as a table. */
function Source({ tables, block }: SourceProps) {
  const { t } = useTranslation()
  return (
    <p className="source">
      <span>{t('source.from')}</span>
      {tables.map((name) => (
        <span key={name}>
          {tables.length > 1 && <>{t(`tables.${name}`)}{t('colon')} </>}
          <a href={queryOf(name, block)} aria-label={t('source.json_of', { table: t(`tables.${name}`) })}>JSON</a>{' '}
          <a href={queryOf(name, block, 'csv')} aria-label={t('source.csv_of', { table: t(`tables.${name}`) })}>CSV</a>
        </span>
      ))}
    </p>
  )
}

/** The query that yields one figure. */
export function Query({ name, table, block }: { name: string; table: TableName; block: number }) {
  const { t } = useTranslation()
  return <a className="query" href={queryOf(table, block)} aria-label={t('source.query_of', { name })}>{t('source.query')}</a>
}

/** Figures without a heading of their own, and the queries that yield them. A test looks for figures outside of these. */
export function Figures({ id, children, ...source }: SourceProps & { id: string; children: ReactNode }) {
  return <div className="stack" data-figures={id}>{children}<Source {...source} /></div>
}

/** A part of a page under its own heading, and the queries that yield its figures when it has any. */
export function Section({ id, title, text, source, children }: { id: string; title: string; text?: string; source?: SourceProps; children: ReactNode }) {
  return (
    <section className="stack public-section" aria-labelledby={`${id}-title`} data-figures={source && id}>
      <h2 id={`${id}-title`}>{title}</h2>
      {text !== undefined && <p className="public-explanation">{text}</p>}
      {children}
      {source !== undefined && <Source {...source} />}
    </section>
  )
}

/** A long number that may go on in the next line, but only between its groups of digits. */
export function LongNumber({ children }: { children: string }) {
  return children.split(/(?<=\d\D)(?=\d)/).map((group, i) => <Fragment key={i}>{i > 0 && <wbr />}{group}</Fragment>)
}

/** A figure with its name, and the query that yields it. */
export function Tile({ id, name, value, note, table, block }: { id: string; name: string; value: string; note?: ReactNode; table: TableName; block: number }) {
  return (
    <div className="panel tile" data-figures={id}>
      <dt>{name}</dt>
      <dd className="tile-value"><LongNumber>{value}</LongNumber></dd>
      {note !== undefined && <dd className="soft">{note}</dd>}
      <dd><Query name={name} table={table} block={block} /></dd>
    </div>
  )
}

export interface BarPart {
  readonly key: string
  readonly name: string
  readonly value: string
  readonly share: bigint
}

/** Parts of a whole as one bar; the same figures stand beside it as text, so the picture itself is silent. */
export function Bar({ parts, whole }: { parts: readonly BarPart[]; whole: bigint }) {
  const shares = parts.map(({ share }) => percentOf(share, whole))
  return (
    <div className="bar">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect className="bar-rest" x="0" y="0" width="100" height="6" />
        {parts.map(({ key }, i) => (
          <rect key={key} className={`bar-part bar-${i + 1}`} x={shares.slice(0, i).reduce((sum, share) => sum + share, 0)} y="0" width={shares[i] ?? 0} height="6" />
        ))}
      </svg>
      <ul className="bar-names">
        {parts.map(({ key, name, value }, i) => (
          <li key={key}><span className={`bar-key bar-${i + 1}`} aria-hidden="true" />{name} <strong className="number">{value}</strong></li>
        ))}
      </ul>
    </div>
  )
}

/** A city by name, linked to its page. */
export function CityLink({ city, names, at }: { city: string; names: ReadonlyMap<string, string>; at: number | undefined }) {
  const { t } = useTranslation()
  return city === '' ? <span className="soft">{t('common.no_city')}</span> : <a href={hrefOf(`cities/${city}`, at)}>{names.get(city) ?? city}</a>
}

/** A proposal, linked; or that nobody had to decide. */
export function ProposalLink({ id, at, otherwise }: { id: string | null; at: number | undefined; otherwise: string }) {
  const { t } = useTranslation()
  if (id === null) return <span className="soft">{otherwise}</span>
  return <a href={hrefOf(`proposals/${id}`, at)}>{t('common.proposal', { id: shorten(id) })}</a>
}

/** Something long that machines read: its ends, and the whole for whoever selects or hovers it. */
export function Code({ children }: { children: string }) {
  return children.length <= 18 ? <code>{children}</code> : <code title={children} className="code-long">{children}</code>
}

/** A day, or that there is no end. */
export function Day({ time }: { time: string | null }) {
  const { t, i18n } = useTranslation()
  if (time === null) return <>–</>
  return isForEver(time) ? <>{t('common.for_ever')}</> : <time dateTime={time}>{formatDay(time, i18n.language)}</time>
}

export function namesOf(members: readonly { readonly city: string; readonly name: string }[]): ReadonlyMap<string, string> {
  return new Map(members.map(({ city, name }) => [city, name]))
}
