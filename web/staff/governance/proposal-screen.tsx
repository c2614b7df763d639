import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../ui/api-client.ts'
import { Button } from '../../ui/button.tsx'
import { Countdown } from '../../ui/desk/countdown.tsx'
import { formatMoment } from '../../ui/desk/times.ts'
import { formatNumber } from '../../ui/format.ts'
import { ErrorState, Loading } from '../../ui/states.tsx'
import { useCity } from '../../ui/use-city.ts'
import { useRequest, type RequestState } from '../../ui/use-request.ts'
import { ActionWords } from './action-words.tsx'
import { ProposalBadge } from './badges.tsx'
import { openDraft, stepsOf, type Step } from './forms.ts'
import { StepDialog } from './step-dialog.tsx'
import { useMembers } from './use-members.ts'
import type { Draft, Place, Proposal } from './wire.ts'

/** One proposal: what it would do, who voted how and why, and the next thing this city can do with it. */
export function ProposalScreen({ proposalId, drafts }: { proposalId: string; drafts: RequestState<readonly Draft[]> }) {
  const { t } = useTranslation()
  const city = useCity()
  const { nameOf } = useMembers()
  const path = `/v1/federation/proposals/${encodeURIComponent(proposalId)}`
  const { data: proposal, error, reload } = useRequest(path, (signal) => api.get<Proposal>(path, { signal }), { everyMs: 3000 })
  const [step, setStep] = useState<Step>()
  if (proposal === undefined) {
    return error === undefined ? <Loading /> : <><h1>{t('governance.proposal')}</h1><ErrorState error={error} onRetry={reload} /></>
  }
  const steps = stepsOf(proposal, city.data?.locode ?? '')
  return (
    <>
      <p className="desk-back"><a href="#/federation">{t('governance.back_to_proposals')}</a></p>
      <div className="stack">
        <h1>{proposal.title}</h1>
        <div className="row">
          <ProposalBadge state={proposal.state} />
          {proposal.changes_at !== undefined && <Countdown until={proposal.changes_at} />}
        </div>
        <p>{t(`governance.state_text.${proposal.state}`)}</p>
        {error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
      </div>
      {steps.map((name) => {
        const open = openDraft(drafts.data ?? [], proposalId, name)
        return open === undefined
          ? <div key={name} className="actions"><Button kind={name === 'cancel' ? 'secondary' : 'primary'} onPress={() => setStep(name)}>{t(`governance.step.${name}`)}</Button></div>
          : <p key={name} className="note"><a href={`#/federation/drafts/${open.draft_id}`}>{t(`governance.step_drafted.${name}`)}</a></p>
      })}
      <section className="panel stack">
        <h2>{t('governance.would_do')}</h2>
        {proposal.actions.map((action, index) => <ActionWords key={index} action={action} nameOf={nameOf} />)}
        {proposal.description !== proposal.title && <p className="governance-text">{proposal.description.slice(proposal.title.length).trim()}</p>}
      </section>
      <Votes proposal={proposal} nameOf={nameOf} />
      <Steps proposal={proposal} />
      {step !== undefined && <StepDialog step={step} proposal={proposal} onClose={() => setStep(undefined)} onDrafted={drafts.reload} />}
    </>
  )
}

function Votes({ proposal, nameOf }: { proposal: Proposal; nameOf(locode: string | undefined): string }) {
  const { t, i18n } = useTranslation()
  const { tally, votes = [] } = proposal
  const number = (value: number): string => formatNumber(value, i18n.language)
  return (
    <section className="panel stack">
      <h2>{t('governance.votes')}</h2>
      <dl className="governance-tally">
        {(['for', 'against', 'abstain'] as const).map((support) => <div key={support}><dt>{t(`governance.support.${support}`)}</dt><dd className="big-number">{number(tally[support])}</dd></div>)}
      </dl>
      <p>{t(tally.quorum_reached ? 'governance.quorum_reached' : 'governance.quorum_missing', { quorum: number(tally.quorum), seats: number(tally.seats) })}</p>
      {votes.length === 0 ? <p className="soft">{t('governance.no_votes')}</p> : (
        <ul className="things">
          {votes.map((vote) => (
            <li key={vote.account}>
              <p><strong>{nameOf(vote.city)}</strong>: {t(`governance.support.${vote.support}`)} <span className="soft">· {formatMoment(vote.cast.at, i18n.language)}</span></p>
              {vote.reason !== '' && <p className="governance-text">{vote.reason}</p>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Steps({ proposal }: { proposal: Proposal }) {
  const { t, i18n } = useTranslation()
  const times: readonly [string, string | number | undefined, Place | undefined][] = [
    ['created', proposal.created.at, proposal.created], ['voting_starts', proposal.voting_starts_at, undefined], ['voting_ends', proposal.voting_ends_at, undefined],
    ['queued', proposal.queued?.at, proposal.queued], ['executable', proposal.executable_at, undefined], ['executed', proposal.executed?.at, proposal.executed],
    ['cancelled', proposal.cancelled?.at, proposal.cancelled],
  ]
  return (
    <section className="panel stack">
      <h2>{t('governance.course')}</h2>
      <dl className="facts">
        {times.filter(([, at]) => at !== undefined).map(([name, at, place]) => (
          <div key={name}>
            <dt>{t(`governance.time.${name}`)}</dt>
            <dd>
              {formatMoment(at, i18n.language)}
              {place !== undefined && <span className="governance-place">{t('governance.block', { block: formatNumber(place.block, i18n.language) })} <code>{place.transaction_hash}</code></span>}
            </dd>
          </div>
        ))}
        <div><dt>{t('governance.number')}</dt><dd><code>{proposal.proposal_id}</code></dd></div>
      </dl>
    </section>
  )
}
