import { Wallet, type TransactionLike } from 'ethers'
import type { Kysely } from 'kysely'
import { migrate, openDatabase } from '../../../api/platform/database.ts'
import type { Deployment } from '../../../chain/deployment.ts'
import { chainMigrations } from '../../../chain/migrations.ts'
import { createOutbox } from '../../../chain/outbox/outbox.ts'
import { createRpcProvider, type ChainProvider } from '../../../chain/rpc.ts'
import type { ChainTables } from '../../../chain/tables.ts'

/* A process that writes calls and sends them, and that its test kills. Run by outbox-kill.test.ts. */

export interface WorkerTask {
  readonly database: { readonly kind: 'pglite'; readonly folder: string } | { readonly kind: 'postgres'; readonly url: string }
  readonly rpcUrl: string
  readonly deployment: Deployment
  readonly privateKey: string
  readonly city: string
  readonly calls: number
  /** Where the process kills itself; undefined: it is left to its parent. */
  readonly crash?: { readonly at: 'signing' | 'before-broadcast' | 'after-broadcast'; readonly time: number }
}

const task = JSON.parse(process.env['WORKER_TASK'] ?? '{}') as WorkerTask
let passed = 0

function crashAt(point: NonNullable<WorkerTask['crash']>['at']): void {
  if (task.crash?.at !== point) return
  passed += 1
  if (passed >= task.crash.time) process.kill(process.pid, 'SIGKILL')
}

const platform = openDatabase(task.database)
await migrate(platform, chainMigrations)
const db = platform as unknown as Kysely<ChainTables>
const wallet = new Wallet(task.privateKey)
const node = createRpcProvider({ rpcUrl: task.rpcUrl })
const provider: ChainProvider = {
  async send(method, params) {
    if (method !== 'eth_sendRawTransaction') return await node.send(method, params)
    crashAt('before-broadcast')
    const answer = await node.send(method, params)
    crashAt('after-broadcast')
    return answer
  }
}
const outbox = createOutbox({
  db,
  provider,
  deployment: task.deployment,
  worker: 'the-only-one',
  signers: {
    addressOf: async () => wallet.address,
    async signTransaction(_, transaction: TransactionLike) {
      crashAt('signing')
      return await wallet.signTransaction(transaction)
    }
  }
})
process.stdout.write('ready\n')
outbox.start()
for (let number = 0; number < task.calls; number += 1) {
  await db.transaction().execute((trx) =>
    outbox.enqueue(trx, {
      account: 'porto', contract: 'CityRegistry', method: 'changeServiceUrl', key: `call:${number}`,
      args: [task.city, `https://porto.example/${number}`]
    })
  )
}
for (let number = 0; number < task.calls; number += 1) await outbox.waitFor(`call:${number}`, { timeoutMs: 60_000 })
await outbox.stop()
await platform.destroy()
process.stdout.write('finished\n')
