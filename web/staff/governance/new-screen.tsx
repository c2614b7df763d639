import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { deskApi } from '../../ui/desk/desk-api.ts'
import { focusProblem } from '../../ui/desk/focus-problem.ts'
import { TextField } from '../../ui/text-field.tsx'
import { useAction } from '../../ui/use-request.ts'
import { goTo } from '../../ui/use-route.ts'
import { ActionWords } from './action-words.tsx'
import { FieldInput } from './field-input.tsx'
import { bytesOf, decisionForms, DESCRIPTION_BYTES, problemsOf, toAction, type DecisionType } from './forms.ts'
import { GovernanceProblem } from './governance-problem.tsx'
import { RefusalNote } from './refusal-note.tsx'
import { useMembers } from './use-members.ts'
import type { Draft, Rehearsal } from './wire.ts'

interface NewScreenProps {
  readonly type: DecisionType
  onDrafted(): void
  /** What stands in the form at first. */
  readonly first?: { readonly values: Readonly<Record<string, string>>; readonly description: string }
}

const nothing = { values: {}, description: '' }

/** A decision to propose: filled in, tried out on the chain as it stands, then given to a second officer. */
export function NewScreen({ type, onDrafted, first = nothing }: NewScreenProps) {
  const { t } = useTranslation()
  const { data: members = [], nameOf } = useMembers()
  const [values, setValues] = useState<Readonly<Record<string, string>>>(first.values)
  const [description, setDescription] = useState(first.description)
  const [isChecked, setChecked] = useState(false)
  const [tried, setTried] = useState<{ readonly body: string; readonly outcome: Rehearsal }>()
  const [[today, tomorrow]] = useState(() => [0, 1].map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)) as [string, string])
  const problems = problemsOf(type, values, today)
  const text = description.trim()
  const textProblem = text === '' ? 'required' : bytesOf(text) > DESCRIPTION_BYTES ? 'text_too_long' : undefined
  const isComplete = Object.keys(problems).length === 0 && textProblem === undefined
  const action = isComplete ? toAction(type, values) : undefined
  const body = { action, description: text }
  // What was tried may no longer be what stands in the form, also when the answer comes after the change.
  const rehearsal = tried?.body === JSON.stringify(body) ? tried.outcome : undefined
  const rehearse = useAction(async () => setTried({ body: JSON.stringify(body), outcome: await deskApi.post<Rehearsal>('/v1/governance/rehearsals', body) }))
  const draft = useAction(async () => {
    const created = await deskApi.post<Draft>('/v1/governance/drafts', body, { idempotent: true })
    onDrafted()
    goTo(`federation/drafts/${created.draft_id}`)
  })
  const change = (write: () => void) => {
    write()
    rehearse.reset()
    draft.reset()
  }
  const shown = (name: string): string | undefined => (isChecked ? problems[name] : undefined)
  const missing = Object.keys(problems).length + (textProblem === undefined ? 0 : 1)

  return (
    <>
      <p className="desk-back"><a href="#/federation/new">{t('governance.back_to_kinds')}</a></p>
      <h1>{t(`governance.kind.${type}`)}</h1>
      <p className="lead">{t(`governance.kind_text.${type}`)}</p>
      <form
        className="panel stack-large governance-form" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setChecked(true)
          if (isComplete) void (rehearsal?.passes === true ? draft.run() : rehearse.run())
          else focusProblem(event.currentTarget)
        }}
      >
        {decisionForms[type].map((field) => (
          <FieldInput
            key={field.name} field={field} value={values[field.name] ?? ''} problem={shown(field.name)} members={members} tomorrow={tomorrow}
            onChange={(value) => change(() => setValues((old) => ({ ...old, [field.name]: value })))}
          />
        ))}
        <TextField
          label={t('governance.description')} hint={t('governance.description_hint')} rows={5} value={description} onChange={(value) => change(() => setDescription(value))}
          error={isChecked && textProblem !== undefined ? t(`governance.problem.${textProblem}`) : undefined}
        />
        <p className="note note-wait">{t('governance.public_warning')}</p>
        {isChecked && missing > 0 && <p className="field-error" role="alert">{t('enrol.incomplete', { count: missing })}</p>}
        <div role="status">
          {rehearsal?.passes === true && action !== undefined && (
            <div className="note note-good stack">
              <p><strong>{t('governance.rehearsal_passes')}</strong></p>
              <ActionWords action={action} nameOf={nameOf} />
            </div>
          )}
        </div>
        {rehearsal?.refusal !== undefined && <RefusalNote refusal={rehearsal.refusal} action={action} title={t('governance.rehearsal_refused')} />}
        <GovernanceProblem error={rehearse.error ?? draft.error} action={action} />
        {rehearsal?.passes === true && <p className="note">{t('governance.four_eyes')}</p>}
        <div className="actions">
          <Button type="submit" kind="primary" isBusy={rehearse.isRunning || draft.isRunning}>
            {t(rehearsal?.passes === true ? 'governance.draft_it' : 'governance.rehearse')}
          </Button>
        </div>
      </form>
    </>
  )
}
