import type { ChainProvider } from '../../../chain/rpc.ts'

type Lie = (result: unknown, params: readonly unknown[]) => unknown

/** A node between the real one and who asks it: changes answers as it is told to, and can go away. */
export class LyingNode implements ChainProvider {
  away = false
  readonly #truth: ChainProvider
  readonly #lies = new Map<string, Lie>()

  constructor(truth: ChainProvider) {
    this.#truth = truth
  }

  /** From now on answers to `method` are what `lie` makes of them. */
  lieAbout(method: string, lie: Lie): void {
    this.#lies.set(method, lie)
  }

  confess(): void {
    this.#lies.clear()
  }

  async send(method: string, params: unknown[]): Promise<unknown> {
    if (this.away) throw new Error('connection refused')
    const result = await this.#truth.send(method, params)
    return this.#lies.get(method)?.(result, params) ?? result
  }
}

/** Leaves the events of a block out. */
export function withoutEventsOf(block: number): Lie {
  return (result) => (result as { blockNumber: string }[]).filter((log) => Number(log.blockNumber) !== block)
}

/** Gives a block, and what follows from it in its header, another hash. */
export function withHashOf(block: number, hash: string): Lie {
  return (result) => {
    const header = result as { number: string } | null
    return header !== null && Number(header.number) === block ? { ...header, hash } : header
  }
}
