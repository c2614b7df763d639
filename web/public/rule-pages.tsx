import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import { formatMoment } from '../ui/desk/times.ts'
import { formatNumber } from '../ui/format.ts'
import { EmptyState } from '../ui/states.tsx'
import { Page, type PageProps } from './page.tsx'
import { Badge, Code, Day, ProposalLink, Section } from './parts.tsx'
import { queryOf } from './read-record.ts'
import { formatExactDuration, isForEver } from './record-view.ts'
import type { PublishedTable, Tables } from './rows.ts'
import { usePauses } from './use-pauses.ts'

/** What the cities govern: parameters, pauses, contracts. */
export function RulesPage({ at }: PageProps) {
  const { t, i18n } = useTranslation()
  const { pausable, isEffective } = usePauses()
  return (
    <Page title={t('rules.title')} lead={t('rules.text')} path="rules" tables={['parameters', 'pauses', 'contracts']} at={at}>
      {({ block, tables: { parameters, pauses, contracts } }) => (
        <>
          <Section id="parameters" title={t('rules.parameters')} text={t('rules.parameters_text')} source={{ tables: ['parameters'], block: block.number }}>
            <DataTable
              caption={t('rules.parameters_table')} rows={parameters.toReversed()} rowKey={(row) => `${row.block} ${row.parameter} ${row.value}`}
              columns={[
                { key: 'name', title: t('rules.parameter'), cell: (row) => t(`parameters.${row.parameter}`, { defaultValue: row.parameter }) },
                { key: 'value', title: t('rules.value'), cell: (row) => <ParameterValue row={row} /> },
                { key: 'state', title: t('common.state'), cell: (row) => <Badge family="version" state={row.is_current ? 'current' : 'former'} /> },
                { key: 'since', title: t('rules.set_at'), cell: (row) => <Day time={row.set_at} /> },
                { key: 'by', title: t('rules.decided_by'), cell: (row) => <ProposalLink id={row.proposal_id} at={at} otherwise={t('rules.founding')} /> },
              ]}
            />
          </Section>
          <Section id="pauses" title={t('rules.pauses')} text={t('rules.pauses_text')} source={{ tables: ['pauses'], block: block.number }}>
            <DataTable
              caption={t('rules.pauses_table')} rows={pauses.toReversed()} rowKey={(row) => row.incident} empty={<p className="note">{t('rules.no_pauses')}</p>}
              columns={[
                { key: 'contract', title: t('rules.contract'), cell: (row) => row.contract || <Code>{row.target}</Code> },
                { key: 'state', title: t('common.state'), cell: (row) => <><Badge family="pause" state={row.state} />{isEffective(row.target, row.incident) === false && <p>{t('rules.without_effect')}</p>}</> },
                { key: 'from', title: t('rules.paused_at'), cell: (row) => formatMoment(row.paused_at, i18n.language) },
                { key: 'until', title: t('rules.until'), cell: (row) => (isForEver(row.until) ? t('common.for_ever') : formatMoment(row.cleared_at ?? row.until, i18n.language)) },
                { key: 'incident', title: t('rules.incident'), cell: (row) => <Code>{row.incident}</Code> },
                { key: 'by', title: t('rules.cleared_by'), cell: (row) => <ProposalLink id={row.cleared_by} at={at} otherwise="–" /> },
              ]}
            />
            {pausable.length > 0 && <p className="soft">{t('rules.pausable', { contracts: pausable.join(', ') })}</p>}
          </Section>
          <Section id="contracts" title={t('rules.contracts')} text={t('rules.contracts_text')} source={{ tables: ['contracts'], block: block.number }}>
            <DataTable
              caption={t('rules.contracts_table')} rows={contracts} rowKey={(row) => `${row.block} ${row.name} ${row.target}`} empty={<EmptyState title={t('rules.no_contracts')} />}
              columns={[
                { key: 'name', title: t('rules.contract'), cell: (row) => row.name },
                { key: 'state', title: t('common.state'), cell: (row) => <Badge family="version" state={row.is_current ? 'current' : 'former'} /> },
                { key: 'target', title: t('rules.address'), cell: (row) => <Code>{row.target}</Code> },
                { key: 'hash', title: t('rules.code_hash'), cell: (row) => <Code>{row.code_hash}</Code> },
                { key: 'since', title: t('rules.set_at'), cell: (row) => <Day time={row.set_at} /> },
                { key: 'by', title: t('rules.decided_by'), cell: (row) => <ProposalLink id={row.proposal_id} at={at} otherwise={t('rules.founding')} /> },
              ]}
            />
          </Section>
        </>
      )}
    </Page>
  )
}

