import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { AbiCoder, concat } from 'ethers'
import { encodeDelta } from '../../../agent/status/delta.ts'
import { createStatusBits, flipPositions } from '../../../agent/status/status-bits.ts'
import { statusListIdOf } from '../../../agent/status/list-id.ts'
import { createIssuance } from '../../../api/issuance/issuance.ts'
import { chainTables, createChainSender } from '../../../api/platform/chain-sender.ts'
import { migrate, openDatabase, type Db } from '../../../api/platform/database.ts'
import { createIndexer, type Indexer } from '../../../chain/indexer/indexer.ts'
import { chainMigrations } from '../../../chain/migrations.ts'
import { createOutbox, type Outbox } from '../../../chain/outbox/outbox.ts'
import { createStatusHomes } from '../../../chain/status-homes.ts'
import { createStatusSource } from '../../../chain/status-source.ts'
import { readArtifact } from '../../../scripts/compile-contracts.ts'
import { Council } from '../../chain/support/council.ts'
import { barcelonaController, berlinController, clermontController, owner, porto, portoController, TestNetwork } from '../../chain/support/network.ts'
import { codeHashOf, Sender } from '../../chain/support/sender.ts'
import { cityMigrations, createTestCity, type TestCity } from '../city.ts'
import { issueCard, keysOf, statusOf } from '../wallet.ts'

/** The least that the contract allows. */
const SIZE = 2 ** 20

