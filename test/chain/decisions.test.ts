import { expect } from 'chai'
import { id, Wallet } from 'ethers'
import { cityHistory } from '../../agent/trust-lists/standing.ts'
import { findCity, type TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import { findDecision } from '../../chain/decisions.ts'
import { createTrustHistory } from '../../chain/history.ts'
import { createIndexer } from '../../chain/indexer/indexer.ts'
import { listCities } from '../../chain/queries.ts'
import { berlinController, clermontController, owner, portoController, recovery } from './support/accounts.ts'
import { Council } from './support/council.ts'
import { onEachChainDatabase } from './support/database.ts'
import { TestNetwork } from './support/network.ts'
import { Sender } from './support/sender.ts'

const lisboa = new Wallet(`0x${'2a'.repeat(32)}`)
const newOfficer = new Wallet(`0x${'2b'.repeat(32)}`)

describe('findDecision', function () {
  this.timeout(120_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    let sender: Sender
    let council: Council
    beforeEach(async () => {
      network = await TestNetwork.start('founded')
      sender = new Sender(network.provider, network.deployment)
      council = new Council(sender)
    })
    afterEach(async () => { await network.stop() })

    const readRegister = async (): Promise<TrustRegister> => {
      await createIndexer({ db: db(), provider: network.provider, deployment: network.deployment }).catchUp()
      const clockSeconds = await sender.nowSeconds()
      return await createTrustHistory({ db: db(), deployment: network.deployment, provider: network.provider, clock: () => clockSeconds * 1000 }).at()
    }
    const cityOf = (register: TrustRegister, locode: string) => {
      const city = findCity(register, locode)
      if (city === undefined) throw new Error(`no ${locode}`)
      return city
    }
    const admission = {
      type: 'admit', city: 'PTLIS', name: 'Lisboa', did: 'did:web:lisboa.example', controller: lisboa.address, recovery: recovery.address, serviceUrl: 'https://lisboa.example'
    } as const

    it('tells by whose votes a city was admitted, and that nobody voted on the founders', async () => {
      const motion = await council.propose([admission], { by: clermontController, description: 'Lisboa asks to join' })
      await council.beginVote()
      await council.vote(motion, clermontController, 'for', 'A good neighbour')
      await council.vote(motion, berlinController, 'against')
      await council.vote(motion, portoController, 'for')
      await council.endVote()
      await council.queue(motion)
      const { blockNumber } = await council.execute(motion)
      const register = await readRegister()
      const { admitted } = cityOf(register, 'PTLIS')
      expect(admitted.blockNumber).to.equal(blockNumber)
      const decision = await findDecision(db(), admitted)
      expect(decision).to.deep.include({ proposalId: motion.proposalId, proposer: 'FRCFE', description: 'Lisboa asks to join' })
      expect(decision?.votes.map(({ city, support, reason }) => [city, support, reason])).to.deep.equal([
        ['FRCFE', 'for', 'A good neighbour'], ['DEBER', 'against', ''], ['PTOPO', 'for', '']
      ])
      expect(decision?.votes.every(({ cast }) => cast.blockNumber < blockNumber && cast.atSeconds < admitted.atSeconds)).to.equal(true)
      expect(await findDecision(db(), cityOf(register, 'PTOPO').admitted)).to.equal(undefined)
    })

    it('tells one decision from another that the same proposal did not take, and finds those carried out in the timelock itself', async () => {
      const until = (await sender.nowSeconds()) + 1_000_000
      await council.decide([admission, { type: 'activate', city: 'PTLIS', agreementHash: id('a'), dpiaHash: id('d') }], 'Lisboa joins')
      const motion = await council.agree([{ type: 'suspend', city: 'DEBER', reason: 6, untilSeconds: until }], 'Berlin has not paid')
      await sender.pass(10)
      const { targets, values, calldatas } = motion.calls
      const salt = `0x${(BigInt(`${network.deployment.contracts.Federation}${'00'.repeat(12)}`) ^ BigInt(motion.descriptionHash)).toString(16).padStart(64, '0')}`
      await sender.call(owner, 'Timelock', 'executeBatch', [targets, values, calldatas, `0x${'00'.repeat(32)}`, salt])
      const lifted = await council.decide([{ type: 'reinstate', city: 'DEBER' }], 'Berlin has paid')
      const register = await readRegister()
      const berlin = cityOf(register, 'DEBER')
      const [suspension] = berlin.suspensions
      if (suspension?.reinstated === undefined) throw new Error('not indexed')
      expect((await findDecision(db(), suspension.suspended))?.description).to.equal('Berlin has not paid')
      expect(await findDecision(db(), suspension.reinstated)).to.deep.include({ description: 'Berlin has paid', proposalId: lifted.proposalId })
      // Pending only where an engine puts admission and activation in different seconds.
      const statuses = cityHistory(berlin, register.atSeconds).map(({ status }) => status).filter((status) => status !== 'pending')
      expect(statuses).to.deep.equal(['active', 'suspended', 'active'])
      const joined = cityOf(register, 'PTLIS')
      if (joined.activated === undefined) throw new Error('not active')
      expect((await findDecision(db(), joined.activated))?.description).to.equal('Lisboa joins')
    })

    it('keeps who acted for a city, as the seat moved', async () => {
      await sender.call(portoController, 'CityRegistry', 'offerController', ['0x50544f504f', newOfficer.address])
      await sender.pass(61)
      await sender.call(newOfficer, 'CityRegistry', 'acceptController', ['0x50544f504f'])
      const { controllers, controller } = cityOf(await readRegister(), 'PTOPO')
      expect(controllers.map(({ account }) => account)).to.deep.equal([portoController.address, newOfficer.address])
      expect([controller, (await listCities(db())).find(({ locode }) => locode === 'PTOPO')?.controller]).to.deep.equal([newOfficer.address, newOfficer.address])
    })
  })
})
