import { useTranslation } from 'react-i18next'
import { EmptyState } from '../ui/states.tsx'
import { Page, type PageProps } from './page.tsx'
import { Badge, CityLink, Day, Figures, namesOf, Section } from './parts.tsx'
import { matrixOf } from './record-view.ts'

/** Which city's card is good where: a table on wide screens, sentences on narrow ones. */
export function AgreementsPage({ at }: PageProps) {
  const { t } = useTranslation()
  return (
    <Page title={t('agreements.title')} lead={t('agreements.text')} path="agreements" tables={['members', 'recognitions']} at={at}>
      {({ block, tables: { members, recognitions } }) => {
        const names = namesOf(members)
        const nameOf = (city: string) => names.get(city) ?? city
        const rows = matrixOf(members.filter(({ status }) => status !== 'removed'), recognitions)
        if (rows.length === 0) return <EmptyState title={t('cities.none')} />
        return (
          <Figures id="agreements" tables={['recognitions', 'members']} block={block.number}>
            <div className="matrix-wrap" role="region" aria-label={t('agreements.table')} tabIndex={0}>
              <table className="matrix">
                <caption>{t('agreements.table')}</caption>
                <thead>
                  <tr>
                    <th scope="col">{t('agreements.corner')}</th>
                    {rows.map(({ issuer }) => <th key={issuer} scope="col">{t('agreements.in', { city: nameOf(issuer) })}</th>)}
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.issuer}>
                      <th scope="row">{t('agreements.card_of', { city: nameOf(row.issuer) })}</th>
                      {row.cells.map((cell) => (
                        <td key={cell.recogniser}>
                          <Badge family="agreement" state={cell.verdict} />
                          {cell.until !== undefined && <small className="soft matrix-until">{t('agreements.until')} <Day time={cell.until} /></small>}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <div className="matrix-list">
              {rows.map((row) => (
                <Section key={row.issuer} id={`card-${row.issuer}`} title={t('agreements.card_of', { city: nameOf(row.issuer) })}>
                  <ul className="things">
                    {row.cells.map((cell) => (
                      <li key={cell.recogniser} className="row-spread">
                        <CityLink city={cell.recogniser} names={names} at={at} />
                        <span>
                          <Badge family="agreement" state={cell.verdict} />
                          {cell.until !== undefined && <small className="soft matrix-until">{t('agreements.until')} <Day time={cell.until} /></small>}
                        </span>
                      </li>
                    ))}
                  </ul>
                </Section>
              ))}
            </div>
          </Figures>
        )
      }}
    </Page>
  )
}
