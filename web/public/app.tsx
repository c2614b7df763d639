import { useTranslation } from 'react-i18next'
import { AppShell } from '../ui/app-shell.tsx'
import { EmptyState } from '../ui/states.tsx'
import { useCity } from '../ui/use-city.ts'
import { useRoute } from '../ui/use-route.ts'
import { AgreementsPage } from './agreement-page.tsx'
import { CitiesPage, CityPage } from './city-pages.tsx'
import { KeysPage } from './key-page.tsx'
import { NetsPage, ProgramsPage } from './money-pages.tsx'
import { OverviewPage } from './overview-page.tsx'
import { hrefOf, placeOf, type Place } from './place.ts'
import { ProposalPage, ProposalsPage } from './proposal-pages.tsx'
import { shorten } from './record-view.ts'
import { DataPage, RulesPage } from './rule-pages.tsx'
import '../ui/desk/desk.css'

/** The parts of the record, and the pages of each. */
const parts = [
  { name: 'overview', pages: [''] },
  { name: 'cities', pages: ['cities', 'agreements', 'keys'] },
  { name: 'proposals', pages: ['proposals'] },
  { name: 'money', pages: ['programmes', 'nets'] },
  { name: 'rules', pages: ['rules', 'data'] },
] as const

/** What everybody may see: all of it read from the chain by this city's own node, none of it about a person. */
export function App() {
  const { t } = useTranslation()
  const city = useCity()
  const place = placeOf(useRoute().parts)
  const { at } = place
  const page = place.parts[0] ?? ''
  const part = parts.find(({ pages }) => (pages as readonly string[]).includes(page))
  const screen = `${at ?? ''}/${place.parts.join('/')}`
  return (
    <AppShell
      title={t('app.title')} cityName={city.data?.name} width="wide" screen={screen}
      page={part && [...place.parts.slice(1).map(shorten), t(`nav.${page === '' ? 'overview' : page}`)].join(' · ')}
      navigation={parts.map(({ name, pages }) => ({ href: hrefOf(pages[0], at), label: t(`nav.${name}`), isCurrent: name === part?.name }))}
    >
      {part !== undefined && part.pages.length > 1 && (
        <nav aria-label={t('nav.within', { part: t(`nav.${part.name}`) })}>
          <ul className="public-contents">
            {part.pages.map((name) => (
              <li key={name}><a className="button button-quiet" href={hrefOf(name, at)} aria-current={name === page ? 'page' : undefined}>{t(`nav.${name}`)}</a></li>
            ))}
          </ul>
        </nav>
      )}
      <Screen key={screen} place={place} />
    </AppShell>
  )
}

function Screen({ place: { parts: [page = '', one], at } }: { place: Place }) {
  const { t } = useTranslation()
  switch (page) {
    case '': return <OverviewPage at={at} />
    case 'cities': return one === undefined ? <CitiesPage at={at} /> : <CityPage at={at} locode={one} />
    case 'proposals': return one === undefined ? <ProposalsPage at={at} /> : <ProposalPage at={at} id={one} />
    case 'keys': return <KeysPage at={at} />
    case 'agreements': return <AgreementsPage at={at} />
    case 'programmes': return <ProgramsPage at={at} />
    case 'nets': return <NetsPage at={at} />
    case 'rules': return <RulesPage at={at} />
    case 'data': return <DataPage at={at} />
    default: return <EmptyState isScreen title={t('app.no_page')} action={<a href={hrefOf('', at)}>{t('app.to_overview')}</a>} />
  }
}
