import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto'
import { hexlify, id, Wallet, type TransactionLike } from 'ethers'
import type { Kysely } from 'kysely'
import { fdhBytes } from '../agent/notes/fdh.ts'
import { migrate, openDatabase } from '../api/platform/database.ts'
import { parseDeployment } from '../chain/deployment.ts'
import { startEmbeddedChain } from '../chain/embedded.ts'
import { chainMigrations } from '../chain/migrations.ts'
import { createOutbox, type Outbox, type OutboxCall } from '../chain/outbox/outbox.ts'
import { createRpcProvider, fetchReceipt } from '../chain/rpc.ts'
import type { ChainTables } from '../chain/tables.ts'
import { deploySymbolon } from '../scripts/deploy.ts'
import type { Figure } from './measure.ts'

const batchSize = 10
const batches = 30
const city = hexlify(Buffer.from('PTOPO'))
const programId = id('benchmark')
const deadline = 4_000_000_000
const redeemTypes = {
  Redeem: [
    { name: 'program', type: 'bytes32' },
    { name: 'merchant', type: 'address' },
    { name: 'order', type: 'bytes32' },
    { name: 'deadline', type: 'uint64' }
  ]
}

/**
 * Notes redeemed on the embedded chain in batches of ten, through the outbox and an embedded database: from the first
 * row written to the last one confirmed, all of this machine's work included.
 */
export const run = async (): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'symbolon-bench-chain-'))
  const chain = await startEmbeddedChain({ dataDir: join(folder, 'chain'), port: await freePort() })
  const db = openDatabase({ kind: 'memory' })
  const wallets: Record<string, Wallet> = {
    owner: new Wallet(`0x${'a1'.repeat(32)}`), controller: new Wallet(`0x${'b2'.repeat(32)}`)
  }
  const walletOf = (account: string): Wallet => wallets[account] as Wallet
  let outbox: Outbox | undefined
  try {
    const { rpcUrl } = chain
    const deployment = parseDeployment(
      await deploySymbolon({ rpcUrl, deployerPrivateKey: walletOf('owner').privateKey, deploymentDir: join(folder, 'journal') })
    )
    await migrate(db, chainMigrations)
    const tables = db as unknown as Kysely<ChainTables>
    const provider = createRpcProvider({ rpcUrl })
    const signers = {
      addressOf: async (account: string) => walletOf(account).address,
      signTransaction: async (account: string, transaction: TransactionLike) => await walletOf(account).signTransaction(transaction)
    }
    const started = createOutbox({ db: tables, provider, signers, deployment })
    outbox = started
    started.start()
    const enqueue = async (call: Omit<OutboxCall, 'key'>, key: string): Promise<void> => {
      await tables.transaction().execute(async (trx) => await started.enqueue(trx, { ...call, key } as OutboxCall))
    }
    const confirmed = async (key: string) => {
      const entry = await started.waitFor(key, { timeoutMs: 120_000 })
      if (entry.state !== 'confirmed') throw new Error(`${key}: ${entry.errorCode ?? entry.state}`)
      return entry
    }

    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'))
    const merchant = Wallet.createRandom().address
    const controller = walletOf('controller').address
    const setUp: Omit<OutboxCall, 'key'>[] = [
      { account: 'owner', contract: 'CityRegistry', method: 'admit', args: [city, 'Porto', 'did:web:porto.example', controller, merchant, 'https://porto.example'] },
      { account: 'owner', contract: 'CityRegistry', method: 'activate', args: [city, id('agreement'), id('dpia')] },
      { account: 'controller', contract: 'RewardPrograms', method: 'create', args: [programId, city, 'Benchmark', controller, 0, deadline, [1], [modulus]] },
      { account: 'controller', contract: 'RewardPrograms', method: 'fund', args: [programId, 1_000_000] },
      { account: 'controller', contract: 'RewardPrograms', method: 'registerMerchant', args: [city, merchant] }
    ]
    for (const [at, call] of setUp.entries()) {
      await enqueue(call, `set-up ${at}`)
      await confirmed(`set-up ${at}`)
    }

    const domain = { name: 'Symbolon', version: '1', chainId: deployment.chainId, verifyingContract: deployment.contracts.RewardPrograms }
    const createBatch = async (order: string): Promise<Omit<OutboxCall, 'key'>> => {
      const notes = await Promise.all(Array.from({ length: batchSize }, async () => {
        const note = Wallet.createRandom()
        const message = fdhBytes(modulus, note.address)
        return {
          value: 1,
          rsaSignature: hexlify(privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, message)),
          ownerSignature: await note.signTypedData(domain, redeemTypes, { program: programId, merchant, order, deadline })
        }
      }))
      return { account: 'controller', contract: 'RewardPrograms', method: 'redeem', args: [programId, merchant, order, deadline, notes] }
    }
    await enqueue(await createBatch(id('warm up')), 'warm up')
    await confirmed('warm up')

    const calls = []
    for (let at = 0; at < batches; at++) calls.push(await createBatch(id(`order ${at}`)))
    const begun = performance.now()
    for (const [at, call] of calls.entries()) await enqueue(call, `batch ${at}`)
    const entries = []
    for (const at of calls.keys()) entries.push(await confirmed(`batch ${at}`))
    const seconds = (performance.now() - begun) / 1_000
    const receipts = await Promise.all(entries.map((entry) => fetchReceipt(provider, entry.transactionHash ?? '')))
    const gas = receipts.reduce((sum, receipt) => sum + Number(receipt?.gasUsed ?? NaN), 0) / (batches * batchSize)
    const note = `${Math.round(gas).toLocaleString('en')} gas a note, ${batches} batches of ${batchSize}, one account, elapsed time`
    return [{ name: 'redeem notes on the chain through the outbox', ratePerSecond: (batches * batchSize) / seconds, note }]
  } finally {
    await outbox?.stop()
    await db.destroy()
    await chain.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
