import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button.tsx'
import { api } from '../../ui/api-client.ts'
import { listOf } from '../../ui/desk/list-of.ts'
import { Select } from '../../ui/select.tsx'
import { ErrorNote } from '../../ui/states.tsx'
import { useRequest } from '../../ui/use-request.ts'
import { fittingPrograms, type ListedProgram } from './fitting-programs.ts'

interface ProgramSelectProps {
  readonly label: string
  readonly value: string
  onChange(value: string): void
  readonly error: string | undefined
  /** Programmes that all cities share, or the city whose own are meant that it does not share yet. */
  readonly of: 'shared' | { readonly city: string }
}

/** A choice among the programmes for which something can be decided. */
export function ProgramSelect({ label, value, onChange, error, of }: ProgramSelectProps) {
  const { t } = useTranslation()
  const programs = useRequest('programs-of-all', async (signal) => listOf<ListedProgram>(await api.get('/v1/open-data/programs.json', { signal }), 'rows'))
  const fitting = fittingPrograms(programs.data ?? [], of)
  const options = fitting.map((program) => ({ value: program.program_id, label: `${program.name} (${program.city})` }))
  if (programs.data === undefined && programs.error !== undefined) {
    return (
      <div className="stack">
        <ErrorNote error={programs.error} />
        <div className="actions"><Button onPress={programs.reload}>{t('action.try_again')}</Button></div>
      </div>
    )
  }
  return (
    <Select
      label={label} value={value} onChange={onChange} error={error} options={[{ value: '', label: t('governance.choose') }, ...options]}
      {...(programs.data !== undefined && fitting.length === 0 ? { hint: t('governance.no_program') } : {})}
    />
  )
}
