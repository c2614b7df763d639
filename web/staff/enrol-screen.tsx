import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, ButtonLink } from '../ui/button.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { DateField } from '../ui/desk/date-field.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { focusProblem } from '../ui/desk/focus-problem.ts'
import { ProblemNote } from '../ui/desk/problem-note.tsx'
import { useNotify } from '../ui/notices.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-request.ts'
import { goTo } from '../ui/use-route.ts'
import { problemsOf, toEnrolmentRequest } from './enrolment.ts'
import type { EnrolmentDraft, EnrolmentField } from './enrolment.ts'
import type { ResidentSearch } from './find-screen.tsx'
import { PortraitPicker } from './portrait-picker.tsx'
import type { Resident } from './wire.ts'

function today(): string {
  const now = new Date()
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}

/** Enrolling a resident: names, birth date, portrait, and that the papers were inspected. Nothing else is asked. */
export function EnrolScreen({ prefill }: { prefill: ResidentSearch }) {
  const { t } = useTranslation()
  const notify = useNotify()
  const [draft, setDraft] = useState<EnrolmentDraft>({
    givenName: '', familyName: prefill.familyName, birthDate: prefill.birthDate, portrait: undefined, papersInspected: false,
  })
  const [isChecked, setChecked] = useState(false)
  const problems = isChecked ? problemsOf(draft, today()) : {}
  const enrol = useAction((request: object) => deskApi.post<Resident>('/v1/residents', request, { idempotent: true }))
  const change = (part: Partial<EnrolmentDraft>) => setDraft((old) => ({ ...old, ...part }))
  const errorOf = (field: EnrolmentField) => {
    const problem = problems[field]
    return problem === undefined ? undefined : t(`problem.${problem}`)
  }
  const submit = async () => {
    setChecked(true)
    const found = Object.keys(problemsOf(draft, today()))
    if (found.length > 0 || draft.portrait === undefined) {
      focusProblem(document)
      return
    }
    const resident = await enrol.run(toEnrolmentRequest(draft, draft.portrait))
    if (resident === undefined) return
    notify(t('enrol.done', { name: `${resident.given_name} ${resident.family_name}` }), 'good')
    goTo(`residents/${resident.resident_id}`, { replace: true })
  }

  return (
    <>
      <h1>{t('enrol.title')}</h1>
      <form
        className="panel" noValidate aria-label={t('enrol.title')}
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField
          label={t('person.given_name')} hint={t('enrol.names_hint')} value={draft.givenName} autoComplete="off"
          isRequired maxLength={100} error={errorOf('givenName')} onChange={(givenName) => change({ givenName })}
        />
        <TextField
          label={t('person.family_name')} value={draft.familyName} autoComplete="off"
          isRequired maxLength={100} error={errorOf('familyName')} onChange={(familyName) => change({ familyName })}
        />
        <DateField
          label={t('person.birth_date')} value={draft.birthDate} max={today()}
          isRequired error={errorOf('birthDate')} onChange={(birthDate) => change({ birthDate })}
        />
        <PortraitPicker value={draft.portrait} error={errorOf('portrait')} onChange={(portrait) => change({ portrait })} />
        <fieldset className="field-group">
          <legend className="field-label">{t('enrol.papers')}</legend>
          <Checkbox
            isSelected={draft.papersInspected} onChange={(papersInspected) => change({ papersInspected })} isRequired
            hint={t('enrol.papers_hint')}
          >
            {t('enrol.papers_inspected')}
          </Checkbox>
          {problems.papersInspected !== undefined && <p className="field-error">{t('problem.papers')}</p>}
          <p className="note">{t('enrol.papers_not_kept')}</p>
        </fieldset>
        {isChecked && Object.keys(problems).length > 0 && (
          <p className="note note-bad" role="alert">{t('enrol.incomplete', { count: Object.keys(problems).length })}</p>
        )}
        <ProblemNote error={enrol.error} />
        <div className="actions">
          <Button type="submit" kind="primary" isBusy={enrol.isRunning}>{t('enrol.submit')}</Button>
          <ButtonLink kind="quiet" href="#/">{t('desk.cancel')}</ButtonLink>
        </div>
      </form>
    </>
  )
}
