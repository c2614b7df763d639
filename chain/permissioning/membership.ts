import { ZeroAddress } from 'ethers'
import type { CityStatus } from '../../agent/trust.ts'
import { contractInterfaces } from '../contracts.ts'
import type { ContractName, Deployment } from '../deployment.ts'
import { ChainError } from '../errors.ts'
import { createContractTerms, type ContractChange } from '../indexer/contract-terms.ts'
import { toLocode } from '../indexer/event-args.ts'
import { decodeEvent, fetchEvents } from '../indexer/event-log.ts'
import { fetchHeader, toQuantity, withChainErrors, type ChainProvider } from '../rpc.ts'

/** A city as permissioning sees it. */
export interface MemberCity {
  readonly locode: string
  readonly status: CityStatus
  /** Accounts that act for the city, or may come to: its controller, one that was offered control, its recovery account. */
  readonly accounts: readonly string[]
}

/** Who belongs to the federation at one block. */
export interface Membership {
  readonly block: number
  readonly cities: readonly MemberCity[]
  /** Accounts of merchants, also of those who left: they may still be owed. */
  readonly merchants: readonly string[]
  readonly guardian?: string
}

export interface MembershipReader {
  /**
   * Reads the members as of the newest block. What was read before is not read again, unless the chain changed.
   *
   * @throws ChainError `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_RPC`, `ERR_CHAIN_MISMATCH`
   */
  read(): Promise<Membership>
}

interface Scanned {
  readonly block: number
  readonly hash: string
  /** What the Directory said of our contracts. */
  readonly changes: readonly ContractChange[]
  /** By UN/LOCODE as bytes5, the registry that admitted the city last. */
  readonly cities: ReadonlyMap<string, string>
  readonly merchants: ReadonlySet<string>
}

/** As `ICityRegistry.CityStatus` counts them. */
const statuses: readonly (CityStatus | undefined)[] = [undefined, 'pending', 'active', 'suspended', 'removed']
const topics = ([['Directory', 'EntryChanged'], ['CityRegistry', 'CityAdmitted'], ['RewardPrograms', 'MerchantRegistered']] as const)
  .map(([contract, event]) => contractInterfaces[contract].getEvent(event)?.topicHash ?? '')

export interface MembershipReaderOptions {
  readonly provider: ChainProvider
  readonly deployment: Deployment
  /** How many blocks to ask for at once; default 5,000, what Besu answers unless told otherwise (`rpc-max-logs-range`). */
  readonly logBlocks?: number
}

/**
 * Reads the federation's members over JSON-RPC: events say which cities and merchants there are, views say where each stands
 * at that same block, so that a suspension that ran out needs no event. Contracts are those that the Directory names; a city
 * that a new registry has not admitted stands as the one says that has.
 */
export function createMembershipReader({ provider: given, deployment, logBlocks = 5_000 }: MembershipReaderOptions): MembershipReader {
  const provider = withChainErrors(given)
  let known: Scanned | undefined
  let verified = false

  async function verify(): Promise<void> {
    const chainId = Number(await provider.send('eth_chainId', []))
    if (chainId !== deployment.chainId) throw new ChainError('ERR_CHAIN_MISMATCH', `the node serves chain ${chainId}, the deployment is on chain ${deployment.chainId}`)
    const code = await provider.send('eth_getCode', [deployment.contracts.CityRegistry, 'latest'])
    if (code === '0x') throw new ChainError('ERR_CHAIN_MISMATCH', `there is no CityRegistry at ${deployment.contracts.CityRegistry} on this chain`)
    verified = true
  }

  async function scanTo(block: number, hash: string): Promise<Scanned> {
    const still = known && known.block <= block && (await fetchHeader(provider, known.block))?.hash === known.hash ? known : undefined
    const cities = new Map(still?.cities)
    const merchants = new Set(still?.merchants)
    const changes = [...(still?.changes ?? [])]
    for (let from = still ? still.block + 1 : deployment.deployedAtBlock; from <= block; from += logBlocks) {
      const found = await fetchEvents(provider, { deployment, changes, from, to: Math.min(block, from + logBlocks - 1), topics })
      changes.push(...found.changes)
      for (const event of found.events) {
        const args = decodeEvent(event)
        if (event.event === 'CityAdmitted') cities.set(String(args['city']), event.address)
        if (event.event === 'MerchantRegistered') merchants.add(String(args['merchant']))
      }
    }
    return { block, hash, changes, cities, merchants }
  }

  async function view(contract: ContractName, to: string, method: string, args: readonly unknown[], block: number): Promise<unknown> {
    const code = contractInterfaces[contract]
    const call = { to, data: code.encodeFunctionData(method, args) }
    const answer = (await provider.send('eth_call', [call, toQuantity(block)])) as string
    return code.decodeFunctionResult(method, answer)[0]
  }

  async function cityAt(city: string, registry: string, block: number): Promise<MemberCity> {
    const record = (await view('CityRegistry', registry, 'cityOf', [city], block)) as Readonly<Record<'controller' | 'pendingController' | 'recovery', string> & { status: bigint }>
    const status = statuses[Number(record.status)]
    const locode = toLocode(city)
    if (!status) throw new ChainError('ERR_CHAIN_MISMATCH', `the registry admitted ${locode} and does not know it`)
    const accounts = [record.controller, record.pendingController, record.recovery].filter((account) => account !== ZeroAddress)
    return { locode, status, accounts }
  }

  return {
    async read() {
      if (!verified) await verify()
      const head = await fetchHeader(provider, 'latest')
      if (!head) throw new ChainError('ERR_CHAIN_UNREACHABLE', 'the chain node has no blocks')
      known = await scanTo(head.number, head.hash)
      const cities = await Promise.all([...known.cities].sort().map(([city, registry]) => cityAt(city, registry, head.number)))
      const pauser = createContractTerms(deployment, known.changes).addressOf('Guardian')
      const guardian = pauser === undefined ? ZeroAddress : ((await view('Guardian', pauser, 'guardian', [], head.number)) as string)
      return {
        block: head.number,
        cities,
        merchants: [...known.merchants].sort(),
        ...(guardian === ZeroAddress ? {} : { guardian })
      }
    }
  }
}
