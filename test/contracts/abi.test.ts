import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { compileContracts, renderAbiFiles } from '../../scripts/compile-contracts.ts'

const rootDir = join(import.meta.dirname, '..', '..')

describe('chain/abi', () => {
  it('is what the compiler makes of the contracts (node scripts/compile-contracts.ts writes it)', async () => {
    await compileContracts()
    const files = await renderAbiFiles()
    for (const [path, text] of files) expect(await readFile(join(rootDir, path), 'utf8'), path).to.equal(text)
    const present = (await readdir(join(rootDir, 'chain', 'abi'))).map((file) => `chain/abi/${file}`)
    expect(present.sort()).to.deep.equal([...files.keys()].sort())
  }).timeout(300_000)
})
