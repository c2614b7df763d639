import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { id } from 'ethers'
import { parseDeployment, type Deployment } from '../../chain/deployment.ts'
import type { FederationAction } from '../../chain/governance-actions.ts'
import { findProposal } from '../../chain/governance-queries.ts'
import { createIndexer } from '../../chain/indexer/indexer.ts'
import { findMember } from '../../chain/member-queries.ts'
import { createOutbox, type Outbox } from '../../chain/outbox/outbox.ts'
import { listCities } from '../../chain/queries.ts'
import { rehearse } from '../../chain/rehearsal.ts'
import { createRpcProvider, type ChainProvider } from '../../chain/rpc.ts'
import { createStatusSource } from '../../chain/status-source.ts'
import { deploySymbolon } from '../../scripts/deploy.ts'
import { demoParameters } from '../../scripts/lib/federation-parameters.ts'
import { Council, foundTestFederation } from './support/council.ts'
import { onEachChainDatabase } from './support/database.ts'
import { PublishedList, Sender } from './support/history.ts'
import { startEthereumJs, startHardhatNode } from './support/engines.ts'
import { owner, porto, portoController, recovery, signers, until } from './support/network.ts'

const engines = { 'Hardhat’s own node': startHardhatNode, 'EthereumJS, an EVM that shares no code with the others': startEthereumJs }

for (const [name, start] of Object.entries(engines)) describe(`Outbox and index on ${name}, which asks for fees`, function () {
  this.timeout(120_000)
  let provider: ChainProvider
  let deployment: Deployment
  let folder: string
  let rpcUrl: string
  let close: () => Promise<void>

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symbolon-engine-'))
    const node = await start()
    close = async () => { await node.close() }
    rpcUrl = `http://127.0.0.1:${node.port}`
    provider = createRpcProvider({ rpcUrl })
    deployment = parseDeployment(await deploySymbolon({ rpcUrl, deployerPrivateKey: owner.privateKey, deploymentDir: join(folder, 'journal'), parameters: demoParameters }))
    const sender = new Sender(provider, deployment)
    await sender.call(owner, 'CityRegistry', 'admit', [porto, 'Porto', 'did:web:porto.example', portoController.address, recovery.address, 'https://porto.example'])
    await sender.call(owner, 'CityRegistry', 'activate', [porto, id('agreement of PTOPO'), id('dpia of PTOPO')])
  })
  after(async () => {
    await close()
    await rm(folder, { recursive: true, force: true })
  })

  onEachChainDatabase((db) => {
    let outbox: Outbox
    let snapshot: unknown

    beforeEach(async () => {
      snapshot = await provider.send('evm_snapshot', [])
      outbox = createOutbox({ db: db(), provider, signers, deployment, doubtMs: 200 })
      outbox.start()
    })
    afterEach(async () => {
      await outbox.stop()
      await provider.send('evm_revert', [snapshot])
    })

    const announce = async (numbers: readonly number[], city = porto) => {
      for (const number of numbers) {
        await db().transaction().execute((trx) =>
          outbox.enqueue(trx, {
            account: 'porto', contract: 'CityRegistry', method: 'changeServiceUrl', key: `call ${number}`, args: [city, `https://porto.example/${number}`]
          }))
      }
      return await Promise.all(numbers.map(async (number) => await outbox.waitFor(`call ${number}`, { timeoutMs: 30_000 })))
    }
    const index = () => createIndexer({ db: db(), provider, deployment })
    const serviceUrl = async () => (await listCities(db())).find((city) => city.locode === 'PTOPO')?.serviceUrl

    it('sends calls in order and indexes what came of them', async () => {
      const entries = await announce([1, 2, 3, 4, 5])
      expect(entries.map((entry) => entry.state)).to.deep.equal(Array(5).fill('confirmed'))
      const places = entries.map((entry) => entry.blockNumber ?? 0)
      expect(places).to.deep.equal(places.toSorted((a, b) => a - b))
      await index().catchUp()
      expect(await serviceUrl()).to.equal('https://porto.example/5')
    })

    it('decodes why a contract refused a call', async () => {
      const [entry] = await announce([1], '0x4652434645')
      expect(entry).to.include({ state: 'failed', errorCode: 'ERR_CITY_REGISTRY_WRONG_STATUS' })
    })

    it('follows a status list', async () => {
      await outbox.stop()
      const list = new PublishedList(new Sender(provider, deployment))
      await list.create()
      await list.publish([2])
      await index().catchUp()
      expect(await createStatusSource(db()).readStatus(list.uri, 1)).to.include({ value: 'invalid', epoch: 1 })
    })

    it('follows a federation from its founding through a vote, and rehearses proposals', async () => {
      await outbox.stop()
      await foundTestFederation(rpcUrl, deployment)
      const council = new Council(new Sender(provider, deployment))
      const options = { db: db(), provider, deployment }
      await index().catchUp()
      const actions: FederationAction[] = [
        { type: 'suspend', city: 'DEBER', reason: 1, untilSeconds: 4_000_000_000 }, { type: 'reinstate', city: 'DEBER' }
      ]
      expect(await rehearse(options, actions)).to.deep.equal({ passes: true })
      expect(await rehearse(options, [...actions, { type: 'reinstate', city: 'DEBER' }])).to.include({ passes: false, index: 2, code: 'ERR_CITY_REGISTRY_WRONG_STATUS' })
      const motion = await council.decide(actions)
      await index().catchUp()
      expect(await findProposal(db(), motion.proposalId)).to.deep.include({ state: 'executed', actions: actions.map((action) => ({ ...action, contract: 'CityRegistry' })) })
      expect((await findMember(db(), 'DEBER'))?.history.map(({ kind, proposalId }) => [kind, proposalId])).to.deep.equal([
        ['admitted', undefined], ['activated', undefined], ['suspended', motion.proposalId], ['reinstated', motion.proposalId]
      ])
    })

    it('sends again what a re-organisation took away, and the index follows', async () => {
      await announce([1])
      const indexer = index()
      await indexer.catchUp()
      const inner = await provider.send('evm_snapshot', [])
      await announce([2, 3])
      await indexer.catchUp()
      expect(await serviceUrl()).to.equal('https://porto.example/3')
      const hash = (await outbox.state('call 3'))?.transactionHash
      await provider.send('evm_revert', [inner])
      await until(async () => (await provider.send('eth_getTransactionReceipt', [hash])) !== null, 'the call being sent again', 30_000)
      await indexer.catchUp()
      expect(await serviceUrl()).to.equal('https://porto.example/3')
    })
  })
})
