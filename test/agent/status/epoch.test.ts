import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { decodeDelta } from '../../../agent/status/delta.ts'
import { buildEpoch, type BuildEpochOptions, type StatusChange } from '../../../agent/status/epoch.ts'
import { allocatableRange, allocateStatusIndex, createDecoyIndexes, isDecoy } from '../../../agent/status/index-allocation.ts'
import { randomInteger } from '../../../agent/status/random-integer.ts'
import { createStatusBits, flipPositions, readStatus } from '../../../agent/status/status-bits.ts'
import { createMemoryStatusIndexStore } from '../../fakes/memory-status-index-store.ts'
import { createSeededRandom } from '../../fakes/seeded-random.ts'
import { expectCode } from '../expect-code.ts'

const SIZE = 4_096
const QUIET = { flips: 8, noise: 4 }

describe('allocation of status indexes', () => {
  it('gives each index once, none to a decoy, all with as many digits', async () => {
    const random = createSeededRandom('allocation')
    const store = createMemoryStatusIndexStore()
    const decoys = createDecoyIndexes({ count: 300, random, size: SIZE })
    const given = new Set<number>()
    for (let i = 0; i < 1_500; i++) given.add(await allocateStatusIndex({ listId: 'l', store, random, decoys, size: SIZE }))
    expect(given.size).to.equal(1_500)
    for (const index of given) {
      expect(index).to.be.within(1_000, SIZE - 1)
      expect(isDecoy(decoys, index)).to.equal(false)
    }
  })

  it('gives indexes in no order', async () => {
    const random = createSeededRandom('order')
    const store = createMemoryStatusIndexStore()
    const given: number[] = []
    for (let i = 0; i < 400; i++) given.push(await allocateStatusIndex({ listId: 'l', store, random, decoys: new Uint32Array(), size: SIZE }))
    const ascents = given.filter((index, i) => i > 0 && index > given[i - 1]!).length
    expect(ascents).to.be.within(150, 250)
    expect(given.filter((index) => index < 1_000 + (SIZE - 1_000) / 2).length).to.be.within(150, 250)
  })

  it('never gives one index to two who ask at once', async () => {
    const random = createSeededRandom('at once')
    const store = createMemoryStatusIndexStore()
    const options = { listId: 'l', store, random, decoys: new Uint32Array(), size: SIZE }
    const given = await Promise.all(Array.from({ length: 500 }, () => allocateStatusIndex(options)))
    expect(new Set(given).size).to.equal(500)
  })

  it('keeps lists apart', async () => {
    const store = createMemoryStatusIndexStore()
    const one = await allocateStatusIndex({ listId: 'one', store, random: createSeededRandom('x'), decoys: new Uint32Array() })
    const two = await allocateStatusIndex({ listId: 'two', store, random: createSeededRandom('x'), decoys: new Uint32Array() })
    expect(one).to.equal(two)
  })

  it('asks for another list when nine tenths are taken', async () => {
    const random = createSeededRandom('full')
    const store = createMemoryStatusIndexStore()
    const decoys = createDecoyIndexes({ count: 40, random, size: 128 })
    const { count } = allocatableRange(128)
    for (let i = 0; i < Math.floor((count - 40) * 0.9); i++) await allocateStatusIndex({ listId: 'l', store, random, decoys, size: 128 })
    await expectCode('ERR_STATUS_LIST_FULL', () => allocateStatusIndex({ listId: 'l', store, random, decoys, size: 128 }))
  })

  it('gives out the indexes of six digits of a full list', () => {
    expect(allocatableRange()).to.deep.equal({ first: 100_000, count: 900_000 })
    expect(allocatableRange(1_100)).to.deep.equal({ first: 100, count: 900 })
    expect(allocatableRange(8)).to.deep.equal({ first: 1, count: 7 })
  })

  it('draws decoys from where cards are, each once', () => {
    const decoys = createDecoyIndexes({ count: 1_000, random: createSeededRandom('decoys') })
    expect(new Set(decoys).size).to.equal(1_000)
    expect([...decoys]).to.deep.equal([...decoys].sort((a, b) => a - b))
    expect(decoys[0]).to.be.at.least(100_000)
    expect(() => createDecoyIndexes({ count: 800_000, random: createSeededRandom('x') })).to.throw(RangeError)
  })

  it('draws numbers that are all alike', () => {
    const random = createSeededRandom('dice')
    const counts = new Array<number>(6).fill(0)
    for (let i = 0; i < 6_000; i++) counts[randomInteger(6, random)]!++
    for (const count of counts) expect(count).to.be.within(850, 1_150)
  })

  it('does not prefer small numbers', () => {
    // The largest 32-bit number would be 3 of 0 … 4 twice as often as the others had it not been drawn again.
    const draws = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2]
    expect(randomInteger(5, (length) => Uint8Array.from(draws.splice(0, length)))).to.equal(2)
  })
})

