import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { latestDraft, type Step } from './forms.ts'
import { RefusalNote } from './refusal-note.tsx'
import type { Draft } from './wire.ts'

interface StepPanelProps {
  readonly step: Step
  readonly proposalId: string
  readonly drafts: readonly Draft[]
  onAsk(): void
}

/** The next thing our city can do with a proposal: a button, how far it has come, or why the chain refused it. */
export function StepPanel({ step, proposalId, drafts, onAsk }: StepPanelProps) {
  const { t } = useTranslation()
  const draft = latestDraft(drafts, proposalId, step)
  const button = <div className="actions"><Button kind={step === 'cancel' ? 'secondary' : 'primary'} onPress={onAsk}>{t(`governance.step.${step}`)}</Button></div>
  if (draft === undefined) return button
  const link = <a href={`#/federation/drafts/${draft.draft_id}`}>{t(`governance.step_drafted.${step}`)}</a>
  if (draft.state === 'failed') {
    return (
      <>
        {draft.failure !== undefined && <RefusalNote refusal={draft.failure} title={t('governance.step_refused')} />}
        <p>{link}</p>
        {button}
      </>
    )
  }
  const waits = draft.state === 'draft' ? draft.may_approve ? 'for_you' : 'for_colleague' : draft.state === 'approved' ? 'on_its_way' : 'on_the_chain'
  return <div className="note" role="status"><p>{link}</p><p>{t(`governance.step_waits.${waits}`)}</p></div>
}
