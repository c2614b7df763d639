import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'
import { ApiError, describeError } from './problem.ts'

/** Nothing is here yet: says so, and what to do first. `isScreen` when there is nothing else on the screen. */
export function EmptyState(
  { title, children, action, isScreen = false }:
  { title: string; children?: ReactNode; action?: ReactNode; isScreen?: boolean },
) {
  const Heading = isScreen ? 'h1' : 'h2'
  return (
    <section className="state">
      <svg className="state-picture" viewBox="0 0 96 64" aria-hidden="true">
        <rect x="6" y="6" width="84" height="52" rx="8" />
        <circle cx="28" cy="28" r="8" />
        <path d="M46 24h30M46 34h22M18 48h58" />
      </svg>
      <Heading>{title}</Heading>
      {children !== undefined && <div className="state-text">{children}</div>}
      {action}
    </section>
  )
}

/** Something is on its way. Read out once, shown as a calm pulse. */
export function Loading({ children }: { children?: ReactNode }) {
  const { t } = useTranslation()
  return (
    <div className="state" role="status">
      <span className="pulse" aria-hidden="true" />
      <p className="state-text">{children ?? t('state.loading')}</p>
    </div>
  )
}

/** Something failed: what happened, what to do, and a way to try again where that helps. */
export function ErrorState(
  { error, onRetry, retryLabel, title, advice, isScreen = false }:
  {
    error: unknown; onRetry?: (() => void) | undefined; retryLabel?: string; title?: string | undefined
    advice?: ReactNode; isScreen?: boolean
  },
) {
  const Heading = isScreen ? 'h1' : 'h2'
  const { t } = useTranslation()
  const words = describeError(error)
  const code = codeOf(error)
  return (
    <section className="state state-bad" role="alert">
      <span className="state-mark" aria-hidden="true">!</span>
      <Heading>{title ?? t(words.title)}</Heading>
      <p className="state-text">{advice ?? t(words.advice)}</p>
      {code !== undefined && <p className="state-code">{t('error.code', { code })}</p>}
      {onRetry !== undefined && <Button onPress={onRetry}>{retryLabel ?? t('action.try_again')}</Button>}
    </section>
  )
}

/** An error beside the form it belongs to. Shows nothing when there is none. */
export function ErrorNote({ error, children }: { error: unknown; children?: ReactNode }) {
  const { t } = useTranslation()
  if (error === undefined) return null
  const words = describeError(error)
  const code = codeOf(error)
  return (
    <div className="note note-bad" role="alert">
      {children ?? <p><strong>{t(words.title)}</strong> {t(words.advice)}</p>}
      {code !== undefined && <p className="state-code">{t('error.code', { code })}</p>}
    </div>
  )
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof ApiError) return error.problem ?? (error.status === 0 ? undefined : String(error.status))
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
