import { useCallback, useEffect, useRef, useState } from 'react'

export interface RequestState<T> {
  readonly data: T | undefined
  readonly error: unknown
  readonly isLoading: boolean
  /** Asks again; what is shown stays until the new answer is there. */
  reload(): void
}

/**
 * Loads something when a screen opens and whenever `key` changes. `everyMs` asks again at that pace while the page is
 * visible, for what changes by itself. A key of undefined asks nothing.
 */
export function useRequest<T>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs }: { everyMs?: number | undefined } = {},
): RequestState<T> {
  const [state, setState] = useState<{ key: string | undefined; data: T | undefined; error: unknown; isLoading: boolean }>(
    { key, data: undefined, error: undefined, isLoading: key !== undefined })
  const [turn, setTurn] = useState(0)
  const latest = useRef(load)
  useEffect(() => {
    latest.current = load
  })

  useEffect(() => {
    if (key === undefined) return
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      try {
        const data = await latest.current(abort.signal)
        if (!abort.signal.aborted) setState({ key, data, error: undefined, isLoading: false })
      } catch (error) {
        if (!abort.signal.aborted) {
          setState((old) => ({ key, data: old.key === key ? old.data : undefined, error, isLoading: false }))
        }
      }
      if (everyMs !== undefined && !abort.signal.aborted) timer = setTimeout(tick, everyMs)
    }
    const tick = () => {
      if (document.visibilityState === 'visible') void ask()
      else timer = setTimeout(tick, everyMs)
    }
    void ask()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [key, turn, everyMs])

  const reload = useCallback(() => {
    setState((old) => ({ ...old, isLoading: true }))
    setTurn((old) => old + 1)
  }, [])
  const isStale = state.key !== key
  return {
    data: isStale ? undefined : state.data,
    error: isStale ? undefined : state.error,
    isLoading: isStale ? key !== undefined : state.isLoading,
    reload,
  }
}

export interface ActionState<Arguments extends unknown[], T> {
  readonly isRunning: boolean
  readonly error: unknown
  /** Runs the action; resolves to undefined when it failed (then `error` says why). */
  run(...args: Arguments): Promise<T | undefined>
  /** Forgets the error. */
  reset(): void
}

/** Something the person sets off with a button: runs once at a time and keeps its error for the screen to show. */
export function useAction<Arguments extends unknown[], T>(
  perform: (...args: Arguments) => Promise<T>,
): ActionState<Arguments, T> {
  const [state, setState] = useState<{ isRunning: boolean; error: unknown }>({ isRunning: false, error: undefined })
  const latest = useRef(perform)
  const running = useRef(false)
  useEffect(() => {
    latest.current = perform
  })
  const run = useCallback(async (...args: Arguments): Promise<T | undefined> => {
    if (running.current) return undefined
    running.current = true
    setState({ isRunning: true, error: undefined })
    try {
      const result = await latest.current(...args)
      setState({ isRunning: false, error: undefined })
      return result
    } catch (error) {
      setState({ isRunning: false, error })
      return undefined
    } finally {
      running.current = false
    }
  }, [])
  const reset = useCallback(() => setState(({ isRunning }) => ({ isRunning, error: undefined })), [])
  return { ...state, run, reset }
}
