import type { HTMLInputTypeAttribute, ReactNode } from 'react'
import { TextField as AriaTextField } from 'react-aria-components/TextField'
import { FieldError } from 'react-aria-components/FieldError'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextArea } from 'react-aria-components/TextArea'

export interface TextFieldProps {
  readonly label: ReactNode
  readonly value: string
  onChange(value: string): void
  readonly hint?: ReactNode
  /** What is wrong with the value; the field then reads as invalid. */
  readonly error?: string | undefined
  readonly name?: string
  readonly type?: HTMLInputTypeAttribute
  readonly inputMode?: 'text' | 'numeric' | 'decimal' | 'email' | 'url'
  readonly autoComplete?: string
  readonly maxLength?: number
  readonly min?: string
  readonly max?: string
  readonly placeholder?: string
  readonly rows?: number
  readonly isRequired?: boolean
  readonly isDisabled?: boolean
  readonly autoFocus?: boolean
}

/** A labelled text field with a hint and an error in words; `rows` makes it a text area. */
export function TextField(
  { label, hint, error, rows, min, max, placeholder, type, inputMode, ...field }: TextFieldProps,
) {
  return (
    <AriaTextField {...field} className="field" isInvalid={error !== undefined}>
      <Label className="field-label">{label}</Label>
      {hint !== undefined && <Text slot="description" className="field-hint">{hint}</Text>}
      {rows === undefined
        ? <Input className="field-input" {...dropUndefined({ type, inputMode, min, max, placeholder })} />
        : <TextArea className="field-input" rows={rows} {...dropUndefined({ placeholder })} />}
      <FieldError className="field-error">{error}</FieldError>
    </AriaTextField>
  )
}

function dropUndefined<T extends object>(props: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as
    { [Key in keyof T]?: Exclude<T[Key], undefined> }
}
