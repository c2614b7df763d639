import type { ReactNode } from 'react'
import { Checkbox as AriaCheckbox } from 'react-aria-components/Checkbox'

export interface CheckboxProps {
  readonly children: ReactNode
  readonly isSelected: boolean
  onChange(isSelected: boolean): void
  readonly isDisabled?: boolean
  readonly isRequired?: boolean
  readonly hint?: ReactNode
}

/** A tick box whose whole line can be touched. */
export function Checkbox({ children, hint, ...rest }: CheckboxProps) {
  return (
    <AriaCheckbox {...rest} className="checkbox">
      <span className="checkbox-box" aria-hidden="true">
        <svg viewBox="0 0 18 18" width="18" height="18"><path d="M3 9.5 7.2 14 15 4.5" /></svg>
      </span>
      <span className="checkbox-text">
        {children}
        {hint !== undefined && <span className="field-hint">{hint}</span>}
      </span>
    </AriaCheckbox>
  )
}
