import { id, keccak256 } from 'ethers'
import type { SignedNote } from '../federation.ts'
import type { Dice } from './dice.ts'
import { drawNote, locodes, points, programNames, types, uris, values, type Step, type World } from './members.ts'
import { IssuersModel, listIdOf } from './records.ts'
import { zeroAddress, zeroHash } from './refusal.ts'

const day = 86_400
const knownLocodes = locodes.slice(0, 4)

/** What cities publish, and others try to. */
export function drawRecord(world: World, dice: Dice): Step {
  const { cast, cities, clock, issuers, recognitions, lists, anchors, directory, chain } = world
  const active = knownLocodes.filter((locode) => cities.isActive(locode))
  const city = dice.mostly(active.length > 0 ? dice.of(active) : dice.of(knownLocodes), locodes)
  const controller = cities.city(city).controller
  const from = dice.mostly(controller === zeroAddress ? dice.of(cast.officials) : controller, cast.officials)
  const type = dice.mostly(dice.of(types.slice(0, 2)), types)
  const point = dice.mostly(dice.of(points.slice(0, 2)), points)
  const hash = (name: string): string => dice.mostly(id(name), [zeroHash])
  const step = (contract: Step['contract'], method: string, args: readonly unknown[], model: () => void, sender = from): Step => ({ from: sender, contract, method, args, model })
  switch (dice.below(9)) {
    case 0: {
      const [start, until] = [clock.now + dice.below(2000) - 1000, clock.now + dice.below(9000) - 500]
      return step('IssuerRegistry', 'accredit', [city, point.x, point.y, type, start, until], () => issuers.accredit(from, city, point, type, start, until))
    }
    case 1: {
      const args = [city, IssuersModel.thumbprint(point.x, point.y), id(type), clock.now + dice.below(4000) - 2000] as const
      return step('IssuerRegistry', 'withdraw', args, () => issuers.withdraw(from, ...args))
    }
    case 2: {
      const args = [city, dice.of(locodes), type, dice.below(4), clock.now + dice.below(5000) - 500] as const
      return step('RecognitionRegistry', 'recognise', args, () => recognitions.recognise(from, ...args))
    }
    case 3: {
      const args = [city, dice.of(locodes), id(type)] as const
      return step('RecognitionRegistry', 'withdraw', args, () => recognitions.withdraw(from, ...args))
    }
    case 4: {
      const args = [city, dice.mostly(dice.of(uris.slice(0, 2)), uris), dice.mostly(2 ** 20, [2 ** 20 - 8, 2 ** 20 + 4, 2 ** 20 + 8])] as const
      return step('StatusLists', 'create', args, () => lists.create(from, ...args))
    }
    case 5: case 6: {
      const listId = listIdOf(city, dice.mostly(dice.of(uris.slice(0, 2)), uris))
      const list = lists.lists.get(listId)
      const epoch = dice.mostly((list?.epoch ?? 0) + 1, [0, list?.epoch ?? 0, (list?.epoch ?? 0) + 2])
      const publisher = dice.mostly(list === undefined ? from : cities.city(list.city).controller, [from])
      const digest = hash(`digest ${epoch}`)
      return step('StatusLists', 'publish', [listId, epoch, digest, '0x1234'], () => lists.publish(publisher, listId, epoch, digest), publisher)
    }
    case 7: {
      const log = dice.below(3)
      const size = (anchors.heads.get(`${city},${log}`)?.size ?? 0) + dice.below(4) - (dice.once(4) ? 1 : 0)
      const args = [city, log, Math.max(0, size), hash(`root ${size}`)] as const
      return step('Anchors', 'anchor', args, () => anchors.anchor(from, ...args))
    }
    default: {
      const owner = dice.mostly(cast.owner, cast.officials)
      const target = dice.mostly(chain.address(dice.of(['Anchors', 'StatusLists', 'Guardian'])), [zeroAddress, cast.owner])
      const codeHash = dice.mostly(target === zeroAddress ? zeroHash : directory.codeHashes.get(target) ?? keccak256('0x'), [id('other code'), zeroHash])
      const args = [dice.mostly(id(`name ${dice.below(3)}`), [zeroHash]), target, codeHash] as const
      return step('Directory', 'set', args, () => directory.set(owner, ...args), owner)
    }
  }
}

