import { createContext, use, useCallback, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

interface Notice {
  readonly id: number
  readonly text: string
  readonly kind: 'good' | 'info' | 'bad'
}

type Notify = (text: string, kind?: Notice['kind']) => void

const NotifyContext = createContext<Notify>(() => {})

/** Short messages at the edge of the screen, read out by screen readers, gone after a while or when dismissed. */
export function Notices({ children }: { children: ReactNode }) {
  const { t } = useTranslation()
  const [notices, setNotices] = useState<readonly Notice[]>([])
  const nextId = useRef(1)
  const remove = useCallback((id: number) => setNotices((old) => old.filter((notice) => notice.id !== id)), [])
  const notify = useCallback<Notify>((text, kind = 'info') => {
    const id = nextId.current++
    setNotices((old) => [...old.slice(-2), { id, text, kind }])
    setTimeout(() => remove(id), 8000)
  }, [remove])
  const polite = useMemo(() => notices.filter(({ kind }) => kind !== 'bad'), [notices])
  const urgent = useMemo(() => notices.filter(({ kind }) => kind === 'bad'), [notices])
  const show = (notice: Notice) => (
    <div key={notice.id} className={`notice notice-${notice.kind}`}>
      <span>{notice.text}</span>
      <button type="button" className="notice-close" aria-label={t('action.close')} onClick={() => remove(notice.id)}>
        <span aria-hidden="true">×</span>
      </button>
    </div>
  )
  return (
    <NotifyContext value={notify}>
      {children}
      <div className="notices">
        <div role="status" aria-live="polite">{polite.map(show)}</div>
        <div role="alert">{urgent.map(show)}</div>
      </div>
    </NotifyContext>
  )
}

/** Says something in passing: `notify(t('saved'), 'good')`. */
export function useNotify(): Notify {
  return use(NotifyContext)
}
