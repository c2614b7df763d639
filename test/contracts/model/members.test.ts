import { expect } from 'chai'
import fc from 'fast-check'
import type { Chain } from './chain.ts'
import { Dice, extent, sequences } from './dice.ts'
import { createNoteMaterial, createWorld, deployMembers, drawMembership, locodes, programNames, values, type Step, type World } from './members.ts'
import { drawRecord, drawReward } from './records-and-rewards.ts'
import { Refusal } from './refusal.ts'
import { expectSameState } from './state.ts'

/** What the model says: nothing when it did the step. */
function play(step: Step): string | undefined {
  try {
    step.model()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.text
    throw error
  }
}

describe('The contracts of cities, merchants and the guardian, against a plain model', () => {
  const { noteKeys, owners } = createNoteMaterial()
  const outcomes = new Map<string, number>()
  let chain: Chain

  before(async () => {
    chain = await deployMembers()
  })

  const begin = async (): Promise<World> => {
    const world = await createWorld(chain, noteKeys, owners)
    for (const step of scene(world)) await take(world, step)
    return world
  }

  const take = async (world: World, step: Step, pause = 1): Promise<void> => {
    world.clock.now += pause
    const said = await chain.send(step.from, step.contract, step.method, step.args, world.clock.now)
    const expected = play(step)
    // Only a hash of the modulus in use is told; the model does not compute it.
    const comparable = said?.replace(/^(RewardProgramsModulusInUse)\(.*/, '$1(*)')
    expect(comparable, `${step.contract}.${step.method}(${JSON.stringify(step.args, (_, value: unknown) => typeof value === 'bigint' ? String(value) : value)})`)
      .to.equal(expected)
    const outcome = `${step.method} ${expected?.replace(/\(.*/s, '') ?? 'done'}`
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }

  it('refuse with the same errors and end in the same state, whatever is tried in whatever order', async function () {
    this.timeout(3_600_000)
    await fc.assert(fc.asyncProperty(sequences(90), async (steps) => {
      const before = await chain.snapshot()
      try {
        const world = await begin()
        for (const numbers of steps) {
          const dice = new Dice(numbers)
          const pause = dice.mostly(1 + dice.below(60), [3600, 86_400, 3 * 86_400, 40 * 86_400])
          const kind = dice.below(10)
          const step = kind < 3 ? drawMembership(world, dice) : kind < 6 ? drawRecord(world, dice) : await drawReward(world, dice)
          await take(world, step, pause)
        }
        await expectSameState(world)
      } finally {
        await chain.revert(before)
      }
    }), { ...extent(50, 3_000), endOnFailure: process.env.SYMBOLON_TEST_PROFILE === undefined })
  })

  it('did all they can do, and refused most of what they refuse', () => {
    const done = [...outcomes.keys()].filter((outcome) => outcome.endsWith(' done')).map((outcome) => outcome.split(' ')[0])
    const all = [
      'admit', 'activate', 'suspend', 'reinstate', 'remove', 'appeal', 'changeServiceUrl', 'offerController', 'vetoController', 'acceptController',
      'changeRecovery', 'setRotationDelay', 'appoint', 'pause', 'clear', 'accredit', 'withdraw', 'recognise', 'publish', 'anchor', 'set',
      'create', 'fund', 'share', 'fundShared', 'endShared', 'registerMerchant', 'withdrawMerchant', 'redeem', 'close', 'request', 'markPaid', 'settleNet',
    ]
    expect(all.filter((method) => !done.includes(method)), 'never done').to.deep.equal([])
    const refusals = new Set([...outcomes.keys()].filter((outcome) => !outcome.endsWith(' done')).map((outcome) => outcome.split(' ')[1]))
    expect(refusals.size, [...refusals].join(' ')).to.be.at.least(50)
  })
})

/** Two active cities, a merchant of each, and a funded programme they share: from here most steps get somewhere. */
function scene(world: World): Step[] {
  const { cast, cities, programs, clock, noteKeys } = world
  const [porto = '', clermont = ''] = locodes
  const [program = ''] = programNames
  const [controller = '', recovery = '', other = '', otherRecovery = ''] = cast.officials
  const [merchant = '', otherMerchant = ''] = cast.merchants
  const hash = `0x${'11'.repeat(32)}`
  const keys = values.map((value) => ({ value, modulus: noteKeys.get(`${program},${value}`)?.modulus ?? Buffer.alloc(0) }))
  const [start, until] = [clock.now, clock.now + 200 * 86_400]
  const admission = (city: string, ...accounts: readonly [string, string]) => [city, 'City', `did:web:${city}`, ...accounts, 'url'] as const
  const byOwner = (method: string, args: readonly unknown[], model: () => void): Step => ({ from: cast.owner, contract: 'CityRegistry', method, args, model })
  const onPrograms = (from: string, method: string, args: readonly unknown[], model: () => void): Step => ({ from, contract: 'RewardPrograms', method, args, model })
  const [first, second] = [admission(porto, controller, recovery), admission(clermont, other, otherRecovery)]
  return [
    byOwner('admit', first, () => cities.admit(cast.owner, ...first)),
    byOwner('admit', second, () => cities.admit(cast.owner, ...second)),
    byOwner('activate', [porto, hash, hash], () => cities.activate(cast.owner, porto, hash, hash)),
    byOwner('activate', [clermont, hash, hash], () => cities.activate(cast.owner, clermont, hash, hash)),
    onPrograms(controller, 'create', [program, porto, 'Name', cast.owner, start, until, values, keys.map(({ modulus }) => modulus)],
      () => programs.create(controller, program, porto, 'Name', cast.owner, start, until, keys)),
    onPrograms(controller, 'share', [program], () => programs.share(controller, program)),
    onPrograms(cast.owner, 'fundShared', [program, 9000], () => programs.fundShared(cast.owner, program, 9000)),
    onPrograms(controller, 'registerMerchant', [porto, merchant], () => programs.registerMerchant(controller, porto, merchant)),
    onPrograms(other, 'registerMerchant', [clermont, otherMerchant], () => programs.registerMerchant(other, clermont, otherMerchant)),
  ]
}
