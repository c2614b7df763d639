import { expect } from 'chai'
import { partsOf } from '../../scripts/test.ts'

describe('the parts of a test run', () => {
  const names = (only?: readonly string[]): string[] => partsOf(only).map(({ name }) => name)

  it('compile the contracts before whatever deploys them, also when that is asked for alone', () => {
    for (const part of ['contracts', 'unit', 'e2e']) expect(names([part])).to.deep.equal(['compile', part])
  })

  it('are only those that are named', () => {
    expect(new Set(names(['lint', 'types']))).to.deep.equal(new Set(['types', 'lint']))
  })

  it('are all of them when none is named', () => {
    expect(names()).to.include.members(['types', 'lint', 'boundaries', 'exports', 'compile', 'contracts', 'web', 'unit', 'e2e'])
  })

  it('compile before anything is deployed, and build the pages before a browser opens them', () => {
    const lanes = partsOf().map(({ name, lane }) => [name, lane])
    expect(lanes).to.deep.include.members([['compile', 'contracts'], ['contracts', 'contracts'], ['web', 'files'], ['unit', 'services'], ['e2e', 'browser']])
  })

  it('have the checks that take minutes in the nightly profile alone, and the contracts once in either', () => {
    const slow = ['coverage', 'slither', 'mutants']
    expect(names()).not.to.include.members(slow)
    const nightly = partsOf(undefined, 'nightly').map(({ name }) => name)
    expect(nightly).to.include.members([...slow, ...names()])
    for (const all of [names(), nightly]) expect(all.filter((name) => name === 'contracts')).to.have.length(1)
  })
})
