import { useTranslation } from 'react-i18next'
import { formatNumber } from '../ui/format.ts'
import { useNow } from '../ui/desk/use-now.ts'
import { EmptyState } from '../ui/states.tsx'
import { Page, type PageProps } from './page.tsx'
import { namesOf, Section, Tile } from './parts.tsx'
import { ProposalCard } from './proposal-card.tsx'
import { isOpen, stateAt } from './proposal-view.ts'
import { formatUnits, sumOf } from './record-view.ts'

const tables = ['members', 'proposals', 'accreditations', 'recognitions', 'programs', 'nets', 'pauses'] as const

/** What the cities have agreed, in figures; each with the query that yields it. */
export function OverviewPage({ at }: PageProps) {
  const { t, i18n } = useTranslation()
  const now = useNow(at === undefined)
  const number = (value: number) => formatNumber(value, i18n.language)
  return (
    <Page title={t('app.heading')} lead={t('app.lead')} path="" tables={tables} at={at}>
      {({ block, tables: { members, proposals, accreditations, recognitions, programs, nets, pauses } }) => {
        const time = at === undefined ? now : Date.parse(block.time)
        const names = namesOf(members)
        const states = proposals.map((proposal) => ({ proposal, state: at === undefined ? stateAt(proposal, time) : proposal.state }))
        const undecided = states.filter(({ state }) => isOpen(state)).toReversed()
        const tile = { block: block.number }
        const active = members.filter(({ status }) => status === 'active').length
        return (
          <>
            <dl className="tiles">
              <Tile {...tile} id="cities" name={t('overview.cities')} value={number(active)} table="members" note={t('overview.of_ever', { count: members.length, number: number(members.length) })} />
              <Tile {...tile} id="proposals" name={t('overview.proposals')} value={number(undecided.length)} table="proposals" note={t('overview.of_made', { count: proposals.length, number: number(proposals.length) })} />
              <Tile {...tile} id="keys" name={t('overview.keys')} value={number(accreditations.filter(({ standing }) => standing === 'granted').length)} table="accreditations" />
              <Tile {...tile} id="agreements" name={t('overview.agreements')} value={number(recognitions.filter((one) => one.in_force).length)} table="recognitions" />
              <Tile {...tile} id="funded" name={t('overview.funded')} value={formatUnits(sumOf(programs, 'funded'), i18n.language)} table="programs" />
              <Tile {...tile} id="redeemed" name={t('overview.redeemed')} value={formatUnits(sumOf(programs, 'redeemed'), i18n.language)} table="programs" />
              <Tile {...tile} id="nets" name={t('overview.nets')} value={formatUnits(sumOf(nets, 'net'), i18n.language)} table="nets" note={t('overview.nets_note')} />
              <Tile {...tile} id="pauses" name={t('overview.pauses')} value={number(pauses.filter(({ state }) => state === 'running').length)} table="pauses" />
            </dl>
            <Section id="open" title={t('overview.open')} source={{ tables: ['proposals'], block: block.number }}>
              {undecided.length === 0
                ? <EmptyState title={t('overview.nothing_open')}>{t('overview.nothing_open_text')}</EmptyState>
                : <ul className="cards">{undecided.map(({ proposal, state }) => <li key={proposal.proposal_id}><ProposalCard proposal={proposal} state={state} names={names} at={at} /></li>)}</ul>}
            </Section>
          </>
        )
      }}
    </Page>
  )
}
