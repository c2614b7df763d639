import { expect } from 'chai'
import { countHardhat, countMocha } from '../../scripts/lib/counts.ts'

describe('the counts of a test run', () => {
  it('takes the totals that Hardhat prints last, not the lines of each kind before them', () => {
    const output = `
  Deployment
    ✔ enters 9 passing contracts


  29 passing (3s)
  1 pending


119 passing (90 solidity, 29 mocha)
1 skipped (1 mocha)
`
    expect(countHardhat(output)).to.deep.equal({ passed: 119, failed: 0, skipped: 1 })
  })

  it('takes failures from the totals too, with colours or without', () => {
    const output = `
  27 passing (3s)
  2 failing

\u001b[32m116 passing\u001b[39m (89 solidity, 27 mocha)
\u001b[31m3 failing\u001b[39m (1 solidity, 2 mocha)

  1) Deployment
`
    expect(countHardhat(output)).to.deep.equal({ passed: 116, failed: 3, skipped: 0 })
  })

  it('takes the only lines there are when Hardhat runs one kind of tests', () => {
    expect(countHardhat('\n  34 passing\n  2 failing\n')).to.deep.equal({ passed: 34, failed: 2, skipped: 0 })
    expect(countHardhat('\n  9 passing (1m)\n')).to.deep.equal({ passed: 9, failed: 0, skipped: 0 })
  })

  it('counts nothing where nothing ran', () => {
    expect(countHardhat('Error HHE902: the compiler could not be loaded\n')).to.deep.equal({ passed: 0, failed: 0, skipped: 0 })
    expect(countMocha('')).to.deep.equal({ passed: 0, failed: 0, skipped: 0 })
  })

  it('adds up what the reporter left of each run', () => {
    expect(countMocha('12 0 1\n3 2 0\n')).to.deep.equal({ passed: 15, failed: 2, skipped: 1 })
  })
})
