import { createServer, type Server } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { id, JsonRpcProvider, Wallet, ZeroAddress, ZeroHash } from 'ethers'
import { createContracts } from '../../chain/contracts.ts'
import { parseDeployment, type Deployment } from '../../chain/deployment.ts'
import { deploySymbolon } from '../../scripts/deploy.ts'
import { demoParameters } from '../../scripts/lib/federation-parameters.ts'
import { findStrayPowers, readPowers } from '../../scripts/lib/federation-powers.ts'
import { foundFederation, type Founding, type FoundingCity } from '../../scripts/lib/found-federation.ts'
import type { FoundingErrorCode } from '../../scripts/lib/founding-error.ts'
import { startNode } from '../evm/connect.ts'

const deployer = new Wallet(Wallet.createRandom().privateKey)
const guardian = Wallet.createRandom().address
const cities = ['PTOPO', 'FRCFE', 'ESBCN', 'DEBER'].map((locode): FoundingCity => ({
  locode,
  name: `City of ${locode}`,
  did: `did:web:${locode}.example`,
  controller: Wallet.createRandom().address,
  recovery: Wallet.createRandom().address,
  serviceUrl: `https://${locode}.example`,
  agreementHash: id(`agreement of ${locode}`),
  dpiaHash: id(`assessment of ${locode}`),
}))
/** Two for each city, the guardian, two roles, five offers, the deployer's role, operation and execution, two roles given up. */
const allTransactions = cities.length * 2 + 1 + 2 + 5 + 3 + 2

