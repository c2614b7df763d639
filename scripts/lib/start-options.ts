import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SetupError } from './setup-error.ts'

export interface StartOptions {
  readonly dataDir: string
  /** First of three consecutive ports: Porto, Clermont-Ferrand, the chain. */
  readonly port: number
  readonly fresh: boolean
  readonly tls: boolean
  readonly help: boolean
  /** Seconds between two published states of the status lists. */
  readonly epochSeconds: number
}

export const startHelp = `npm start                    two cities on this machine
npm start -- --fresh         forget everything and begin anew
npm start -- --data DIR      keep the data in DIR (default .symbolon/data)
npm start -- --port N        use the ports N, N+1 and N+2 (default 4800)
npm start -- --tls           serve https, with a certificate authority made at the first start
npm start -- --epoch S       publish the state of cards every S seconds (default 5)`

function wholeNumber(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new SetupError(`--${name} takes a whole number from ${least} to ${most}, not "${text}".`)
  }
  return value
}

/**
 * Reads the arguments of `npm start`.
 * @throws SetupError on an unknown or malformed option, with the list of those there are.
 */
export function parseStartOptions(args: readonly string[], root: string): StartOptions {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        epoch: { type: 'string' },
        fresh: { type: 'boolean' },
        tls: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' }
      }
    }).values
  } catch (error) {
    throw new SetupError(`${error instanceof Error ? error.message.split('. ')[0] : 'Unknown option'}.\n\n${startHelp}`, { cause: error })
  }
  return {
    dataDir: resolve(values.data ?? resolve(root, '.symbolon', 'data')),
    port: wholeNumber(values.port ?? '4800', 'port', 1024, 65_533),
    epochSeconds: wholeNumber(values.epoch ?? '5', 'epoch', 1, 86_400),
    fresh: values.fresh ?? false,
    tls: values.tls ?? false,
    help: values.help ?? false
  }
}
