import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import { EmptyState } from '../ui/states.tsx'
import { Page, type PageProps } from './page.tsx'
import { Badge, CityLink, Code, Day, Figures, namesOf } from './parts.tsx'
import type { Tables } from './rows.ts'

/** Whose keys count for which kind of card, and since when. */
export function KeysPage({ at }: PageProps) {
  const { t } = useTranslation()
  return (
    <Page title={t('keys.title')} lead={t('keys.text')} path="keys" tables={['members', 'accreditations']} at={at}>
      {({ block, tables: { members, accreditations } }) => (
        <Figures id="keys" tables={['accreditations']} block={block.number}>
          <KeyTable rows={accreditations} names={namesOf(members)} at={at} />
        </Figures>
      )}
    </Page>
  )
}

export function KeyTable({ rows, names, at }: { rows: readonly Tables['accreditations'][]; names: ReadonlyMap<string, string>; at: number | undefined }) {
  const { t } = useTranslation()
  return (
    <DataTable
      caption={t('keys.table')} rows={rows} empty={<EmptyState title={t('keys.none')} />}
      rowKey={(row) => `${row.city}/${row.thumbprint}/${row.credential_type}/${row.block}`}
      columns={[
        { key: 'city', title: t('common.city'), cell: (row) => <CityLink city={row.city} names={names} at={at} /> },
        { key: 'key', title: t('keys.key'), cell: (row) => <Code>{row.thumbprint}</Code> },
        { key: 'type', title: t('keys.type'), cell: (row) => <code>{row.credential_type}</code> },
        { key: 'state', title: t('keys.state'), cell: (row) => <Badge family="key" state={row.standing} /> },
        { key: 'since', title: t('keys.accredited'), cell: (row) => <Day time={row.accredited_at} /> },
        { key: 'from', title: t('keys.from'), cell: (row) => <Day time={row.valid_from} /> },
        { key: 'until', title: t('keys.until'), cell: (row) => <Day time={row.untrusted_from ?? row.valid_until} /> },
      ]}
    />
  )
}
