import { accountCommands } from './account/commands.ts'
import { besuCommands } from './besu/commands.ts'
import { cityCommands } from './city/commands.ts'
import { federationCommands } from './federation/commands.ts'
import { createAsk } from './lib/ask.ts'
import { runCommandLine } from './lib/command-line.ts'
import { print } from './lib/terminal.ts'

/* The operators' command line. */

const stop = new AbortController()
// Whoever reads only the first lines must not break off what is being done.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

process.exitCode = await runCommandLine('symbolon', [federationCommands, cityCommands, accountCommands, besuCommands], process.argv.slice(2), {
  print,
  complain: (line) => process.stderr.write(`${line}\n`),
  stopped: stop.signal,
  ask: createAsk(stop.signal)
})
