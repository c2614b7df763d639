import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { CodePanel } from '../ui/desk/code-panel.tsx'
import { Countdown } from '../ui/desk/countdown.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { ProgressSteps } from '../ui/desk/progress-steps.tsx'
import { secondsUntil } from '../ui/desk/times.ts'
import { useNow } from '../ui/desk/use-now.ts'
import { Decision as DecisionSign } from '../ui/decision.tsx'
import { ErrorNote } from '../ui/states.tsx'
import { useAction, useRequest } from '../ui/use-request.ts'
import { claimLabel } from './claim-label.ts'
import { createRequest } from './create-request.ts'
import type { Question } from './question.ts'
import type { CreatedRequest, Decision, RequestState } from './wire.ts'

interface WaitScreenProps {
  readonly question: Question
  readonly request: CreatedRequest
  onDecided(decision: Decision): void
  onAgain(request: CreatedRequest): void
  onCancel(): void
}

/** The code to show while the person decides; it stops by itself when the request runs out. */
export function WaitScreen({ question, request, onDecided, onAgain, onCancel }: WaitScreenProps) {
  const { t } = useTranslation()
  const now = useNow()
  const path = `/v1/verification/requests/${request.request_id}`
  const { data, error } = useRequest(path, (signal) => deskApi.get<RequestState>(path, { signal }), { everyMs: 1000 })
  const again = useAction(async () => onAgain(await createRequest(question)))
  const isExpired = data?.state === 'expired' || (data?.state !== 'opened' && secondsUntil(request.expires_at, now) === 0)
  const decision = data?.state === 'decided' ? data.decision : undefined
  const report = useRef(onDecided)
  useEffect(() => {
    report.current = onDecided
  })
  useEffect(() => {
    if (decision) report.current(decision)
  }, [decision])

  if (isExpired) {
    return (
      <>
        <h1>{t('wait.title')}</h1>
        <DecisionSign kind="wait" word={t('wait.expired')}><p>{t('wait.expired_text')}</p></DecisionSign>
        <ErrorNote error={again.error} />
        <div className="actions">
          <Button kind="primary" isBusy={again.isRunning} onPress={() => void again.run()}>{t('wait.again')}</Button>
          <Button kind="quiet" onPress={onCancel}>{t('wait.other')}</Button>
        </div>
      </>
    )
  }
  const isOpened = data?.state === 'opened'
  return (
    <>
      <div className="row-spread">
        <h1>{t('wait.title')}</h1>
        <Countdown until={request.expires_at} />
      </div>
      <p className="lead">{t('wait.asked', { claims: question.claims.map((claim) => claimLabel(claim, t)).join(', ') })}</p>
      <section className="panel" aria-label={t('wait.title')}>
        <ProgressSteps
          label={t('wait.progress')} current={isOpened ? 1 : 0} steps={[t('wait.step_scan'), t('wait.step_consent'), t('wait.step_decision')]}
        />
        {isOpened
          ? <p className="note">{t('wait.opened')}</p>
          : <CodePanel label={t('wait.scan')} walletLink={request.wallet_link} otherLink={request.authorization_request} />}
        {error !== undefined && <p className="note note-wait" role="status">{t('wait.unreachable')}</p>}
      </section>
      <div className="actions"><Button kind="quiet" onPress={onCancel}>{t('wait.cancel')}</Button></div>
    </>
  )
}
