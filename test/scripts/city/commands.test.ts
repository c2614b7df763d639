import { expect } from 'chai'
import { Wallet } from 'ethers'
import { createContracts } from '../../../chain/contracts.ts'
import { demoParameters } from '../../../scripts/lib/federation-parameters.ts'
import { createViewRunner } from '../../../scripts/lib/federation-at.ts'
import { Council } from '../../chain/support/council.ts'
import { clermontController, guardian, owner, porto, portoController, recovery } from '../../chain/support/network.ts'
import { OperatorScene, type Outcome } from '../support/operator.ts'

const newcomer = new Wallet(`0x${'5e'.repeat(32)}`)
const thief = new Wallet(`0x${'6f'.repeat(32)}`)
const everybody = [portoController, clermontController, recovery, newcomer, thief, owner]

describe('symbolon city', function () {
  this.timeout(120_000)
  let scene: OperatorScene
  let contracts: ReturnType<typeof createContracts>

  before(async () => {
    scene = await OperatorScene.begin()
    contracts = createContracts(scene.network.deployment, createViewRunner(scene.network.provider))
    // Some engines ask for fees.
    await scene.network.provider.send('hardhat_setBalance', [newcomer.address, `0x${(10n ** 18n).toString(16)}`])
  })
  after(async () => {
    scene.operator.expectUntold(everybody.map(({ privateKey }) => privateKey))
    await scene.end()
  })
  beforeEach(async () => { await scene.remember() })
  afterEach(async () => { await scene.setBack() })

  const actFor = async (locode: string, command: string, by: Wallet, ...more: string[]): Promise<Outcome> =>
    await scene.operator.run(['city', command, '--locode', locode, '--key', scene.operator.keyOf(by), ...scene.place, '--yes', ...more])
  const act = async (command: string, by: Wallet, ...more: string[]): Promise<Outcome> => await actFor('PTOPO', command, by, ...more)
  const offer = async (by: Wallet, to: Wallet, ...more: string[]): Promise<Outcome> => await act('offer', by, '--account', to.address, ...more)
  const city = async () => await contracts.CityRegistry.cityOf(porto)
  const show = async (): Promise<string> => (await scene.operator.run(['city', 'show', '--locode', 'ptopo', ...scene.place])).said
  const wait = async (): Promise<void> => await scene.sender.pass(demoParameters.rotationDelaySeconds)
  const expectDone = ({ code, complaints }: Outcome): void => {
    expect({ code, complaints }).to.deep.equal({ code: 0, complaints: '' })
  }
  const expectRefused = ({ code, complaints }: Outcome, errorCode: string, ...said: string[]): void => {
    expect(code, complaints).to.equal(1)
    for (const text of [errorCode, ...said]) expect(complaints).to.contain(text)
  }
  const counts = async () => await Promise.all(everybody.map(async (wallet) => await scene.sentBy(wallet)))

  it('lets the recovery account offer control and the new account accept it: the seat moves', async () => {
    const offered = await offer(recovery, newcomer)
    expectDone(offered)
    const { acceptableFrom, offerProtected } = await city()
    expect(acceptableFrom).to.equal(BigInt((await scene.sender.nowSeconds()) + demoParameters.rotationDelaySeconds))
    expect(offerProtected).to.equal(true)
    const utc = `${new Date(Number(acceptableFrom) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    for (const text of ['Porto (PTOPO), active', 'the city’s recovery account', '1 minute from now', `${newcomer.address} can accept control from`, utc]) expect(offered.said).to.contain(text)
    expect(await show()).to.contain(newcomer.address).and.to.contain(utc)

    const early = await act('accept', newcomer)
    expectRefused(early, 'ERR_CITY_REGISTRY_TOO_EARLY', 'The waiting time of the offer still runs', utc)
    expectRefused(await act('accept', thief), 'ERR_CITY_REGISTRY_NOT_OFFERED', newcomer.address)
    await wait()
    const accepted = await act('accept', newcomer)
    expectDone(accepted)
    expect(accepted.said).to.contain(`${portoController.address}: a service that sends with this key sends nothing any more`)
    expect(await contracts.CityRegistry.controllerOf(porto)).to.equal(newcomer.address)
    expect(await contracts.CitySeat.seatOf(porto)).to.equal(newcomer.address)
    expect(await show()).to.match(new RegExp(`acts for it +${newcomer.address}[\\s\\S]*offered control +nobody`))
  })

  it('lets the recovery account veto what the controller offered, and nobody else', async () => {
    expectRefused(await act('veto', recovery), 'ERR_CITY_REGISTRY_NOTHING_OFFERED', 'nothing is to be done')
    expectDone(await offer(portoController, thief))
    expectRefused(await act('veto', portoController), 'ERR_CITY_REGISTRY_NOT_RECOVERY', recovery.address, portoController.address)
    const vetoed = await act('veto', recovery)
    expectDone(vetoed)
    expect(vetoed.said).to.contain(`the offer to ${thief.address}, made by the controller`).and.to.contain('symbolon city offer')
    await wait()
    expectRefused(await act('accept', thief), 'ERR_CITY_REGISTRY_NOT_OFFERED', 'Nobody is offered control')
  })

  it('keeps whoever stole the controller’s key from replacing the recovery account’s offer', async () => {
    expectDone(await offer(portoController, thief))
    const rescue = await offer(recovery, newcomer)
    expectDone(rescue)
    expect(rescue.said).to.contain(`the offer to ${thief.address}`).and.to.contain('cannot replace this offer')
    expectRefused(await offer(portoController, thief), 'ERR_CITY_REGISTRY_OFFER_PROTECTED')
    expectRefused(await act('withdraw', portoController), 'ERR_CITY_REGISTRY_OFFER_PROTECTED')
    expect((await city()).pendingController).to.equal(newcomer.address)
  })

  it('takes an offer back, and says when there is none', async () => {
    const nothing = await act('withdraw', recovery)
    expect(nothing.code).to.equal(1)
    expect(nothing.complaints).to.contain('nothing was sent')
    expectDone(await offer(portoController, newcomer))
    expectDone(await act('withdraw', portoController))
    expect((await city()).pendingController).to.equal(`0x${'0'.repeat(40)}`)
    expectRefused(await offer(thief, thief), 'ERR_CITY_REGISTRY_NOT_CONTROLLER', recovery.address, portoController.address)
  })

  it('gives the recovery account’s powers to another account, at once', async () => {
    expectRefused(await act('change-recovery', portoController, '--account', thief.address), 'ERR_CITY_REGISTRY_NOT_RECOVERY', recovery.address)
    expectRefused(await act('change-recovery', recovery, '--account', portoController.address), 'ERR_CITY_REGISTRY_INVALID_RECOVERY')
    expect((await act('change-recovery', recovery, '--account', recovery.address)).code, 'it is that already').to.equal(2)
    const changed = await act('change-recovery', recovery, '--account', newcomer.address)
    expectDone(changed)
    expect(changed.said).to.contain(`${recovery.address}, at once and for good`)
    expect((await city()).recovery).to.equal(newcomer.address)
    expectDone(await offer(portoController, thief))
    expectRefused(await act('veto', recovery), 'ERR_CITY_REGISTRY_NOT_RECOVERY')
    expectDone(await act('veto', newcomer))
  })

  it('refuses accounts that cannot become the controller', async () => {
    expectRefused(await offer(recovery, recovery), 'ERR_CITY_REGISTRY_INVALID_CONTROLLER')
    expectRefused(await offer(recovery, clermontController), 'ERR_CITY_REGISTRY_CONTROLLER_IN_USE')
  })

  it('leaves a suspended city to the cities together, and says until when; a veto is possible all the same', async () => {
    const council = new Council(scene.sender)
    await council.decide([{ type: 'suspend', city: 'DEBER', reason: 3, untilSeconds: (await scene.sender.nowSeconds()) + 86_400 }])
    for (const command of ['offer', 'change-recovery']) {
      expectRefused(await actFor('DEBER', command, recovery, '--account', newcomer.address), 'ERR_CITY_REGISTRY_WRONG_STATUS', 'Berlin (DEBER) is suspended until', 'by vote')
    }
    await council.decide([{ type: 'offer_controller', city: 'DEBER', account: newcomer.address }])
    const vetoed = await actFor('DEBER', 'veto', recovery)
    expectDone(vetoed)
    expect(vetoed.said).to.contain('made by the recovery account or the cities').and.to.contain('is suspended until')
  })

  it('vetoes also while the guardian has paused the registry, which stops everything else', async () => {
    expectDone(await offer(portoController, newcomer))
    const { CityRegistry } = scene.network.deployment.contracts
    await scene.sender.call(guardian, 'Guardian', 'pause', [CityRegistry, `0x${'77'.repeat(32)}`])
    await wait()
    for (const outcome of [await act('accept', newcomer), await offer(recovery, newcomer), await act('change-recovery', recovery, '--account', thief.address)]) {
      expectRefused(outcome, 'ERR_GUARDIAN_PAUSED', 'symbolon federation pauses')
    }
    expectDone(await act('veto', recovery))
  })

  it('says that a city is none, or was removed', async () => {
    for (const command of ['show', 'veto', 'accept', 'withdraw']) {
      const args = command === 'show' ? [] : ['--key', scene.operator.keyOf(recovery), '--yes']
      const outcome = await scene.operator.run(['city', command, '--locode', 'NLAMS', ...args, ...scene.place])
      expectRefused(outcome, 'ERR_CHAIN_CITY_UNKNOWN', 'There is no city NLAMS')
      expect(outcome.said).to.equal('')
    }
    await new Council(scene.sender).decide([{ type: 'remove', city: 'PTOPO' }])
    expectRefused(await offer(recovery, newcomer), 'ERR_CITY_REGISTRY_WRONG_STATUS', 'Porto (PTOPO) is removed')
  })

  it('tries everything out and sends nothing with --dry-run', async () => {
    expectDone(await offer(portoController, newcomer))
    await wait()
    const before = await counts()
    const tried: [string, Wallet, ...string[]][] = [
      ['veto', recovery], ['withdraw', portoController], ['accept', newcomer], ['offer', recovery, '--account', thief.address], ['change-recovery', recovery, '--account', thief.address],
    ]
    for (const [command, by, ...more] of tried) {
      const { code, said } = await scene.operator.run(['city', command, '--locode', 'PTOPO', '--key', scene.operator.keyOf(by), ...scene.place, '--dry-run', ...more])
      expect(code, command).to.equal(0)
      expect(said, command).to.contain('Nothing was sent').and.to.contain('takes effect')
    }
    expect(await counts()).to.deep.equal(before)
  })

  it('asks the chain again after the answer: meanwhile it may have become pointless', async () => {
    expectDone(await offer(portoController, thief))
    const args = ['city', 'veto', '--locode', 'PTOPO', '--key', scene.operator.keyOf(recovery), ...scene.place]
    const outcome = await scene.operator.run(args, {
      ask: async () => {
        await scene.sender.call(portoController, 'CityRegistry', 'offerController', [porto, `0x${'0'.repeat(40)}`])
        return 'yes'
      }
    })
    expectRefused(outcome, 'ERR_CITY_REGISTRY_NOTHING_OFFERED')
    expect(await scene.sentBy(recovery)).to.equal(0)
  })

  it('refuses what it cannot understand with exit code 2, before anything is opened', async () => {
    const nowhere = ['--key', '/nowhere/key', '--deployment', '/nowhere/deployment.json', '--rpc', 'http://127.0.0.1:9', '--yes']
    const mistyped = `${newcomer.address.slice(0, -1)}${newcomer.address.endsWith('0') ? '1' : '0'}`
    for (const [args, sentence] of [
      [['veto', ...nowhere], '--locode is missing'],
      [['veto', '--locode', 'Porto!', ...nowhere], '--locode takes a UN/LOCODE'],
      [['offer', '--locode', 'PTOPO', ...nowhere], '--account is missing'],
      [['offer', '--locode', 'PTOPO', '--account', 'porto.eth', ...nowhere], '--account takes an account'],
      [['offer', '--locode', 'PTOPO', '--account', mistyped, ...nowhere], 'checksum'],
      [['change-recovery', '--locode', 'PTOPO', '--account', `0x${'0'.repeat(40)}`, ...nowhere], 'not zero'],
      [['accept', '--locode', 'PTOPO', ...nowhere.slice(0, -1)], '--yes'],
      [['accept', '--locode', 'PTOPO', ...nowhere], 'There is no key file'],
    ] as const) {
      const { code, said, complaints } = await scene.operator.run(['city', ...args])
      expect({ code, said }, complaints).to.deep.equal({ code: 2, said: '' })
      expect(complaints).to.contain(sentence)
    }
  })

  it('asks an account on a chain with fees for enough to pay them', async () => {
    expectDone(await offer(recovery, newcomer))
    await wait()
    await scene.network.provider.send('hardhat_setNextBlockBaseFeePerGas', ['0x3b9aca00'])
    await scene.network.provider.send('evm_mine', [])
    await scene.network.provider.send('hardhat_setBalance', [newcomer.address, '0x0'])
    const { code, complaints } = await act('accept', newcomer)
    expect(code).to.equal(1)
    expect(complaints).to.contain('cannot pay them')
    await scene.network.provider.send('hardhat_setBalance', [newcomer.address, `0x${(10n ** 18n).toString(16)}`])
    expectDone(await act('accept', newcomer))
  })

  for (const command of ['show', 'offer', 'withdraw', 'veto', 'accept', 'change-recovery']) {
    it(`helps with ${command}`, async () => {
      const { code, said } = await scene.operator.run(['city', command, '--help'])
      expect(code).to.equal(0)
      for (const option of ['--locode CODE', '--deployment FILE', '--rpc URL', ...(command === 'show' ? [] : ['--key FILE', '--dry-run', '--yes'])]) expect(said).to.contain(option)
    })
  }
})
