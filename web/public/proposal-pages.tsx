import { useTranslation } from 'react-i18next'
import { DataTable } from '../ui/data-table.tsx'
import { Countdown } from '../ui/desk/countdown.tsx'
import { formatMoment } from '../ui/desk/times.ts'
import { useNow } from '../ui/desk/use-now.ts'
import { EmptyState } from '../ui/states.tsx'
import { suspensionReason } from '../ui/suspension-reason.ts'
import { Page, type PageProps } from './page.tsx'
import { Badge, Bar, CityLink, Code, Figures, namesOf, Section } from './parts.tsx'
import { ProposalCard } from './proposal-card.tsx'
import { actionWords, isOpen, namesWithin, nextTurnOf, stateAt, textOf, titleOf, type ActionContext } from './proposal-view.ts'
import { shorten } from './record-view.ts'
import type { Tables } from './rows.ts'
import { useFaults, type Fault } from './use-faults.ts'

/** Every proposal, those to be decided first. */
export function ProposalsPage({ at }: PageProps) {
  const { t } = useTranslation()
  const now = useNow(at === undefined)
  return (
    <Page title={t('proposals.title')} lead={t('proposals.text')} path="proposals" tables={['members', 'proposals']} at={at}>
      {({ block, tables: { members, proposals } }) => {
        const names = namesOf(members)
        const states = proposals.map((proposal) => ({ proposal, state: at === undefined ? stateAt(proposal, now) : proposal.state })).toReversed()
        const list = (isWanted: boolean) => states.filter(({ state }) => isOpen(state) === isWanted)
          .map(({ proposal, state }) => <li key={proposal.proposal_id}><ProposalCard proposal={proposal} state={state} names={names} at={at} /></li>)
        const [undecided, decided] = [list(true), list(false)]
        const source = { tables: ['proposals'] as const, block: block.number }
        return (
          <>
            {states.length === 0 && <EmptyState title={t('proposals.none')}>{t('proposals.none_text')}</EmptyState>}
            {undecided.length > 0 && <Section id="undecided" title={t('proposals.open')} source={source}><ul className="cards">{undecided}</ul></Section>}
            {decided.length > 0 && <Section id="decided" title={t('proposals.decided')} source={source}><ul className="cards">{decided}</ul></Section>}
          </>
        )
      }}
    </Page>
  )
}

