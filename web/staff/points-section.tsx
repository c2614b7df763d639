import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button, ButtonLink } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { ProblemNote } from '../ui/desk/problem-note.tsx'
import { listOf } from '../ui/desk/list-of.ts'
import { formatNumber } from '../ui/format.ts'
import { useNotify } from '../ui/notices.tsx'
import { Select } from '../ui/select.tsx'
import { Loading } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction, useRequest } from '../ui/use-request.ts'
import type { Program, Resident } from './wire.ts'

/** A resident's points for each programme, and a way to award more. */
export function PointsSection({ resident, onChanged }: { resident: Resident; onChanged(): void }) {
  const { t, i18n } = useTranslation()
  const [isOpen, setOpen] = useState(false)
  const points = resident.points ?? []
  return (
    <section className="stack" aria-labelledby="points-title">
      <h2 id="points-title">{t('points.title')}</h2>
      {points.length === 0
        ? <p className="soft">{t('points.none')}</p>
        : (
          <dl className="facts">
            {points.map((entry) => [
              <dt key={`${entry.program_id}/name`}>{entry.name}</dt>,
              <dd key={entry.program_id}>{t('points.balance', { count: entry.balance, points: formatNumber(entry.balance, i18n.language) })}</dd>,
            ])}
          </dl>
          )}
      <p className="field-hint">{t('points.privacy')}</p>
      <div className="actions"><Button onPress={() => setOpen(true)}>{t('points.award')}</Button></div>
      {isOpen && <AwardDialog resident={resident} onClose={() => setOpen(false)} onChanged={onChanged} />}
    </section>
  )
}

function AwardDialog({ resident, onClose, onChanged }: { resident: Resident; onClose(): void; onChanged(): void }) {
  const { t } = useTranslation()
  const notify = useNotify()
  const programs = useRequest('programs', async (signal) => listOf<Program>(await deskApi.get('/v1/programs', { signal }), 'programs')
    .filter(({ state }) => state === undefined || state === 'running'))
  const [chosen, setChosen] = useState('')
  const [points, setPoints] = useState('')
  const [reason, setReason] = useState('')
  const programId = chosen !== '' ? chosen : programs.data?.[0]?.program_id ?? ''
  const count = /^\d{1,5}$/.test(points.trim()) ? Number(points) : 0
  const award = useAction(async () => {
    await deskApi.post(`/v1/residents/${resident.resident_id}/awards`,
      { program_id: programId, points: count, reason: reason.trim() }, { idempotent: true })
    notify(t('points.awarded', { count }), 'good')
    onChanged()
    onClose()
  })
  return (
    <Dialog title={t('points.award_title', { name: `${resident.given_name} ${resident.family_name}` })} isOpen onClose={onClose}>
      {programs.data === undefined && (programs.error === undefined ? <Loading /> : <ProblemNote error={programs.error} />)}
      {programs.data?.length === 0 && (
        <>
          <p>{t('points.no_program')}</p>
          <ButtonLink href="#/programs">{t('programs.create')}</ButtonLink>
        </>
      )}
      {programs.data !== undefined && programs.data.length > 0 && (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            if (count > 0 && reason.trim() !== '') void award.run()
          }}
        >
          <Select
            label={t('points.program')} value={programId} onChange={setChosen}
            options={programs.data.map((program) => ({ value: program.program_id, label: program.name }))}
          />
          <TextField label={t('points.points')} inputMode="numeric" value={points} onChange={setPoints} autoComplete="off"
            error={points.trim() !== '' && count === 0 ? t('points.invalid') : undefined} />
          <TextField label={t('points.reason')} hint={t('points.reason_hint')} value={reason} onChange={setReason} maxLength={200}
            autoComplete="off" />
          <ProblemNote error={award.error} />
          <div className="actions">
            <Button type="submit" kind="primary" isBusy={award.isRunning} isDisabled={count === 0 || reason.trim() === ''}>
              {t('points.award')}
            </Button>
            <Button kind="quiet" onPress={onClose}>{t('desk.cancel')}</Button>
          </div>
        </form>
      )}
    </Dialog>
  )
}
