import { useTranslation } from 'react-i18next'
import { formatCountdown, secondsUntil } from '../../ui/desk/times.ts'
import { useNow } from '../../ui/desk/use-now.ts'
import type { Proposal } from './wire.ts'

const told: readonly string[] = ['pending', 'active', 'queued']

/** What happens to a proposal by itself, and when. Silent for screen readers, which would otherwise be told every second. */
export function NextTurn({ proposal: { state, changes_at: at } }: { proposal: Pick<Proposal, 'state' | 'changes_at'> }) {
  const { t, i18n } = useTranslation()
  const seconds = secondsUntil(at, useNow(at !== undefined))
  if (seconds === undefined || !told.includes(state)) return null
  return (
    <p className="countdown" role="timer" aria-live="off">
      {seconds === 0 ? t('governance.turn.now') : t(`governance.turn.${state}`, { time: formatCountdown(seconds, i18n.language) })}
    </p>
  )
}