/** One proposal: what it does, who voted how and why, and what became of it. */
export function ProposalPage({ at, id }: PageProps & { readonly id: string }) {
  const { t, i18n } = useTranslation()
  const now = useNow(at === undefined)
  const { faults, error } = useFaults(id, at)
  return (
    <Page title={t('proposals.one')} path={`proposals/${id}`} tables={['members', 'proposals', 'actions', 'votes', 'programs']} at={at}>
      {({ block, tables: { members, proposals, actions, votes, programs } }) => {
        const proposal = proposals.find((one) => one.proposal_id === id)
        if (proposal === undefined) return <EmptyState title={t('proposals.unknown')}>{t('proposals.unknown_text')}</EmptyState>
        const names = namesOf(members)
        const state = at === undefined ? stateAt(proposal, now) : proposal.state
        const turn = at === undefined ? nextTurnOf(proposal, state) : undefined
        const calls = actions.filter((action) => action.proposal_id === id)
        const cities = namesWithin(calls, names)
        const context: ActionContext = {
          language: i18n.language, cityOf: (locode) => cities.get(locode) ?? locode, reasonOf: (code) => suspensionReason(t, code),
          programOf: (program) => programs.find((one) => one.program_id === program)?.name ?? shorten(program),
        }
        const own = votes.filter((vote) => vote.proposal_id === id)
        const text = textOf(proposal)
        const moment = (time: string | null) => (time === null ? '–' : formatMoment(time, i18n.language))
        return (
          <>
            <h2 className="proposal-title">{titleOf(proposal)}</h2>
            <p className="row"><Badge family="proposal" state={state} />{turn !== undefined && <Countdown until={turn} />}</p>
            {text !== '' && <p className="public-explanation pre">{text}</p>}
            <Figures id="tally" tables={['proposals']} block={block.number}><Tally proposal={proposal} /></Figures>
            <Section id="actions" title={t('proposals.actions')} text={t('proposals.actions_text', { count: calls.length })} source={{ tables: ['actions'], block: block.number }}>
              <ol className="things">
                {calls.map((action) => <li key={action.position}><Action action={action} context={context} fault={faults.get(action.position)} /></li>)}
              </ol>
              {error !== undefined && <p className="soft" role="status">{t('proposals.faults_unknown')}</p>}
            </Section>
            <Section id="votes" title={t('proposals.votes')} source={{ tables: ['votes'], block: block.number }}>
              <DataTable
                caption={t('proposals.votes_table')} rows={own} rowKey={(vote) => vote.voter} empty={<p className="note">{t('proposals.no_votes')}</p>}
                columns={[
                  { key: 'city', title: t('common.city'), cell: (vote) => <CityLink city={vote.city} names={names} at={at} /> },
                  { key: 'support', title: t('proposals.vote'), cell: (vote) => <Badge family="vote" state={vote.support} /> },
                  { key: 'reason', title: t('proposals.reason'), cell: (vote) => <span className="pre">{vote.reason || '–'}</span> },
                  { key: 'at', title: t('common.when'), cell: (vote) => moment(vote.voted_at) },
                ]}
              />
            </Section>
            <Section id="times" title={t('proposals.times')} source={{ tables: ['proposals'], block: block.number }}>
              <dl className="facts">
                <div><dt>{t('proposals.by')}</dt><dd><CityLink city={proposal.city} names={names} at={at} /></dd></div>
                {(['proposed_at', 'vote_start', 'vote_end', 'queued_at', 'executable_from', 'executed_at', 'cancelled_at'] as const)
                  .filter((name) => proposal[name] !== null)
                  .map((name) => <div key={name}><dt>{t(`proposals.${name}`)}</dt><dd>{moment(proposal[name])}</dd></div>)}
                <div><dt>{t('proposals.number')}</dt><dd><code>{id}</code></dd></div>
              </dl>
            </Section>
          </>
        )
      }}
    </Page>
  )
}

function Tally({ proposal }: { proposal: Tables['proposals'] }) {
  const { t } = useTranslation()
  const { votes_for: inFavour, votes_against: against, votes_abstain: abstain, seats, quorum } = proposal
  const counts = [['for', inFavour], ['against', against], ['abstain', abstain]] as const
  return (
    <div className="stack">
      <Bar
        whole={BigInt(seats ?? inFavour + against + abstain)}
        parts={counts.map(([key, count]) => ({ key, name: t(`states.vote.${key}`), value: String(count), share: BigInt(count) }))}
      />
      <p className="soft">{quorum === null || seats === null
        ? t('proposals.not_begun')
        : t(inFavour + abstain >= quorum ? 'proposals.quorum_reached' : 'proposals.quorum_missing', { quorum, seats })}</p>
    </div>
  )
}

function Action({ action, context, fault }: { action: Tables['actions']; context: ActionContext; fault: Fault | undefined }) {
  const { t } = useTranslation()
  const { key, values } = actionWords(action, context)
  return (
    <div className="stack">
      <p><strong>{t(`action_words.${key}`, values)}</strong></p>
      {fault !== undefined && (
        <div className="note note-bad">
          <p><strong>{t('faults.title')}</strong> {t(`faults.${fault.code}`, { defaultValue: fault.advice })}</p>
          <p className="soft"><code lang="en">{fault.detail}</code></p>
        </div>
      )}
      <details>
        <summary>{t('proposals.as_written')}</summary>
        <dl className="facts">
          <div><dt>{t('proposals.contract')}</dt><dd>{action.contract} <Code>{action.target}</Code></dd></div>
          {action.method !== '' && <div><dt>{t('proposals.method')}</dt><dd><code>{action.method}</code></dd></div>}
          {action.arguments !== '' && <div><dt>{t('proposals.arguments')}</dt><dd><code>{action.arguments}</code></dd></div>}
          <div><dt>{t('proposals.calldata')}</dt><dd><code>{action.calldata}</code></dd></div>
        </dl>
      </details>
    </div>
  )
}
