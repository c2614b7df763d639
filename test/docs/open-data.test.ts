import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDataTables } from '../../api/open-data/tables.ts'

describe('docs/open-data.md', () => {
  it('says of every table and column what it means, in the order in which they are published, and of no other', async () => {
    const text = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'open-data.md'), 'utf8')
    const told = text.split('\n### ').slice(1).map((section) => {
      const [name = '', ...lines] = (section.split('\n## ')[0] ?? '').split('\n')
      const columns = lines.flatMap((line) => {
        const [, column, kind, meaning] = /^\| `([a-z_]+)` \| ([a-z]+) \| (.+) \|$/.exec(line) ?? []
        return column === undefined ? [] : [{ name: column, kind, description: meaning }]
      })
      return { name, columns }
    })
    expect(told).to.deep.equal(openDataTables.map(({ name, columns }) => ({ name, columns })))
  })

  it('names no column after a person', () => {
    const columns = openDataTables.flatMap((table) => table.columns.map((column) => column.name))
    expect(columns.filter((column) => /person|resident|holder|birth|given|family|card_number|portrait|note_address/.test(column))).to.deep.equal([])
  })
})