describe('foundFederation', () => {
  let folder: string
  let rpcUrl: string
  let provider: JsonRpcProvider
  let deployment: Deployment
  let snapshot: unknown
  let close: () => Promise<void>

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symbolon-founding-'))
    const node = await startNode(7411, [deployer])
    close = async () => { await node.close() }
    rpcUrl = node.url
    provider = new JsonRpcProvider(rpcUrl, 7411, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20, batchMaxCount: 1 })
    deployment = parseDeployment(await deploySymbolon({
      rpcUrl, deployerPrivateKey: deployer.privateKey, deploymentDir: join(folder, 'journal'), parameters: demoParameters,
    }))
  })
  after(async () => {
    provider.destroy()
    await close()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    snapshot = await provider.send('evm_snapshot', [])
  })
  afterEach(async () => {
    await provider.send('evm_revert', [snapshot])
  })

  const founding = (changes: Partial<Founding> = {}): Founding =>
    ({ rpcUrl, deployerPrivateKey: deployer.privateKey, deployment, cities, guardian, parameters: demoParameters, ...changes })
  const sent = async () => await provider.getTransactionCount(deployer.address)
  const contractsOf = (wallet: Wallet) => createContracts(deployment, wallet.connect(provider))

  it('admits and activates the cities with their documents and gives each its seat', async () => {
    await foundFederation(founding())
    const { CityRegistry, CitySeat } = createContracts(deployment, provider)
    for (const city of cities) {
      const cityId = `0x${Buffer.from(city.locode).toString('hex')}`
      const { status, name, did, controller, recovery, serviceUrl, agreementHash, dpiaHash } = await CityRegistry.cityOf(cityId)
      expect({ locode: city.locode, name, did, controller, recovery, serviceUrl, agreementHash, dpiaHash }).to.deep.equal(city)
      expect(status).to.equal(2n)
      expect(await CitySeat.seatOf(cityId)).to.equal(city.controller)
      expect(await CitySeat.getVotes(city.controller)).to.equal(1n)
    }
    expect(await CitySeat.totalSupply()).to.equal(4n)
  })

  it('leaves every owner and role with the federation, and the deployer with nothing', async () => {
    await foundFederation(founding())
    const { Timelock: timelock, Federation: federation, RewardPrograms, Settlement } = deployment.contracts
    const { Timelock, Federation, CityRegistry } = createContracts(deployment, provider)
    const powers = await readPowers(provider, deployment)
    expect(Object.keys(powers.owners)).to.have.members(['Directory', 'CityRegistry', 'RewardToken', 'RewardPrograms', 'Guardian'])
    for (const owner of Object.values(powers.owners)) expect(owner).to.deep.equal({ owner: timelock, pending: ZeroAddress })
    expect(Object.fromEntries(powers.roles)).to.deep.equal({
      [ZeroHash]: [timelock],
      [id('PROPOSER_ROLE')]: [federation],
      [id('CANCELLER_ROLE')]: [federation],
      [id('EXECUTOR_ROLE')]: [ZeroAddress],
    })
    expect(powers.operators).to.have.members([RewardPrograms, Settlement])
    expect(powers.guardian).to.equal(guardian)
    expect(powers.waiting).to.deep.equal([])
    expect(JSON.stringify([powers, [...powers.roles]])).not.to.include(deployer.address)
    expect(await Timelock.getMinDelay()).to.equal(BigInt(demoParameters.timelockDelaySeconds))
    expect(await Federation.timelock()).to.equal(timelock)
    expect(await CityRegistry.rotationDelay()).to.equal(BigInt(demoParameters.rotationDelaySeconds))
  })

  it('leaves the deployer no call that is still heard', async () => {
    await foundFederation(founding())
    const { CityRegistry, Directory, RewardToken, RewardPrograms, Guardian, Timelock, Federation } = contractsOf(new Wallet(deployer.privateKey))
    const porto = '0x50544f504f'
    const zeros = ZeroHash
    const calls = {
      suspend: async () => await CityRegistry.suspend(porto, 1, 4_000_000_000),
      remove: async () => await CityRegistry.remove(porto),
      set: async () => await Directory.set(id('name'), ZeroAddress, zeros),
      setOperator: async () => await RewardToken.setOperator(deployment.contracts.Anchors, true),
      fundShared: async () => await RewardPrograms.fundShared(id('program'), 1),
      appoint: async () => await Guardian.appoint(deployer.address),
      pause: async () => await Guardian.pause(deployment.contracts.Anchors, id('incident')),
      grantRole: async () => await Timelock.grantRole(id('PROPOSER_ROLE'), deployer.address),
      schedule: async () => await Timelock.schedule(deployment.contracts.CityRegistry, 0, '0x00000000', zeros, zeros, 1_000),
      updateDelay: async () => await Timelock.updateDelay(0),
      setVotingPeriod: async () => await Federation.setVotingPeriod(1),
      propose: async () => await Federation.propose([deployment.contracts.CityRegistry], [0], ['0x00000000'], 'mine'),
    }
    for (const [name, call] of Object.entries(calls)) {
      const outcome = await call().then(async (transaction) => (await transaction.wait())?.status === 1, () => false)
      expect(outcome, name).to.equal(false)
    }
  })

  it('sends nothing when it is run again', async () => {
    await foundFederation(founding())
    expect(await sent()).to.equal((await provider.getTransactionCount(deployer.address, 'pending')))
    const before = await sent()
    await foundFederation(founding())
    expect(await sent()).to.equal(before)
  })

  for (const heard of [false, true]) {
    it(`goes on after it was killed at each of its transactions, ${heard ? 'when the chain took it' : 'before the chain took it'}`, async () => {
      const before = await sent()
      for (let done = 0; done < allTransactions; done++) {
        const broken = await startBreakingNode(rpcUrl, heard ? 0 : 1, heard)
        // Unheard, the last run has one transaction left, and ends.
        const isLast = !heard && done === allTransactions - 1
        await (isLast
          ? foundFederation(founding({ rpcUrl: broken.rpcUrl }))
          : expectCode(foundFederation(founding({ rpcUrl: broken.rpcUrl })), 'ERR_FOUNDING_CHAIN_UNREACHABLE'))
        await broken.close()
        expect(await sent() - before, 'one more').to.equal(done + 1)
      }
      await foundFederation(founding())
      expect(await sent() - before, 'nothing was sent twice').to.equal(allTransactions)
      expect(await findStrayPowers(provider, deployment)).to.deep.equal([])
    }).timeout(120_000)
  }

  it('refuses an account that is neither the owner nor of a founded federation', async () => {
    const stranger = Wallet.createRandom().privateKey
    await expectCode(foundFederation(founding({ deployerPrivateKey: stranger })), 'ERR_FOUNDING_NOT_THE_OWNER')
  })

  it('refuses to found without a city, with one city twice, and with a deployer that would keep a power', async () => {
    const [porto] = cities as [FoundingCity]
    await expectCode(foundFederation(founding({ cities: [] })), 'ERR_FOUNDING_INPUT_INVALID')
    await expectCode(foundFederation(founding({ cities: [porto, porto] })), 'ERR_FOUNDING_INPUT_INVALID')
    await expectCode(foundFederation(founding({ guardian: deployer.address })), 'ERR_FOUNDING_INPUT_INVALID')
    for (const key of ['controller', 'recovery'] as const) {
      await expectCode(foundFederation(founding({ cities: [{ ...porto, [key]: deployer.address }] })), 'ERR_FOUNDING_INPUT_INVALID')
    }
  })

  it('refuses parameters other than those the contracts were deployed with', async () => {
    const parameters = { ...demoParameters, quorumPercent: 51 }
    await expectCode(foundFederation(founding({ parameters })), 'ERR_FOUNDING_PARAMETERS_DIFFER')
  })

  it('refuses a city that the registry knows otherwise, before and after the founding', async () => {
    const [porto, clermont] = cities as [FoundingCity, FoundingCity]
    const other = Wallet.createRandom().address
    const { CityRegistry } = contractsOf(new Wallet(deployer.privateKey))
    await (await CityRegistry.admit('0x50544f504f', porto.name, porto.did, porto.controller, porto.recovery, porto.serviceUrl)).wait()
    for (const change of [{ name: 'Oporto' }, { did: 'did:web:other' }, { controller: other }, { recovery: other }, { serviceUrl: 'https://other' }]) {
      await expectCode(foundFederation(founding({ cities: [{ ...porto, ...change }] })), 'ERR_FOUNDING_CITY_CONFLICT')
    }
    await (await CityRegistry.activate('0x50544f504f', porto.agreementHash, porto.dpiaHash)).wait()
    for (const change of [{ agreementHash: id('other') }, { dpiaHash: id('other') }]) {
      await expectCode(foundFederation(founding({ cities: [{ ...porto, ...change }] })), 'ERR_FOUNDING_CITY_CONFLICT')
    }
    await foundFederation(founding({ cities: [porto] }))
    await expectCode(foundFederation(founding({ cities: [porto, clermont] })), 'ERR_FOUNDING_CITY_CONFLICT')
    await expectCode(foundFederation(founding({ cities: [{ ...porto, controller: other }] })), 'ERR_FOUNDING_CITY_CONFLICT')
  })

  it('says what a contract refused', async () => {
    const [porto] = cities as [FoundingCity]
    const noDocument = foundFederation(founding({ cities: [{ ...porto, dpiaHash: ZeroHash }] }))
    await expectCode(noDocument, 'ERR_FOUNDING_REFUSED')
    expect(await noDocument.catch((error: unknown) => String(error))).to.include('CityRegistryMissingDocument')
  })

  it('does not call a federation founded while a stranger holds a power over it', async () => {
    const stranger = Wallet.createRandom().address
    const { Timelock } = contractsOf(new Wallet(deployer.privateKey))
    await (await Timelock.grantRole(id('PROPOSER_ROLE'), stranger)).wait()
    const result = foundFederation(founding())
    await expectCode(result, 'ERR_FOUNDING_POWERS_LEFT')
    expect(await result.catch((error: unknown) => String(error))).to.include(`${stranger} holds role`)
  })
}).timeout(120_000)

async function expectCode(promise: Promise<unknown>, code: FoundingErrorCode): Promise<void> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason as { code?: string; cause?: unknown })
  expect(error?.code, String(error?.cause)).to.equal(code)
}

/** A node that takes so many transactions and then answers nothing any more; `heard`: it still takes the next one, unanswered. */
async function startBreakingNode(target: string, transactions: number, heard: boolean): Promise<{ rpcUrl: string; close(): Promise<void> }> {
  let left = transactions
  let broken = false
  const server: Server = createServer((request, response) => {
    void (async () => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      const isTransaction = body.includes('eth_sendRawTransaction')
      const breaks = isTransaction && left-- === 0
      if (!broken && (!breaks || heard)) {
        const answer = await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        const text = await answer.text()
        if (!breaks) {
          response.setHeader('content-type', 'application/json')
          response.end(text)
          return
        }
      }
      broken = true
      response.destroy()
    })()
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return {
    rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
