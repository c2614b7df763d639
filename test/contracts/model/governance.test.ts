import { expect } from 'chai'
import fc from 'fast-check'
import { hexlify, id, keccak256 } from 'ethers'
import { createChain, type Chain } from './chain.ts'
import { Dice, extent, sequences } from './dice.ts'
import { FederationModel, proposalId, type Action } from './governance.ts'
import { CitiesModel, GuardianModel } from './membership.ts'
import { DirectoryModel } from './records.ts'
import { noCity, Refusal, zeroAddress, zeroHash, type Clock } from './refusal.ts'

const cities = ['PTOPO', 'FRCFE', 'DEBER', 'SEMMA'].map((text) => hexlify(Buffer.from(text)))
/** Roles of the timelock; the first stands above the others. */
const roles = [zeroHash, ...['PROPOSER_ROLE', 'CANCELLER_ROLE', 'EXECUTOR_ROLE'].map(id)]
const parameters = { delay: 5, period: 100, quorum: 50, timelock: 20 }

type Contract = Parameters<Chain['send']>[1]

async function deploy(): Promise<Chain> {
  const chain = await createChain()
  const [owner = ''] = chain.accounts
  const guardian = await chain.deploy('Guardian', [owner])
  const registry = await chain.deploy('CityRegistry', [owner, guardian, 1])
  chain.register('CitySeat', await chain.read('CityRegistry', 'seats', []) as string)
  const timelock = await chain.deploy('Timelock', [parameters.timelock, owner])
  const federation = await chain.deploy('Federation', [registry, timelock, parameters.delay, parameters.period, parameters.quorum])
  await chain.deploy('Directory', [timelock])
  await chain.send(owner, 'Timelock', 'grantRole', [id('PROPOSER_ROLE'), federation])
  await chain.send(owner, 'Timelock', 'grantRole', [id('CANCELLER_ROLE'), federation])
  await chain.send(owner, 'Timelock', 'renounceRole', [zeroHash, owner])
  return chain
}

/** One round of the game, on the chain and in the model. */
async function createGame(chain: Chain) {
  const [owner = '', ...officials] = chain.accounts
  const clock: Clock = { now: await chain.time() }
  const deployed = ['Guardian', 'CityRegistry', 'Timelock', 'Federation', 'Directory'].map(chain.address)
  const codeHashes = new Map<string, string>()
  for (const address of deployed) {
    codeHashes.set(address, keccak256(await chain.provider.request({ method: 'eth_getCode', params: [address, 'latest'] }) as string))
  }
  const guardian = new GuardianModel(clock, owner, (address) => codeHashes.has(address))
  const registry = new CitiesModel(clock, owner, chain.address('CityRegistry'), guardian, 1)
  // As the founding leaves them: the timelock above itself, the federation orders and takes back, anyone carries out.
  const holders = [chain.address('Timelock'), chain.address('Federation'), chain.address('Federation'), zeroAddress]
  const federation = new FederationModel(clock, registry, (address) => codeHashes.has(address), parameters, roles.map((role, index) => `${role},${holders[index]}`))
  const directory = new DirectoryModel(chain.address('Timelock'), codeHashes)
  return { chain, owner, officials, clock, registry, federation, directory, codeHashes, known: [] as { actions: Action[]; description: string }[] }
}

type Game = Awaited<ReturnType<typeof createGame>>

interface Step {
  from: string
  contract: Contract
  method: string
  args: readonly unknown[]
  model: () => void
}

