import { expect } from 'chai'
import fc from 'fast-check'
import { decodeDelta, deltaPosition, encodeDelta } from '../../../agent/status/delta.ts'
import { AgentError } from '../../../agent/errors.ts'

const LIMIT = 2 ** 21

function expectInvalid(act: () => unknown): void {
  let thrown: unknown
  try {
    act()
  } catch (error) {
    thrown = error
  }
  expect(thrown).to.be.instanceOf(AgentError)
  expect((thrown as AgentError).code).to.equal('ERR_DELTA_INVALID')
}

/** Deterministic pseudo-random positions: a linear congruential generator is enough to spread them. */
function spread(count: number, limit: number): number[] {
  const chosen = new Set<number>()
  let state = 12_345
  while (chosen.size < count) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    chosen.add(Math.floor((state / 2 ** 32) * limit))
  }
  return [...chosen].sort((a, b) => a - b)
}

describe('status delta', () => {
  it('writes the code as its documentation says', () => {
    // 3, 4, 9 as gaps 3, 0, 4: with k = 1 that is 10 1 | 0 0 | 110 0 -> 1010 0110 0
    expect([...encodeDelta([3, 4, 9])]).to.deep.equal([1, 3, 0b10100110, 0])
    expect([...encodeDelta([])]).to.deep.equal([0, 0])
  })

  it('numbers the two bits of an entry one after the other', () => {
    expect([deltaPosition(0, 0), deltaPosition(0, 1), deltaPosition(7, 0), deltaPosition(7, 1)]).to.deep.equal([0, 1, 14, 15])
  })

  it('decodes what it encoded, for any set of positions', () => {
    const positions = fc.uniqueArray(fc.integer({ min: 0, max: LIMIT - 1 }), { maxLength: 400 })
    fc.assert(fc.property(positions, (chosen) => {
      const sorted = chosen.sort((a, b) => a - b)
      expect(decodeDelta(encodeDelta(sorted), LIMIT)).to.deep.equal(sorted)
    }))
  })

  it('reaches the first and the last bit of the list', () => {
    expect(decodeDelta(encodeDelta([0, LIMIT - 1]), LIMIT)).to.deep.equal([0, LIMIT - 1])
    expectInvalid(() => decodeDelta(encodeDelta([0, LIMIT - 1]), LIMIT - 1))
  })

  it('flips every bit of a list in about one bit each', () => {
    const all = Array.from({ length: 4_096 }, (_, i) => i)
    const encoded = encodeDelta(all)
    expect(encoded.length).to.equal(1 + 2 + 512)
    expect(decodeDelta(encoded, 4_096)).to.deep.equal(all)
  })

  it('says ten thousand of two to the twenty entries in less than 1.2 bytes each', () => {
    const positions = spread(10_000, 2 ** 20).map((index) => deltaPosition(index, 0))
    const encoded = encodeDelta(positions)
    expect(encoded.length / 10_000).to.be.below(1.2)
    expect(decodeDelta(encoded, LIMIT)).to.deep.equal(positions)
  })

  it('refuses to encode positions that repeat, descend, are negative, broken or too large', () => {
    for (const positions of [[4, 4], [5, 4], [-1], [1.5], [NaN], [2 ** 31]]) expectInvalid(() => encodeDelta(positions))
  })

  it('refuses whatever follows the last position', () => {
    const encoded = encodeDelta([3, 4, 9])
    expectInvalid(() => decodeDelta(Uint8Array.of(...encoded, 0), LIMIT))
    expectInvalid(() => decodeDelta(Uint8Array.of(...encoded.slice(0, -1), 1), LIMIT))
  })

  it('refuses a code that ends too early', () => {
    const encoded = encodeDelta(spread(50, LIMIT))
    for (let length = 0; length < encoded.length; length++) {
      expectInvalid(() => decodeDelta(encoded.slice(0, length), LIMIT))
    }
  })

  it('refuses a parameter, a count or a gap that is out of range', () => {
    expectInvalid(() => decodeDelta(Uint8Array.of(25, 0), LIMIT))
    expectInvalid(() => decodeDelta(Uint8Array.of(0, 0x80, 0), LIMIT))
    expectInvalid(() => decodeDelta(Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), LIMIT))
    expectInvalid(() => decodeDelta(Uint8Array.of(0, 17, 0, 0), LIMIT))
    expectInvalid(() => decodeDelta(Uint8Array.of(0, 1, 0xff, 0xfe), 10))
    expectInvalid(() => decodeDelta(encodeDelta([1]), -1))
    expectInvalid(() => decodeDelta(encodeDelta([1]), NaN))
  })

  it('answers garbage with its own error or with positions that are in order and in range', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (garbage) => {
      let positions: number[]
      try {
        positions = decodeDelta(garbage, 1_000)
      } catch (error) {
        expect(error).to.be.instanceOf(AgentError)
        return
      }
      positions.forEach((position, i) => {
        expect(position).to.be.within(i === 0 ? 0 : (positions[i - 1] as number) + 1, 999)
      })
    }), { numRuns: 500 })
  })
})
