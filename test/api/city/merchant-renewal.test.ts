import { expect } from 'chai'
import { createMerchantRenewal } from '../../../api/city/merchant-renewal.ts'
import { createPatientSender } from '../../../api/platform/patient-sender.ts'
import { contractNames, type Deployment } from '../../../chain/deployment.ts'
import { fingerprintOf } from '../../../chain/identity.ts'
import { onEachChainDatabase } from '../../chain/support/database.ts'
import { createMemoryChainSender } from '../../fakes/memory-chain-sender.ts'

const account = (digit: string): string => `0x${digit.repeat(40)}`
const hashOf = (block: number): string => `0x${block.toString(16).padStart(64, '0')}`
const [first, second] = [account('1'), account('2')]
const deployment = { chainId: 7411, deployedAtBlock: 1, contracts: Object.fromEntries(contractNames.map((name) => [name, first])) } as Deployment
const refusal = 'ERR_CITY_REGISTRY_NOT_ACTIVE'

describe('the merchants of a city when the federation replaces RewardPrograms', () => {
  onEachChainDatabase((db) => {
    let head: number
    let now: number
    let isActive: boolean
    let registered: { address: string; key: string }[]
    let chain: ReturnType<typeof createMemoryChainSender>
    let renew: () => Promise<void>

    /** The same service after a restart. */
    const start = () => createMerchantRenewal({
      db: db(), deployment, chain, locode: 'PTOPO', patienceMs: 0, isActive: async () => isActive, listRegistered: async () => registered,
      provider: { send: async () => ({ number: `0x${head.toString(16)}`, hash: hashOf(head), gasLimit: '0x0' }) },
      sender: createPatientSender({ chain, clock: () => new Date(now), indexedBlock: async () => head }),
    })
    const say = async (address: string, contract: string, active: boolean, block: number, city = 'PTOPO') => {
      const word = { active, registered_at: block, block_number: block, log_index: 0 }
      await db().insertInto('chain_merchants').values({ city, address, contract, ...word })
        .onConflict((conflict) => conflict.columns(['city', 'address', 'contract']).doUpdateSet(word)).execute()
      await reach(block)
    }
    const reach = async (block: number) => {
      head = block
      await db().deleteFrom('chain_cursor').execute()
      await db().insertInto('chain_cursor').values({ id: 1, block_number: block, block_hash: hashOf(block), block_time: block }).execute()
    }
    const replace = async (target: string, block: number) => {
      const place = { block_number: block, log_index: 0, transaction_hash: '0x' }
      await db().insertInto('chain_directory_changes').values({ ...place, name: 'RewardPrograms', target, code_hash: '0x', changed_at: block }).execute()
      await reach(block)
    }
    const sent = () => chain.calls.map(({ method, args }) => [method, args[1]])
    const lastKey = () => chain.calls.at(-1)?.key ?? ''

    beforeEach(async () => {
      now = 1_000
      isActive = true
      registered = []
      chain = createMemoryChainSender(() => now)
      renew = start()
      await db().insertInto('chain_identity').values({ id: 1, chain_id: 7411, genesis_hash: hashOf(0), contracts: fingerprintOf(deployment) }).execute()
      await say(account('3'), first, true, 2)
      await say(account('4'), first, false, 3)
      await say(account('5'), first, true, 4, 'FRCFE')
    })

    it('are registered in the new contract, but for those that had left', async () => {
      await renew()
      expect(chain.calls).to.deep.equal([])
      await replace(second, 10)
      await renew()
      await renew()
      expect(chain.calls.map(({ contract, method, args }) => [contract, method, args])).to.deep.equal([
        ['RewardPrograms', 'registerMerchant', ['0x50544f504f', account('3')]],
      ])
    })

    it('are registered at last, however often the chain refuses it, at growing intervals and past restarts', async () => {
      await replace(second, 10)
      const sentAt: number[] = []
      for (const end = now + 3 * 3_600_000; now < end; now += 60_000) {
        const before = chain.calls.length
        if (sentAt.length % 3 === 0) renew = start()
        await renew()
        if (chain.calls.length === before) continue
        sentAt.push(now)
        chain.settle(lastKey(), 'failed', refusal)
      }
      expect(sentAt.length).to.be.within(20, 40)
      const pauses = sentAt.slice(1).map((at, i) => at - (sentAt[i] ?? 0))
      expect(Math.max(...pauses)).to.be.at.most(11 * 60_000)
      expect(pauses.at(-1)).to.be.above(pauses[0] ?? 0)
      now += 3_600_000
      await renew()
      chain.settle(lastKey(), 'confirmed', undefined, 11)
      await say(account('3'), second, true, 11)
      const total = chain.calls.length
      now += 86_400_000
      await renew()
      expect(chain.calls).to.have.length(total)
      expect(new Set(chain.calls.map(({ key }) => key))).to.have.property('size', total)
    })

    it('wait while the city is suspended, and are registered when it is not any more', async () => {
      await replace(second, 10)
      isActive = false
      await renew()
      expect(chain.calls).to.deep.equal([])
      isActive = true
      await renew()
      expect(sent()).to.deep.equal([['registerMerchant', account('3')]])
    })

    it('are known in the first contract when it is named again', async () => {
      await replace(second, 10)
      await say(account('3'), second, true, 11)
      await replace(first, 12)
      await renew()
      expect(chain.calls).to.deep.equal([])
    })

    it('are withdrawn in a contract that is named again when they were withdrawn in the other', async () => {
      await replace(second, 10)
      await say(account('3'), second, true, 11)
      await say(account('3'), second, false, 12)
      await replace(first, 13)
      await renew()
      await renew()
      expect(sent()).to.deep.equal([['withdrawMerchant', account('3')]])
      await say(account('3'), first, false, 14)
      chain.settle(lastKey(), 'confirmed', undefined, 14)
      now += 3_600_000
      await renew()
      // Withdrawn in the first one last: the second, registered before, is told.
      await say(account('6'), first, true, 15)
      await say(account('6'), second, true, 16)
      await say(account('6'), first, false, 17)
      await replace(second, 18)
      await renew()
      expect(sent()).to.deep.equal([['withdrawMerchant', account('3')], ['withdrawMerchant', account('6')]])
    })

    it('are registered once more when the call landed in a contract that did not count any more', async () => {
      await replace(second, 10)
      await renew()
      chain.settle(lastKey(), 'confirmed', undefined, 11)
      now += 3_600_000
      // Block 11 has not been read: the registration may be in it.
      await renew()
      expect(chain.calls).to.have.length(1)
      await reach(11)
      await renew()
      expect(sent()).to.deep.equal([['registerMerchant', account('3')], ['registerMerchant', account('3')]])
      chain.settle(lastKey(), 'failed', 'ERR_REWARD_PROGRAMS_MERCHANT_ALREADY_REGISTERED')
      now += 12 * 3_600_000
      await renew()
      expect(chain.calls).to.have.length(2)
    })

    it('are registered when the chain refused their first registration, once it is certain that it did', async () => {
      registered = [{ address: account('7'), key: 'merchant:7:register' }]
      await chain.enqueue({ account: 'city-controller', contract: 'RewardPrograms', method: 'registerMerchant', key: 'merchant:7:register', args: ['0x50544f504f', account('7')] })
      await renew()
      expect(chain.calls).to.have.length(1)
      chain.settle('merchant:7:register', 'confirmed', undefined, 99)
      await renew()
      expect(chain.calls).to.have.length(1)
      chain.settle('merchant:7:register', 'failed', refusal)
      await renew()
      expect(sent().slice(1)).to.deep.equal([['registerMerchant', account('7')]])
    })

    it('are left as they are while the index is behind its node, or is yet to be read anew', async () => {
      await replace(second, 10)
      head = 12
      await renew()
      expect(chain.calls).to.deep.equal([])
      await reach(12)
      await db().updateTable('chain_identity').set({ contracts: 'of another version' }).execute()
      await renew()
      expect(chain.calls).to.deep.equal([])
      await db().updateTable('chain_identity').set({ contracts: fingerprintOf(deployment) }).execute()
      await renew()
      expect(sent()).to.deep.equal([['registerMerchant', account('3')]])
    })
  })
})
