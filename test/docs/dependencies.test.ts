import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

describe('docs/adr/dependencies.md', () => {
  const manifest = JSON.parse(read('package.json')) as Manifest
  const page = read('docs/adr/dependencies.md')
  const named = new Set([...page.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''))

  for (const name of Object.keys(manifest.dependencies)) {
    it(`says why ${name} is a runtime dependency`, () => {
      const scope = /^(@[^/]+)\//.exec(name)?.[1]
      expect(named.has(name) || (scope !== undefined && named.has(`${scope}/*`)), `no line for ${name}`).to.equal(true)
    })
  }

  it('and package.json pin every version exactly', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
    expect(loose).to.deep.equal([])
  })
})
