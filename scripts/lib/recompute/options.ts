import { parseArgs } from 'node:util'
import { getAddress } from 'ethers'
import { RecomputeError } from './recompute-error.ts'

export interface RecomputeOptions {
  readonly rpcUrl: string
  /** Address of the contract from which all others are found, with checksum. */
  readonly directory: string
  /** Origin of the service, without a trailing slash. */
  readonly serviceUrl: string
  /** As of which block; the service's last one by default. */
  readonly block: number | undefined
  /** First block that is read. */
  readonly fromBlock: number
  /** Blocks asked for at once; fewer when the node refuses. */
  readonly chunkBlocks: number
  readonly help: boolean
}

export const recomputeHelp = `npm run recompute -- --rpc URL --directory ADDRESS --service URL

Reads the events of the federation's contracts from a node, counts everything again that a city's service publishes,
and names every difference.

--rpc URL            JSON-RPC of a node of the chain, best one of your own
--directory ADDRESS  the federation's Directory contract; all others are found through it
--service URL        the service to check, for example https://card.example.org
--block N            as of which block (default: the last one the service publishes)
--from-block N       first block to read (default 0; the block of the first contract saves time)
--chunk N            blocks to ask for at once (default 10000; less when the node refuses)

Ends with 0 when all agrees, 1 when something differs, 2 when it could not be found out.`

/** @throws RecomputeError on an unknown, missing or malformed option. */
export function parseRecomputeOptions(args: readonly string[]): RecomputeOptions {
  const option = { type: 'string' } as const
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: { rpc: option, directory: option, service: option, block: option, 'from-block': option, chunk: option, help: { type: 'boolean', short: 'h' } },
    }).values
  } catch (error) {
    throw new RecomputeError(`${error instanceof Error ? error.message.split('. ')[0] : 'Unknown option'}.\n\n${recomputeHelp}`, { cause: error })
  }
  if (values.help === true) {
    return { rpcUrl: '', directory: '', serviceUrl: '', block: undefined, fromBlock: 0, chunkBlocks: 1, help: true }
  }
  return {
    rpcUrl: url(values.rpc, 'rpc'),
    directory: address(values.directory),
    serviceUrl: url(values.service, 'service').replace(/\/+$/, ''),
    block: values.block === undefined ? undefined : wholeNumber(values.block, 'block', 0),
    fromBlock: wholeNumber(values['from-block'] ?? '0', 'from-block', 0),
    chunkBlocks: wholeNumber(values.chunk ?? '10000', 'chunk', 1),
    help: false,
  }
}

function url(text: string | undefined, name: string): string {
  if (text === undefined) throw new RecomputeError(`--${name} is missing.\n\n${recomputeHelp}`)
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new RecomputeError(`--${name} takes an http or https address, not "${text}".`)
  return text
}

function address(text: string | undefined): string {
  if (text === undefined) throw new RecomputeError(`--directory is missing.\n\n${recomputeHelp}`)
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new RecomputeError(`--directory takes an address of 0x and 40 hexadecimal digits, not "${text}".`)
  return getAddress(text.toLowerCase())
}

function wholeNumber(text: string, name: string, least: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) throw new RecomputeError(`--${name} takes a whole number from ${least}, not "${text}".`)
  return value
}
