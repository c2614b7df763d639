import type { Kysely } from 'kysely'
import { readContractBook } from '../../chain/contract-book.ts'
import type { Deployment } from '../../chain/deployment.ts'
import { listMerchants } from '../../chain/queries.ts'
import type { ChainTables } from '../../chain/tables.ts'
import type { ChainSender } from '../platform/chain-sender.ts'
import { controllerAccount, locodeBytes } from './identity.ts'
import { sendUntilTaken } from './registration.ts'

export interface MerchantRenewalOptions {
  readonly db: Kysely<ChainTables>
  readonly deployment: Deployment
  readonly chain: ChainSender
  readonly locode: string
}

/**
 * Registers the city's merchants again when the federation has replaced RewardPrograms: the new contract knows none. Those
 * that were withdrawn last stay so. Called again and again; does nothing once all are registered.
 */
export function createMerchantRenewal({ db, deployment, chain, locode }: MerchantRenewalOptions): () => Promise<void> {
  let renewedIn: string | undefined
  return async () => {
    const { current: { RewardPrograms: contract } } = await readContractBook(db, deployment)
    if (contract === undefined || contract === renewedIn) return
    const known = await listMerchants(db, { city: locode })
    const last = new Map(known.map((merchant) => [merchant.address, merchant]))
    const here = new Set(known.filter((merchant) => merchant.contract === contract).map(({ address }) => address))
    const missing = [...last.values()].filter(({ address, active }) => active && !here.has(address))
    for (const { address } of missing) {
      await sendUntilTaken(chain, {
        account: controllerAccount, contract: 'RewardPrograms', method: 'registerMerchant', key: `merchant:${address}:register:${contract}`,
        args: [locodeBytes(locode), address],
      })
    }
    if (missing.length === 0) renewedIn = contract
  }
}