describe('the revocations of a city on a chain', function () {
  this.timeout(300_000)
  let network: TestNetwork
  let sender: Sender
  let council: Council
  let db: Db
  let city: TestCity
  let outbox: Outbox
  let indexer: Indexer
  let publishEpochs: () => Promise<void>
  let aheadMs = 0
  let decisions = 0

  const clock = (): Date => new Date(Date.now() + aheadMs)
  /** The service as a process has it that starts now. */
  const start = (): void => {
    const tables = chainTables(db)
    const { provider, deployment } = network
    const signers = {
      addressOf: async () => portoController.address,
      signTransaction: async (_: string, transaction: Parameters<typeof portoController.signTransaction>[0]) => await portoController.signTransaction(transaction),
    }
    outbox = createOutbox({ db: tables, provider, deployment, signers, clock: () => clock().getTime(), pollMs: 20, doubtMs: 50, worker: 'only' })
    indexer = createIndexer({ db: tables, provider, deployment, pollMs: 20 })
    const issuance = createIssuance({
      ...city.deps, clock, chain: createChainSender(db, outbox), statusHomes: createStatusHomes({ db: tables, provider, deployment }),
    }, { listSize: SIZE })
    publishEpochs = async () => await issuance.jobs.find(({ name }) => name === 'status-epochs')?.run(clock())
  }
  const run = async (): Promise<void> => {
    start()
    await indexer.start()
    outbox.start()
  }
  const stop = async (): Promise<void> => {
    await outbox.stop()
    await indexer.stop()
  }
  const settle = async (): Promise<void> => {
    for (let depth = await outbox.depth(); depth.queued + depth.sent > 0; depth = await outbox.depth()) await new Promise((resolve) => setTimeout(resolve, 20))
    await indexer.catchUp()
  }
  /** One epoch, and what becomes of it. */
  const round = async (): Promise<void> => {
    aheadMs += 600_000
    await publishEpochs()
    await settle()
  }
  const revoke = async () => {
    const { cardId, credentials } = await issueCard(city, keysOf(1))
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' })
    return statusOf(credentials[0] ?? '')
  }
  const valueOf = async ({ uri, idx }: { uri: string; idx: number }) => (await createStatusSource(chainTables(db)).readStatus(uri, idx, 'PTOPO'))?.value
  const decide = async (...actions: Parameters<Council['decide']>[0]) => await council.decide(actions, `Decision ${decisions += 1}`)
  const deploy = async (): Promise<string> => {
    const { CityRegistry, Guardian } = network.deployment.contracts
    const { bytecode } = await readArtifact('StatusLists')
    return await sender.deploy(owner, concat([bytecode, AbiCoder.defaultAbiCoder().encode(['address', 'address'], [CityRegistry, Guardian])]))
  }
  const point = async (target: string) => await decide({ type: 'point_directory', name: 'StatusLists', target, codeHash: await codeHashOf(sender, target) })
  const all: { uri: string; idx: number }[] = []
  /** Every card that was ever revoked reads as revoked, with the latest one among them. */
  const expectAllRevoked = async (...latest: { uri: string; idx: number }[]): Promise<void> => {
    all.push(...latest)
    for (const card of all) expect(await valueOf(card)).to.equal('invalid')
  }

  before(async () => {
    network = await TestNetwork.start('founded')
    sender = new Sender(network.provider, network.deployment)
    council = new Council(sender)
    db = openDatabase({ kind: 'memory' })
    await migrate(db, { ...cityMigrations, ...chainMigrations })
    city = await createTestCity({ db, listSize: SIZE })
    await run()
    await round()
    await round()
  })
  after(async () => {
    await stop()
    await city.close()
    await db.destroy()
    await network.stop()
  })

  it('go on through a suspension', async () => {
    await decide({ type: 'suspend', city: 'PTOPO', reason: 3, untilSeconds: 2 ** 40 })
    const card = await revoke()
    for (let i = 0; i < 7; i++) await round()
    expect(await valueOf(card)).to.equal('valid')
    const motion = await council.propose([{ type: 'reinstate', city: 'PTOPO' }], { by: clermontController, description: 'Porto is back' })
    await council.beginVote()
    for (const by of [clermontController, barcelonaController, berlinController]) await council.vote(motion, by, 'for')
    await council.endVote()
    await council.queue(motion)
    await council.execute(motion)
    await indexer.catchUp()
    await round()
    await expectAllRevoked(card)
  })

  it('go on in a contract that replaces the first, and in the first when it is named again although something landed there meanwhile', async () => {
    const { StatusLists: first } = network.deployment.contracts
    const second = await deploy()
    await point(second)
    const card = await revoke()
    await round()
    // What is sent to a contract that counts no more: the list's own number moves on there.
    const [uri, bits] = [`${city.url}/status/1`, createStatusBits(SIZE)]
    const listId = statusListIdOf('PTOPO', uri)
    const { StatusLists } = network.contracts(owner)
    const { epoch } = await StatusLists.head(listId)
    flipPositions(bits, [3])
    await sender.call(portoController, 'StatusLists', 'publish', [listId, epoch + 1n, createHash('sha256').update(bits).digest(), encodeDelta([3])])
    await round()
    await expectAllRevoked(card)
    await point(first)
    const late = await revoke()
    await round()
    await round()
    await expectAllRevoked(late)
    expect((await StatusLists.head(listId)).epoch).to.be.above(Number(epoch) + 2)
  })

  it('go on in a contract in which the list was opened before its time', async () => {
    const third = await deploy()
    const there = new Sender(network.provider, { ...network.deployment, contracts: { ...network.deployment.contracts, StatusLists: third } })
    await there.call(portoController, 'StatusLists', 'create', [porto, `${city.url}/status/1`, SIZE])
    await point(third)
    const card = await revoke()
    await round()
    await round()
    await expectAllRevoked(card)
  })

  it('go on when the chain takes blocks back, and when the process ends between writing and sending', async () => {
    await round()
    const fork = await network.provider.send('evm_snapshot', [])
    const card = await revoke()
    await round()
    await expectAllRevoked(card)
    await network.provider.send('evm_revert', [fork])
    await network.provider.send('evm_mine', [])
    await round()
    await expectAllRevoked()
    await stop()
    start()
    const late = await revoke()
    aheadMs += 600_000
    await publishEpochs()
    await run()
    await settle()
    await round()
    await expectAllRevoked(late)
  })
})
