import { useTranslation } from 'react-i18next'
import { TextField, type TextFieldProps } from '../text-field.tsx'
import { formatDay } from './times.ts'

type DateFieldProps = Omit<TextFieldProps, 'type' | 'inputMode' | 'rows' | 'placeholder' | 'maxLength' | 'autoComplete'>

/**
 * A day, as `YYYY-MM-DD`. The browser's own field writes it as the browser's language does, which need not be the
 * page's: below stands the day in words, so that nobody takes the month for the day.
 */
export function DateField(props: DateFieldProps) {
  const { i18n } = useTranslation()
  // While the year is typed its first digits are a year too.
  const isWhole = props.value >= '1000'
  return (
    <div className="date-field">
      <TextField {...props} type="date" autoComplete="off" />
      <p className="field-hint" role="status">{isWhole ? formatDay(props.value, i18n.language) : ''}</p>
    </div>
  )
}
