import { getAddress } from 'ethers'
import { contractNames, decodeLog, findEvent, type ChainEvent } from './events.ts'
import { Ledger } from './ledger.ts'
import type { Log, Node } from './node.ts'
import { RecomputeError } from './recompute-error.ts'

interface Term {
  readonly target: string
  readonly block: number
  readonly logIndex: number
}

export interface ReadOptions {
  readonly node: Node
  readonly directory: string
  readonly fromBlock: number
  readonly toBlock: number
  /** Told how far the reading has come. */
  onProgress?(block: number, events: number): void
}

/** Reads every event of the federation's contracts up to a block, in the order of the chain, into a ledger. */
export async function readLedger({ node, directory, fromBlock, toBlock, onProgress }: ReadOptions): Promise<{ readonly ledger: Ledger; readonly events: number }> {
  const terms = await readTerms(node, directory, fromBlock, toBlock)
  const addresses = [...new Set([directory, ...[...terms.values()].flat().map(({ target }) => target)])]
  const ledger = new Ledger()
  let events = 0
  for await (const { logs, to } of node.logs(addresses, fromBlock, toBlock)) {
    const found = logs.flatMap((log) => toEvent(terms, directory, log) ?? [])
    // The time of a status list's update matters for the last one alone, and there are many.
    await node.fetchHeaders(found.filter(({ name }) => name !== 'StatusLists.EpochPublished').map(({ block }) => block))
    for (const event of found) {
      const seconds = event.name === 'StatusLists.EpochPublished' ? 0 : (await node.header(event.block)).timeSeconds
      ledger.apply(event, seconds)
    }
    node.forgetHeaders()
    events += found.length
    onProgress?.(to, events)
  }
  await node.fetchHeaders([...ledger.lists.values()].map(({ publishedBlock }) => publishedBlock))
  return { ledger, events }
}

/** Which address stood behind each name, and from where on, as the Directory says. */
async function readTerms(node: Node, directory: string, from: number, to: number): Promise<ReadonlyMap<string, readonly Term[]>> {
  const terms = new Map<string, Term[]>()
  const ledger = new Ledger()
  for await (const { logs } of node.logs([directory], from, to)) {
    for (const log of logs) {
      const fragment = findEvent('Directory', log.topics[0])
      if (fragment === undefined) continue
      const event = decodeLog('Directory', fragment, log)
      ledger.apply(event, 0)
      const { name = '', target = '' } = ledger.entries.at(-1) ?? {}
      if (contractNames.includes(name)) terms.set(name, [...(terms.get(name) ?? []), { target, block: event.block, logIndex: event.logIndex }])
    }
  }
  if (terms.size === 0) {
    throw new RecomputeError(`There is no Directory at ${directory} that names any contract in blocks ${from} to ${to}: check --directory, --rpc and --from-block.`)
  }
  return terms
}

/** The event of a log, when its contract was the one that counts just before it; the first one of a name counts from the beginning. */
function toEvent(terms: ReadonlyMap<string, readonly Term[]>, directory: string, log: Log): ChainEvent | undefined {
  const address = getAddress(log.address)
  const [block, logIndex] = [Number(log.blockNumber), Number(log.logIndex)]
  for (const name of contractNames) {
    const fragment = findEvent(name, log.topics[0])
    if (fragment === undefined) continue
    const ofName = terms.get(name) ?? []
    const earlier = ofName.findLast((term) => term.block < block || (term.block === block && term.logIndex < logIndex)) ?? ofName[0]
    const counts = name === 'Directory' && ofName.length === 0 ? directory : earlier?.target
    if (counts === address) return decodeLog(name, fragment, log)
  }
  return undefined
}