/** What cities, merchants and anyone do with points, and others try. */
export async function drawReward(world: World, dice: Dice): Promise<Step> {
  const { cast, cities, clock, programs, settlement, noteKeys, token } = world
  const known = [...programs.programs.keys()]
  const program = dice.mostly(known.length > 0 ? dice.of(known) : programNames[0] ?? '', programNames)
  const record = programs.programs.get(program)
  const active = knownLocodes.filter((locode) => cities.isActive(locode))
  const anyCity = dice.mostly(active.length > 0 ? dice.of(active) : dice.of(knownLocodes), knownLocodes)
  const city = record?.city ?? anyCity
  const controllerOf = (locode: string): string => {
    const { controller } = cities.city(locode)
    return dice.mostly(controller === zeroAddress ? cast.owner : controller, cast.officials)
  }
  const merchant = dice.of(cast.merchants)
  const step = (from: string, contract: Step['contract'], method: string, args: readonly unknown[], model: () => void): Step => ({ from, contract, method, args, model })
  const drawn = dice.below(20)
  switch (drawn) {
    case 0: case 1: {
      const next = programNames.find((name) => !programs.programs.has(name)) ?? dice.of(programNames)
      const from = controllerOf(anyCity)
      const name = dice.mostly('Clean rivers', [''])
      const sponsor = dice.mostly(cast.owner, [zeroAddress])
      const [start, until] = [clock.now + dice.below(600) - 500, clock.now + dice.mostly(100 * day, [0, dice.below(9000) - 10])]
      const keys = dice.once(10) ? [] : values.map((value) => ({ value, modulus: noteKeys.get(`${next},${value}`)?.modulus ?? Buffer.alloc(0) }))
      const drawnKeys = dice.once(12) ? keys.toReversed() : keys
      const args = [next, anyCity, name, sponsor, start, until, drawnKeys.map(({ value }) => value), drawnKeys.map(({ modulus }) => modulus)]
      return step(from, 'RewardPrograms', 'create', args, () => programs.create(from, next, anyCity, name, sponsor, start, until, drawnKeys))
    }
    case 2: case 3: case 4: {
      const units = dice.mostly(1000 + dice.below(3000), [0])
      const shared = dice.mostly(record?.shared === true, [true, false])
      const from = shared ? dice.mostly(cast.owner, cast.officials) : controllerOf(city)
      if (shared) return step(from, 'RewardPrograms', 'fundShared', [program, units], () => programs.fundShared(from, program, units))
      return step(from, 'RewardPrograms', 'fund', [program, units], () => programs.fund(from, program, units))
    }
    case 5: {
      const from = controllerOf(city)
      return step(from, 'RewardPrograms', 'share', [program], () => programs.share(from, program))
    }
    case 6: {
      const from = dice.mostly(cast.owner, cast.officials)
      const until = dice.mostly(clock.now + 31 * day + dice.below(60 * day), [clock.now + 30 * day, clock.now + 200 * day])
      return step(from, 'RewardPrograms', 'endShared', [program, until], () => programs.endShared(from, program, until))
    }
    case 7: case 8: {
      const from = controllerOf(anyCity)
      const account = dice.mostly(merchant, [zeroAddress, programs.around.address])
      return step(from, 'RewardPrograms', 'registerMerchant', [anyCity, account], () => programs.registerMerchant(from, anyCity, account))
    }
    case 9: {
      const home = dice.mostly(programs.cityOfMerchant(merchant), knownLocodes)
      const from = controllerOf(home)
      return step(from, 'RewardPrograms', 'withdrawMerchant', [home, merchant], () => programs.withdrawMerchant(from, home, merchant))
    }
    case 10: case 11: case 12: case 13: {
      const registered = cast.merchants.filter((account) => programs.merchants.get(account)?.registered === true)
      const payee = dice.mostly(registered.length > 0 ? dice.of(registered) : merchant, cast.merchants)
      const order = { merchant: payee, order: id(`order ${dice.below(5)}`), deadline: dice.mostly(clock.now + 9 * day, [clock.now]) }
      const notes: SignedNote[] = []
      for (let count = dice.mostly(1 + dice.below(2), [0]); count > 0; count--) notes.push(await drawNote(world, dice, program, order))
      const from = dice.of(cast.officials)
      return step(from, 'RewardPrograms', 'redeem', [program, payee, order.order, order.deadline, notes], () => programs.redeem(program, payee, order.order, order.deadline, notes))
    }
    case 14: {
      const from = dice.of(cast.officials)
      return step(from, 'RewardPrograms', 'close', [program], () => programs.close(program))
    }
    case 15: case 16: {
      const rich = cast.merchants.filter((account) => token.balance(program, account) > 0)
      const from = dice.mostly(rich.length > 0 ? dice.of(rich) : merchant, cast.merchants)
      const units = dice.mostly(1 + dice.below(Math.max(1, token.balance(program, from))), [0, 5000])
      const ref = id(`request ${dice.mostly(settlement.requests.size, [0])}`)
      return step(from, 'Settlement', 'request', [program, units, ref], () => settlement.request(from, program, units, ref))
    }
    case 17: {
      const ref = id(`request ${dice.below(settlement.requests.size + 1)}`)
      const from = controllerOf(settlement.requests.get(ref)?.payer ?? city)
      const bank = dice.mostly(true, [false])
      return step(from, 'Settlement', 'markPaid', [ref, bank ? id('bank') : zeroHash], () => settlement.markPaid(from, ref, bank))
    }
    case 18: {
      const owing = [...settlement.owed].filter(([, units]) => units > 0).map(([pair]) => pair.split(','))
      const [debtor = '', creditor = ''] = dice.mostly(owing.length > 0 ? dice.of(owing) : [city, anyCity], [[anyCity, city]])
      const from = controllerOf(creditor)
      const units = dice.mostly(1 + dice.below(3), [0, 4000])
      const bank = dice.mostly(true, [false])
      return step(from, 'Settlement', 'settleNet', [debtor, creditor, units, bank ? id('bank') : zeroHash], () => settlement.settleNet(from, debtor, creditor, units, bank))
    }
    default: {
      const holder = dice.of(cast.merchants)
      return step(holder, 'RewardToken', 'safeTransferFrom', [holder, merchant, BigInt(program), 1, '0x'], () => world.token.transfer(holder))
    }
  }
}
