import { expect } from 'chai'
import { createBesuNode } from '../../../chain/permissioning/besu-node.ts'
import { voteOnValidator } from '../../../chain/permissioning/votes.ts'
import { createRpcProvider } from '../../../chain/rpc.ts'
import { until } from '../support/until.ts'
import { FakeBesuNode } from '../../fakes/besu-node.ts'
import { addressOf, expectRefusal } from './networks.ts'

describe('a vote on a validator', () => {
  let nodes: FakeBesuNode[]
  const newcomer = addressOf(5)

  beforeEach(async () => {
    nodes = await Promise.all([1, 2, 3].map(async () => await new FakeBesuNode('/nowhere').start()))
    for (const node of nodes) node.validators = [1, 2, 3, 4].map(addressOf)
  })
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  })

  const voters = () => new Map(nodes.map((node, index) => [`node-${index + 1}`, createBesuNode(createRpcProvider({ rpcUrl: node.rpcUrl }))]))
  const vote = (add: boolean, validator = newcomer, waitMs = 0) => voteOnValidator({ voters: voters(), validator, add, waitMs, pollMs: 5 })
  const cast = () => until(() => nodes.every((node) => node.proposals.size > 0), 'all votes')
  /** What QBFT does once more than half of the validators made a block with their vote. */
  const decide = (validators: readonly string[]) => {
    for (const node of nodes) node.validators = validators
  }

  it('is proposed by every node given', async () => {
    expect(await vote(true)).to.equal('proposed')
    expect(nodes.map((node) => [...node.proposals])).to.deep.equal(Array(3).fill([[newcomer.toLowerCase(), true]]))
  })

  it('is taken back once it is fulfilled, so that it is not cast again after an epoch', async () => {
    const voting = vote(true, newcomer, 5_000)
    await cast()
    decide([1, 2, 3, 4, 5].map(addressOf))
    expect(await voting).to.equal('done')
    expect(nodes.flatMap((node) => [...node.proposals])).to.deep.equal([])
  })

  it('removes as it adds', async () => {
    const voting = vote(false, addressOf(4), 5_000)
    await cast()
    decide([1, 2, 3].map(addressOf))
    expect(await voting).to.equal('done')
  })

  it('is not cast when it is fulfilled already, and what was left of it is taken back', async () => {
    nodes[0]?.proposals.set(addressOf(4).toLowerCase(), true)
    expect(await vote(true, addressOf(4))).to.equal('already')
    expect(nodes.flatMap((node) => [...node.proposals])).to.deep.equal([])
    expect(nodes.flatMap((node) => node.calls)).not.to.include('qbft_proposeValidatorVote')
  })

  it('is refused against the only validator', async () => {
    decide([addressOf(1)])
    await expectRefusal(vote(false, addressOf(1)), 'ERR_PERMISSIONING_LOCKOUT')
  })

  it('needs nodes that speak of QBFT, and let us', async () => {
    for (const node of nodes) node.apis = ['ETH']
    await expectRefusal(vote(true), 'ERR_PERMISSIONING_NOT_OFFERED')
    for (const node of nodes) node.token = 'right'
    await expectRefusal(vote(true), 'ERR_PERMISSIONING_UNAUTHORIZED')
  })
})
