import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const rootDir = join(dirname(fileURLToPath(import.meta.url)), '..')
const artifactsDir = join(rootDir, 'artifacts')
const stampFile = join(artifactsDir, 'symbolon-sources.sha256')
const abiDir = join(rootDir, 'chain', 'abi')

/** The contracts that are deployed, each with the folder of `contracts/` it stands in. */
export const contractFolders = {
  Directory: 'federation',
  CityRegistry: 'trust',
  IssuerRegistry: 'trust',
  RecognitionRegistry: 'trust',
  StatusLists: 'status',
  Anchors: 'anchors',
  RewardToken: 'rewards',
  RewardPrograms: 'rewards',
  Settlement: 'rewards',
  CitySeat: 'federation',
  Federation: 'federation',
  Timelock: 'federation',
  Guardian: 'federation',
} as const

/** Name of a contract that is deployed. */
export type ContractName = keyof typeof contractFolders

/** All contract names, in the order in which they stand in `docs/on-chain.md`. */
export const contractNames = Object.keys(contractFolders) as ContractName[]

/** One entry of a contract's ABI, as the compiler writes it. */
export interface AbiEntry {
  type: string
  name?: string
  anonymous?: boolean
  stateMutability?: string
  inputs?: AbiParameter[]
  outputs?: AbiParameter[]
}

/** One argument, return value or field. */
export interface AbiParameter {
  name: string
  type: string
  indexed?: boolean
  internalType?: string
  components?: AbiParameter[]
}

/** What the compiler made of one contract. */
export interface ContractArtifact {
  contractName: string
  abi: AbiEntry[]
  bytecode: string
  deployedBytecode: string
  buildInfoId: string
  inputSourceName: string
}

/**
 * Compiles the contracts unless the artifacts already stem from these very sources, compiler and settings.
 *
 * @param options.force compile in any case
 * @returns true when the compiler ran
 * @throws Error when the compiler refuses the sources
 */
export async function compileContracts(options: { force?: boolean } = {}): Promise<boolean> {
  const digest = await digestSources()
  if (options.force !== true && (await isFresh(digest))) return false
  const { createHardhatRuntimeEnvironment, importUserConfig } = await import('hardhat/hre')
  const configPath = join(rootDir, 'hardhat.config.ts')
  const hre = await createHardhatRuntimeEnvironment(await importUserConfig(configPath), { config: configPath }, rootDir)
  await withoutWarningsOfLibraries(() => hre.tasks.getTask('build').run({ force: options.force === true, quiet: true, noTests: true }))
  await writeFile(stampFile, digest)
  return true
}

/** What the compiler finds in the libraries is for their authors; what it finds in ours is printed. */
async function withoutWarningsOfLibraries(build: () => Promise<unknown>): Promise<void> {
  const { log, warn } = console
  console.warn = (...parts: unknown[]) => {
    if (!parts.some((part) => String(part).includes('./node_modules/'))) warn(...parts)
  }
  // An empty line comes before them, also when there are none to print.
  console.log = (...parts: unknown[]) => {
    if (parts.length > 0) log(...parts)
  }
  try {
    await build()
  } finally {
    console.log = log
    console.warn = warn
  }
}

/** Reads what the compiler made of a contract. Call {@link compileContracts} first. */
export async function readArtifact(name: ContractName): Promise<ContractArtifact> {
  return JSON.parse(await readFile(artifactPath(name), 'utf8')) as ContractArtifact
}

/**
 * The files of `chain/abi/`, by path below the repository's root: one for each contract, and `errors.ts` with the errors
 * of all of them, because an error may come from a contract that was called by the one called.
 */
export async function renderAbiFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const errors = new Map<string, AbiEntry>()
  for (const name of contractNames) {
    const { abi } = await readArtifact(name)
    for (const entry of abi) {
      if (entry.type === 'error') errors.set(renderEntry(entry), entry)
    }
    const constant = `${name[0]?.toLowerCase()}${name.slice(1)}Abi`
    files.set(`chain/abi/${kebab(name)}.ts`, renderAbi(constant, `contracts/${contractFolders[name]}/${name}.sol`, abi))
  }
  const sorted = [...errors.values()].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
  files.set('chain/abi/errors.ts', renderAbi('errorsAbi', 'all contracts together', sorted))
  return files
}

/** Compiles if need be and writes `chain/abi/`. */
export async function writeAbiFiles(): Promise<void> {
  await compileContracts()
  await mkdir(abiDir, { recursive: true })
  for (const [path, text] of await renderAbiFiles()) await writeFile(join(rootDir, path), text)
}

function renderAbi(constant: string, source: string, abi: AbiEntry[]): string {
  const lines = abi.map((entry) => `  ${renderEntry(entry)},\n`).join('')
  return `// Made by scripts/compile-contracts.ts from the compiler's output; do not edit.\n\n/** ABI of ${source}. */\n` +
    `export const ${constant} = [\n${lines}] as const\n`
}

/** An ABI entry as a TypeScript literal; names of Solidity types (`internalType`) are left out. */
function renderEntry(entry: AbiEntry): string {
  const json = JSON.stringify(entry, (key, value: unknown) => (key === 'internalType' ? undefined : value))
  return json.replace(/"(\w+)":/g, '$1: ').replace(/"/g, "'").replace(/,/g, ', ').replace(/\{/g, '{ ').replace(/\}/g, ' }')
}

function kebab(name: string): string {
  return name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase()
}

function artifactPath(name: ContractName): string {
  return join(artifactsDir, 'contracts', contractFolders[name], `${name}.sol`, `${name}.json`)
}

async function isFresh(digest: string): Promise<boolean> {
  if (!existsSync(stampFile) || !contractNames.every((name) => existsSync(artifactPath(name)))) return false
  return (await readFile(stampFile, 'utf8')) === digest
}

async function digestSources(): Promise<string> {
  const paths = ['hardhat.config.ts', 'node_modules/solc/package.json', 'node_modules/@openzeppelin/contracts/package.json']
  for await (const path of glob('contracts/**/*.sol', { cwd: rootDir })) paths.push(path)
  const hash = createHash('sha256')
  for (const path of paths.sort()) hash.update(`${path}\0`).update(await readFile(join(rootDir, path))).update('\0')
  return hash.digest('hex')
}

// With --artifacts-only the committed ABIs stay as they are, for the tests to hold against the compiler's output.
if (import.meta.main) await (process.argv.includes('--artifacts-only') ? compileContracts() : writeAbiFiles())
