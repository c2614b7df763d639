import { readFileSync, writeFileSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { compileContracts, contractNames, readArtifact, type ContractName } from '../../scripts/compile-contracts.ts'

const rootDir = join(import.meta.dirname, '..', '..')
const update = process.env.UPDATE_CODE_SNAPSHOTS === '1'

/** Most bytes of code an account may have, https://eips.ethereum.org/EIPS/eip-170 */
const longestCode = 24_576
/** Most bytes of code that makes an account, https://eips.ethereum.org/EIPS/eip-3860 */
const longestInitCode = 49_152

interface Layout {
  storage: { label: string; slot: string; offset: number; type: string }[]
  types: Record<string, { label: string; numberOfBytes: string; members?: { label: string; slot: string; offset: number; type: string }[]; value?: string; base?: string }> | null
}

/** Compares with the committed file, or writes it when asked to. */
function expectSnapshot(name: string, value: unknown): void {
  const file = join(rootDir, 'snapshots', name)
  const text = `${JSON.stringify(value, null, 2)}\n`
  if (update) writeFileSync(file, text)
  expect(text, `snapshots/${name}: run UPDATE_CODE_SNAPSHOTS=1 npx hardhat test mocha test/contracts/code.test.ts and commit the file if this is meant`)
    .to.equal(readFileSync(file, 'utf8'))
}

const bytesOf = (hex: string): number => (hex.length - 2) / 2

/** Where everything of a contract stands: one line for each variable and struct member, `slot+offset name: type`. */
async function layoutOf(name: ContractName): Promise<string[]> {
  const { buildInfoId, inputSourceName } = await readArtifact(name)
  const file = join(rootDir, 'artifacts', 'build-info', `${buildInfoId}.output.json`)
  const build = JSON.parse(await readFile(file, 'utf8')) as { output: { contracts: Record<string, Record<string, { storageLayout: Layout }>> } }
  const layout = build.output.contracts[inputSourceName]?.[name]?.storageLayout
  if (layout === undefined) throw new Error(`the compiler gave no storage layout for ${name}`)
  const lines: string[] = []
  const told = new Set<string>()
  const tellType = (id: string): void => {
    const type = layout.types?.[id]
    if (type === undefined || told.has(id)) return
    told.add(id)
    for (const { label, slot, offset, type: member } of type.members ?? []) lines.push(`${type.label} ${slot}+${offset} ${label}: ${layout.types?.[member]?.label ?? member}`)
    for (const below of [...(type.members ?? []).map((member) => member.type), type.value, type.base]) if (below !== undefined) tellType(below)
  }
  for (const { label, slot, offset, type } of layout.storage) lines.push(`${slot}+${offset} ${label}: ${layout.types?.[type]?.label ?? type}`)
  for (const { type } of layout.storage) tellType(type)
  return lines
}

describe('The code of the contracts', () => {
  before(async function () {
    this.timeout(300_000)
    await compileContracts()
  })

  it('is within what an account may hold, and as long as snapshots/size.json says', async () => {
    const sizes: Record<string, { code: number; initCode: number }> = {}
    for (const name of contractNames) {
      const { bytecode, deployedBytecode } = await readArtifact(name)
      sizes[name] = { code: bytesOf(deployedBytecode), initCode: bytesOf(bytecode) }
      expect(sizes[name].code, name).to.be.greaterThan(0)
      expect(sizes[name].code, `${name}: EIP-170`).to.be.at.most(longestCode)
      // A few words of constructor arguments come behind it.
      expect(sizes[name].initCode, `${name}: EIP-3860`).to.be.at.most(longestInitCode - 1024)
    }
    expectSnapshot('size.json', sizes)
  })

  it('keeps its state where snapshots/storage.json says', async () => {
    const layouts: Record<string, string[]> = {}
    for (const name of contractNames) layouts[name] = await layoutOf(name)
    expectSnapshot('storage.json', layouts)
  })

  it('has no assembly without a written reason', async () => {
    const unexplained: string[] = []
    for await (const path of glob('contracts/**/*.sol', { cwd: rootDir })) {
      unexplained.push(...unexplainedAssembly(await readFile(join(rootDir, path), 'utf8')).map((line) => `${path}:${line}`))
    }
    expect(unexplained, 'a comment that says why ("Assembly because …") stands right before each assembly block').to.deep.equal([])
  })

  it('would be found out if it had', () => {
    expect(unexplainedAssembly('f() {\n  // fast\n  assembly { pop(0) }\n}')).to.deep.equal([3])
    expect(unexplainedAssembly('f() {\n  g();\n  assembly ("memory-safe") {\n  }\n}')).to.deep.equal([3])
    expect(unexplainedAssembly('f() {\n  // Assembly because nothing else reads the code size of another\n  // account.\n  // solhint-disable-next-line no-inline-assembly\n  assembly { pop(0) }\n}')).to.deep.equal([])
  })
})

/** The lines on which assembly begins without a comment right before it that gives a reason. */
function unexplainedAssembly(source: string): number[] {
  const lines = source.split('\n')
  return lines.flatMap((line, index) => {
    if (!/\bassembly\s*(\("[^"]*"\)\s*)?\{/.test(line) || /^\s*(\/\/|\*)/.test(line)) return []
    let from = index
    while (/^\s*\/\//.test(lines[from - 1] ?? '')) from -= 1
    return /\bassembly because \S+ \S+/i.test(lines.slice(from, index).join(' ')) ? [] : [index + 1]
  })
}
