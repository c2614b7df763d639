import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ButtonLink } from '../ui/button.tsx'
import { DeskShell } from '../ui/desk/desk-shell.tsx'
import { Loading } from '../ui/states.tsx'
import { goTo, useRoute } from '../ui/use-route.ts'
import type { Role } from '../ui/use-session.ts'
import { EnrolScreen } from './enrol-screen.tsx'
import { FindScreen, emptySearch } from './find-screen.tsx'
import { FederationScreen } from './governance/federation-screen.tsx'
import { MerchantsScreen } from './merchants-screen.tsx'
import type { OpenOffer } from './offer-panel.tsx'
import { ProgramsScreen } from './programs-screen.tsx'
import { parseRecordPage, recordScreen } from './record.ts'
import { RecordScreen } from './record-screen.tsx'
import { ResidentScreen } from './resident-screen.tsx'
import { firstSection, mayUse, sectionOf, sections, type Section } from './sections.ts'
import { SettlementsScreen } from './settlements-screen.tsx'

/** The staff console: residents and their cards first, then merchants, settlements and programmes, then the city among the others, then what officers did. */
export function App() {
  const { t } = useTranslation()
  const { parts } = useRoute()
  // Kept here so that going to a resident and back loses nothing; never in the address.
  const [search, setSearch] = useState(emptySearch)
  const [offers, setOffers] = useState<Readonly<Record<string, OpenOffer | undefined>>>({})
  const [first = 'residents', second] = parts
  const section = sectionOf(parts)
  const keepOffer = (residentId: string) => (offer: OpenOffer | undefined) =>
    setOffers((old) => ({ ...old, [residentId]: offer }))

  const screen = (roles: readonly Role[]) => {
    const own = firstSection(roles)
    if (own !== undefined && !mayUse(section, roles)) return parts.length === 0 ? <GoTo path={own.name} /> : <NotYours section={section} own={own} />
    if (first === 'enrol') return <EnrolScreen prefill={search} />
    if (first === 'merchants') return <MerchantsScreen />
    if (first === 'settlements') return <SettlementsScreen />
    if (first === 'programs') return <ProgramsScreen />
    if (first === 'federation') return <FederationScreen parts={parts.slice(1)} />
    if (first === 'record') return <RecordScreen page={parseRecordPage(parts.slice(1))} mayOpenResidents={roles.includes('staff')} />
    if (second !== undefined) {
      return <ResidentScreen key={second} residentId={second} offer={offers[second]} onOffer={keepOffer(second)} mayAudit={roles.includes('auditor')} />
    }
    return <FindScreen search={search} onSearch={setSearch} />
  }

  return (
    <DeskShell
      app="staff" roles={['staff', 'federation', 'auditor']} title={t('app.title')} purpose={t('app.purpose')} screen={first === 'record' ? recordScreen(parseRecordPage(parts.slice(1))) : parts.join('/')}
      width={first === 'residents' && second === undefined || first === 'enrol' ? 'narrow' : 'wide'}
      navigation={sections.map(({ name, role }) => ({ href: linkOf(name), label: t(`nav.${name}`), isCurrent: section.name === name, role }))}
    >
      {screen}
    </DeskShell>
  )
}

const linkOf = (name: Section['name']): string => (name === 'residents' ? '#/' : `#/${name}`)

/** Goes on to another screen, leaving none to go back to. */
function GoTo({ path }: { path: string }) {
  useEffect(() => goTo(path, { replace: true }), [path])
  return <Loading />
}

/** Somebody followed a link to a section that is not for their roles. */
function NotYours({ section, own }: { section: Section; own: Section }) {
  const { t } = useTranslation()
  return (
    <>
      <h1>{t('not_yours.title')}</h1>
      <p className="lead">{t('not_yours.text', { section: t(`nav.${section.name}`) })}</p>
      <div className="actions"><ButtonLink kind="primary" href={linkOf(own.name)}>{t('not_yours.action', { section: t(`nav.${own.name}`) })}</ButtonLink></div>
    </>
  )
}
