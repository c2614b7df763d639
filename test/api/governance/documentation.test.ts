import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { suspensionReasons } from '../../../agent/trust.ts'

describe('docs/governance.md', () => {
  it('lists the reason codes of suspensions as the software has them', async () => {
    const page = await readFile(new URL('../../../docs/governance.md', import.meta.url), 'utf8')
    const listed = [...page.matchAll(/^\| (\d+) \| ([a-z_]+) \| .+ \|$/gm)].map(([, code, name]) => [code, name])
    expect(listed).to.deep.equal(Object.entries(suspensionReasons))
  })
})
