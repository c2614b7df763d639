import { getAddress, ZeroAddress } from 'ethers'
import type { CityStatus } from '../../agent/trust.ts'
import { contractInterfaces } from '../contracts.ts'
import type { ContractName, Deployment } from '../deployment.ts'
import { ChainError } from '../errors.ts'
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

interface WireLog {
  readonly topics: readonly string[]
}

interface Scanned {
  readonly block: number
  readonly hash: string
  /** UN/LOCODEs as bytes5. */
  readonly cities: ReadonlySet<string>
  readonly merchants: ReadonlySet<string>
}

/** As `ICityRegistry.CityStatus` counts them. */
const statuses: readonly (CityStatus | undefined)[] = [undefined, 'pending', 'active', 'suspended', 'removed']
export interface MembershipReaderOptions {
  readonly provider: ChainProvider
  readonly deployment: Deployment
  /** How many blocks to ask for at once; default 5,000, what Besu answers unless told otherwise (`rpc-max-logs-range`). */
  readonly logBlocks?: number
}

/**
 * Reads the federation's members over JSON-RPC: events say which cities and merchants there are, views say where each stands
 * at that same block, so that a suspension that ran out needs no event.
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

  async function logsOf(contract: ContractName, event: string, from: number, to: number): Promise<readonly WireLog[]> {
    const topics = [contractInterfaces[contract].getEvent(event)?.topicHash]
    const filter = { address: deployment.contracts[contract], topics, fromBlock: toQuantity(from), toBlock: toQuantity(to) }
    return (await provider.send('eth_getLogs', [filter])) as WireLog[]
  }

  async function scanTo(block: number, hash: string): Promise<Scanned> {
    const still = known && known.block <= block && (await fetchHeader(provider, known.block))?.hash === known.hash ? known : undefined
    const cities = new Set(still?.cities)
    const merchants = new Set(still?.merchants)
    for (let from = still ? still.block + 1 : deployment.deployedAtBlock; from <= block; from += logBlocks) {
      const to = Math.min(block, from + logBlocks - 1)
      for (const { topics } of await logsOf('CityRegistry', 'CityAdmitted', from, to)) cities.add(topicAt(topics, 1).slice(0, 12))
      for (const { topics } of await logsOf('RewardPrograms', 'MerchantRegistered', from, to)) merchants.add(getAddress(`0x${topicAt(topics, 2).slice(-40)}`))
    }
    return { block, hash, cities, merchants }
  }

  async function view(contract: ContractName, method: string, args: readonly unknown[], block: number): Promise<unknown> {
    const code = contractInterfaces[contract]
    const call = { to: deployment.contracts[contract], data: code.encodeFunctionData(method, args) }
    const answer = (await provider.send('eth_call', [call, toQuantity(block)])) as string
    return code.decodeFunctionResult(method, answer)[0]
  }

  async function cityAt(city: string, block: number): Promise<MemberCity> {
    const record = (await view('CityRegistry', 'cityOf', [city], block)) as Readonly<Record<'controller' | 'pendingController' | 'recovery', string> & { status: bigint }>
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
      const cities = await Promise.all([...known.cities].sort().map((city) => cityAt(city, head.number)))
      const guardian = (await view('Guardian', 'guardian', [], head.number)) as string
      return {
        block: head.number,
        cities,
        merchants: [...known.merchants].sort(),
        ...(guardian === ZeroAddress ? {} : { guardian })
      }
    }
  }
}

function topicAt(topics: readonly string[], index: number): string {
  const topic = topics[index]
  if (topic === undefined) throw new ChainError('ERR_CHAIN_EVENT_UNREADABLE', 'an event of the registry lacks a topic')
  return topic
}

function toLocode(bytes5: string): string {
  return Buffer.from(bytes5.slice(2), 'hex').toString('latin1')
}
