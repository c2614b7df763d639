import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DeskShell } from '../ui/desk/desk-shell.tsx'
import { useRoute } from '../ui/use-route.ts'
import { EnrolScreen } from './enrol-screen.tsx'
import { FindScreen, emptySearch } from './find-screen.tsx'
import { FederationScreen } from './governance/federation-screen.tsx'
import { MerchantsScreen } from './merchants-screen.tsx'
import type { OpenOffer } from './offer-panel.tsx'
import { ProgramsScreen } from './programs-screen.tsx'
import { ResidentScreen } from './resident-screen.tsx'
import { SettlementsScreen } from './settlements-screen.tsx'

const sections = ['residents', 'merchants', 'settlements', 'programs', 'federation'] as const

/** The staff console: residents and their cards first, then merchants, settlements and programmes, then the city among the others. */
export function App() {
  const { t } = useTranslation()
  const { parts } = useRoute()
  // Kept here so that going to a resident and back loses nothing; never in the address.
  const [search, setSearch] = useState(emptySearch)
  const [offers, setOffers] = useState<Readonly<Record<string, OpenOffer | undefined>>>({})
  const [first = 'residents', second] = parts
  const section = first === 'enrol' ? 'residents' : first
  const keepOffer = (residentId: string) => (offer: OpenOffer | undefined) =>
    setOffers((old) => ({ ...old, [residentId]: offer }))

  const screen = () => {
    if (first === 'enrol') return <EnrolScreen prefill={search} />
    if (first === 'merchants') return <MerchantsScreen />
    if (first === 'settlements') return <SettlementsScreen />
    if (first === 'programs') return <ProgramsScreen />
    if (first === 'federation') return <FederationScreen parts={parts.slice(1)} />
    if (second !== undefined) {
      return <ResidentScreen key={second} residentId={second} offer={offers[second]} onOffer={keepOffer(second)} />
    }
    return <FindScreen search={search} onSearch={setSearch} />
  }

  return (
    <DeskShell
      app="staff" roles={['staff', 'federation']} title={t('app.title')} purpose={t('app.purpose')} screen={parts.join('/')}
      width={first === 'residents' && second === undefined || first === 'enrol' ? 'narrow' : 'wide'}
      navigation={sections.map((name) => ({
        href: name === 'residents' ? '#/' : `#/${name}`, label: t(`nav.${name}`), isCurrent: section === name, role: name === 'federation' ? 'federation' : 'staff',
      }))}
    >
      {screen()}
    </DeskShell>
  )
}
