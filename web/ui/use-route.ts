import { useSyncExternalStore } from 'react'

export interface Route {
  /** What stands after `#/`, in parts: `#/residents/7` is `['residents', '7']`; none for the first screen. */
  readonly parts: readonly string[]
  /** What a link carries, as in `#offer=…`: name and decoded value. */
  readonly link: { readonly name: string; readonly value: string } | undefined
}

/** Reads a URL fragment. Fragments never reach a server, so links may carry what is the holder's own business. */
export function parseRoute(fragment: string): Route {
  const text = fragment.replace(/^#/, '')
  const equals = /^([a-z_]+)=(.*)$/s.exec(text)
  if (equals !== null) return { parts: [], link: { name: equals[1] ?? '', value: decode(equals[2] ?? '') } }
  return { parts: text.split('/').filter((part) => part !== '').map(decode), link: undefined }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

/** Goes to a screen. `replace` leaves no entry to go back to, for links that must not be followed twice. */
export function goTo(path: string, { replace = false } = {}): void {
  const fragment = path.startsWith('#') ? path : `#/${path.replace(/^\//, '')}`
  if (replace) {
    history.replaceState(null, '', fragment)
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  } else {
    location.hash = fragment
  }
}

/** The screen the page's fragment names, and a way to go to another. */
export function useRoute(): Route & { goTo: typeof goTo } {
  const fragment = useSyncExternalStore(subscribe, () => location.hash)
  return { ...parseRoute(fragment), goTo }
}
