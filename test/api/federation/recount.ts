import { JsonRpcProvider } from 'ethers'
import { recompute } from '../../../scripts/lib/recompute/recompute.ts'
import { until, type Member } from './council.ts'

export interface Recount {
  readonly differences: readonly string[]
  /** What was compared, with how many rows and cells. */
  readonly lines: readonly string[]
}

/**
 * Lets no block come while it is counted, so that what a service says of the present can be compared too. Transactions
 * wait until the chain goes on.
 */
export async function whileTheChainStandsStill<Result>(rpcUrl: string, act: (head: number) => Promise<Result>): Promise<Result> {
  const node = new JsonRpcProvider(rpcUrl, undefined, { cacheTimeout: -1 })
  await node.send('evm_setAutomine', [false])
  try {
    return await act(Number(await node.send('eth_blockNumber', [])))
  } finally {
    await node.send('evm_setAutomine', [true])
    await node.send('evm_mine', [])
    node.destroy()
  }
}

/** Counts again what a city publishes, as `npm run recompute` does, once its index has come as far as the chain. */
export async function recount(member: Member, options: { readonly rpcUrl: string; readonly directory: string; readonly head: number }): Promise<Recount> {
  await indexAt(member, options.head)
  const lines: string[] = []
  const differences = await recompute({
    rpcUrl: options.rpcUrl, directory: options.directory, serviceUrl: member.city.url, block: undefined, fromBlock: 0, chunkBlocks: 10_000, help: false,
  }, { progress: () => {}, line: (text) => lines.push(text) })
  return { differences, lines }
}

/** Every table that a city publishes as of a block, by name. */
export async function publishedBy(member: Member, block: number): Promise<Readonly<Record<string, unknown>>> {
  const { tables } = await indexAt(member, block)
  const read = async (path: string): Promise<unknown> => await (await fetch(`${member.city.url}${path}?block=${block}`)).json()
  return Object.fromEntries(await Promise.all(tables.map(async ({ name, json }) => [name, await read(json)] as const)))
}

interface Index {
  readonly block: { readonly number: number }
  readonly tables: readonly { readonly name: string; readonly json: string }[]
}

async function indexAt({ city, locode }: Member, block: number): Promise<Index> {
  return await until(`the index of ${locode} at block ${block}`, async () => {
    const index = await (await fetch(`${city.url}/v1/open-data`)).json() as Index
    return index.block.number === block ? index : undefined
  })
}
