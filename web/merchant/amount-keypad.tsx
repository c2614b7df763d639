import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { formatNumber } from '../ui/format.ts'
import { parseAmount, pressKey } from './amount.ts'
import type { KeypadKey } from './amount.ts'

const keys: readonly KeypadKey[] = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'clear', '0', 'back']

interface AmountKeypadProps {
  readonly points: number
  onPoints(points: number): void
  readonly programName: string
}

/** The amount as a field for a keyboard, and as large keys for a finger. */
export function AmountKeypad({ points, onPoints, programName }: AmountKeypadProps) {
  const { t, i18n } = useTranslation()
  const id = useId()
  return (
    <div className="keypad">
      <label className="field-label" htmlFor={id}>{t('till.amount')}</label>
      <div className="keypad-amount">
        <input
          id={id} className="keypad-input big-number" inputMode="none" autoComplete="off" aria-describedby={`${id}-program`}
          value={points === 0 ? '' : formatNumber(points, i18n.language)} placeholder="0"
          onChange={(event) => onPoints(parseAmount(event.target.value))}
        />
        <span className="soft" id={`${id}-program`}>{t('till.points_of', { count: points, program: programName })}</span>
      </div>
      <div className="keypad-keys" role="group" aria-label={t('till.keypad')}>
        {keys.map((key) => (
          <Button key={key} onPress={() => onPoints(pressKey(points, key))}
            {...(key === 'back' || key === 'clear' ? { 'aria-label': t(`till.${key}`) } : {})}>
            {key === 'back' ? '⌫' : key === 'clear' ? 'C' : key}
          </Button>
        ))}
      </div>
    </div>
  )
}
