import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, ButtonLink } from '../../ui/button.tsx'
import { Countdown } from '../../ui/desk/countdown.tsx'
import { deskApi } from '../../ui/desk/desk-api.ts'
import { ProgressSteps } from '../../ui/desk/progress-steps.tsx'
import { formatMoment, parseMoment, type Moment } from '../../ui/desk/times.ts'
import { useNow } from '../../ui/desk/use-now.ts'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { useNotify } from '../../ui/notices.tsx'
import { ErrorState, Loading } from '../../ui/states.tsx'
import { useAction, useRequest } from '../../ui/use-request.ts'
import { ActionWords } from './action-words.tsx'
import { DraftBadge } from './badges.tsx'
import { Again } from './again.tsx'
import { FaultNotes } from './fault-note.tsx'
import { kindOf, wayOf } from './forms.ts'
import { GovernanceProblem } from './governance-problem.tsx'
import { RefusalNote } from './refusal-note.tsx'
import { useMembers } from './use-members.ts'
import { useProposalTitles } from './use-proposal-titles.ts'
import type { Draft } from './wire.ts'

const waySteps = ['drafted', 'approved', 'confirmed'] as const
/** After this many milliseconds on its way somebody who waits is told that nothing is lost. */
const patienceMs = 30_000

/** A draft: what would be sent in the city's name, who stands behind it, and what became of it. */
export function DraftScreen({ draftId, onChanged }: { draftId: string; onChanged(): void }) {
  const { t, i18n } = useTranslation()
  const notify = useNotify()
  const { nameOf } = useMembers()
  const titleOf = useProposalTitles()
  const path = `/v1/governance/drafts/${encodeURIComponent(draftId)}`
  const { data: draft, error, reload } = useRequest(path, (signal) => deskApi.get<Draft>(path, { signal }), { everyMs: 3000 })
  const [asked, setAsked] = useState<'approve' | 'withdraw'>()
  const act = useAction(async (what: 'approve' | 'withdraw') => {
    await deskApi.post<Draft>(`${path}/${what}`, {}, { idempotent: what === 'approve' })
    notify(t(`governance.${what}_done`), 'good')
    setAsked(undefined)
    reload()
    onChanged()
  })
  if (draft === undefined) {
    return error === undefined ? <Loading /> : <><h1>{t('governance.draft')}</h1><ErrorState error={error} onRetry={reload} /></>
  }
  const way = wayOf(draft.state)
  const about = titleOf(draft.action.proposal_id)
  const people = (['drafted', 'approved', 'withdrawn'] as const).flatMap((event) => (draft[event] === undefined ? [] : [{ event, ...draft[event] }]))
  return (
    <>
      <p className="desk-back"><a href="#/federation/drafts">{t('governance.back_to_drafts')}</a></p>
      <div className="stack">
        <h1>{t(`governance.kind.${kindOf(draft.action)}`)}</h1>
        <div className="row">
          <DraftBadge state={draft.state} />
          {draft.state === 'draft' && <Countdown until={draft.expires_at} />}
        </div>
        {way !== undefined && <ProgressSteps label={t('governance.way.title')} current={way} steps={waySteps.map((name) => t(`governance.way.${name}`))} />}
        <p>{t(draft.state === 'draft' && !draft.may_approve ? 'governance.draft_waits_for_colleague' : `governance.draft_text.${draft.state}`)}</p>
        {draft.state === 'approved' && <Patience since={draft.approved?.at} />}
        {error !== undefined && <p className="note note-wait" role="status">{t('desk.refresh_failed')}</p>}
      </div>
      <section className="panel stack">
        <h2>{t('governance.would_do')}</h2>
        <ActionWords action={draft.action} nameOf={nameOf} />
        {draft.action.proposal_id !== undefined && <p><a href={`#/federation/proposals/${draft.action.proposal_id}`}>{about === '' ? t('governance.to_proposal') : about}</a></p>}
        {(draft.description ?? draft.reason ?? '') !== '' && (
          <>
            <h3>{t(draft.description === undefined ? 'governance.vote_reason' : 'governance.description')}</h3>
            <p className="governance-text">{draft.description ?? draft.reason}</p>
            {draft.state === 'draft' && <p className="note note-wait">{t('governance.public_warning')}</p>}
          </>
        )}
      </section>
      {draft.faults !== undefined && (
        <section className="panel stack">
          <h2>{t('governance.fault.of_proposal')}</h2>
          {draft.action.despite_faults === true && <p>{t('governance.fault.despite_drafted')}</p>}
          <FaultNotes faults={draft.faults} />
        </section>
      )}
      {draft.failure !== undefined && <RefusalNote refusal={draft.failure} action={draft.action} title={t('governance.chain_refused')} />}
      {(draft.state === 'failed' || draft.state === 'expired' || draft.state === 'withdrawn') && <Again draft={draft} onDrafted={onChanged} />}
      <section className="panel stack">
        <h2>{t('governance.who')}</h2>
        <dl className="facts">
          {people.map(({ event, by, at, is_you: isYou }) => (
            <div key={event}>
              <dt>{t(`governance.event.${event}`)}</dt>
              <dd>{by}{isYou ? ` ${t('governance.you')}` : ''}, {formatMoment(at, i18n.language)}</dd>
            </div>
          ))}
          {draft.transaction_hash !== undefined && <div><dt>{t('governance.transaction')}</dt><dd><code>{draft.transaction_hash}</code></dd></div>}
        </dl>
        <p className="field-hint">{t('governance.who_hint')}</p>
      </section>
      <div className="actions">
        {draft.may_approve && <Button kind="primary" onPress={() => setAsked('approve')}>{t('governance.approve')}</Button>}
        {draft.state === 'draft' && <Button onPress={() => setAsked('withdraw')}>{t('governance.withdraw')}</Button>}
        {draft.state === 'confirmed' && draft.proposal_id !== undefined && draft.action.proposal_id === undefined && (
          <ButtonLink kind="primary" href={`#/federation/proposals/${draft.proposal_id}`}>{t('governance.to_proposal')}</ButtonLink>
        )}
      </div>
      {asked !== undefined && (
        <ConfirmDialog
          title={t(`governance.${asked}_title`)} isOpen confirmLabel={t(`governance.${asked}`)} cancelLabel={t('desk.keep')} isBusy={act.isRunning}
          onConfirm={() => void act.run(asked)}
          onClose={() => {
            setAsked(undefined)
            act.reset()
          }}
        >
          <p>{t(`governance.${asked}_text`)}</p>
          <GovernanceProblem error={act.error} />
        </ConfirmDialog>
      )}
    </>
  )
}

/** What is on its way for long waits for the chain's node: said, so that nobody drafts it a second time. */
function Patience({ since }: { since: Moment | undefined }) {
  const { t } = useTranslation()
  const now = useNow()
  const from = parseMoment(since)?.getTime() ?? now
  return now - from < patienceMs ? null : <p className="note note-wait" role="status">{t('governance.takes_long')}</p>
}