function drawAction(game: Game, dice: Dice): Action {
  const { chain, federation, directory, codeHashes } = game
  const call = (contract: Contract, method: string, args: readonly unknown[], apply: Action['apply']): Action =>
    ({ target: chain.address(contract), value: 0, data: chain.encode(contract, method, args), apply })
  switch (dice.below(13)) {
    case 0: {
      const seconds = dice.mostly(50 + dice.below(100), [0, 91 * 86_400])
      return call('Federation', 'setVotingPeriod', [seconds], () => federation.setVotingPeriod(seconds))
    }
    case 1: {
      const seconds = dice.mostly(dice.below(10), [31 * 86_400])
      return call('Federation', 'setVotingDelay', [seconds], () => federation.setVotingDelay(seconds))
    }
    case 2: case 3: {
      const percent = dice.mostly(1 + dice.below(100), [0, 101])
      return call('Federation', 'updateQuorumNumerator', [percent], () => federation.setQuorum(percent))
    }
    case 4: {
      const seconds = dice.mostly(dice.below(60), [30 * 86_400 + 1])
      return call('Timelock', 'updateDelay', [seconds], () => federation.setTimelockDelay(seconds))
    }
    case 5: return { ...call('Timelock', 'updateDelay', [1], () => federation.setTimelockDelay(1)), value: 1 }
    case 6: return { target: dice.of([game.owner, chain.address('Guardian')]), value: 0, data: dice.of(['0x', '0x123456', '0x12345678']), apply: refuseUnknownFunction }
    case 7: case 8: case 9: case 10: {
      // Never the federation's own: without them nothing more would be decided.
      const [role, account] = [dice.of(roles), dice.of([game.owner, ...game.officials.slice(0, 3)])]
      const holds = dice.mostly(true, [false])
      return call('Timelock', holds ? 'grantRole' : 'revokeRole', [role, account], () => federation.setRole(role, account, holds))
    }
    default: {
      const target = chain.address(dice.of(['Guardian', 'Federation']))
      const codeHash = dice.mostly(codeHashes.get(target) ?? zeroHash, [id('other code')])
      const name = id(`name ${dice.below(2)}`)
      return call('Directory', 'set', [name, target, codeHash], () => {
        const before = directory.entries.get(name)
        directory.set(chain.address('Timelock'), name, target, codeHash)
        return () => { if (before === undefined) directory.entries.delete(name); else directory.entries.set(name, before) }
      })
    }
  }
}

/** A function that the guardian does not have reverts without a reason. */
function refuseUnknownFunction(): never {
  throw new Refusal('FailedCall', [])
}

function draw(game: Game, dice: Dice): Step {
  const { owner, officials, registry, federation, known, clock } = game
  const seated = cities.map((city) => registry.city(city).controller).filter((account) => account !== zeroAddress)
  const member = dice.mostly(seated.length > 0 ? dice.of(seated) : owner, officials.slice(0, 10))
  const chosen = known[dice.mostly(Math.max(0, known.length - 1 - dice.below(3)), [dice.below(known.length + 1)])]
    ?? { actions: [drawAction(game, dice)], description: 'unheard of' }
  const proposal = proposalId(chosen.actions, chosen.description)
  const pieces = [chosen.actions.map(({ target }) => target), chosen.actions.map(({ value }) => value), chosen.actions.map(({ data }) => data)]
  const byOwner = (method: string, args: readonly unknown[], model: () => void): Step => ({ from: owner, contract: 'CityRegistry', method, args, model: () => { model(); federation.noteSeats() } })
  const onFederation = (from: string, method: string, args: readonly unknown[], model: () => void): Step => ({ from, contract: 'Federation', method, args, model })
  const city = dice.of(cities)
  switch (dice.below(22)) {
    case 0: {
      const [controller = '', recovery = ''] = [dice.of(officials.slice(0, 10)), officials[12]]
      return byOwner('admit', [city, 'City', city, controller, recovery, 'url'], () => registry.admit(owner, city, 'City', city, controller, recovery, 'url'))
    }
    case 1: return byOwner('activate', [city, id('a'), id('b')], () => registry.activate(owner, city, id('a'), id('b')))
    case 2: {
      const until = clock.now + 10 + dice.below(300)
      return byOwner('suspend', [city, 1, until], () => registry.suspend(owner, city, 1, until))
    }
    case 3: return dice.once(6) ? byOwner('remove', [city], () => registry.remove(owner, city)) : byOwner('reinstate', [city], () => registry.reinstate(owner, city))
    case 4: {
      const { controller } = registry.city(city)
      const from = controller === zeroAddress ? owner : controller
      const next = dice.of(officials.slice(0, 10))
      return { from, contract: 'CityRegistry', method: 'offerController', args: [city, next], model: () => registry.offerController(from, city, next) }
    }
    case 5: {
      const { pendingController } = registry.city(city)
      const from = pendingController === zeroAddress ? member : pendingController
      return { ...byOwner('acceptController', [city], () => registry.acceptController(from, city)), from }
    }
    case 6: case 7: case 8: {
      const actions = Array.from({ length: dice.mostly(1 + dice.below(2), [0]) }, () => drawAction(game, dice))
      const description = dice.mostly(`proposal ${known.length}`, ['x'.repeat(10_001), 'proposal 0'])
      const again = known.length > 0 && dice.once(8) ? dice.of(known) : { actions, description }
      const args = [again.actions.map(({ target }) => target), again.actions.map(({ value }) => value), again.actions.map(({ data }) => data), again.description]
      return onFederation(member, 'propose', args, () => {
        federation.propose(member, again.actions, again.description)
        known.push(again)
      })
    }
    case 16: case 17: return onFederation(member, 'queue', [...pieces, id(chosen.description)], () => federation.queue(proposal))
    case 18: case 19: case 20: return onFederation(member, 'execute', [...pieces, id(chosen.description)], () => federation.execute(proposal))
    case 21: {
      if (dice.once(3)) {
        return onFederation(member, 'setVotingPeriod', [1], () => { throw new Refusal('GovernorOnlyExecutor', [member]) })
      }
      const latest = known.at(-1) ?? chosen
      const canceled = dice.mostly(latest, [chosen])
      const name = proposalId(canceled.actions, canceled.description)
      const from = dice.mostly(federation.proposals.get(name)?.proposer ?? member, [member])
      const parts = [canceled.actions.map(({ target }) => target), canceled.actions.map(({ value }) => value), canceled.actions.map(({ data }) => data)]
      return onFederation(from, 'cancel', [...parts, id(canceled.description)], () => federation.cancel(from, name))
    }
    default: {
      const args = [dice.mostly(dice.mostly(1, [0, 2]), [3]), dice.mostly('because', ['x'.repeat(1001)])] as const
      return onFederation(member, 'castVoteWithReason', [proposal, ...args], () => federation.vote(member, proposal, ...args))
    }
  }
}

