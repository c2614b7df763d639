import type { Kysely, Transaction } from 'kysely'
import type { MethodName } from '../../chain/contracts.ts'
import type { ContractName } from '../../chain/deployment.ts'
import type { Outbox, OutboxCall, OutboxEntry } from '../../chain/outbox/outbox.ts'
import type { ChainTables } from '../../chain/tables.ts'
import type { Db } from './database.ts'
import { afterCommit, detach, transact } from './transaction.ts'

/** How features send to the chain: a row of the outbox in the transaction around, if there is one. */
export interface ChainSender {
  enqueue<C extends ContractName, M extends MethodName<C>>(call: OutboxCall<C, M>): Promise<void>
  state(key: string): Promise<OutboxEntry | undefined>
}

/** The tables of the chain room in the city's database. */
export function chainTables(db: Db): Kysely<ChainTables> {
  return db.withTables<Pick<ChainTables, keyof ChainTables>>() as unknown as Kysely<ChainTables>
}

/**
 * Joins the outbox to the transactions of the api. `accountOf` says, in the same transaction, which account of the key
 * store sends in the name of another: a city's controller changes.
 */
export function createChainSender(
  db: Db, outbox: Pick<Outbox, 'enqueue' | 'state' | 'nudge'>, accountOf: (account: string) => Promise<string> = async (account) => account,
): ChainSender {
  return {
    async enqueue(call) {
      await transact(db, async (trx) => {
        // The outbox wakes its sender by itself; what it starts must not run inside our transaction.
        const current = await accountOf(call.account)
        // A call that was written before stays with the account it was written for.
        const account = current === call.account ? current : (await outbox.state(call.key))?.account ?? current
        await detach(() => outbox.enqueue(trx as unknown as Transaction<ChainTables>, { ...call, account }))
        afterCommit(() => detach(() => outbox.nudge()))
      })
    },
    state: async (key) => await outbox.state(key),
  }
}
