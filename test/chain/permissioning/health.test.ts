import { expect } from 'chai'
import { createBesuNode } from '../../../chain/permissioning/besu-node.ts'
import { checkSilence, checkSpare, waitForHealth, type HealthOptions } from '../../../chain/permissioning/health.ts'
import type { PermissioningError } from '../../../chain/permissioning/errors.ts'
import { createRpcProvider } from '../../../chain/rpc.ts'
import { FakeBesuNode } from '../../fakes/besu-node.ts'
import { addressOf, expectRefusal, network } from './networks.ts'

const { nodes } = network()
const named = (name: string) => nodes.find((node) => node.name === name) ?? expect.fail(`no node ${name}`)

describe('the health of a node', () => {
  let besu: FakeBesuNode

  beforeEach(async () => {
    besu = await new FakeBesuNode('/nowhere').start()
    besu.validators = [1, 2, 3, 4].map(addressOf)
  })
  afterEach(() => besu.stop())

  const client = () => createBesuNode(createRpcProvider({ rpcUrl: besu.rpcUrl }))
  const wait = (name: string, more: Partial<HealthOptions> = {}) => waitForHealth({ node: client(), about: named(name), chainId: 7411, waitMs: 10_000, pollMs: 5, ...more })
  const refusal = async (name: string, more: Partial<HealthOptions> = {}): Promise<PermissioningError> => await expectRefusal(wait(name, { waitMs: 120, ...more }), 'ERR_PERMISSIONING_NODE_UNHEALTHY')

  it('of a validator is waited for until it made a block itself', async () => {
    const health = await wait('node-3')
    expect(health).to.include({ chainId: 7411, peers: 5, isSyncing: false })
    expect(health.made).to.be.greaterThan(101)
    expect((health.made ?? 0) % 4).to.equal(2)
  })

  it('of a member is that it takes in new blocks', async () => {
    const health = await wait('node-5')
    expect(health.block).to.equal(102)
    expect(health).not.to.have.property('made')
    expect(besu.calls).not.to.include('qbft_getSignerMetrics')
  })

  for (const [what, fault, sentence] of [
    ['that makes no blocks', (node: FakeBesuNode) => { node.silent = [addressOf(1)] }, /^node-1: it made no block since 101$/],
    ['that catches up', (node: FakeBesuNode) => { node.isSyncing = true }, /it still catches up/],
    ['that stands still', (node: FakeBesuNode) => { node.pace = 0 }, /it stands still at block 100; it made no block/],
    ['without a quorum of peers', (node: FakeBesuNode) => { node.peers = 1 }, /it has 1 of 2 peers/],
    ['of another chain', (node: FakeBesuNode) => { node.chainId = 1 }, /it serves the chain 1, not 7411/]
  ] as const) {
    it(`is not that of a validator ${what}`, async () => {
      fault(besu)
      expect((await refusal('node-1')).message).to.match(sentence)
    })
  }

  it('is that of the version asked for, and of no other that begins alike', async () => {
    await wait('node-5', { version: '26.3.0' })
    expect((await refusal('node-5', { version: '26.3' })).message).to.match(/it is besu\/v26\.3\.0\/.*, not 26\.3$/)
  })

  it('is waited for while a node starts', async () => {
    await besu.stop()
    const waiting = wait('node-1')
    await besu.start()
    expect((await waiting).made).to.be.a('number')
  })

  it('does not come of waiting without a token', async () => {
    besu.token = 'secret'
    await expectRefusal(wait('node-1', { waitMs: 600_000 }), 'ERR_PERMISSIONING_UNAUTHORIZED')
  })

  it('of the chain allows for one validator less while more than a quorum make blocks', async () => {
    await checkSpare(client())
    besu.silent = [addressOf(4)]
    const { message } = await expectRefusal(checkSpare(client()), 'ERR_PERMISSIONING_LOCKOUT')
    expect(message).to.match(/^3 of 4 validators make blocks, and 3 are needed/)
  })

  describe('and the silence of a validator whose key is to move', () => {
    const silence = () => checkSilence(client(), named('node-2'))

    it('is none while it makes blocks', async () => {
      const { message } = await expectRefusal(silence(), 'ERR_PERMISSIONING_KEY_IN_USE')
      expect(message).to.match(/^node-2 made block \d+ of 101: its key is in use/)
    })

    it('is over ten rounds of all validators', async () => {
      besu.silent = [addressOf(2)]
      expect(await silence()).to.equal(40)
    })

    it('is not believed of a node that cannot know, or a chain that has just begun', async () => {
      besu.silent = [addressOf(2)]
      besu.peers = 0
      await expectRefusal(silence(), 'ERR_PERMISSIONING_NODE_UNHEALTHY')
      besu.peers = 3
      besu.block = 20
      await expectRefusal(silence(), 'ERR_PERMISSIONING_NODE_UNHEALTHY')
    })
  })
})
