/** Where one of several works that go on at the same time tells what it does. */
export interface Turn {
  say(text: string): void
  /** Called once, when it has nothing more to say. */
  end(): void
}

/**
 * Lets several tell what they do without talking over each other: the first is heard as it speaks; what another says is
 * kept until all before it have ended.
 */
export function takeTurns(count: number, write: (text: string) => void): Turn[] {
  const kept = Array.from({ length: count }, () => '')
  const ended = new Set<number>()
  let speaking = 0
  return kept.map((_, own) => ({
    say(text) {
      if (own === speaking) write(text)
      else kept[own] += text
    },
    end() {
      ended.add(own)
      while (ended.has(speaking)) {
        speaking += 1
        const waited = kept[speaking]
        if (waited) write(waited)
      }
    }
  }))
}
