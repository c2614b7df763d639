import { useTranslation } from 'react-i18next'
import type { CardState } from './wire.ts'

const looks: Readonly<Record<CardState, readonly [className: string, mark: string]>> = {
  active: ['badge badge-good', '●'],
  offered: ['badge badge-wait', '◌'],
  suspended: ['badge badge-wait', '▲'],
  revoked: ['badge badge-bad', '✕'],
  expired: ['badge', '○'],
}

/** The state of a card as a word, a colour and a shape. */
export function CardBadge({ state }: { state: CardState }) {
  const { t } = useTranslation()
  const [className, mark] = looks[state] ?? ['badge', '?']
  return <span className={className}><span aria-hidden="true">{mark}</span>{t(`card_state.${state}`)}</span>
}
