import { parseRecomputeOptions, recomputeHelp } from './lib/recompute/options.ts'
import { RecomputeError } from './lib/recompute/recompute-error.ts'
import { recompute } from './lib/recompute/recompute.ts'
import { green, print, red } from './lib/terminal.ts'

/* Counts again what a service publishes: see docs/open-data.md. */

const exits = { agrees: 0, differs: 1, unknown: 2 } as const

/** One line that is written over, where somebody is watching. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text} …`)
}

async function main(): Promise<number> {
  const options = parseRecomputeOptions(process.argv.slice(2))
  if (options.help) {
    print(recomputeHelp)
    return exits.agrees
  }
  const differences = await recompute(options, {
    progress: showProgress,
    line(text) {
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
      print(text)
    },
  })
  print()
  if (differences.length === 0) {
    print(green('Everything the service publishes is what the chain says.'))
    return exits.agrees
  }
  print(red(`${differences.length} ${differences.length === 1 ? 'difference' : 'differences'} between what is published and what the chain says:`))
  for (const difference of differences) print(`  ${difference}`)
  return exits.differs
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof RecomputeError)) throw error
  process.stderr.write(`\n${red(error.message)}\n`)
  process.exitCode = exits.unknown
}
