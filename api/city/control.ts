import type { Transaction } from 'kysely'
import { SymbolonError } from '../../agent/errors.ts'
import type { NativeKms } from '../../agent/keys/native-kms.ts'
import { handOverCalls, hasOpenCalls, parkedSuffix } from '../../chain/outbox/hand-over.ts'
import type { ChainTables } from '../../chain/tables.ts'
import type { CityControl, Control } from '../governance/types.ts'
import { chainTables } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'
import { transact } from '../platform/transaction.ts'
import { controllerAccount, ensureKey } from './identity.ts'

type ControlTables = {
  governance_control: { id: number; account: string; next_account: string | null; accept_key: string | null }
}

/** Calls of the city wait under this name while control is handed over. */
const waitingAccount = `${controllerAccount}${parkedSuffix}`

/** An account of the outbox must not send yet. */
export class ControlError extends SymbolonError<'ERR_CONTROL_WAITING'> {}

/** The keys that act for the city, with what signing and sending need of them. */
export interface OwnCityControl extends CityControl {
  /** Address of the current controller, as of the last look. */
  address(): string | undefined
  /** Which account sends now what is written for the city's controller; stays so until the transaction around ends. */
  sendingAccount(account: string): Promise<string>
  /** @throws ControlError `ERR_CONTROL_WAITING` while others have to go first */
  requireTurn(account: string): Promise<void>
}

/**
 * Who acts for the city on the chain. Control moves to a new key in steps that each survive a crash, for each is one
 * transaction: (1) a key is made and offered; (2) its acceptance is written, and from then on nothing is sent for the
 * city; what was on its way is settled, then the new key accepts; (3) what waited is sent with the new key, or, if the
 * acceptance failed, with the old one.
 */
export function createCityControl(db: Db, keys: NativeKms): OwnCityControl {
  const tables = db.withTables<ControlTables>()
  const chain = chainTables(db)
  let last: { account: string; address: string } | undefined

  const row = async (lock?: 'share' | 'update') => {
    const query = tables.selectFrom('governance_control').selectAll().where('id', '=', 1)
    return await (lock === 'share' ? query.forShare() : lock === 'update' ? query.forUpdate() : query).executeTakeFirstOrThrow()
  }
  const keyOf = async (account: string) => ({ account, address: await keys.addressOf(account) })
  const remember = async (account: string): Promise<void> => {
    if (last?.account !== account) last = await keyOf(account)
  }
  const move = async (from: string, to: string): Promise<void> => {
    await transact(db, async (trx) => await handOverCalls(trx as unknown as Transaction<ChainTables>, from, to))
  }

  return {
    address: () => last?.address,
    async read(): Promise<Control> {
      const { account, next_account: next, accept_key: acceptKey } = await row()
      await remember(account)
      return { current: await keyOf(account), next: next === null ? undefined : await keyOf(next), isHandingOver: acceptKey !== null }
    },
    async createKey(name) {
      const account = `${controllerAccount}:${name}`
      await ensureKey(keys, account, 'Secp256k1')
      return await keyOf(account)
    },
    async offer(key) {
      await transact(db, async () => {
        await row('update')
        await tables.updateTable('governance_control').set({ next_account: key?.account ?? null }).where('id', '=', 1).execute()
      })
    },
    async beginHandOver(outboxKey) {
      await transact(db, async () => {
        const { account } = await row('update')
        await tables.updateTable('governance_control').set({ accept_key: outboxKey }).where('id', '=', 1).execute()
        await move(account, waitingAccount)
      })
    },
    async settleHandOver() {
      if ((await row()).accept_key === null) return 'nothing'
      return await transact(db, async () => {
        const { account, next_account: next, accept_key: acceptKey } = await row('update')
        if (acceptKey === null || next === null) return 'nothing'
        const call = await chain.selectFrom('chain_outbox').select('state').where('key', '=', acceptKey).executeTakeFirst()
        if (call?.state !== 'confirmed' && call?.state !== 'failed') return 'open'
        const isSwitched = call.state === 'confirmed'
        const sender = isSwitched ? next : account
        await tables.updateTable('governance_control')
          .set({ account: sender, accept_key: null, ...(isSwitched ? { next_account: null } : {}) }).where('id', '=', 1).execute()
        await move(waitingAccount, sender)
        await remember(sender)
        return isSwitched ? 'switched' : 'kept'
      })
    },
    async sendingAccount(account) {
      if (account !== controllerAccount) return account
      const { account: current, accept_key: acceptKey } = await row('share')
      await remember(current)
      return acceptKey === null ? current : waitingAccount
    },
    async requireTurn(account) {
      // Only a key that came by rotation ever waits.
      if (!account.startsWith(`${controllerAccount}:`)) return
      const { account: current, next_account: next, accept_key: acceptKey } = await row()
      if (account !== next || acceptKey === null) return
      if (await hasOpenCalls(chain, current)) throw new ControlError('ERR_CONTROL_WAITING', 'calls of the old key are on their way')
    },
  }
}
