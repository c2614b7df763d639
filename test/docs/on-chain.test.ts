import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { compileContracts, contractNames, type ContractName } from '../../scripts/compile-contracts.ts'
import { listAllOnChainFields } from './on-chain-fields.ts'

const page = join(import.meta.dirname, '..', '..', 'docs', 'on-chain.md')

interface Row {
  contracts: ContractName[]
  fields: string[]
  reasons: string[]
}

describe('docs/on-chain.md', () => {
  let compiled: Map<ContractName, Set<string>>
  let rows: Row[]

  before(async function () {
    this.timeout(300_000)
    await compileContracts()
    compiled = await listAllOnChainFields()
    rows = parseRows(await readFile(page, 'utf8'))
  })

  const listed = (name: ContractName): string[] =>
    rows.filter((row) => row.contracts.includes(name)).flatMap((row) => row.fields)

  for (const name of contractNames) {
    it(`lists every state variable, struct field and event argument of ${name}, once`, () => {
      const fields = listed(name)
      const missing = [...compiled.get(name) ?? []].filter((field) => !fields.includes(field))
      expect(missing, `not explained in docs/on-chain.md under ${name}`).to.deep.equal([])
      expect(fields.filter((field, index) => fields.indexOf(field) !== index), 'listed twice').to.deep.equal([])
    })

    it(`lists nothing that ${name} does not have`, () => {
      const fields = compiled.get(name) ?? new Set()
      expect(fields.size).to.be.greaterThan(0)
      expect(listed(name).filter((field) => !fields.has(field))).to.deep.equal([])
    })
  }

  it('gives both reasons for every field', () => {
    for (const row of rows) {
      expect(row.reasons, row.fields.join(', ')).to.have.length(2)
      for (const reason of row.reasons) expect(reason, row.fields.join(', ')).to.match(/\w{2,}/)
    }
  })

  it('is held against more than a hundred fields, among them the most delicate ones', () => {
    const count = [...compiled.values()].reduce((sum, fields) => sum + fields.size, 0)
    expect(count).to.be.greaterThan(100)
    expect(compiled.get('RewardPrograms')).to.include('NotesRedeemed.notes').and.include('State.spent').and.include('Note.ownerSignature')
    expect(compiled.get('StatusLists')).to.include('EpochPublished.delta').and.include('List.time')
  })
})

/** Rows of the tables, each with the contracts that the heading above it names. */
function parseRows(markdown: string): Row[] {
  const rows: Row[] = []
  let contracts: ContractName[] = []
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) contracts = contractNames.filter((name) => new RegExp(`\\b${name}\\b`).test(line))
    if (!line.startsWith('| `')) continue
    const [first = '', ...reasons] = line.split('|').slice(1, -1).map((cell) => cell.trim())
    rows.push({ contracts, fields: [...first.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''), reasons })
  }
  return rows
}
