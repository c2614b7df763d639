import { besuCommands } from './besu/commands.ts'
import { federationCommands } from './federation/commands.ts'
import { runCommandLine } from './lib/command-line.ts'
import { print } from './lib/terminal.ts'

/* The operators' command line. */

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

process.exitCode = await runCommandLine('symbolon', [besuCommands, federationCommands], process.argv.slice(2), {
  print,
  complain: (line) => process.stderr.write(`${line}\n`),
  stopped: stop.signal
})
