import type { ReactNode } from 'react'

export type DecisionKind = 'yes' | 'no' | 'wait'

const shapes: Record<DecisionKind, ReactNode> = {
  yes: <><circle cx="32" cy="32" r="29" /><path d="M18 33.5 28 44l19-23" /></>,
  no: <><path d="M22 3h20l19 19v20L42 61H22L3 42V22z" /><path d="m21 21 22 22m0-22L21 43" /></>,
  wait: <><path d="M32 4 62 58H2z" /><path d="M32 24v16m0 8v.5" /></>,
}

/**
 * A decision as a word, a colour and a shape: a circle with a tick for yes, an octagon with a cross for no, a triangle
 * for "not decided".
 */
export function Decision(
  { kind, word, children, isScreen = false }:
  { kind: DecisionKind; word: string; children?: ReactNode; isScreen?: boolean },
) {
  const Heading = isScreen ? 'h1' : 'h2'
  return (
    <section className={`decision decision-${kind}`} role="status">
      <svg className="decision-shape" viewBox="0 0 64 64" aria-hidden="true">{shapes[kind]}</svg>
      <Heading className="decision-word">{word}</Heading>
      {children !== undefined && <div className="decision-text">{children}</div>}
    </section>
  )
}

/** The same in one line, for lists: shape, word, and what it is about. */
export function CheckLine({ kind, children }: { kind: DecisionKind; children: ReactNode }) {
  return (
    <span className={`check-line check-line-${kind}`}>
      <svg viewBox="0 0 64 64" width="22" height="22" aria-hidden="true">{shapes[kind]}</svg>
      <span>{children}</span>
    </span>
  )
}
