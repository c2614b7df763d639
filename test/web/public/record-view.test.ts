import { expect } from 'chai'
import { formatExactDuration, formatUnits, percentOf } from '../../../web/public/record-view.ts'

describe('formatExactDuration', () => {
  it('names the largest unit that has the time whole, and never rounds', () => {
    const words = [0, 1, 60, 90, 3600, 5400, 86_400, 90_000, 360_000, 172_800].map((seconds) => formatExactDuration(seconds, 'en'))
    expect(words).to.deep.equal(['0 seconds', '1 second', '1 minute', '90 seconds', '1 hour', '90 minutes', '1 day', '25 hours', '100 hours', '2 days'])
  })

  it('speaks the reader\'s language', () => {
    expect([formatExactDuration(259_200, 'fr'), formatExactDuration(259_200, 'pt')]).to.deep.equal(['3\u00a0jours', '3 dias'])
  })
})

describe('formatUnits', () => {
  it('keeps every digit of what no double can hold', () => {
    expect([formatUnits('9007199254740993', 'en'), formatUnits('-9007199254740993', 'en')]).to.deep.equal(['9,007,199,254,740,993', '-9,007,199,254,740,993'])
    expect(formatUnits(2n ** 256n - 1n, 'pt').replaceAll(/\D/g, '')).to.equal(String(2n ** 256n - 1n))
  })
})

describe('percentOf', () => {
  it('is for drawing, of parts of any size, and nothing of nothing', () => {
    expect([percentOf(1n, 0n), percentOf(1n, 3n), percentOf(2n ** 200n, 2n ** 201n)]).to.deep.equal([0, 33.33, 50])
  })
})
