import { expect } from 'chai'
import { createLoop } from '../../chain/loop.ts'

/** Longer than any test: a pause of this length is only ever ended from outside. */
const forEver = 2 ** 31 - 1

describe('createLoop', () => {
  /** A loop whose rounds a test waits for. */
  const counting = (pauses: readonly number[]) => {
    const waiting = new Map<number, () => void>()
    let rounds = 0
    const loop = createLoop(async () => {
      rounds += 1
      waiting.get(rounds)?.()
      return pauses[rounds - 1] ?? forEver
    })
    const reach = async (round: number): Promise<void> => {
      if (rounds < round) await new Promise<void>((resolve) => { waiting.set(round, resolve) })
    }
    return { loop, reach, rounds: () => rounds }
  }

  it('goes on at once after a round that asks for no pause, and waits after one that does', async () => {
    const { loop, reach, rounds } = counting([0, 0, forEver])
    loop.start()
    await reach(3)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([rounds(), loop.isRunning()]).to.deep.equal([3, true])
    await loop.stop()
    expect([rounds(), loop.isRunning()]).to.deep.equal([3, false])
  })

  it('is woken by a nudge, also by one that comes during a round', async () => {
    const { loop, reach } = counting([])
    loop.start()
    await reach(1)
    loop.nudge()
    await reach(2)
    await new Promise((resolve) => setTimeout(resolve, 5))
    loop.nudge()
    await reach(3)
    await loop.stop()
  })

  it('runs once however often it is started, and again after it was stopped', async () => {
    const { loop, reach, rounds } = counting([])
    loop.start()
    loop.start()
    await reach(1)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(rounds()).to.equal(1)
    await loop.stop()
    loop.start()
    await reach(2)
    await loop.stop()
  })
})
