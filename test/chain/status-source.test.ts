import { expect } from 'chai'
import { id } from 'ethers'
import { createIndexer, type Indexer } from '../../chain/indexer/indexer.ts'
import { snapshotEveryEpochs } from '../../chain/indexer/status-fold.ts'
import { createStatusSource, type IndexedStatusSource } from '../../chain/status-source.ts'
import { onEachChainDatabase } from './support/database.ts'
import { clermont, clermontController } from './support/accounts.ts'
import { PublishedList, Sender } from './support/history.ts'
import { TestNetwork } from './support/network.ts'

describe('createStatusSource', function () {
  this.timeout(60_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    let sender: Sender
    let indexer: Indexer
    let source: IndexedStatusSource
    let list: PublishedList
    let start: unknown

    before(async () => {
      network = await TestNetwork.start()
      sender = new Sender(network.provider, network.deployment)
    })
    after(async () => {
      await network.stop()
    })
    beforeEach(async () => {
      start = await network.provider.send('evm_snapshot', [])
      indexer = createIndexer({ db: db(), provider: network.provider, deployment: network.deployment })
      source = createStatusSource(db())
      list = new PublishedList(sender)
      await list.create()
    })
    afterEach(async () => {
      await network.provider.send('evm_revert', [start])
    })

    const publish = async (...positions: number[]) => {
      await list.publish(positions)
      await indexer.catchUp()
    }
    const read = async (index: number) => {
      const reading = await source.readStatus(list.uri, index)
      return reading && `${reading.value} ${reading.epoch}`
    }

    it('follows the head of a list epoch by epoch', async () => {
      await indexer.catchUp()
      expect(await read(5)).to.equal('valid 0')
      await publish(11)
      expect(await read(5)).to.equal('suspended 1')
      await publish(10)
      expect(await read(5), 'the stronger word counts').to.equal('invalid 2')
      await publish(11)
      await publish(20)
      expect(await read(5)).to.equal('invalid 4')
      expect(await read(10)).to.equal('invalid 4')
    })

    it('says when the epoch it read was written', async () => {
      await publish(1)
      const atSeconds = await sender.nowSeconds()
      expect((await source.readStatus(list.uri, 0))?.updatedAtSeconds).to.equal(atSeconds)
      expect((await source.readBits(list.uri))?.publishedAtSeconds).to.equal(atSeconds)
    })

    it('reads again after a re-organisation, from a source that had read the losing side', async () => {
      await publish(2)
      const snapshot = await network.provider.send('evm_snapshot', [])
      await publish(4)
      await publish(6)
      expect([await read(2), await read(3)]).to.deep.equal(['invalid 3', 'invalid 3'])
      const idle = createStatusSource(db())
      expect(await idle.readStatus(list.uri, 2)).to.include({ value: 'invalid', epoch: 3 })
      await network.provider.send('evm_revert', [snapshot])
      await indexer.catchUp()
      expect([await read(1), await read(2)]).to.deep.equal(['invalid 1', 'valid 1'])
      const winning = new PublishedList(sender)
      winning.epoch = 1
      winning.bits[0] = 0b100
      await winning.publish([8])
      await winning.publish([10])
      await indexer.catchUp()
      expect([await read(1), await read(2), await read(4)]).to.deep.equal(['invalid 3', 'valid 3', 'invalid 3'])
      expect((await source.readBits(list.uri))?.digest).to.equal(winning.digest)
      expect(await idle.readStatus(list.uri, 2), 'an epoch of the same number').to.include({ value: 'valid', epoch: 3 })
    })

    it('gives out bits that are its reader’s own', async () => {
      await publish(2)
      const bits = (await source.readBits(list.uri))?.bits
      bits?.fill(0)
      expect(await read(1)).to.equal('invalid 1')
    })

    it('knows nothing of other lists and of indexes outside a list', async () => {
      await publish(2)
      expect(await source.readStatus('https://porto.example/status/2', 1)).to.equal(undefined)
      expect(await source.readBits('https://porto.example/status/2')).to.equal(undefined)
      for (const index of [-1, 2 ** 20, 0.5, NaN, Infinity]) expect(await read(index), String(index)).to.equal(undefined)
      expect(await read(2 ** 20 - 1)).to.equal('valid 1')
    })

    it('reads the list of the city that is meant, whoever else publishes under its address', async () => {
      await publish(2)
      const other = new PublishedList(sender, list.uri, clermontController)
      await other.create(clermont)
      await other.publish([4])
      await indexer.catchUp()
      const valueAt = async (index: number, city?: string) => (await source.readStatus(list.uri, index, city))?.value
      expect([await valueAt(1, 'PTOPO'), await valueAt(2, 'PTOPO')]).to.deep.equal(['invalid', 'valid'])
      expect([await valueAt(1, 'FRCFE'), await valueAt(2, 'FRCFE')]).to.deep.equal(['valid', 'invalid'])
      expect(await valueAt(1), 'nobody says whose').to.equal(undefined)
    })

    it('answers nothing when the stored deltas do not add up to the head, though the head says it is whole', async () => {
      await publish(2)
      await db().updateTable('chain_status_lists').set({ digest: id('tampered') }).execute()
      expect(await source.readBits(list.uri)).to.equal(undefined)
      expect(await read(1)).to.equal(undefined)
    })

    it('answers nothing for a list that is broken, also when it had read it before', async () => {
      await publish(2)
      expect(await read(1)).to.equal('invalid 1')
      await list.publishRaw(id('not its digest'), Uint8Array.of(0, 1, 0))
      await indexer.catchUp()
      expect(await read(1)).to.equal(undefined)
    })

    it('reads a list from its last snapshot and the deltas since', async () => {
      await publish(2)
      await publish(4)
      const bits = new Uint8Array(2 ** 18)
      bits[0] = 0b100
      await db().updateTable('chain_status_lists').set({ snapshot: bits, snapshot_epoch: 1 }).execute()
      await db().deleteFrom('chain_status_epochs').where('epoch', '=', 1).execute()
      expect([await read(1), await read(2)]).to.deep.equal(['invalid 2', 'invalid 2'])
    })

    it('has the same bits from a snapshot that the index wrote as from all deltas', async () => {
      for (let epoch = 1; epoch <= snapshotEveryEpochs + 1; epoch++) await list.publish([3 * epoch, 3 * epoch + 1])
      await indexer.catchUp()
      const row = await db().selectFrom('chain_status_lists').select('snapshot_epoch').executeTakeFirst()
      expect(Number(row?.snapshot_epoch)).to.equal(snapshotEveryEpochs)
      const reading = await source.readBits(list.uri)
      expect(reading?.epoch).to.equal(snapshotEveryEpochs + 1)
      expect(reading?.digest).to.equal(list.digest)
    })

    it('answers readers that come at the same time alike', async () => {
      await publish(2, 9)
      const readings = await Promise.all(Array.from({ length: 20 }, async (_, at) => await read(at % 2 === 0 ? 1 : 4)))
      expect(new Set(readings)).to.deep.equal(new Set(['invalid 1', 'suspended 1']))
    })
  })
})
