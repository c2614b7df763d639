import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import { formatMoment } from '../ui/desk/times.ts'
import { EmptyState } from '../ui/states.tsx'
import { suspensionReason } from '../ui/suspension-reason.ts'
import { KeyTable } from './key-page.tsx'
import { Page, type PageProps } from './page.tsx'
import { Badge, CityLink, Code, Day, Figures, namesOf, ProposalLink, Section } from './parts.tsx'
import { countingNow, formatUnits, isForEver } from './record-view.ts'
import type { Tables } from './rows.ts'

/** The member cities and how each stands. */
export function CitiesPage({ at }: PageProps) {
  const { t } = useTranslation()
  return (
    <Page title={t('cities.title')} lead={t('cities.text')} path="cities" tables={['members']} at={at}>
      {({ block, tables: { members } }) => (
        <Figures id="members" tables={['members']} block={block.number}>
          <DataTable
            caption={t('cities.table')} rows={members} rowKey={(row) => row.city} empty={<EmptyState title={t('cities.none')} />}
            columns={[
              { key: 'name', title: t('common.city'), cell: (row) => <strong><CityLink city={row.city} names={namesOf(members)} at={at} /></strong> },
              { key: 'city', title: t('cities.locode'), cell: (row) => <code>{row.city}</code> },
              { key: 'status', title: t('cities.status'), cell: (row) => <Badge family="city" state={row.status} /> },
              { key: 'since', title: t('cities.since'), cell: (row) => <Day time={row.activated_at} /> },
              { key: 'by', title: t('cities.admitted_by'), cell: (row) => <ProposalLink id={row.admitted_by} at={at} otherwise={t('cities.founder')} /> },
            ]}
          />
        </Figures>
      )}
    </Page>
  )
}

const tables = ['members', 'member_events', 'votes', 'accreditations', 'recognitions', 'nets'] as const

/** One city: since when, decided by whom, with which keys, good where. */
export function CityPage({ at, locode }: PageProps & { readonly locode: string }) {
  const { t, i18n } = useTranslation()
  return (
    <Page title={t('cities.one', { city: locode })} path={`cities/${locode}`} tables={tables} at={at}>
      {({ block, tables: { members, member_events: events, votes, accreditations, recognitions, nets } }) => {
        const city = members.find((one) => one.city === locode)
        if (city === undefined) return <EmptyState title={t('cities.unknown')}>{t('cities.unknown_text')}</EmptyState>
        const names = namesOf(members)
        const source = (...from: readonly (typeof tables)[number][]) => ({ tables: from, block: block.number })
        const net = nets.find((one) => one.city === locode)
        const voters = votes.filter((vote) => vote.proposal_id === city.admitted_by)
        const inForce = countingNow(members, recognitions)
        const cityList = (codes: readonly string[]) => (codes.length === 0 ? t('cities.nowhere') : [...new Set(codes)].map((code, i) => (
          <span key={code}>{i > 0 && ', '}<CityLink city={code} names={names} at={at} /></span>
        )))
        return (
          <>
            <Figures id="standing" {...source('members', 'votes', 'recognitions', 'nets')}>
              <div className="row"><h2>{city.name}</h2><Badge family="city" state={city.status} /></div>
              {city.status === 'suspended' && (
                <p className="note note-wait">{t(city.suspended_until === null || isForEver(city.suspended_until) ? 'cities.suspended_for_ever' : 'cities.suspended_text', {
                  reason: suspensionReason(t, city.suspension_reason ?? 99), until: formatMoment(city.suspended_until, i18n.language),
                })}</p>
              )}
              <dl className="facts">
                <div><dt>{t('cities.since')}</dt><dd><Day time={city.activated_at} /></dd></div>
                <div><dt>{t('cities.admitted_by')}</dt><dd><ProposalLink id={city.admitted_by} at={at} otherwise={t('cities.founder')} /></dd></div>
                {voters.length > 0 && <div><dt>{t('cities.voters')}</dt><dd>{voters.map((vote, i) => (
                  <span key={vote.voter}>{i > 0 && ', '}<CityLink city={vote.city} names={names} at={at} /> ({t(`states.vote.${vote.support}`)})</span>
                ))}</dd></div>}
                <div><dt>{t('cities.good_in')}</dt><dd>{cityList(inForce.filter((one) => one.issuer === locode).map((one) => one.recogniser))}</dd></div>
                <div><dt>{t('cities.accepts')}</dt><dd>{cityList(inForce.filter((one) => one.recogniser === locode).map((one) => one.issuer))}</dd></div>
                {net !== undefined && <div><dt>{t('cities.net')}</dt><dd className="number">{formatUnits(net.net, i18n.language)}</dd></div>}
                <div><dt>{t('cities.service')}</dt><dd><code>{city.service_url}</code></dd></div>
                <div><dt>{t('cities.did')}</dt><dd><code>{city.did}</code></dd></div>
                <div><dt>{t('cities.controller')}</dt><dd><code>{city.controller}</code></dd></div>
                {city.agreement_hash !== null && <div><dt>{t('cities.agreement')}</dt><dd><code>{city.agreement_hash}</code></dd></div>}
                {city.dpia_hash !== null && <div><dt>{t('cities.dpia')}</dt><dd><code>{city.dpia_hash}</code></dd></div>}
              </dl>
            </Figures>
            <Section id="history" title={t('cities.history')} source={source('member_events')}>
              <ol className="things">
                {events.filter((event) => event.city === locode).map((event, i) => <li key={`${event.block}-${i}`}><Happening event={event} at={at} /></li>)}
              </ol>
            </Section>
            <Section id="keys" title={t('keys.title')} source={source('accreditations')}>
              <KeyTable rows={accreditations.filter((key) => key.city === locode)} names={names} at={at} />
            </Section>
          </>
        )
      }}
    </Page>
  )
}

function Happening({ event, at }: { event: Tables['member_events']; at: number | undefined }) {
  const { t, i18n } = useTranslation()
  return (
    <div>
      <p>
        <strong>{t(`events.${event.event}`, { defaultValue: event.event })}</strong>{' '}
        <span className="soft">{formatMoment(event.at, i18n.language)} · {t('common.block', { block: event.block })}</span>
      </p>
      {event.reason !== null && <p>{suspensionReason(t, event.reason)}</p>}
      {event.until !== null && isForEver(event.until) && <p>{t('common.for_ever')}</p>}
      {event.until !== null && !isForEver(event.until) && <p>{t(event.event === 'suspended' ? 'events.until' : 'events.from', { time: formatMoment(event.until, i18n.language) })}</p>}
      {event.account !== null && <p><Code>{event.account}</Code></p>}
      {event.text !== null && <p><code>{event.text}</code></p>}
      {event.proposal_id !== null && <p><ProposalLink id={event.proposal_id} at={at} otherwise="" /></p>}
    </div>
  )
}
