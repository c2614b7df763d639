import { useTranslation } from 'react-i18next'
import { DateField } from '../../ui/desk/date-field.tsx'
import { Select } from '../../ui/select.tsx'
import { suspensionReason } from '../../ui/suspension-reason.ts'
import { TextField } from '../../ui/text-field.tsx'
import { FileHashField } from './file-hash-field.tsx'
import { parameters, reasonCodes, type Field } from './forms.ts'
import { ProgramSelect } from './program-select.tsx'
import type { Member } from './wire.ts'

interface FieldInputProps {
  readonly field: Field
  readonly value: string
  onChange(value: string): void
  readonly problem: string | undefined
  readonly members: readonly Member[]
  readonly tomorrow: string
}

/** One field of a decision, with the control that fits what it asks for. */
export function FieldInput({ field, value, onChange, problem, members, tomorrow }: FieldInputProps) {
  const { t, i18n } = useTranslation()
  const error = problem === undefined ? undefined : t(`governance.problem.${problem}`)
  const label = t(`governance.field.${field.name}`)
  const hintKey = `governance.hint.${field.hint ?? field.name}`
  const hint = i18n.exists(hintKey) ? { hint: t(hintKey) } : {}
  const common = { label, value, onChange, error, ...hint }
  const choose = (options: readonly { readonly value: string; readonly label: string }[]) =>
    <Select {...common} options={[{ value: '', label: t('governance.choose') }, ...options]} />
  switch (field.kind) {
    case 'city': {
      const fitting = members.filter(({ status }) => field.cities?.includes(status) === true)
      // The city of an earlier draft may stand otherwise by now.
      const options = members.filter((member) => fitting.includes(member) || member.locode === value).map(({ locode, name, status }) => ({ value: locode, label: t('governance.city_option', { name, locode, status: t(`governance.city_status.${status}`) }) }))
      return <Select {...common} {...(fitting.length === 0 ? { hint: t('governance.no_city') } : {})} options={[{ value: '', label: t('governance.choose') }, ...options]} />
    }
    case 'reason': return choose(reasonCodes.map((code) => ({ value: code, label: `${code} · ${suspensionReason(t, code)}` })))
    case 'parameter': return choose(parameters.map((name) => ({ value: name, label: t(`governance.parameter.${name}`) })))
    case 'yes_no': return choose(['yes', 'no'].map((answer) => ({ value: answer, label: t(`governance.${answer}`) })))
    case 'program': return <ProgramSelect label={label} value={value} onChange={onChange} error={error} of="shared" />
    case 'file_hash': return <FileHashField label={label} value={value} onChange={onChange} error={error} />
    case 'date': return <DateField {...common} min={tomorrow} />
    case 'whole': return <TextField {...common} inputMode="numeric" autoComplete="off" />
    case 'origin': return <TextField {...common} inputMode="url" autoComplete="off" />
    default: return <TextField {...common} autoComplete="off" />
  }
}