describe('The federation, its seats and its timelock, against a plain model', () => {
  const outcomes = new Set<string>()
  let chain: Chain

  before(async () => {
    chain = await deploy()
  })

  const take = async (game: Game, step: Step, pause: number): Promise<void> => {
    game.clock.now += pause
    const said = await chain.send(step.from, step.contract, step.method, step.args, game.clock.now)
    let expected: string | undefined
    try {
      step.model()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      expected = error.text
    }
    expect(said?.replace(/^(TimelockUnexpectedOperationState)\(.*/, '$1(*)'), `${step.contract}.${step.method}(${JSON.stringify(step.args)})`).to.equal(expected)
    outcomes.add(`${step.method} ${expected?.replace(/\(.*/s, '') ?? 'done'}`)
  }

  /** Who holds which seat, with which votes now and then. */
  const expectSameSeats = async ({ owner, officials, registry, federation, clock }: Game): Promise<void> => {
    const seated = registry.seats()
    expect(await chain.read('CitySeat', 'totalSupply', [])).to.equal(String(seated.length))
    for (const city of cities) {
      expect(await chain.read('CitySeat', 'seatOf', [city]), city).to.equal(seated.includes(city) ? registry.city(city).controller : zeroAddress)
    }
    for (const account of [owner, ...officials.slice(0, 10)]) {
      const city = registry.cityOfSeat(account)
      expect(await chain.read('CitySeat', 'cityOf', [account]), account).to.equal(city)
      expect(await chain.read('CitySeat', 'balanceOf', [account]), account).to.equal(city === noCity ? '0' : '1')
      expect(await chain.read('CitySeat', 'getVotes', [account]), account).to.equal(city === noCity ? '0' : '1')
      for (const time of [clock.now - 1, clock.now - 100, clock.now - 500]) {
        expect(await chain.read('CitySeat', 'getPastVotes', [account, time]), `${account} at ${time}`).to.equal(federation.seats.at(time).has(account) ? '1' : '0')
      }
    }
  }

  const expectSameRoles = async ({ owner, officials, federation }: Game): Promise<void> => {
    const accounts = [zeroAddress, owner, ...officials.slice(0, 4), ...['Timelock', 'Federation', 'Guardian', 'CityRegistry'].map((name) => chain.address(name))]
    if (federation.roles.size > roles.length) outcomes.add('grantRole done')
    for (const role of roles) {
      expect(await chain.read('Timelock', 'getRoleAdmin', [role])).to.equal(zeroHash)
      for (const account of accounts) {
        expect(await chain.read('Timelock', 'hasRole', [role, account]), `${role} of ${account}`).to.equal(federation.roles.has(`${role},${account}`))
      }
    }
  }

  const expectSame = async (game: Game): Promise<void> => {
    const { federation, registry, directory, clock } = game
    await expectSameSeats(game)
    await expectSameRoles(game)
    for (const proposal of federation.proposals.keys()) {
      const { votes, snapshot, deadline, eta } = federation.proposals.get(proposal) ?? {}
      expect(await chain.read('Federation', 'state', [proposal])).to.equal(String(federation.stateCode(proposal)))
      expect(await chain.read('Federation', 'proposalVotes', [proposal])).to.deep.equal([votes?.against, votes?.for, votes?.abstain].map(String))
      for (const [method, value] of [['proposalSnapshot', snapshot], ['proposalDeadline', deadline], ['proposalEta', eta]] as const) {
        expect(await chain.read('Federation', method, [proposal]), method).to.equal(String(value))
      }
    }
    for (const [contract, method, value] of [
      ['Federation', 'votingDelay', federation.votingDelay], ['Federation', 'votingPeriod', federation.votingPeriod],
      ['Federation', 'quorumNumerator()', federation.quorumPercent.at(clock.now)], ['Timelock', 'getMinDelay', federation.timelockDelay],
    ] as const) expect(await chain.read(contract, method, []), method).to.equal(String(value))
    for (const time of [clock.now - 1, clock.now - 100, clock.now - 500]) {
      expect(await chain.read('Federation', 'quorum', [time]), `quorum at ${time}`).to.equal(String(federation.quorum(time)))
    }
    for (const city of cities) {
      const { controller } = registry.city(city)
      expect(await chain.read('CityRegistry', 'controllerOf', [city])).to.equal(controller)
    }
    for (const name of [0, 1].map((number) => id(`name ${number}`))) {
      const entry = directory.entries.get(name)
      expect(await chain.read('Directory', 'get', [name])).to.deep.equal([entry?.target ?? zeroAddress, entry?.codeHash ?? zeroHash])
    }
  }

  it('decide the same and end in the same state, whatever is tried in whatever order', async function () {
    this.timeout(3_600_000)
    await fc.assert(fc.asyncProperty(sequences(120), async (steps) => {
      const before = await chain.snapshot()
      try {
        const game = await createGame(chain)
        const { owner, officials, registry, federation } = game
        for (const [index, city] of cities.slice(0, 3).entries()) {
          const [controller = '', recovery = ''] = [officials[index], officials[12]]
          await take(game, { from: owner, contract: 'CityRegistry', method: 'admit', args: [city, 'City', city, controller, recovery, 'url'], model: () => registry.admit(owner, city, 'City', city, controller, recovery, 'url') }, 1)
          await take(game, { from: owner, contract: 'CityRegistry', method: 'activate', args: [city, id('a'), id('b')], model: () => { registry.activate(owner, city, id('a'), id('b')); federation.noteSeats() } }, 1)
        }
        for (const numbers of steps) {
          const dice = new Dice(numbers)
          const pause = dice.mostly(1 + dice.below(12), [60, 110])
          await take(game, draw(game, dice), pause)
        }
        await expectSame(game)
      } finally {
        await chain.revert(before)
      }
    }), { ...extent(25, 2_000), endOnFailure: process.env.SYMBOLON_TEST_PROFILE === undefined })
  })

  it('did all they can do, and refused most of what they refuse', () => {
    const wanted = [
      'propose', 'castVoteWithReason', 'queue', 'execute', 'cancel', 'acceptController', 'suspend', 'remove', 'grantRole',
    ].map((method) => `${method} done`)
    expect(wanted.filter((outcome) => !outcomes.has(outcome)), 'never done').to.deep.equal([])
    const refusals = new Set([...outcomes].filter((outcome) => !outcome.endsWith(' done')).map((outcome) => outcome.split(' ')[1]))
    expect(refusals.size, [...refusals].join(' ')).to.be.at.least(12)
  })
})
