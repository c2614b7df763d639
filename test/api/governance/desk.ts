import { NativeKms } from '../../../agent/keys/native-kms.ts'
import { createCityControl } from '../../../api/city/control.ts'
import { governanceMigrations } from '../../../api/governance/migrations.ts'
import { createGovernanceService } from '../../../api/governance/service.ts'
import { createGovernanceStore } from '../../../api/governance/store.ts'
import type { Draft, GovernanceAction, Officer } from '../../../api/governance/types.ts'
import { chainTables, createChainSender } from '../../../api/platform/chain-sender.ts'
import type { Db } from '../../../api/platform/database.ts'
import { platformMigrations } from '../../../api/platform/migrations.ts'
import { createSecrets } from '../../../api/platform/secrets.ts'
import { contractInterfaces } from '../../../chain/contracts.ts'
import { contractNames, type ContractName, type Deployment } from '../../../chain/deployment.ts'
import { chainMigrations } from '../../../chain/migrations.ts'
import { createOutbox } from '../../../chain/outbox/outbox.ts'
import { createMemoryGovernanceChain } from '../../fakes/memory-governance-chain.ts'
import { createMemoryKeyStore } from '../../fakes/memory-key-store.ts'

export const governanceDeskMigrations = { ...platformMigrations, ...chainMigrations, ...governanceMigrations }

export const ana: Officer = { issuer: 'https://login.porto.test', subject: 'oidc:1', name: 'Officer One' }
export const rui: Officer = { issuer: 'https://login.porto.test', subject: 'oidc:2', name: 'Councillor Two' }

const deployment: Deployment = {
  chainId: 7411, deployedAtBlock: 0,
  contracts: Object.fromEntries(contractNames.map((name, index) => [name, `0x${String(index + 1).padStart(40, '0')}`])) as Deployment['contracts'],
}

/** Keys outlive a process: hand the same store to the desk that comes after a crash. */
export function createGovernanceKeys(): NativeKms {
  return new NativeKms(createMemoryKeyStore(), new Uint8Array(32).fill(8))
}

/**
 * Governance of one city with its real store, keys and outbox table; the chain is a fake, and the outbox sends nothing:
 * a test says what became of a call. Made again over the same database it is the process after a crash.
 */
export function createGovernanceDesk(db: Db, keys: NativeKms) {
  const secrets = createSecrets(new Uint8Array(32).fill(9))
  const time = { now: new Date('2026-11-23T10:00:00Z') }
  const clock = (): Date => time.now
  const tables = chainTables(db)
  const outbox = createOutbox({
    db: tables, deployment, clock: () => clock().getTime(),
    provider: { send: async () => { throw new Error('nothing is sent') } },
    signers: { addressOf: async (account) => await keys.addressOf(account), signTransaction: async () => '0x' },
  })
  const control = createCityControl(db, keys)
  const chain = createChainSender(db, outbox, async (account) => await control.sendingAccount(account))
  const governance = createMemoryGovernanceChain()
  const store = createGovernanceStore(db, secrets)
  const service = createGovernanceService({ db, store, chain, governance, control, locode: 'PTOPO', clock })

  return {
    service, store, control, chain, governance, time, outbox,
    /** Drafts as the route does: rehearsed first. */
    async draft(action: GovernanceAction, text = '', officer = ana): Promise<Draft> {
      await service.prepareDraft(action, text)
      return await service.draft(officer, action, text)
    },
    async approve(draftId: string, officer = rui): Promise<Draft> {
      return await service.approve(officer, draftId, await service.prepareApproval(officer, draftId))
    },
    /** What waits in the outbox, decoded, in the order of writing. */
    async calls() {
      const rows = await tables.selectFrom('chain_outbox').selectAll().orderBy('id').execute()
      return rows.map((row) => {
        const parsed = contractInterfaces[row.contract as ContractName].parseTransaction({ data: row.data })
        return { key: row.key, account: row.account, contract: row.contract, method: row.method, state: row.state, args: parsed?.args.toArray() ?? [] }
      })
    },
    async settle(key: string, state: 'confirmed' | 'failed' | 'sent', error?: { code: string; detail: string }): Promise<void> {
      await tables.updateTable('chain_outbox').set({
        state, ...(state === 'confirmed' ? { transaction_hash: `0x${'ab'.repeat(32)}`, block_number: 7 } : {}),
        ...(state === 'sent' ? { nonce: 1, attempts: 1 } : {}), ...(error === undefined ? {} : { error_code: error.code, error_detail: error.detail }),
      }).where('key', '=', key).execute()
    },
  }
}
