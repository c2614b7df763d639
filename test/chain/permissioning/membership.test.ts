import { expect } from 'chai'
import { AbiCoder, concat, encodeBytes32String, Wallet } from 'ethers'
import type { ContractName } from '../../../chain/deployment.ts'
import { ChainError } from '../../../chain/errors.ts'
import { createMembershipReader, type Membership } from '../../../chain/permissioning/membership.ts'
import { createRpcProvider, toQuantity, type ChainProvider } from '../../../chain/rpc.ts'
import { readArtifact } from '../../../scripts/compile-contracts.ts'
import { barcelonaController as successor, clermontController, merchant, owner, porto, portoController, recovery, TestNetwork, toBytes5 } from '../support/network.ts'
import { codeHashOf, Sender } from '../support/sender.ts'

const berlin = toBytes5('DEBER')
const berlinController = new Wallet(`0x${'e5'.repeat(32)}`)
const documentHash = `0x${'11'.repeat(32)}`
const day = 86_400

describe('the members as permissioning reads them from a chain', function () {
  this.timeout(60_000)
  let network: TestNetwork
  let snapshot: unknown
  let calls: { method: string; params: unknown[] }[]
  let provider: ChainProvider

  before(async () => {
    network = await TestNetwork.start()
  })
  after(() => network.stop())
  beforeEach(async () => {
    snapshot = await network.provider.send('evm_snapshot', [])
    calls = []
    provider = {
      async send(method, params) {
        calls.push({ method, params })
        return await network.provider.send(method, params)
      }
    }
  })
  afterEach(async () => {
    await network.provider.send('evm_revert', [snapshot])
  })

  const reader = () => createMembershipReader({ provider, deployment: network.deployment })
  const read = (): Promise<Membership> => reader().read()
  const statusOf = (membership: Membership, locode: string) => membership.cities.find((city) => city.locode === locode)?.status
  const accountsOf = (membership: Membership, locode: string) => membership.cities.find((city) => city.locode === locode)?.accounts
  const asOwner = () => network.contracts(owner)
  const admitBerlin = async () => {
    const { CityRegistry } = asOwner()
    await (await CityRegistry.admit(berlin, 'Berlin', 'did:web:berlin.example', berlinController.address, recovery.address, 'https://berlin.example')).wait()
  }
  const later = async (seconds: number) => {
    await network.provider.send('evm_increaseTime', [seconds])
    await network.provider.send('evm_mine', [])
  }
  const now = async () => Number(((await network.provider.send('eth_getBlockByNumber', ['latest', false])) as { timestamp: string }).timestamp)

  it('are the cities with the accounts that act for them', async () => {
    const membership = await read()
    expect(membership.cities).to.deep.equal([
      { locode: 'FRCFE', status: 'active', accounts: [clermontController.address, recovery.address] },
      { locode: 'PTOPO', status: 'active', accounts: [portoController.address, recovery.address] }
    ])
  })

  it('name the guardian once there is one', async () => {
    expect((await read()).guardian).to.equal(undefined)
    await (await asOwner().Guardian.appoint(successor.address)).wait()
    expect((await read()).guardian).to.equal(successor.address)
  })

  it('follow a city from its admission to its removal', async () => {
    const members = reader()
    const seen = [statusOf(await members.read(), 'DEBER')]
    await admitBerlin()
    seen.push(statusOf(await members.read(), 'DEBER'))
    const { CityRegistry } = asOwner()
    for (const step of [
      async () => CityRegistry.activate(berlin, documentHash, documentHash),
      async () => CityRegistry.suspend(berlin, 1, (await now()) + day),
      async () => CityRegistry.reinstate(berlin),
      async () => CityRegistry.remove(berlin)
    ]) {
      // Within one second a seat's checkpoint is overwritten, in the next another is written: gas estimated in one is not enough in the other.
      await later(2)
      await (await step()).wait()
      seen.push(statusOf(await members.read(), 'DEBER'))
    }
    expect(seen).to.deep.equal([undefined, 'pending', 'active', 'suspended', 'active', 'removed'])
  })

  it('see a suspension end that nobody ended', async () => {
    const members = reader()
    await (await asOwner().CityRegistry.suspend(porto, 1, (await now()) + day)).wait()
    expect(statusOf(await members.read(), 'PTOPO')).to.equal('suspended')
    await later(2 * day)
    expect(statusOf(await members.read(), 'PTOPO')).to.equal('active')
  })

  it('hold an account that was offered control, and after the change no longer the one before', async () => {
    const members = reader()
    await (await network.contracts(portoController).CityRegistry.offerController(porto, successor.address)).wait()
    expect(accountsOf(await members.read(), 'PTOPO')).to.deep.equal([portoController.address, successor.address, recovery.address])
    await later(31 * day)
    await (await network.contracts(successor).CityRegistry.acceptController(porto)).wait()
    expect(accountsOf(await members.read(), 'PTOPO')).to.deep.equal([successor.address, recovery.address])
  })

  it('hold merchants, also those who left', async () => {
    const members = reader()
    const { RewardPrograms } = network.contracts(portoController)
    await (await RewardPrograms.registerMerchant(porto, merchant.address)).wait()
    expect((await members.read()).merchants).to.deep.equal([merchant.address])
    await (await RewardPrograms.withdrawMerchant(porto, merchant.address)).wait()
    expect((await members.read()).merchants).to.deep.equal([merchant.address])
    expect((await read()).merchants).to.deep.equal([merchant.address])
  })

  it('are not read twice: only the blocks since are asked for', async () => {
    const members = reader()
    const { block } = await members.read()
    await admitBerlin()
    calls = []
    await members.read()
    const ranges = calls.filter(({ method }) => method === 'eth_getLogs').map(({ params: [filter] }) => (filter as { fromBlock: string }).fromBlock)
    expect(ranges).to.deep.equal([toQuantity(block + 1)])
  })

  it('are read in stretches that Besu answers', async () => {
    expect(await createMembershipReader({ provider, deployment: network.deployment, logBlocks: 4 }).read()).to.deep.equal(await read())
    const spans = calls.filter(({ method }) => method === 'eth_getLogs').map(({ params }) => {
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
      return Number(toBlock) - Number(fromBlock)
    })
    const [whole = 0] = spans.slice(-1)
    const short = spans.slice(0, -1)
    expect(Math.max(...short)).to.equal(3)
    expect(short.length, 'no block left out').to.equal(Math.ceil((whole + 1) / 4))
  })

  it('follow the Directory to another registry and other programmes, and hear the old ones no longer', async () => {
    const { CityRegistry: first, Guardian, RewardToken } = network.deployment.contracts
    const at = (contracts: Partial<Record<ContractName, string>> = {}) =>
      new Sender(network.provider, { ...network.deployment, contracts: { ...network.deployment.contracts, ...contracts } })
    const replace = async (name: ContractName, types: readonly string[], args: readonly unknown[]) => {
      const { bytecode } = await readArtifact(name)
      const target = await at().deploy(owner, concat([bytecode, AbiCoder.defaultAbiCoder().encode(types, args)]))
      await at().call(owner, 'Directory', 'set', [encodeBytes32String(name), target, await codeHashOf(at(), target)])
      return target
    }
    const members = reader()
    await at().call(portoController, 'RewardPrograms', 'registerMerchant', [porto, merchant.address])
    const registry = await replace('CityRegistry', ['address', 'address', 'uint32'], [owner.address, Guardian, 60])
    const programs = await replace('RewardPrograms', ['address', 'address', 'address', 'address'], [first, RewardToken, owner.address, Guardian])
    await admitBerlin()
    expect((await members.read()).cities.map(({ locode }) => locode)).to.deep.equal(['FRCFE', 'PTOPO'])
    const renewed = at({ CityRegistry: registry, RewardPrograms: programs })
    await renewed.call(owner, 'CityRegistry', 'admit', [porto, 'Porto', 'did:web:neu.example', successor.address, recovery.address, 'https://neu.example'])
    await renewed.call(portoController, 'RewardPrograms', 'registerMerchant', [porto, berlinController.address])
    const after = await members.read()
    expect(after.cities).to.deep.equal([
      { locode: 'FRCFE', status: 'active', accounts: [clermontController.address, recovery.address] },
      { locode: 'PTOPO', status: 'pending', accounts: [successor.address, recovery.address] }
    ])
    expect(after.merchants).to.have.members([merchant.address, berlinController.address])
    expect(await read()).to.deep.equal(after)
  })

  it('forget a city whose block a re-organisation took away', async () => {
    const members = reader()
    const inner = await network.provider.send('evm_snapshot', [])
    await admitBerlin()
    expect(statusOf(await members.read(), 'DEBER')).to.equal('pending')
    await network.provider.send('evm_revert', [inner])
    await later(1)
    expect(statusOf(await members.read(), 'DEBER')).to.equal(undefined)
  })

  for (const [what, change, code] of [
    ['another chain', () => ({ provider, deployment: { ...network.deployment, chainId: 1 } }), 'ERR_CHAIN_MISMATCH'],
    ['a chain without our registry', () => ({ provider, deployment: { ...network.deployment, contracts: { ...network.deployment.contracts, CityRegistry: successor.address } } }), 'ERR_CHAIN_MISMATCH'],
    ['a node that is away', () => ({ provider: createRpcProvider({ rpcUrl: 'http://127.0.0.1:9' }), deployment: network.deployment }), 'ERR_CHAIN_UNREACHABLE']
  ] as const) {
    it(`are not read from ${what}`, async () => {
      const error = await createMembershipReader(change()).read().then(() => undefined, (thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(ChainError)
      expect((error as ChainError).code).to.equal(code)
    })
  }
})
