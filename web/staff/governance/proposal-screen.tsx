import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../ui/api-client.ts'
import { ProgressSteps } from '../../ui/desk/progress-steps.tsx'
import { formatMoment } from '../../ui/desk/times.ts'
import { formatNumber } from '../../ui/format.ts'
import { ErrorState, Loading } from '../../ui/states.tsx'
import { useCity } from '../../ui/use-city.ts'
import { useRequest, type RequestState } from '../../ui/use-request.ts'
import { ActionList } from './action-words.tsx'
import { ProposalBadge } from './badges.tsx'
import { courseOf, faultsOf, stepsOf, type Step } from './forms.ts'
import { NextTurn } from './next-turn.tsx'
import { StepDialog } from './step-dialog.tsx'
import { StepPanel } from './step-panel.tsx'
import { useMembers } from './use-members.ts'
import type { Draft, Place, Proposal } from './wire.ts'

const courseSteps = ['vote', 'wait', 'carry_out'] as const

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
  const course = courseOf(proposal.state)
  const own = proposal.votes?.find((vote) => vote.city === city.data?.locode)
  return (
    <>
      <p className="desk-back"><a href="#/federation">{t('governance.back_to_proposals')}</a></p>
      <div className="stack">
        <h1>{proposal.title}</h1>
        <div className="row">
          <ProposalBadge state={proposal.state} />
          <NextTurn proposal={proposal} />
        </div>
        {course !== undefined && <ProgressSteps label={t('governance.course')} current={course} steps={courseSteps.map((name) => t(`governance.course_step.${name}`))} />}
        <p>{t(`governance.state_text.${proposal.state}`)}</p>
        {error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
      </div>
      {own !== undefined && proposal.state === 'active' && <p className="note note-good">{t('governance.we_voted', { support: t(`governance.support.${own.support}`) })}</p>}
      {steps.length > 0 && faultsOf(proposal).length > 0 && <p className="note note-bad">{t('governance.fault.read_first')}</p>}
      {steps.map((name) => <StepPanel key={name} step={name} proposalId={proposalId} drafts={drafts.data ?? []} onAsk={() => setStep(name)} />)}
      <section className="panel stack">
        <h2>{t('governance.would_do')}</h2>
        <ActionList actions={proposal.actions} nameOf={nameOf} />
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
              <p><strong>{nameOf(vote.city)}</strong>{t('colon')} {t(`governance.support.${vote.support}`)} <span className="soft">· {formatMoment(vote.cast.at, i18n.language)}</span></p>
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
