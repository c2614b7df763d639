import { getAddress } from 'ethers'
import type { Kysely } from 'kysely'
import { contractNames, type ContractName, type Deployment } from './deployment.ts'
import { createContractTerms, readContractChanges } from './indexer/contract-terms.ts'
import type { ChainTables } from './tables.ts'

/** Which contract stands where, now and before. */
export interface ContractBook {
  /** Undefined once the federation took the name out. */
  readonly current: Readonly<Record<ContractName, string | undefined>>
  /** Where else the contract of a name stood, the first first. */
  earlierOf(name: ContractName): readonly string[]
  /** The name whose contract an address is, or was. */
  nameOf(address: string): ContractName | undefined
}

/** Makes a book from where contracts stand now, and where else they stood. */
export function createContractBook(
  current: Readonly<Record<ContractName, string | undefined>>,
  earlier: readonly { readonly name: ContractName; readonly address: string }[] = []
): ContractBook {
  const names = new Map<string, ContractName>(earlier.map(({ name, address }) => [address, name]))
  for (const name of contractNames) {
    const address = current[name]
    if (address !== undefined) names.set(getAddress(address), name)
  }
  return {
    current,
    earlierOf: (name) => [...new Set(earlier.filter((place) => place.name === name).map(({ address }) => address))].filter((address) => address !== current[name]),
    nameOf: (address) => names.get(getAddress(address))
  }
}

/**
 * Reads from the index where the federation's contracts stand. The deployment's own addresses count for names that the
 * Directory has not said anything of; without a deployment, those the index was built from.
 */
export async function readContractBook(db: Kysely<ChainTables>, deployment?: Pick<Deployment, 'contracts'>): Promise<ContractBook> {
  const contracts = deployment?.contracts ?? (await readDeployedContracts(db))
  const changes = await readContractChanges(db)
  const terms = createContractTerms({ contracts: contracts as Deployment['contracts'] }, changes)
  const earlier = [
    ...contractNames.flatMap((name) => (contracts[name] === undefined ? [] : [{ name, address: contracts[name] }])),
    ...changes.flatMap(({ name, target }) => (target === undefined ? [] : [{ name, address: target }]))
  ]
  const current = Object.fromEntries(contractNames.map((name) => [name, terms.addressOf(name)]))
  return createContractBook(current as Record<ContractName, string | undefined>, earlier)
}

/** A deployment with the addresses that the Directory names now. A name that was taken out keeps its last address. */
export async function currentDeployment(db: Kysely<ChainTables>, deployment: Deployment): Promise<Deployment> {
  const { current } = await readContractBook(db, deployment)
  const contracts = contractNames.map((name) => [name, current[name] ?? deployment.contracts[name]])
  return { ...deployment, contracts: Object.fromEntries(contracts) as Deployment['contracts'] }
}

async function readDeployedContracts(db: Kysely<ChainTables>): Promise<Partial<Record<ContractName, string>>> {
  const identity = await db.selectFrom('chain_identity').select('contracts').executeTakeFirst()
  if (identity === undefined) return {}
  const [, , contracts] = JSON.parse(identity.contracts) as [number, number, [ContractName, string][]]
  return Object.fromEntries(contracts)
}
