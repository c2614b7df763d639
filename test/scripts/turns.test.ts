import { expect } from 'chai'
import { takeTurns } from '../../scripts/lib/turns.ts'

describe('takeTurns', () => {
  function begin(count: number) {
    const heard: string[] = []
    return { heard, turns: takeTurns(count, (text) => heard.push(text)) }
  }

  it('lets the first be heard as it speaks, and keeps what the others say until it ended', () => {
    const { heard, turns: [first, second] } = begin(2)
    second?.say('b1 ')
    first?.say('a1 ')
    second?.say('b2 ')
    first?.say('a2 ')
    expect(heard).to.deep.equal(['a1 ', 'a2 '])
    first?.end()
    expect(heard.join('')).to.equal('a1 a2 b1 b2 ')
    second?.say('b3 ')
    expect(heard.join('')).to.equal('a1 a2 b1 b2 b3 ')
  })

  it('loses nothing of one that ends before its turn', () => {
    const { heard, turns: [first, second, third] } = begin(3)
    third?.say('c')
    third?.end()
    second?.say('b')
    second?.end()
    first?.say('a')
    first?.end()
    expect(heard.join('')).to.equal('abc')
  })
})
