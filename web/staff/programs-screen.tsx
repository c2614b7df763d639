import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import type { Column } from '../ui/data-table.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { DateField } from '../ui/desk/date-field.tsx'
import { deskApi } from '../ui/desk/desk-api.ts'
import { ProblemNote } from '../ui/desk/problem-note.tsx'
import { listOf } from '../ui/desk/list-of.ts'
import { formatDay, parseMoment } from '../ui/desk/times.ts'
import { formatNumber } from '../ui/format.ts'
import { useNotify } from '../ui/notices.tsx'
import { EmptyState, ErrorState, Loading } from '../ui/states.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction, useRequest } from '../ui/use-request.ts'
import type { Program } from './wire.ts'

/** The points programmes: what each was funded with, and how much has come back. */
export function ProgramsScreen() {
  const { t, i18n } = useTranslation()
  const { data, error, reload } = useRequest('programs',
    async (signal) => listOf<Program>(await deskApi.get('/v1/programs', { signal }), 'programs'), { everyMs: 10_000 })
  const [isOpen, setOpen] = useState(false)
  const create = <Button kind="primary" onPress={() => setOpen(true)}>{t('programs.create')}</Button>
  const units = (key: string, read: (row: Program) => number): Column<Program> => ({
    key, title: t(`programs.${key}`), isNumber: true, cell: (row) => formatNumber(read(row), i18n.language), text: read,
  })
  return (
    <>
      <div className="row-spread">
        <h1>{t('programs.title')}</h1>
        {data !== undefined && data.length > 0 && create}
      </div>
      <p className="lead">{t('programs.lead')}</p>
      {data === undefined && (error === undefined ? <Loading /> : <ErrorState error={error} onRetry={reload} />)}
      {data !== undefined && (
        <DataTable
          caption={t('programs.table')} rows={data} rowKey={(row) => row.program_id} exportName="programmes"
          empty={<EmptyState title={t('programs.none')} action={create}><p>{t('programs.none_text')}</p></EmptyState>}
          columns={[
            { key: 'name', title: t('programs.name'), cell: (row) => row.name, text: (row) => row.name },
            {
              key: 'until', title: t('programs.until'), cell: (row) => formatDay(row.until, i18n.language),
              text: (row) => parseMoment(row.until)?.toISOString() ?? '',
            },
            {
              key: 'state', title: t('programs.state'), text: (row) => row.state ?? '',
              cell: (row) => <ProgramBadge state={row.state ?? 'running'} />,
            },
            units('awarded', (row) => row.awarded ?? 0),
            units('funded', (row) => row.funded),
            units('redeemed', (row) => row.redeemed),
            units('outstanding', (row) => row.funded - row.redeemed),
          ]}
        />
      )}
      {isOpen && <CreateDialog onClose={() => setOpen(false)} onCreated={reload} />}
    </>
  )
}

const looks = { running: ['badge badge-good', '●'], pending: ['badge badge-wait', '◌'], ended: ['badge', '○'] } as const

function ProgramBadge({ state }: { state: keyof typeof looks }) {
  const { t } = useTranslation()
  const [className, mark] = looks[state]
  return <span className={className}><span aria-hidden="true">{mark}</span>{t(`programs.state_${state}`)}</span>
}

function CreateDialog({ onClose, onCreated }: { onClose(): void; onCreated(): void }) {
  const { t } = useTranslation()
  const notify = useNotify()
  const [name, setName] = useState('')
  const [units, setUnits] = useState('')
  const [until, setUntil] = useState('')
  const [isChecked, setChecked] = useState(false)
  const [tomorrow] = useState(() => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10))
  const count = /^\d{1,9}$/.test(units.trim()) ? Number(units) : 0
  const isLater = until >= tomorrow
  const create = useAction(async () => {
    await deskApi.post('/v1/programs', { name: name.trim(), units: count, until: `${until}T23:59:59Z` }, { idempotent: true })
    notify(t('programs.created', { name: name.trim() }), 'good')
    onCreated()
    onClose()
  })
  return (
    <Dialog title={t('programs.create')} isOpen onClose={onClose}>
      <form
        className="stack" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setChecked(true)
          if (name.trim() !== '' && count > 0 && isLater) void create.run()
        }}
      >
        <TextField label={t('programs.name')} hint={t('programs.name_hint')} value={name} onChange={setName} maxLength={64} autoComplete="off"
          error={isChecked && name.trim() === '' ? t('problem.required') : undefined} />
        <TextField label={t('programs.units')} hint={t('programs.units_hint')} inputMode="numeric" value={units} onChange={setUnits} autoComplete="off"
          error={isChecked && count === 0 ? t('points.invalid') : undefined} />
        <DateField label={t('programs.until')} min={tomorrow} value={until} onChange={setUntil}
          error={isChecked && !isLater ? t('programs.until_invalid') : undefined} />
        <p className="note">{t('programs.public')}</p>
        <ProblemNote error={create.error} />
        <div className="actions">
          <Button type="submit" kind="primary" isBusy={create.isRunning}>{t('programs.submit')}</Button>
          <Button kind="quiet" onPress={onClose}>{t('desk.cancel')}</Button>
        </div>
      </form>
    </Dialog>
  )
}