describe('status epoch', () => {
  const random = createSeededRandom('epoch')
  const decoys = createDecoyIndexes({ count: 512, random, size: SIZE })
  const cards = Array.from({ length: SIZE }, (_, index) => index).filter((index) => index >= 1_000 && !isDecoy(decoys, index))

  const build = (change: Partial<BuildEpochOptions> = {}): ReturnType<typeof buildEpoch> => buildEpoch({
    statusBits: createStatusBits(SIZE), changes: [], decoys, revocations: QUIET, suspensions: QUIET, random, ...change,
  })

  const revoke = (...indexes: number[]): StatusChange[] => indexes.map((index) => ({ index, value: 'invalid' }))

  it('says exactly what turns one list into the next', async () => {
    let statusBits: Uint8Array = createStatusBits(SIZE)
    for (let epoch = 0; epoch < 20; epoch++) {
      const before = Uint8Array.from(statusBits)
      const next = await build({ statusBits, changes: [...revoke(cards[epoch * 3]!), { index: cards[epoch * 3 + 1]!, value: 'suspended' }] })
      expect(statusBits, 'the list before is left alone').to.deep.equal(before)
      flipPositions(before, decodeDelta(next.delta, 2 * SIZE))
      expect(before).to.deep.equal(next.statusBits)
      expect(Buffer.from(next.digest)).to.deep.equal(createHash('sha256').update(next.statusBits).digest())
      expect([readStatus(next.statusBits, cards[epoch * 3]!), readStatus(next.statusBits, cards[epoch * 3 + 1]!)]).to.deep.equal([1, 2])
      statusBits = next.statusBits
    }
  })

  it('changes no card but those that changed', async () => {
    const { positions } = await build({ changes: revoke(cards[5]!) })
    const flipped = positions.map((position) => position >> 1).filter((index) => !isDecoy(decoys, index))
    expect(flipped).to.deep.equal([cards[5]])
  })

  it('flips as many bits when nothing happened as when something did', async () => {
    for (const count of [0, 1, 5, 8]) {
      const perPlane: number[][] = [[], []]
      for (let i = 0; i < 60; i++) {
        const { positions } = await build({ changes: revoke(...cards.slice(0, count)) })
        for (const plane of [0, 1]) perPlane[plane]!.push(positions.filter((position) => position % 2 === plane).length)
      }
      for (const counts of perPlane) expect([Math.min(...counts), Math.max(...counts)], `${count} revoked`).to.deep.equal([8, 12])
    }
  })

  it('blurs the count when more happened than decoys hide', async () => {
    const counts = new Set<number>()
    for (let i = 0; i < 60; i++) counts.add((await build({ changes: revoke(...cards.slice(0, 50)) })).positions.filter((position) => position % 2 === 0).length)
    expect([...counts].sort()).to.deep.equal([50, 51, 52, 53, 54])
  })

  it('lets a decoy do only what a card can do', async () => {
    let statusBits: Uint8Array = createStatusBits(SIZE)
    let revokedBefore = new Set<number>()
    for (let epoch = 0; epoch < 45; epoch++) {
      ({ statusBits } = await build({ statusBits }))
      const revoked = new Set([...decoys].filter((index) => (readStatus(statusBits, index) & 1) === 1))
      for (const index of revokedBefore) expect(revoked.has(index), 'revoked for good').to.equal(true)
      for (const index of decoys) expect(readStatus(statusBits, index)).to.be.below(3)
      revokedBefore = revoked
    }
    expect(revokedBefore.size).to.be.above(350)
    expect([...decoys].some((index) => readStatus(statusBits, index) === 2)).to.equal(true)
  })

  it('goes on without decoys when they are used up, and without any at all', async () => {
    const few = decoys.slice(0, 3)
    let statusBits: Uint8Array = createStatusBits(SIZE)
    for (let epoch = 0; epoch < 5; epoch++) ({ statusBits } = await build({ statusBits, decoys: few }))
    expect([...few].map((index) => readStatus(statusBits, index))).to.deep.equal([1, 1, 1])
    expect((await build({ decoys: new Uint32Array(), changes: revoke(cards[0]!) })).positions).to.deep.equal([2 * cards[0]!])
  })

  it('takes the last change of a card, and tells nothing of one that came back to what it was', async () => {
    const silent = { revocations: { flips: 0, noise: 0 }, suspensions: { flips: 0, noise: 0 } }
    const index = cards[9]!
    expect((await build({ ...silent, changes: [{ index, value: 'suspended' }, { index, value: 'valid' }] })).positions).to.deep.equal([])
    expect((await build({ ...silent, changes: [{ index, value: 'suspended' }, { index, value: 'invalid' }] })).positions).to.deep.equal([2 * index])
    const suspended = await build({ ...silent, changes: [{ index, value: 'suspended' }] })
    const revoked = await build({ ...silent, statusBits: suspended.statusBits, changes: revoke(index) })
    expect(readStatus(revoked.statusBits, index)).to.equal(1)
  })

  it('refuses to change a decoy or what is not in the list', async () => {
    await expectCode('ERR_STATUS_INDEX_OUT_OF_RANGE', () => build({ changes: revoke(decoys[0]!) }))
    await expectCode('ERR_STATUS_INDEX_OUT_OF_RANGE', () => build({ changes: revoke(SIZE) }))
  })
})
