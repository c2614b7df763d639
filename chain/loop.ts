/** Work that is done again and again until it is stopped. */
export interface Loop {
  /** Begins, unless it runs already. */
  start(): void
  /** Ends after the round that is under way. */
  stop(): Promise<void>
  /** Ends the pause that is under way, or leaves out the next one. Only resolves a promise: rounds keep their own async context. */
  nudge(): void
  isRunning(): boolean
}

/** Runs rounds one after another. A round never rejects, and resolves to how many milliseconds to wait before the next; 0 for none. */
export function createLoop(round: () => Promise<number>): Loop {
  let running: Promise<void> | undefined
  let stopping = false
  let nudged = false
  let wake: () => void = () => undefined

  async function run(): Promise<void> {
    while (!stopping) {
      const ms = await round()
      if (ms > 0) await pause(ms)
    }
  }

  async function pause(ms: number): Promise<void> {
    if (!stopping && !nudged) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    nudged = false
    wake = () => undefined
  }

  return {
    start() {
      if (running) return
      stopping = false
      running = run()
    },
    async stop() {
      stopping = true
      wake()
      await running
      running = undefined
    },
    nudge() {
      nudged = true
      wake()
    },
    isRunning: () => running !== undefined
  }
}
