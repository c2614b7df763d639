import { expect } from 'chai'
import { createMerchantRenewal } from '../../../api/city/merchant-renewal.ts'
import { contractNames, type Deployment } from '../../../chain/deployment.ts'
import { onEachChainDatabase } from '../../chain/support/database.ts'
import { createMemoryChainSender } from '../../fakes/memory-chain-sender.ts'

const account = (digit: string): string => `0x${digit.repeat(40)}`
const [first, second] = [account('1'), account('2')]
const deployment = { chainId: 7411, deployedAtBlock: 1, contracts: Object.fromEntries(contractNames.map((name) => [name, first])) } as Deployment

describe('the merchants of a city when the federation replaces RewardPrograms', () => {
  onEachChainDatabase((db) => {
    beforeEach(async () => {
      const row = { city: 'PTOPO', contract: first, registered_at: 1 }
      await db().insertInto('chain_merchants').values([
        { ...row, address: account('3'), active: true }, { ...row, address: account('4'), active: false },
        { ...row, address: account('5'), city: 'FRCFE', active: true },
      ]).execute()
    })
    const replace = async (target: string, block: number) => {
      const place = { block_number: block, log_index: 0, transaction_hash: '0x' }
      await db().insertInto('chain_directory_changes').values({ ...place, name: 'RewardPrograms', target, code_hash: '0x', changed_at: block }).execute()
    }

    it('are registered in the new contract, but for those that had left', async () => {
      const chain = createMemoryChainSender()
      const renew = createMerchantRenewal({ db: db(), deployment, chain, locode: 'PTOPO' })
      await renew()
      expect(chain.calls).to.deep.equal([])
      await replace(second, 10)
      await renew()
      await renew()
      expect(chain.calls.map(({ contract, method, args }) => [contract, method, args])).to.deep.equal([
        ['RewardPrograms', 'registerMerchant', ['0x50544f504f', account('3')]],
      ])
    })

    it('are registered once more when the chain refused it, and not again once they are', async () => {
      const chain = createMemoryChainSender()
      const renew = createMerchantRenewal({ db: db(), deployment, chain, locode: 'PTOPO' })
      await replace(second, 10)
      await renew()
      chain.settle(chain.calls[0]?.key ?? '', 'failed', 'ERR_REWARD_PROGRAMS_CITY_NOT_ACTIVE')
      await renew()
      expect(chain.calls).to.have.length(2)
      await db().insertInto('chain_merchants').values({ city: 'PTOPO', contract: second, registered_at: 11, address: account('3'), active: true }).execute()
      chain.settle(chain.calls[1]?.key ?? '', 'confirmed')
      await renew()
      // Back in the first contract they are known.
      await replace(first, 12)
      await renew()
      expect(chain.calls).to.have.length(2)
    })
  })
})
