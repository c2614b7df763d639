import { expect } from 'chai'
import { id } from 'ethers'
import { ChainError } from '../../chain/errors.ts'
import { createIndexer, type Indexer, type IndexerOptions } from '../../chain/indexer/indexer.ts'
import { latestBlock, listAnchors, listCities } from '../../chain/queries.ts'
import { adviceOf } from '../../chain/revert-advice.ts'
import { onEachChainDatabase } from './support/database.ts'
import { LyingNode, withHashOf, withoutEventsOf } from './support/lying-node.ts'
import { porto, portoController, TestNetwork, until } from './support/network.ts'
import { Sender } from './support/sender.ts'

describe('An index with a second node as its witness', function () {
  this.timeout(60_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    let sender: Sender
    let node: LyingNode
    let witness: LyingNode
    const running: Indexer[] = []

    beforeEach(async () => {
      network = await TestNetwork.start()
      sender = new Sender(network.provider, network.deployment)
      node = new LyingNode(network.provider)
      witness = new LyingNode(network.provider)
    })
    afterEach(async () => {
      await Promise.all(running.splice(0).map((indexer) => indexer.stop()))
      await network.stop()
    })

    const create = (options: Partial<IndexerOptions> = {}): Indexer => {
      const indexer = createIndexer({ db: db(), provider: node, witness, deployment: network.deployment, pollMs: 20, auditEveryMs: 0, witnessPatienceMs: 0, ...options })
      running.push(indexer)
      return indexer
    }
    const anchor = async (size: number) =>
      (await sender.call(portoController, 'Anchors', 'anchor', [porto, 0, size, id(`root ${size}`)])).blockNumber
    const sizes = async () => (await listAnchors(db())).map((entry) => entry.size)
    const reached = async () => (await latestBlock(db()))?.number

    it('goes as far as the chain while both nodes tell the same', async () => {
      const head = await anchor(1)
      const indexer = create()
      expect(await indexer.catchUp()).to.equal(head)
      expect(indexer.status().witness).to.equal('agrees')
      expect(await sizes()).to.deep.equal([1])
      expect(create({ db: db() }).status().witness).to.equal('away')
    })

    for (const [who, liar] of [['the node', () => node], ['the witness', () => witness]] as const) {
      it(`stops before the block whose events ${who} hides, in the middle of a stretch`, async () => {
        await anchor(1)
        const hidden = await anchor(2)
        await anchor(3)
        liar().lieAbout('eth_getLogs', withoutEventsOf(hidden))
        const indexer = create()
        const refused: unknown = await indexer.catchUp().catch((error: unknown) => error)
        expect(refused).to.be.instanceOf(ChainError).and.to.include({
          code: 'ERR_CHAIN_DISAGREEMENT',
          message: `the node and its witness tell different stories of block ${hidden}; the index stays where it is. Compare both with a third ` +
            'node, replace the one that lies, and build the index anew if it has followed that one'
        })
        expect(adviceOf('ERR_CHAIN_DISAGREEMENT')).to.equal('Two nodes tell different stories: compare both with a third, and replace the one that lies.')
        expect(await reached()).to.equal(hidden - 1)
        expect(await sizes()).to.deep.equal([1])
        expect(indexer.status().witness).to.equal('disagrees')
        liar().confess()
        await indexer.catchUp()
        expect(await sizes()).to.deep.equal([3, 2, 1])
        expect(indexer.status().witness).to.equal('agrees')
      })

      it(`stops before the block to which ${who} gives another hash, also when it carries no event of ours`, async () => {
        await anchor(1)
        await network.provider.send('evm_mine', [])
        await network.provider.send('evm_mine', [])
        const head = await anchor(2)
        // Who lies about a block lies about all that is built on it.
        liar().lieAbout('eth_getBlockByNumber', (result, params) => {
          const lies = [head, head - 1].map((block) => withHashOf(block, id(`lie ${block}`)))
          return lies.reduce((answer, lie) => lie(answer, params), result)
        })
        liar().lieAbout('eth_getLogs', (result) =>
          (result as { blockNumber: string }[]).map((log) => (Number(log.blockNumber) === head ? { ...log, blockHash: id(`lie ${head}`) } : log)))
        expect(await codeOf(create().catchUp())).to.equal('ERR_CHAIN_DISAGREEMENT')
        expect(await reached()).to.equal(head - 2)
      })
    }

    it('does not go on once the node rewrites an old block, and goes on when it takes that back', async () => {
      const old = await anchor(1)
      const indexer = create()
      const head = await indexer.catchUp()
      await anchor(2)
      node.lieAbout('eth_getLogs', withoutEventsOf(old))
      expect(await codeOf(indexer.catchUp())).to.equal('ERR_CHAIN_DISAGREEMENT')
      expect(await reached()).to.equal(head)
      expect(await sizes()).to.deep.equal([1])
      node.confess()
      await indexer.catchUp()
      expect(await sizes()).to.deep.equal([2, 1])
    })

    it('does not go on once the node gives an old block another hash', async () => {
      const old = await anchor(1)
      const indexer = create()
      const head = await indexer.catchUp()
      await anchor(2)
      node.lieAbout('eth_getBlockByNumber', withHashOf(old, id('lie')))
      expect(await codeOf(indexer.catchUp())).to.equal('ERR_CHAIN_DISAGREEMENT')
      expect(await reached()).to.equal(head)
    })

    it('finds, when it starts, what a node told it while it had no witness', async () => {
      const hidden = await anchor(1)
      node.lieAbout('eth_getLogs', withoutEventsOf(hidden))
      await createIndexer({ db: db(), provider: node, deployment: network.deployment }).catchUp()
      expect(await sizes()).to.deep.equal([])
      node.confess()
      const indexer = create()
      expect(await codeOf(indexer.catchUp())).to.equal('ERR_CHAIN_DISAGREEMENT')
      await indexer.rebuild()
      expect(await sizes()).to.deep.equal([1])
    })

    it('does not go back for a node that alone has another history', async () => {
      await anchor(1)
      const indexer = create({ auditEveryMs: 60_000 })
      const head = await indexer.catchUp()
      node.lieAbout('eth_getBlockByNumber', withHashOf(head, id('lie')))
      await anchor(2)
      expect(await codeOf(indexer.catchUp())).to.equal('ERR_CHAIN_DISAGREEMENT')
      expect(await sizes()).to.deep.equal([1])
    })

    it('goes back when both nodes do', async () => {
      await anchor(1)
      const indexer = create()
      await indexer.catchUp()
      const snapshot = await network.provider.send('evm_snapshot', [])
      await anchor(2)
      await indexer.catchUp()
      await network.provider.send('evm_revert', [snapshot])
      await indexer.catchUp()
      expect(await sizes()).to.deep.equal([1])
    })

    it('takes what came instead when both nodes tell of it', async () => {
      const indexer = create()
      const snapshot = await network.provider.send('evm_snapshot', [])
      await anchor(2)
      await indexer.catchUp()
      await network.provider.send('evm_revert', [snapshot])
      await anchor(7)
      await indexer.catchUp()
      expect(await sizes()).to.deep.equal([7])
    })

    it('says that it waits, and why, for as long as the nodes disagree', async () => {
      const indexer = create()
      await indexer.start()
      node.lieAbout('eth_getLogs', withoutEventsOf((await indexer.catchUp()) + 1))
      await anchor(1)
      await until(() => indexer.status().error?.code === 'ERR_CHAIN_DISAGREEMENT', 'the indexer noticing')
      expect(indexer.status()).to.include({ state: 'waiting', witness: 'disagrees' })
      node.confess()
      await until(() => indexer.status().state === 'running', 'the indexer going on')
      expect(indexer.status()).to.not.have.property('error')
    })

    it('waits for a witness that is behind, and takes what it has', async () => {
      const indexer = create({ witnessPatienceMs: 60_000 })
      const head = await indexer.catchUp()
      await anchor(1)
      await anchor(2)
      witness.lieAbout('eth_getBlockByNumber', await behind(head))
      expect(await indexer.catchUp()).to.equal(head)
      expect(await sizes()).to.deep.equal([])
      expect(indexer.status()).to.include({ witness: 'away', block: head, headBlock: head + 2 })
      witness.lieAbout('eth_getBlockByNumber', await behind(head + 1))
      expect(await indexer.catchUp()).to.equal(head + 1)
      expect(await sizes()).to.deep.equal([1])
      witness.away = true
      expect(await indexer.catchUp()).to.equal(head + 1)
      witness.away = false
      witness.confess()
      await indexer.catchUp()
      expect(await sizes()).to.deep.equal([2, 1])
      expect(indexer.status().witness).to.equal('agrees')

      async function behind(block: number) {
        const latest = await network.provider.send('eth_getBlockByNumber', [`0x${block.toString(16)}`, false])
        return (result: unknown, [tag]: readonly unknown[]) => (tag === 'latest' ? latest : Number(tag) > block ? null : result)
      }
    })

    it('believes only the very answer that was compared', async () => {
      const block = await anchor(1)
      let asked = 0
      // Tells the truth at first, and a lie when it is asked again.
      node.lieAbout('eth_getLogs', (result, params) => {
        asked += 1
        return asked === 1 ? result : withoutEventsOf(block)(result, params)
      })
      await create({ auditEveryMs: 60_000 }).catchUp().catch(() => undefined)
      expect(await sizes()).to.deep.equal([1])
    })

    it('goes on without a witness that stays away, says so, and asks about it at once when it is back', async () => {
      await anchor(1)
      const indexer = create({ auditEveryMs: 60_000 })
      await indexer.catchUp()
      witness.away = true
      const alone = await anchor(2)
      await indexer.catchUp()
      expect(await sizes()).to.deep.equal([2, 1])
      expect(indexer.status().witness).to.equal('away')
      witness.away = false
      witness.lieAbout('eth_getLogs', withoutEventsOf(alone))
      expect(await codeOf(indexer.catchUp())).to.equal('ERR_CHAIN_DISAGREEMENT')
    })

    it('refuses a witness of another chain', async () => {
      witness.lieAbout('eth_getBlockByNumber', withHashOf(0, id('another chain')))
      expect(await codeOf(create().start())).to.equal('ERR_CHAIN_MISMATCH')
    })

    it('gives up on a node whose blocks and events never fit together, also without a witness', async () => {
      const block = await anchor(1)
      node.lieAbout('eth_getBlockByNumber', withHashOf(block, id('lie')))
      await anchor(2)
      const indexer = createIndexer({ db: db(), provider: node, deployment: network.deployment })
      expect(await codeOf(indexer.catchUp())).to.equal('ERR_CHAIN_DISAGREEMENT')
      expect(await listCities(db())).to.deep.equal([])
    })
  })
})

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  return await promise.then(() => undefined, (error: unknown) => (error instanceof ChainError ? error.code : String(error)))
}
