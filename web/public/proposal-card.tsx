import { useTranslation } from 'react-i18next'
import { Countdown } from '../ui/desk/countdown.tsx'
import { hrefOf } from './place.ts'
import { Badge, CityLink } from './parts.tsx'
import { nextTurnOf, titleOf } from './proposal-view.ts'
import type { ProposalState, Tables } from './rows.ts'

/** A proposal in short: what, by whom, where it stands and for how long. */
export function ProposalCard({ proposal, state, names, at }: {
  proposal: Tables['proposals']; state: ProposalState; names: ReadonlyMap<string, string>; at: number | undefined
}) {
  const { t } = useTranslation()
  const turn = at === undefined ? nextTurnOf(proposal, state) : undefined
  return (
    <article className="panel proposal-card">
      <h3><a href={hrefOf(`proposals/${proposal.proposal_id}`, at)}>{titleOf(proposal)}</a></h3>
      <p className="row">
        <Badge family="proposal" state={state} />
        {turn !== undefined && <Countdown until={turn} />}
      </p>
      <p className="soft">
        {t('proposals.by')} <CityLink city={proposal.city} names={names} at={at} /> · {t('proposals.tally', {
          for: proposal.votes_for, against: proposal.votes_against, abstain: proposal.votes_abstain,
        })}
      </p>
    </article>
  )
}
