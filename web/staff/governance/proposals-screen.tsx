import { useTranslation } from 'react-i18next'
import { ButtonLink } from '../../ui/button.tsx'
import { api } from '../../ui/api-client.ts'
import { listOf } from '../../ui/desk/list-of.ts'
import { formatMoment } from '../../ui/desk/times.ts'
import { EmptyState, ErrorState, Loading } from '../../ui/states.tsx'
import { useRequest } from '../../ui/use-request.ts'
import { ProposalBadge } from './badges.tsx'
import { NextTurn } from './next-turn.tsx'
import { PausesNote } from './pauses-note.tsx'
import { useMembers } from './use-members.ts'
import type { Proposal } from './wire.ts'

/** What the cities are deciding, and what they have decided. */
export function ProposalsScreen() {
  const { t, i18n } = useTranslation()
  const { nameOf } = useMembers()
  const { data, error, reload } = useRequest('proposals',
    async (signal) => listOf<Proposal>(await api.get('/v1/federation/proposals', { signal }), 'proposals'), { everyMs: 3000 })
  const create = <ButtonLink kind="primary" href="#/federation/new">{t('governance.propose')}</ButtonLink>
  return (
    <>
      <div className="row-spread">
        <h1>{t('governance.proposals.title')}</h1>
        {data !== undefined && data.length > 0 && create}
      </div>
      <p className="lead">{t('governance.proposals.lead')}</p>
      <PausesNote />
      {data === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {data !== undefined && error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
      {data?.length === 0 && <EmptyState title={t('governance.proposals.none')} action={create}><p>{t('governance.proposals.none_text')}</p></EmptyState>}
      {data !== undefined && data.length > 0 && (
        <ul className="result-list">
          {data.map((proposal) => (
            <li key={proposal.proposal_id}>
              <a className="result" href={`#/federation/proposals/${proposal.proposal_id}`}>
                <span className="result-main">{proposal.title}</span>
                <span>{t('governance.proposals.by', { city: nameOf(proposal.proposer.city), date: formatMoment(proposal.created.at, i18n.language) })}</span>
                <NextTurn proposal={proposal} />
                <ProposalBadge state={proposal.state} />
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
