import { expect } from 'chai'
import { AbiCoder, hexlify, id, ZeroHash } from 'ethers'
import { contractInterfaces } from '../../chain/contracts.ts'
import type { Deployment } from '../../chain/deployment.ts'
import { ChainError } from '../../chain/errors.ts'
import { statusListIdOf } from '../../agent/status/list-id.ts'
import { createIndexer, type Indexer, type IndexerOptions } from '../../chain/indexer/indexer.ts'
import * as queries from '../../chain/queries.ts'
import { createStatusSource } from '../../chain/status-source.ts'
import { derivedTables } from '../../chain/tables.ts'
import { createSeededRandom } from '../fakes/seeded-random.ts'
import { onEachChainDatabase } from './support/database.ts'
import { issuerKey, PublishedList, Sender, writeHistory } from './support/history.ts'
import { readIndexContent } from './support/index-content.ts'
import { porto, portoController, TestNetwork, until } from './support/network.ts'

describe('createIndexer', function () {
  this.timeout(60_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    let sender: Sender
    const running: Indexer[] = []

    beforeEach(async () => {
      network = await TestNetwork.start()
      sender = new Sender(network.provider, network.deployment)
    })
    afterEach(async () => {
      await Promise.all(running.splice(0).map((indexer) => indexer.stop()))
      await network.stop()
    })

    const create = (options: Partial<IndexerOptions> = {}): Indexer => {
      const indexer = createIndexer({ db: db(), provider: network.provider, deployment: network.deployment, pollMs: 30, ...options })
      running.push(indexer)
      return indexer
    }
    const content = () => readIndexContent(db())
    const changeUrl = (url: string) => sender.call(portoController, 'CityRegistry', 'changeServiceUrl', [porto, url])
    const serviceUrl = async () => (await queries.listCities(db())).find((city) => city.locode === 'PTOPO')?.serviceUrl
    /** What an index has that never saw anything but the chain as it is now. */
    const contentAnew = async () => {
      await create().rebuild()
      return await content()
    }

    it('has the same content after a rebuild, whatever the size of its batches', async () => {
      await writeHistory(sender)
      await create({ batchBlocks: 3 }).catchUp()
      const followed = await content()
      for (const table of derivedTables) expect(followed[table], table).to.not.have.length(0)
      expect(await contentAnew()).to.deep.equal(followed)
    })

    it('has the same content when it follows block by block as when it reads all at once', async () => {
      const indexer = create({ pollMs: 1 })
      await indexer.start()
      await writeHistory(sender)
      await indexer.catchUp()
      await indexer.stop()
      const followed = await content()
      expect(await contentAnew()).to.deep.equal(followed)
    })

    it('rolls back what a re-organisation took away, and only that', async () => {
      const indexer = create()
      await changeUrl('https://porto.example/kept')
      const list = new PublishedList(sender)
      await list.create()
      await list.publish([4])
      await indexer.catchUp()
      const before = await content()
      const snapshot = await network.provider.send('evm_snapshot', [])
      await writeHistoryOfTheLosingSide()
      await indexer.catchUp()
      expect(await content()).to.not.deep.equal(before)
      await network.provider.send('evm_revert', [snapshot])
      await indexer.catchUp()
      expect(await content()).to.deep.equal(before)

      async function writeHistoryOfTheLosingSide() {
        await changeUrl('https://porto.example/lost')
        await list.publish([4, 6])
        await sender.call(portoController, 'Anchors', 'anchor', [porto, 0, 5, id('root')])
      }
    })

    it('takes the blocks that came instead, in the status lists too', async () => {
      const indexer = create()
      const list = new PublishedList(sender)
      await list.create()
      await list.publish([4])
      await indexer.catchUp()
      const snapshot = await network.provider.send('evm_snapshot', [])
      await list.publish([8])
      await changeUrl('https://porto.example/lost')
      await indexer.catchUp()
      await network.provider.send('evm_revert', [snapshot])
      const winning = new PublishedList(sender)
      winning.epoch = 1
      winning.bits.set([0b1_0000])
      await winning.publish([11])
      await changeUrl('https://porto.example/won')
      await changeUrl('https://porto.example/won-later')
      await indexer.catchUp()
      expect(await serviceUrl()).to.equal('https://porto.example/won-later')
      const [head] = await queries.listStatusLists(db())
      expect(head).to.include({ epoch: 2, digest: winning.digest, broken: false })
      const followed = await content()
      expect(await contentAnew()).to.deep.equal(followed)
    })

    it('does not trust bits it kept when another worker rolled back and went on meanwhile', async () => {
      const [first, second] = [create(), create()]
      const list = new PublishedList(sender)
      await list.create()
      await list.publish([4])
      const snapshot = await network.provider.send('evm_snapshot', [])
      await list.publish([8])
      await first.catchUp()
      await network.provider.send('evm_revert', [snapshot])
      const winning = new PublishedList(sender)
      winning.epoch = 1
      winning.bits.set([0b1_0000])
      await winning.publish([11])
      await changeUrl('https://porto.example/longer')
      await second.catchUp()
      await winning.publish([12])
      await first.catchUp()
      expect((await queries.listStatusLists(db()))[0]).to.include({ epoch: 3, digest: winning.digest, broken: false })
    })

    it('follows a chain that comes back shorter after a kill', async () => {
      const indexer = create()
      await indexer.start()
      await changeUrl('https://porto.example/kept')
      await indexer.catchUp()
      const before = await content()
      const goBack = await network.remember()
      await changeUrl('https://porto.example/lost')
      await changeUrl('https://porto.example/lost-too')
      await until(async () => (await serviceUrl())?.endsWith('lost-too') ?? false, 'the index following')
      await goBack()
      await until(async () => (await serviceUrl())?.endsWith('kept') ?? false, 'the index going back')
      expect(await content()).to.deep.equal(before)
    })

    it('tells listeners of a rollback even when no block comes after it', async () => {
      const indexer = create()
      const blocks: number[] = []
      await indexer.catchUp()
      indexer.subscribe((block) => blocks.push(block))
      const snapshot = await network.provider.send('evm_snapshot', [])
      await changeUrl('https://porto.example/lost')
      const head = await indexer.catchUp()
      await network.provider.send('evm_revert', [snapshot])
      await indexer.catchUp()
      expect(blocks).to.deep.equal([head, head - 1])
    })

    it('refuses another chain and leaves the index as it is', async () => {
      const indexer = create()
      await indexer.catchUp()
      const before = await content()
      const swapBack = await network.swap()
      expect(await codeOf(indexer.catchUp())).to.equal('ERR_CHAIN_MISMATCH')
      expect(await codeOf(create().start())).to.equal('ERR_CHAIN_MISMATCH')
      expect(await content()).to.deep.equal(before)
      await swapBack()
      await changeUrl('https://porto.example/after')
      await indexer.catchUp()
      expect(await serviceUrl()).to.equal('https://porto.example/after')
    })

    it('refuses a deployment that is not on this chain', async () => {
      const contracts = { ...network.deployment.contracts, Anchors: `0x${'99'.repeat(20)}` }
      expect(await codeOf(create({ deployment: { ...network.deployment, contracts } }).catchUp())).to.equal('ERR_CHAIN_MISMATCH')
      const elsewhere: Deployment = { ...network.deployment, chainId: 7412 }
      expect(await codeOf(create({ deployment: elsewhere }).catchUp())).to.equal('ERR_CHAIN_MISMATCH')
    })

    it('waits while the node is away and goes on by itself', async () => {
      const indexer = create()
      await indexer.start()
      await indexer.catchUp()
      await network.down()
      await until(() => indexer.status().state === 'waiting', 'the indexer waiting')
      expect(indexer.status().error?.code).to.equal('ERR_CHAIN_UNREACHABLE')
      await network.up()
      await changeUrl('https://porto.example/back')
      await until(async () => (await serviceUrl()) === 'https://porto.example/back', 'the index following')
      await until(() => indexer.status().state === 'running', 'the indexer running')
      expect(indexer.status().error).to.equal(undefined)
    })

    it('starts over when the contracts were deployed anew on the same chain', async () => {
      await changeUrl('https://porto.example/old')
      await create().catchUp()
      const later = { ...network.deployment, deployedAtBlock: (await queries.latestBlock(db()))?.number ?? 0 }
      await create({ deployment: later }).catchUp()
      expect(await queries.listCities(db())).to.deep.equal([])
      await create().catchUp()
      expect(await serviceUrl()).to.equal('https://porto.example/old')
    })

    it('holds a list broken while its bits do not have the published digest, and mended when they have it again', async () => {
      const indexer = create()
      const source = createStatusSource(db())
      const list = new PublishedList(sender)
      await list.create()
      await list.publish([2])
      await indexer.catchUp()
      expect((await source.readStatus(list.uri, 1))?.value).to.equal('invalid')
      const goodDelta = Uint8Array.of(0, 1, 0b1110_0000)
      list.bits[0] = (list.bits[0] ?? 0) ^ 0b1000
      await list.publishRaw(id('a digest of something else'), goodDelta)
      await indexer.catchUp()
      expect((await queries.listStatusLists(db()))[0]).to.include({ epoch: 2, broken: true })
      expect(await source.readStatus(list.uri, 1)).to.equal(undefined)
      expect(await source.readBits(list.uri)).to.equal(undefined)
      await list.publish([9])
      await indexer.catchUp()
      expect((await queries.listStatusLists(db()))[0]).to.include({ epoch: 3, broken: false })
      expect((await source.readStatus(list.uri, 1))?.value).to.equal('invalid')
      const followed = await content()
      expect(await contentAnew()).to.deep.equal(followed)
    })

    it('holds a list broken whose delta cannot be read, although its digest is that of the bits before', async () => {
      const list = new PublishedList(sender)
      await list.create()
      await list.publish([2])
      await list.publishRaw(list.digest, Uint8Array.of(255, 255, 255))
      await create().catchUp()
      expect((await queries.listStatusLists(db()))[0]?.epoch).to.equal(2)
      expect((await createStatusSource(db()).readStatus(list.uri, 1))?.value).to.equal(undefined)
    })

    it('is not stopped by text that is no UTF-8, has U+0000 in it or is very long', async () => {
      const coder = AbiCoder.defaultAbiCoder()
      const incompressible = Buffer.from(createSeededRandom('long text')(9_000)).toString('base64')
      const odd = ['0xff00fe', hexlify(Buffer.alloc(6_000, 0)), hexlify(Buffer.from(incompressible))]
      const encode = (contract: 'CityRegistry' | 'StatusLists' | 'IssuerRegistry', method: string, types: string[], values: unknown[]) =>
        sender.raw(portoController, contract, `${contractInterfaces[contract].getFunction(method)?.selector}${coder.encode(types, values).slice(2)}`)
      for (const text of odd) {
        await encode('CityRegistry', 'changeServiceUrl', ['bytes5', 'bytes'], [porto, text])
        await encode('StatusLists', 'create', ['bytes5', 'bytes', 'uint32'], [porto, text, 2 ** 20])
        await encode('IssuerRegistry', 'accredit', ['bytes5', 'bytes32', 'bytes32', 'bytes', 'uint64', 'uint64'], [porto, issuerKey.x, issuerKey.y, text, 1, 4e9])
      }
      await changeUrl('https://porto.example/after')
      await create().catchUp()
      expect(await serviceUrl()).to.equal('https://porto.example/after')
      expect(await queries.listStatusLists(db())).to.have.length(odd.length)
      expect(await queries.listAccreditations(db(), { city: 'PTOPO' })).to.have.length(odd.length)
      const followed = await content()
      expect(await contentAnew()).to.deep.equal(followed)
    })

    it('marks a list that is larger than it follows as broken', async () => {
      await sender.call(portoController, 'StatusLists', 'create', [porto, 'https://porto.example/huge', 2 ** 32 - 8])
      await sender.call(portoController, 'StatusLists', 'publish', [statusListIdOf('PTOPO', 'https://porto.example/huge'), 1, id('digest'), '0x000100'])
      await create().catchUp()
      expect((await queries.listStatusLists(db()))[0]).to.include({ size: 2 ** 32 - 8, epoch: 1, broken: true })
      expect(await createStatusSource(db()).readStatus('https://porto.example/huge', 1)).to.equal(undefined)
    })

    it('begins a list with all entries valid and no digest', async () => {
      const list = new PublishedList(sender)
      await list.create()
      await create().catchUp()
      expect((await queries.listStatusLists(db()))[0]).to.include({ epoch: 0, digest: ZeroHash, broken: false })
    })
  })
})

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return await promise.then(() => undefined, (error: unknown) => (error instanceof ChainError ? error.code : String(error)))
}
