import { useTranslation } from 'react-i18next'
import { formatCountdown, secondsUntil } from './times.ts'
import type { Moment } from './times.ts'
import { useNow } from './use-now.ts'

/** The time left until a moment. Silent for screen readers, which would otherwise be told every second. */
export function Countdown({ until }: { until: Moment }) {
  const { t, i18n } = useTranslation()
  const now = useNow()
  const seconds = secondsUntil(until, now)
  if (seconds === undefined) return null
  return (
    <p className={`countdown${seconds <= 20 ? ' countdown-late' : ''}`} role="timer" aria-live="off">
      {t('desk.time_left', { time: formatCountdown(seconds, i18n.language) })}
    </p>
  )
}
