import { readContractBook } from '../../chain/contract-book.ts'
import { findHeadBlock, type IndexPositionOptions } from '../../chain/index-position.ts'
import { listMerchants } from '../../chain/queries.ts'
import type { ChainSender } from '../platform/chain-sender.ts'
import { controllerAccount, locodeBytes } from './identity.ts'
import type { PatientSender } from '../platform/patient-sender.ts'

export interface MerchantRenewalOptions extends IndexPositionOptions {
  readonly chain: Pick<ChainSender, 'state'>
  readonly sender: PatientSender
  readonly locode: string
  /** Whether the federation lets the city act: what it sends otherwise is refused. */
  readonly isActive: () => Promise<boolean>
  /** The merchants that the city has registered, with the outbox key under which each was sent first. */
  readonly listRegistered: () => Promise<readonly { readonly address: string; readonly key: string }[]>
}

interface Word {
  readonly address: string
  readonly active: boolean
}

/**
 * Has the RewardPrograms that counts know the city's merchants as the city knows them, whichever contracts the federation
 * named before: those are registered that are not, and withdrawn that were withdrawn elsewhere since. Also those whose
 * first registration the chain refused. Called again and again; does nothing once all is said.
 */
export function createMerchantRenewal(options: MerchantRenewalOptions): () => Promise<void> {
  const { db, deployment, chain, sender, locode } = options

  const findUnsaid = async (): Promise<{ readonly contract: string; readonly words: readonly Word[] }> => {
    const { current: { RewardPrograms: contract } } = await readContractBook(db, deployment)
    if (contract === undefined) return { contract: '', words: [] }
    const known = await listMerchants(db, { city: locode })
    const last = new Map((await options.listRegistered()).map(({ address }) => [address, true]))
    for (const { address, active } of known) last.set(address, active)
    const here = new Map(known.filter((merchant) => merchant.contract === contract).map(({ address, active }) => [address, active]))
    const words = [...last].map(([address, active]) => ({ address, active })).filter(({ address, active }) => (here.get(address) ?? false) !== active)
    return { contract, words }
  }

  /** Merchants whose first registration may still arrive, or has and the index does not know. */
  const findArriving = async (block: number): Promise<ReadonlySet<string>> => {
    const arriving = new Set<string>()
    for (const { address, key } of await options.listRegistered()) {
      const entry = await chain.state(key)
      if (entry?.state === 'queued' || entry?.state === 'sent' || (entry?.state === 'confirmed' && (entry.blockNumber ?? 0) > block)) arriving.add(address)
    }
    return arriving
  }

  return async () => {
    if (!await options.isActive() || (await findUnsaid()).words.length === 0) return
    const block = await findHeadBlock(options)
    if (block === undefined) return
    const arriving = await findArriving(block.number)
    const { contract, words } = await findUnsaid()
    for (const { address, active } of words) {
      if (arriving.has(address)) continue
      await sender.send({
        account: controllerAccount, contract: 'RewardPrograms', method: active ? 'registerMerchant' : 'withdrawMerchant',
        key: `merchant:${address}:${active ? 'register' : 'withdraw'}:${contract}`, args: [locodeBytes(locode), address],
      }, { until: 'seen', satisfied: [`ERR_REWARD_PROGRAMS_MERCHANT_${active ? 'ALREADY' : 'NOT'}_REGISTERED`] })
    }
  }
}
