import { getAddress, keccak256 } from 'ethers'
import type { Kysely } from 'kysely'
import { contractInterfaces } from '../contracts.ts'
import { contractNames, type ContractName, type Deployment } from '../deployment.ts'
import { ChainError } from '../errors.ts'
import type { ChainProvider } from '../rpc.ts'
import { toNumber } from '../columns.ts'
import type { ChainTables } from '../tables.ts'

/** The federation pointed the name of one of our contracts somewhere. */
export interface ContractChange {
  readonly name: ContractName
  /** Undefined: the name was taken out. */
  readonly target: string | undefined
  readonly codeHash: string
  readonly blockNumber: number
  readonly logIndex: number
}

interface Place {
  readonly blockNumber: number
  readonly logIndex: number
}

/**
 * Which contract stands behind each name, and from where on: the deployment's, until `Directory` says otherwise. The
 * events of a contract count from the entry that names it, and up to the one that names its successor.
 */
export interface ContractTerms {
  /** The name whose contract this was just before a place, and whose ABI has the event. */
  nameAt(address: string, topic: string, place: Place): ContractName | undefined
  /** Every address whose events can count at or after a block. */
  addressesFrom(blockNumber: number): readonly string[]
  addressOf(name: ContractName): string | undefined
  add(change: ContractChange): void
}

export function createContractTerms(deployment: Pick<Deployment, 'contracts'>, changes: readonly ContractChange[]): ContractTerms {
  const terms = new Map<ContractName, { target: string | undefined; blockNumber: number; logIndex: number }[]>()
  for (const name of contractNames) terms.set(name, [{ target: deployment.contracts[name], blockNumber: -1, logIndex: -1 }])
  const add = ({ name, target, blockNumber, logIndex }: ContractChange) => {
    terms.get(name)?.push({ target, blockNumber, logIndex })
  }
  changes.forEach(add)
  return {
    add,
    nameAt: (address, topic, place) =>
      contractNames.find((name) => {
        const term = terms.get(name)?.findLast((candidate) => isBefore(candidate, place))
        return term?.target === address && contractInterfaces[name].getEvent(topic) !== null
      }),
    addressesFrom(blockNumber) {
      const found = [...terms.values()].flatMap((ofName) =>
        ofName.filter((_, index) => {
          const next = ofName[index + 1]
          return next === undefined || next.blockNumber >= blockNumber
        })
      )
      return [...new Set(found.flatMap(({ target }) => target ?? []))]
    },
    addressOf: (name) => terms.get(name)?.at(-1)?.target
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.blockNumber < b.blockNumber || (a.blockNumber === b.blockNumber && a.logIndex < b.logIndex)
}

/** What the index knows of our names, in the order of the chain. */
export async function readContractChanges(db: Kysely<ChainTables>): Promise<readonly ContractChange[]> {
  const rows = await db
    .selectFrom('chain_directory_changes')
    .selectAll()
    .where('name', 'in', [...contractNames])
    .orderBy('block_number')
    .orderBy('log_index')
    .execute()
  return rows.map((row) => ({
    name: row.name as ContractName,
    target: row.target ?? undefined,
    codeHash: row.code_hash,
    blockNumber: toNumber(row.block_number),
    logIndex: row.log_index
  }))
}

/**
 * Makes sure that the code the node has at an address is the code that was agreed.
 *
 * @throws ChainError `ERR_CHAIN_CODE_MISMATCH`
 * @see https://eips.ethereum.org/EIPS/eip-1052
 */
export async function verifyCode(provider: ChainProvider, { name, target, codeHash }: Omit<ContractChange, 'blockNumber' | 'logIndex'>): Promise<void> {
  if (target === undefined) return
  const actual = await fetchCodeHash(provider, target)
  if (actual === codeHash) return
  throw new ChainError(
    'ERR_CHAIN_CODE_MISMATCH',
    `the node has other code at ${target} than the federation agreed on for ${name}: ask another node, and do not rely on this one`
  )
}

/**
 * Makes sure that the node has the code that was agreed for every contract it has. One that it lacks it will have lost
 * with the end of its chain, and the index goes back with it.
 *
 * @throws ChainError `ERR_CHAIN_CODE_MISMATCH`
 */
export async function verifyKnownCode(db: Kysely<ChainTables>, provider: ChainProvider): Promise<void> {
  const latest = new Map((await readContractChanges(db)).map((change) => [change.name, change]))
  for (const change of latest.values()) {
    if (change.target !== undefined && (await fetchCodeHash(provider, change.target)) !== undefined) await verifyCode(provider, change)
  }
}

/** EIP-1052 hash of the code at an address; undefined where there is none. */
export async function fetchCodeHash(provider: ChainProvider, address: string): Promise<string | undefined> {
  const code = String(await provider.send('eth_getCode', [getAddress(address), 'latest']))
  return code === '0x' ? undefined : keccak256(code)
}
