import { useId } from 'react'
import type { ReactNode } from 'react'

export interface SelectProps<Value extends string> {
  readonly label: ReactNode
  readonly value: Value
  onChange(value: Value): void
  readonly options: readonly { readonly value: Value; readonly label: string }[]
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly isDisabled?: boolean
  /** Keeps the label for screen readers only. */
  readonly isLabelHidden?: boolean
}

/** A choice of one from a list; a value that is not on it is shown as it is, never another in its place. The browser's own control, because phones show it best. */
export function Select<Value extends string>(
  { label, value, onChange, options, hint, error, isDisabled = false, isLabelHidden = false }: SelectProps<Value>,
) {
  const id = useId()
  const described = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`].join(' ').trim()
  return (
    <div className="field">
      <label className={isLabelHidden ? 'visually-hidden' : 'field-label'} htmlFor={id}>{label}</label>
      {hint !== undefined && <span className="field-hint" id={`${id}-hint`}>{hint}</span>}
      <select
        className="field-input field-select" id={id} value={value} disabled={isDisabled}
        aria-invalid={error !== undefined} aria-describedby={described === '' ? undefined : described}
        onChange={(event) => onChange(event.target.value as Value)}
      >
        {!options.some((option) => option.value === value) && <option value={value}>{value}</option>}
        {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
      </select>
      {error !== undefined && <span className="field-error" id={`${id}-error`}>{error}</span>}
    </div>
  )
}