function ParameterValue({ row }: { row: Tables['parameters'] }) {
  const { t, i18n } = useTranslation()
  if (row.unit === 'seconds') return <>{formatExactDuration(Number(row.value), i18n.language)}</>
  if (row.unit === 'percent') return <>{t('rules.percent', { value: row.value })}</>
  if (row.unit === 'account') return BigInt(row.value) === 0n ? <>{t('rules.nobody')}</> : <Code>{row.value}</Code>
  return <>{formatNumber(Number(row.value), i18n.language)}</>
}

/** The lists of revoked cards, and everything as files. */
export function DataPage({ at }: PageProps) {
  const { t, i18n } = useTranslation()
  return (
    <Page title={t('data.title')} lead={t('data.text')} path="data" tables={['members', 'status_lists']} at={at}>
      {({ block, tables: { members, status_lists: lists } }) => (
        <>
          <Section id="files" title={t('data.files')} text={t('data.licence')}>
            <ul className="things">
              {fileNames.map((name) => (
                <li key={name} className="row-spread">
                  <span>{t(`tables.${name}`)}</span>
                  <span className="row">
                    <a href={queryOf(name, block.number, 'csv')} aria-label={t('source.csv_of', { table: t(`tables.${name}`) })}>CSV</a>
                    <a href={queryOf(name, block.number)} aria-label={t('source.json_of', { table: t(`tables.${name}`) })}>JSON</a>
                  </span>
                </li>
              ))}
            </ul>
          </Section>
          <Section id="recompute" title={t('data.recompute')} text={t('data.recompute_text')}>
            <pre className="command" tabIndex={0}><code>npm run recompute -- --rpc URL --directory ADDRESS --service {location.origin}</code></pre>
          </Section>
          <Section id="status" title={t('status.title')} text={t('status.text')} source={{ tables: ['status_lists'], block: block.number }}>
            <DataTable
              caption={t('status.table')} rows={lists} rowKey={(row) => `${row.city} ${row.uri}`} empty={<p className="note">{t('status.none')}</p>}
              columns={[
                { key: 'city', title: t('common.city'), cell: (row) => members.find(({ city }) => city === row.city)?.name ?? row.city },
                { key: 'uri', title: t('status.uri'), cell: (row) => <code>{row.uri}</code> },
                { key: 'epoch', title: t('status.epoch'), isNumber: true, cell: (row) => formatNumber(row.epoch, i18n.language) },
                { key: 'time', title: t('status.time'), cell: (row) => formatMoment(row.published_at, i18n.language) },
                { key: 'size', title: t('status.size'), isNumber: true, cell: (row) => formatNumber(row.size, i18n.language) },
                { key: 'digest', title: t('status.digest'), cell: (row) => (row.digest === null ? '–' : <Code>{row.digest}</Code>) },
              ]}
            />
          </Section>
        </>
      )}
    </Page>
  )
}

const fileNames = [
  'members', 'member_events', 'proposals', 'actions', 'votes', 'accreditations', 'recognitions', 'programs', 'redemptions', 'settlements', 'nets', 'debts',
  'pauses', 'parameters', 'contracts', 'status_lists', 'anchors',
] as const satisfies readonly PublishedTable[]
