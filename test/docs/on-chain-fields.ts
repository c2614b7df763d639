import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contractNames, readArtifact, type AbiParameter, type ContractName } from '../../scripts/compile-contracts.ts'

const rootDir = join(import.meta.dirname, '..', '..')

interface StorageVariable {
  label: string
  type: string
}

interface StorageType {
  label: string
  base?: string
  value?: string
  members?: StorageVariable[]
}

interface BuildOutput {
  output: {
    contracts: Record<string, Record<string, { storageLayout: { storage: StorageVariable[]; types: Record<string, StorageType> | null } }>>
  }
}

/**
 * Everything a contract keeps or tells, as the compiler sees it: `Event.argument`, `Struct.field` of its storage and of
 * its functions, and the names of its state variables.
 */
export async function listOnChainFields(name: ContractName): Promise<Set<string>> {
  const { abi, buildInfoId, inputSourceName } = await readArtifact(name)
  const fields = new Set<string>()
  for (const entry of abi) {
    if (entry.type === 'event') for (const argument of entry.inputs ?? []) fields.add(`${entry.name}.${argument.name}`)
    if (entry.type === 'function') for (const value of [...entry.inputs ?? [], ...entry.outputs ?? []]) addTuple(value, fields)
  }
  const build = JSON.parse(await readFile(join(rootDir, 'artifacts', 'build-info', `${buildInfoId}.output.json`), 'utf8')) as BuildOutput
  const layout = build.output.contracts[inputSourceName]?.[name]?.storageLayout
  if (layout === undefined) throw new Error(`the compiler gave no storage layout for ${name}`)
  const visit = (typeId: string | undefined): void => {
    const type = typeId === undefined ? undefined : layout.types?.[typeId]
    if (type === undefined) return
    for (const member of type.members ?? []) {
      fields.add(`${shortName(type.label)}.${member.label}`)
      visit(member.type)
    }
    visit(type.value)
    visit(type.base)
  }
  for (const variable of layout.storage) {
    fields.add(variable.label)
    visit(variable.type)
  }
  return fields
}

/** {@link listOnChainFields} of all contracts. */
export async function listAllOnChainFields(): Promise<Map<ContractName, Set<string>>> {
  return new Map(await Promise.all(contractNames.map(async (name) => [name, await listOnChainFields(name)] as const)))
}

function addTuple(value: AbiParameter, fields: Set<string>): void {
  if (value.components === undefined) return
  for (const component of value.components) {
    fields.add(`${shortName(value.internalType ?? '')}.${component.name}`)
    addTuple(component, fields)
  }
}

/** `struct ICityRegistry.City[]` is `City`. */
function shortName(label: string): string {
  return label.replace(/^struct /, '').replace(/(\[\d*\])+$/, '').split('.').at(-1) ?? label
}
