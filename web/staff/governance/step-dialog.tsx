import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { ChoiceGroup } from '../../ui/desk/choice-group.tsx'
import { deskApi } from '../../ui/desk/desk-api.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { FaultNotes } from './fault-note.tsx'
import { bytesOf, faultsOf, REASON_BYTES, type Step } from './forms.ts'
import { GovernanceProblem } from './governance-problem.tsx'
import type { Draft, Proposal, Support } from './wire.ts'

interface StepDialogProps {
  readonly step: Step
  readonly proposal: Proposal
  onClose(): void
  onDrafted(): void
}

/** Drafts a vote on a proposal, or its next step; a second officer approves it. */
export function StepDialog({ step, proposal, onClose, onDrafted }: StepDialogProps) {
  const { t } = useTranslation()
  const [support, setSupport] = useState<Support | ''>('')
  const [reason, setReason] = useState('')
  const [isChecked, setChecked] = useState(false)
  const [isKnowing, setKnowing] = useState(false)
  const isTooLong = bytesOf(reason.trim()) > REASON_BYTES
  const faults = step === 'cancel' ? [] : faultsOf(proposal)
  // To vote against it, or to abstain, takes no word.
  const mustKnow = faults.length > 0 && (step !== 'vote' || support === 'for')
  const isComplete = (step !== 'vote' || (support !== '' && !isTooLong)) && (!mustKnow || isKnowing)
  const draft = useAction(async () => {
    const action = { type: step, proposal_id: proposal.proposal_id, ...(step === 'vote' ? { support } : {}), ...(mustKnow ? { despite_faults: true } : {}) }
    const text = step === 'vote' && reason.trim() !== '' ? { reason: reason.trim() } : {}
    const created = await deskApi.post<Draft>('/v1/governance/drafts', { action, ...text }, { idempotent: true })
    onDrafted()
    goTo(`federation/drafts/${created.draft_id}`)
  })
  return (
    <Dialog title={t(`governance.step.${step}`)} isOpen onClose={onClose}>
      <form
        className="stack" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setChecked(true)
          if (isComplete) void draft.run()
        }}
      >
        <p>{t(`governance.step_text.${step}`)}</p>
        <FaultNotes faults={faults} />
        {step === 'vote' && (
          <>
            <ChoiceGroup<Support | ''>
              label={t('governance.your_vote')} value={support} onChange={setSupport}
              options={(['for', 'against', 'abstain'] as const).map((value) => ({ value, label: t(`governance.support.${value}`) }))}
            />
            {isChecked && support === '' && <p className="field-error" role="alert">{t('governance.problem.choose')}</p>}
            <TextField
              label={t('governance.vote_reason')} hint={t('governance.public_hint')} rows={3} value={reason} onChange={setReason}
              error={isTooLong ? t('governance.problem.text_too_long') : undefined}
            />
          </>
        )}
        {mustKnow && <Checkbox isSelected={isKnowing} onChange={setKnowing}>{t('governance.fault.despite')}</Checkbox>}
        {isChecked && mustKnow && !isKnowing && <p className="field-error">{t('governance.problem.despite')}</p>}
        <p className="note">{t('governance.four_eyes')}</p>
        <GovernanceProblem error={draft.error} />
        <div className="actions">
          <Button type="submit" kind="primary" isBusy={draft.isRunning}>{t('governance.draft_it')}</Button>
          <Button kind="quiet" onPress={onClose}>{t('desk.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  )
}
