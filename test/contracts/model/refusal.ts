/** What a contract says instead of doing something: a custom error and its arguments, as the model has them. */
export class Refusal extends Error {
  readonly text: string

  constructor(name: string, args: readonly unknown[]) {
    const text = `${name}(${args.map(String).join(', ')})`
    super(text)
    this.text = text
  }
}

/** Refuses unless the condition holds. */
export function need(condition: boolean, name: string, ...args: readonly unknown[]): asserts condition {
  if (!condition) throw new Refusal(name, args)
}

/** The chain's clock, the same for all contracts of a model. */
export interface Clock {
  now: number
}

export const zeroAddress = `0x${'0'.repeat(40)}`
export const zeroHash = `0x${'0'.repeat(64)}`
export const noCity = '0x0000000000'
