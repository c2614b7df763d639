import { Label } from 'react-aria-components/Label'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'

export interface ChoiceGroupProps<Value extends string> {
  readonly label: string
  readonly value: Value
  onChange(value: Value): void
  readonly options: readonly { readonly value: Value; readonly label: string; readonly hint?: string }[]
  /** `row` for a few short words side by side, `list` (the default) for a line each. */
  readonly layout?: 'row' | 'list'
  readonly isLabelHidden?: boolean
}

/** A choice of one, all in sight; each is large enough to be touched. */
export function ChoiceGroup<Value extends string>(
  { label, value, onChange, options, layout = 'list', isLabelHidden = false }: ChoiceGroupProps<Value>,
) {
  // An empty text would count as a choice made elsewhere, and no key could reach the choices.
  const chosen = value === '' ? null : value
  return (
    <RadioGroup className={`choices choices-${layout}`} value={chosen} onChange={(next) => onChange(next as Value)}>
      <Label className={isLabelHidden ? 'visually-hidden' : 'field-label'}>{label}</Label>
      <div className="choices-options">
        {options.map((option) => (
          <Radio key={option.value} value={option.value} className="choice">
            <span className="choice-dot" aria-hidden="true" />
            <span className="choice-text">
              {option.label}
              {option.hint !== undefined && <span className="field-hint">{option.hint}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  )
}
