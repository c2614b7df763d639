import fc from 'fast-check'

/** The numbers of one step, taken one after the other; zero when there are no more. */
export class Dice {
  readonly numbers: readonly number[]
  at = 0

  constructor(numbers: readonly number[]) {
    this.numbers = numbers
  }

  /** A number from 0 to below the limit. */
  below(limit: number): number {
    return (this.numbers[this.at++] ?? 0) % limit
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === times - 1
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)]
    if (value === undefined) throw new Error('nothing to choose from')
    return value
  }

  /** Mostly the likely one, so that sequences get somewhere; now and then any other. */
  mostly<T>(likely: T, others: readonly T[]): T {
    return this.once(6) ? this.of(others) : likely
  }
}

/** Sequences of steps, each a handful of numbers. Shorter and smaller ones come out when something fails. */
export function sequences(steps: number): fc.Arbitrary<number[][]> {
  return fc.array(fc.array(fc.nat(9_999), { minLength: 14, maxLength: 14 }), { minLength: Math.ceil(steps / 2), maxLength: steps, size: 'max' })
}

/** How far the tests go: a fixed seed and few sequences, or, in the nightly profile, a new seed and many. */
export function extent(short: number, nightly: number): { numRuns: number; seed: number } {
  const deep = process.env.SYMBOLON_TEST_PROFILE === 'nightly'
  return { numRuns: deep ? nightly : short, seed: deep ? Date.now() % 2 ** 31 : 7411 }
}
