/** One measured figure. */
export interface Figure {
  readonly name: string
  /** Operations a second of processor time, one after the other: what one core does that has nothing else to do. */
  readonly ratePerSecond: number
  /** What it is held against, from the same run. */
  readonly native?: { readonly name: string, readonly ratePerSecond: number }
  /** `ratePerSecond` by that of `native`; made from them unless told. */
  readonly ratio?: number
  /** Least ratio that is acceptable. */
  readonly target?: number
  readonly note?: string
}

/** What a bench file exports under the name `run`. */
export type Bench = () => Promise<readonly Figure[]>

/**
 * Rates of several operations. They take turns, round after round, and processor time is counted, so that whatever
 * else the machine does falls on none of them more than on the others; each has the median of its rounds.
 */
export async function measure<Name extends string>(
  operations: Record<Name, () => unknown>,
  { rounds = 7, millisecondsARound = 250 }: { rounds?: number, millisecondsARound?: number } = {},
): Promise<Record<Name, number>> {
  const names = Object.keys(operations) as Name[]
  const rates = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const operation = operations[name]
      const start = performance.now()
      const processorStart = process.cpuUsage()
      let count = 0
      do {
        const result = operation()
        if (result instanceof Promise) await result
        count++
      } while (performance.now() - start < millisecondsARound)
      const { user, system } = process.cpuUsage(processorStart)
      // The first round only warms up.
      if (round >= 0) rates.get(name)?.push(count / (user + system) * 1_000_000)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(rates.get(name) as number[])])) as Record<Name, number>
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] as number
}
