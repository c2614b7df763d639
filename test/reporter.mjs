// Prints like mocha's own reporter, names what was skipped, and leaves the counts where the summary of `npm test` finds them. With
// SYMBOLON_TEST_SLOWEST=20 it tells the twenty tests and hooks that took longest.
import { appendFileSync } from 'node:fs'
import mocha from 'mocha'

export default class CountingReporter extends mocha.reporters.Dot {
  constructor(runner, options) {
    super(runner, options)
    const { consoleLog } = mocha.reporters.Base
    const took = []
    const skipped = []
    for (const event of ['test end', 'hook end']) {
      runner.on(event, (runnable) => took.push([runnable.duration ?? 0, runnable.fullTitle()]))
    }
    runner.on('pending', (test) => skipped.push(test.fullTitle()))
    runner.once('end', () => {
      for (const title of skipped) consoleLog(`  skipped: ${title}`)
      const slowest = Number(process.env.SYMBOLON_TEST_SLOWEST ?? 0)
      for (const [ms, title] of took.sort(([a], [b]) => b - a).slice(0, slowest)) consoleLog(`${(ms / 1000).toFixed(1).padStart(6)} s  ${title}`)
      const file = process.env.SYMBOLON_TEST_COUNTS
      if (file === undefined) return
      const { passes, failures, pending } = runner.stats
      appendFileSync(file, `${passes} ${failures} ${pending}\n`)
    })
  }
}
