// Prints like mocha's own reporter and leaves the counts where the summary of `npm test` finds them.
import { appendFileSync } from 'node:fs'
import mocha from 'mocha'

export default class CountingReporter extends mocha.reporters.Dot {
  constructor(runner, options) {
    super(runner, options)
    runner.once('end', () => {
      const file = process.env.SYMBOLON_TEST_COUNTS
      if (file === undefined) return
      const { passes, failures, pending } = runner.stats
      appendFileSync(file, `${passes} ${failures} ${pending}\n`)
    })
  }
}
