import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { concat, encodeBytes32String, id, Wallet, ZeroAddress, ZeroHash } from 'ethers'
import { createContracts } from '../../../chain/contracts.ts'
import { readArtifact } from '../../../scripts/compile-contracts.ts'
import { createViewRunner } from '../../../scripts/lib/federation-at.ts'
import { Council } from '../../chain/support/council.ts'
import { guardian, owner, portoController } from '../../chain/support/network.ts'
import { codeHashOf } from '../../chain/support/sender.ts'
import { OperatorScene, type Outcome } from '../support/operator.ts'

const hours72 = 72 * 3_600
const password = 'correct horse battery staple'

describe('symbolon federation pause', function () {
  this.timeout(120_000)
  let scene: OperatorScene
  let contracts: ReturnType<typeof createContracts>

  before(async () => {
    scene = await OperatorScene.begin()
    contracts = createContracts(scene.network.deployment, createViewRunner(scene.network.provider))
  })
  after(async () => {
    scene.operator.expectUntold([guardian.privateKey, portoController.privateKey, password])
    await scene.end()
  })
  beforeEach(async () => { await scene.remember() })
  afterEach(async () => { await scene.setBack() })

  const pause = async (contract: string, incident: string, ...more: string[]): Promise<Outcome> =>
    await scene.operator.run(['federation', 'pause', '--contract', contract, '--incident', incident, '--key', scene.operator.keyOf(guardian), ...scene.place, ...more])
  const pauses = async (): Promise<string> => (await scene.operator.run(['federation', 'pauses', ...scene.place])).said
  const pausedUntil = async (name: 'RewardPrograms' | 'StatusLists'): Promise<number> => Number(await contracts.Guardian.pausedUntil(scene.network.deployment.contracts[name]))
  const moment = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`

  it('stops new entries of one contract for 72 hours, and says until when', async () => {
    const { code, said, complaints } = await pause('rewardprograms', 'INC-2026-17', '--yes')
    expect({ code, complaints }).to.deep.equal({ code: 0, complaints: '' })
    const until = await pausedUntil('RewardPrograms')
    expect(until).to.equal((await scene.sender.nowSeconds()) + hours72)
    expect(await contracts.Guardian.isIncidentUsed(`0x${createHash('sha256').update('INC-2026-17').digest('hex')}`)).to.equal(true)
    expect(said).to.contain(`RewardPrograms takes no new entries until`).and.to.contain(moment(until))
    for (const known of ['7411', guardian.address, scene.network.deployment.contracts.RewardPrograms, 'every payment with points', '72 hours later']) expect(said).to.contain(known)
    const [hash = ''] = /0x[0-9a-f]{64}(?=$|\n)/.exec(said.slice(said.indexOf('Sending transaction'))) ?? []
    expect(await scene.network.provider.send('eth_getTransactionReceipt', [hash])).to.deep.include({ status: '0x1' })
    expect(await pauses()).to.match(new RegExp(`RewardPrograms .*is paused until .*${moment(until)}`))
    expect(await pausedUntil('StatusLists'), 'another contract').to.equal(0)
  })

  it('asks at a terminal, and sends nothing without a yes', async () => {
    const args = ['federation', 'pause', '--contract', scene.network.deployment.contracts.StatusLists, '--incident', id('leak'), '--key', scene.operator.keyOf(guardian), ...scene.place]
    const questions: string[] = []
    const answering = (answer: string) => ({ ask: async (question: string) => { questions.push(question); return answer } })
    const refused = await scene.operator.run(args, answering('y'))
    expect(refused).to.deep.include({ code: 1, complaints: 'Nothing was sent.' })
    expect(refused.said, 'shown before it is asked').to.contain('Pause new entries of StatusLists')
    expect(await pausedUntil('StatusLists')).to.equal(0)
    expect((await scene.operator.run(args, answering('yes'))).code).to.equal(0)
    expect(questions).to.have.length(2)
    expect(await pausedUntil('StatusLists')).to.be.greaterThan(0)
    expect(await contracts.Guardian.isIncidentUsed(id('leak')), 'a hash is taken as it is').to.equal(true)
  })

  it('tries out and sends nothing with --dry-run', async () => {
    const before = [await scene.sentBy(guardian), await scene.network.provider.send('eth_blockNumber', [])]
    const { code, said } = await pause('Settlement', 'leak', '--dry-run')
    expect(code).to.equal(0)
    expect(said).to.contain('Nothing was sent').and.to.contain('Settlement')
    expect([await scene.sentBy(guardian), await scene.network.provider.send('eth_blockNumber', [])]).to.deep.equal(before)
    expect((await pause('Directory', 'leak', '--dry-run')).code, 'a refusal is one when tried out, too').to.equal(1)
  })

  it('refuses the key of anybody but the guardian, and names who is', async () => {
    const stranger = scene.operator.keyOf(portoController)
    const { code, said, complaints } = await scene.operator.run(['federation', 'pause', '--contract', 'Anchors', '--incident', 'leak', '--key', stranger, ...scene.place, '--yes'])
    expect({ code, said }).to.deep.equal({ code: 1, said: '' })
    expect(complaints).to.contain('ERR_GUARDIAN_NOT_GUARDIAN').and.to.contain('Only the guardian may pause').and.to.contain(guardian.address)
    expect(await scene.sentBy(portoController), 'nothing was sent').to.equal(0)
  })

  it('refuses a second pause for the same incident, and of a contract whose pause was not cleared', async () => {
    expect((await pause('Anchors', 'leak', '--yes')).code).to.equal(0)
    const incident = await pause('Settlement', ' leak ', '--yes')
    expect(incident.code).to.equal(1)
    expect(incident.complaints).to.contain('ERR_GUARDIAN_INCIDENT_USED').and.to.contain('only the federation can do more')
    const running = await pause('Anchors', 'another', '--yes')
    expect(running.code).to.equal(1)
    expect(running.complaints).to.contain('ERR_GUARDIAN_NOT_CLEARED').and.to.contain('It is paused until')
    await scene.sender.pass(hours72 + 1)
    expect((await pause('Anchors', 'another', '--yes')).complaints).to.contain('It was paused until')
    expect(await pauses()).to.match(/Anchors .*was paused until .*once the cities have cleared that/)
    await new Council(scene.sender).decide([{ type: 'clear_pause', target: scene.network.deployment.contracts.Anchors }])
    expect((await pause('Anchors', 'another', '--yes')).code, 'once it was cleared').to.equal(0)
  })

  it('knows no longer pause than 72 hours', async () => {
    const { code, complaints } = await pause('Anchors', 'leak', '--hours', '73', '--yes')
    expect(code).to.equal(2)
    expect(complaints).to.contain('--hours').and.to.contain('for 72 hours, no more and no less')
    expect(await scene.sentBy(guardian)).to.equal(0)
  })

  it('refuses to pause what a pause would not stop, and lists what it would', async () => {
    for (const name of ['Federation', 'Timelock', 'Directory', 'CitySeat', 'RewardToken', 'Guardian'] as const) {
      for (const wanted of [name, scene.network.deployment.contracts[name]]) {
        const { code, complaints } = await pause(wanted, 'leak', '--yes')
        expect(code, wanted).to.equal(1)
        expect(complaints).to.contain('CityRegistry, IssuerRegistry, RecognitionRegistry, StatusLists, Anchors, RewardPrograms, Settlement')
      }
    }
    expect((await pause(Wallet.createRandom().address, 'leak', '--yes')).complaints).to.contain('cannot be paused')
    expect(await scene.sentBy(guardian)).to.equal(0)
    expect((await pauses()).match(/can be paused/g)).to.have.length(7)
  })

  it('follows the Directory to the contract that a name stands for now, and still reaches the one before', async () => {
    const { sender, network } = scene
    const { CityRegistry, Guardian, Anchors: former } = network.deployment.contracts
    const places = [CityRegistry, Guardian].map((address) => `0x${address.slice(2).padStart(64, '0')}`)
    const target = await sender.deploy(owner, concat([(await readArtifact('Anchors')).bytecode, ...places]))
    expect((await contracts.Directory.get(encodeBytes32String('Anchors'))).target).to.equal(former)
    await new Council(sender).decide([{ type: 'point_directory', name: 'Anchors', target, codeHash: await codeHashOf(sender, target) }])
    expect((await pause('Anchors', 'one', '--yes')).said).to.contain(`Anchors ${target}`)
    expect(await contracts.Guardian.pausedUntil(target) > 0n).to.equal(true)
    const { code, said } = await pause(former, 'two', '--yes')
    expect(code).to.equal(0)
    expect(said).to.contain(`${former}, which the Directory names no more`)
    await new Council(sender).decide([{ type: 'point_directory', name: 'Guardian', target: ZeroAddress, codeHash: ZeroHash }])
    expect((await pause('Settlement', 'three', '--yes')).code, 'the Guardian that Settlement asks is the one that counts').to.equal(0)
  })

  it('says when nobody is the guardian', async () => {
    await new Council(scene.sender).decide([{ type: 'appoint_guardian', account: ZeroAddress }])
    expect((await pause('Anchors', 'leak', '--yes')).complaints).to.contain('The cities have appointed nobody')
    expect(await pauses()).to.contain('The guardian is nobody')
  })

  for (const [what, change, sentence] of [
    ['a missing incident', (args: string[]) => without(args, '--incident'), '--incident is missing'],
    ['an empty incident', (args: string[]) => [...without(args, '--incident'), '--incident', ' '], '--incident takes a name'],
    ['a missing key', (args: string[]) => without(args, '--key'), '--key is missing'],
    ['a key file that is not there', (args: string[]) => [...without(args, '--key'), '--key', '/nowhere/guardian.key'], 'There is no key file'],
    ['a contract of another name', (args: string[]) => [...without(args, '--contract'), '--contract', 'Points'], '--contract takes one of'],
    ['nobody to ask', (args: string[]) => args.filter((arg) => arg !== '--yes'), '--yes'],
    ['both --yes and --dry-run', (args: string[]) => [...args, '--dry-run'], 'not both'],
  ] as const) {
    it(`refuses ${what} with exit code 2`, async () => {
      const args = ['federation', 'pause', '--contract', 'Anchors', '--incident', 'leak', '--key', scene.operator.keyOf(guardian), ...scene.place, '--yes']
      const { code, complaints } = await scene.operator.run(change(args))
      expect(code).to.equal(2)
      expect(complaints).to.contain(sentence)
      expect(await scene.sentBy(guardian)).to.equal(0)
    })
  }

  it('opens a key store with its password, from a file or asked for without an echo, and says when it does not open', async () => {
    const keyStore = scene.operator.write('guardian.json', await new Wallet(guardian.privateKey).encrypt(password))
    const args = ['federation', 'pause', '--contract', 'Anchors', '--incident', 'leak', '--key', keyStore, ...scene.place, '--yes']
    expect(await scene.operator.run(args)).to.deep.include({ code: 2, said: '' })
    const wrong = await scene.operator.run([...args, '--password-file', scene.operator.write('wrong', 'horse')])
    expect(wrong).to.deep.include({ code: 1, said: '' })
    expect(wrong.complaints).to.contain('The password does not open')
    const asked: unknown[] = []
    const opened = await scene.operator.run(args, { ask: async (question, how) => { asked.push([question, how]); return password } })
    expect(opened.code).to.equal(0)
    expect(asked).to.deep.equal([[`Password of ${keyStore}: `, { hidden: true }]])
  }).timeout(240_000)

  it('warns of a key that other users of the machine can read', async () => {
    const open = scene.operator.write('open.key', guardian.privateKey, 0o644)
    const { code, said } = await scene.operator.run(['federation', 'pause', '--contract', 'Anchors', '--incident', 'leak', '--key', open, ...scene.place, '--dry-run'])
    expect(code).to.equal(0)
    expect(said).to.contain(`chmod 600 ${open}`)
  })

  it('says which chain a node serves when it is another, and when none answers', async () => {
    const [, file = ''] = scene.place
    const other = scene.operator.write('other.json', JSON.stringify({ ...scene.network.deployment, chainId: 1 }))
    expect((await scene.operator.run(['federation', 'pauses', '--deployment', other, '--rpc', scene.network.rpcUrl])).complaints).to.contain('ERR_CHAIN_MISMATCH')
    const moved = { ...scene.network.deployment, contracts: { ...scene.network.deployment.contracts, Directory: guardian.address } }
    const empty = scene.operator.write('empty.json', JSON.stringify(moved))
    expect((await scene.operator.run(['federation', 'pauses', '--deployment', empty, '--rpc', scene.network.rpcUrl])).complaints).to.contain('there is no Directory')
    const away = await scene.operator.run(['federation', 'pauses', '--deployment', file, '--rpc', 'http://127.0.0.1:9'])
    expect(away).to.deep.include({ code: 1, said: '' })
    expect(away.complaints).to.contain('ERR_CHAIN_UNREACHABLE')
  })

  it('says that a transaction was sent when the wait for its block is broken off', async () => {
    await scene.network.provider.send('evm_setAutomine', [false])
    try {
      const args = ['federation', 'pause', '--contract', 'Anchors', '--incident', 'leak', '--key', scene.operator.keyOf(guardian), ...scene.place, '--yes']
      const { code, said, complaints } = await scene.operator.run(args, { stopped: AbortSignal.abort() })
      expect(code).to.equal(1)
      expect(said).to.contain('Sending transaction 0x')
      expect(complaints).to.contain('ERR_CHAIN_TIMEOUT').and.to.contain('it may still be taken up')
      expect(await scene.sentBy(guardian)).to.equal(1)
    } finally {
      await scene.network.provider.send('evm_setAutomine', [true])
    }
  })

  it('helps', async () => {
    const { code, said } = await scene.operator.run(['federation', 'pause', '--help'])
    expect(code).to.equal(0)
    for (const option of ['--contract NAME', '--incident TEXT', '--key FILE', '--dry-run', '--yes', '72 hours']) expect(said).to.contain(option)
  })
})

/** The arguments without an option and its value. */
function without(args: readonly string[], option: string): string[] {
  const at = args.indexOf(option)
  return args.filter((_, index) => index !== at && index !== at + 1)
}
