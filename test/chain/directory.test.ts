import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { AbiCoder, concat, hexlify, id, ZeroAddress, ZeroHash } from 'ethers'
import { encodeDelta } from '../../agent/status/delta.ts'
import { createStatusBits, flipPositions } from '../../agent/status/status-bits.ts'
import type { TrustSource } from '../../agent/trust.ts'
import { currentDeployment, readContractBook } from '../../chain/contract-book.ts'
import type { ContractName } from '../../chain/deployment.ts'
import { ChainError } from '../../chain/errors.ts'
import { directoryHistory } from '../../chain/governance-queries.ts'
import { createIndexer } from '../../chain/indexer/indexer.ts'
import { createOutbox, type Outbox } from '../../chain/outbox/outbox.ts'
import { listAnchors, listDirectory, listStatusLists } from '../../chain/queries.ts'
import { rehearseCall } from '../../chain/rehearse-call.ts'
import { createStatusHomes } from '../../chain/status-homes.ts'
import { createStatusSource } from '../../chain/status-source.ts'
import { createTrustSource } from '../../chain/trust-source.ts'
import { readArtifact } from '../../scripts/compile-contracts.ts'
import { Council } from './support/council.ts'
import { onEachChainDatabase } from './support/database.ts'
import { forEver, issuerKey, portoCard, portoList, PublishedList } from './support/history.ts'
import { readIndexContent } from './support/index-content.ts'
import { LyingNode } from './support/lying-node.ts'
import { clermont, clermontController, owner, porto, portoController, signers, TestNetwork } from './support/network.ts'
import { codeHashOf, Sender } from './support/sender.ts'

const thumbprint = createHash('sha256')
  .update(`{"crv":"P-256","kty":"EC","x":"${toBase64url(issuerKey.x)}","y":"${toBase64url(issuerKey.y)}"}`)
  .digest()
const key = thumbprint.toString('base64url')
const otherCard = 'https://porto.example/vct/library-card'

describe('Contracts that the federation replaces', function () {
  this.timeout(120_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    /** Writes to the contracts of the deployment, whatever the Directory says. */
    let sender: Sender
    let council: Council
    let trust: TrustSource
    let outbox: Outbox | undefined
    let snapshot: unknown

    before(async () => {
      network = await TestNetwork.start('founded')
      sender = new Sender(network.provider, network.deployment)
      council = new Council(sender)
    })
    after(async () => { await network.stop() })
    beforeEach(async () => {
      snapshot = await network.provider.send('evm_snapshot', [])
      trust = createTrustSource(db())
    })
    afterEach(async () => {
      await outbox?.stop()
      outbox = undefined
      await network.provider.send('evm_revert', [snapshot])
    })

    const index = () => createIndexer({ db: db(), provider: network.provider, deployment: network.deployment })
    const catchUp = async () => { await index().catchUp() }
    /** Deploys a new version of a contract that takes the registry and the guardian. */
    const deploy = async (name: ContractName): Promise<string> => {
      const { CityRegistry, Guardian } = network.deployment.contracts
      const { bytecode } = await readArtifact(name)
      return await sender.deploy(owner, concat([bytecode, AbiCoder.defaultAbiCoder().encode(['address', 'address'], [CityRegistry, Guardian])]))
    }
    const point = async (name: ContractName, target: string, why = `${name} at ${target}`) =>
      await council.decide([{ type: 'point_directory', name, target, codeHash: await codeHashOf(sender, target) }], why)
    /** Writes to a contract at another address than the deployment's. */
    const at = (name: ContractName, address: string) =>
      new Sender(network.provider, { ...network.deployment, contracts: { ...network.deployment.contracts, [name]: address } })
    const accredit = async (through: Sender, type: string) => {
      await through.call(portoController, 'IssuerRegistry', 'accredit', [porto, issuerKey.x, issuerKey.y, type, 100, forEver])
    }
    const types = async () => {
      const found = await Promise.all([portoCard, otherCard].map(async (type) => (await trust.findAccreditations(key, type)).length))
      return found.join()
    }
    const sizes = async () => (await listAnchors(db())).map((anchor) => anchor.size)
    const anchor = async (through: Sender, size: number) => {
      await through.call(portoController, 'Anchors', 'anchor', [porto, 0, size, id(`root ${size}`)])
    }

    it('keeps what the old IssuerRegistry said, and listens to the new one from the entry on, and to it alone', async () => {
      await accredit(sender, portoCard)
      const target = await deploy('IssuerRegistry')
      const renewed = at('IssuerRegistry', target)
      await accredit(renewed, 'https://porto.example/before-its-time')
      const { proposalId } = await point('IssuerRegistry', target)
      await accredit(sender, 'https://porto.example/after-its-time')
      await catchUp()
      expect(await types()).to.equal('1,0')
      await accredit(renewed, otherCard)
      await catchUp()
      expect(await types()).to.equal('1,1')
      expect(await trust.findAccreditations(key, 'https://porto.example/before-its-time')).to.deep.equal([])
      expect(await trust.findAccreditations(key, 'https://porto.example/after-its-time')).to.deep.equal([])
      await renewed.call(portoController, 'IssuerRegistry', 'withdraw', [porto, hexlify(thumbprint), id(otherCard), 5_000])
      await catchUp()
      expect((await trust.findAccreditations(key, otherCard))[0]).to.include({ untrustedFromSeconds: 5_000 })
      expect((await trust.findAccreditations(key, portoCard))[0]).to.not.have.property('untrustedFromSeconds')
      const [latest, first] = await directoryHistory(db(), { name: 'IssuerRegistry' })
      expect(latest).to.include({ target, proposalId, current: true })
      expect(first).to.include({ target: network.deployment.contracts.IssuerRegistry, current: false })
    })

    it('reads the same whether it follows block by block, in one stretch, or anew', async () => {
      const follow = index()
      await follow.catchUp()
      await anchor(sender, 1)
      await follow.catchUp()
      const target = await deploy('Anchors')
      await follow.catchUp()
      await point('Anchors', target)
      await follow.catchUp()
      await anchor(sender, 2)
      await anchor(at('Anchors', target), 3)
      await follow.catchUp()
      expect(await sizes()).to.have.members([1, 3])
      const followed = await readIndexContent(db())
      await createIndexer({ db: db(), provider: network.provider, deployment: network.deployment, batchBlocks: 7 }).rebuild()
      expect(await readIndexContent(db())).to.deep.equal(followed)
      await index().rebuild()
      expect(await readIndexContent(db())).to.deep.equal(followed)
    })

    it('goes back to the old contract when a re-organisation takes the entry away', async () => {
      const target = await deploy('Anchors')
      await catchUp()
      const fork = await network.provider.send('evm_snapshot', [])
      await point('Anchors', target)
      await anchor(at('Anchors', target), 3)
      await catchUp()
      expect(await sizes()).to.deep.equal([3])
      await network.provider.send('evm_revert', [fork])
      await anchor(sender, 2)
      await catchUp()
      expect(await sizes()).to.deep.equal([2])
    })

    /** Porto's list with a first epoch, and how it is read. */
    const openList = async () => {
      const source = createStatusSource(db())
      const list = new PublishedList(sender)
      await list.create()
      await list.publish([2])
      return { list, read: async (position: number) => (await source.readStatus(portoList, position))?.value }
    }

    it('answers the status of cards from the old list until the city says something in the new one', async () => {
      const { list, read } = await openList()
      const target = await deploy('StatusLists')
      await point('StatusLists', target)
      await catchUp()
      expect([await read(1), await read(2)]).to.deep.equal(['invalid', 'valid'])
      const renewed = new PublishedList(at('StatusLists', target))
      await renewed.create()
      await catchUp()
      expect(await read(1)).to.equal('invalid')
      // An empty list knows no revocation: the first epoch says all of them again.
      await renewed.publish([2, 4])
      await renewed.publish([7])
      await list.publish([100]).catch(() => undefined)
      await catchUp()
      expect([await read(1), await read(2), await read(3), await read(50)]).to.deep.equal(['invalid', 'invalid', 'suspended', 'valid'])
      expect(await listStatusLists(db())).to.have.length(1)
      const followed = await readIndexContent(db())
      await index().rebuild()
      expect(await readIndexContent(db())).to.deep.equal(followed)
    })

    it('takes a list back to an old contract that is named again, from the bits it had there', async () => {
      const { StatusLists: first } = network.deployment.contracts
      const { list, read } = await openList()
      const second = await deploy('StatusLists')
      await point('StatusLists', second)
      const renewed = new PublishedList(at('StatusLists', second))
      await renewed.create()
      await renewed.publish([2, 4])
      await catchUp()
      const homes = createStatusHomes({ db: db(), provider: network.provider, deployment: network.deployment })
      expect(await homes.current()).to.include({ contract: second })
      expect(await homes.find('PTOPO', portoList, first)).to.deep.include({ epoch: 1 })
      expect(await homes.isAt('PTOPO', portoList, { contract: second, epoch: 1, digest: renewed.digest })).to.equal(true)
      expect(await homes.isAt('PTOPO', portoList, { contract: first, epoch: 1, digest: list.digest })).to.equal(false)
      await point('StatusLists', first)
      await catchUp()
      expect(await homes.current()).to.include({ contract: first })
      // Named again, it says nothing yet: the last word goes on counting.
      expect([await read(1), await read(2)]).to.deep.equal(['invalid', 'invalid'])
      await list.publish([4, 6])
      await catchUp()
      expect([await read(1), await read(2), await read(3)]).to.deep.equal(['invalid', 'invalid', 'invalid'])
      expect((await listStatusLists(db()))[0]).to.include({ epoch: 2, digest: list.digest, broken: false })
      await point('StatusLists', second, 'The second again')
      await renewed.publish([9])
      await catchUp()
      expect([await read(2), await read(3), await read(4)]).to.deep.equal(['invalid', 'valid', 'suspended'])
      const followed = await readIndexContent(db())
      await index().rebuild()
      expect(await readIndexContent(db())).to.deep.equal(followed)
      expect([await read(2), await read(3), await read(4)]).to.deep.equal(['invalid', 'valid', 'suspended'])
    })

    it('believes nothing of a list that was written to while its contract did not count', async () => {
      const { StatusLists: first } = network.deployment.contracts
      const list = new PublishedList(sender)
      await list.create()
      await list.publish([2])
      const second = await deploy('StatusLists')
      await point('StatusLists', second)
      const renewed = new PublishedList(at('StatusLists', second))
      await renewed.create()
      await renewed.publish([2])
      await list.publish([4])
      await point('StatusLists', first)
      await catchUp()
      const homes = createStatusHomes({ db: db(), provider: network.provider, deployment: network.deployment })
      // The number of what did not count is gone; its bits are none.
      const counted = createStatusBits(2 ** 20)
      flipPositions(counted, [2])
      expect(await homes.find('PTOPO', portoList, first)).to.deep.equal({ epoch: 2, bits: counted })
      await list.publish([6])
      await catchUp()
      expect((await listStatusLists(db()))[0]).to.include({ epoch: 3, broken: true })
      expect(await createStatusSource(db()).readStatus(portoList, 1)).to.equal(undefined)
      expect(await homes.isAt('PTOPO', portoList, { contract: first, epoch: 3, digest: list.digest })).to.equal(false)
      // The next epoch says what readers lack, and the list is whole again.
      await list.publishRaw(list.digest, encodeDelta([4]))
      await catchUp()
      expect((await listStatusLists(db()))[0]).to.include({ epoch: 4, broken: false })
      const read = async () => await Promise.all([1, 2, 3, 4].map(async (index) => (await createStatusSource(db()).readStatus(portoList, index))?.value))
      expect(await read()).to.deep.equal(['invalid', 'invalid', 'invalid', 'valid'])
      expect(await homes.isAt('PTOPO', portoList, { contract: first, epoch: 4, digest: list.digest })).to.equal(true)
      const followed = await readIndexContent(db())
      await index().rebuild()
      expect(await readIndexContent(db())).to.deep.equal(followed)
      expect(await read()).to.deep.equal(['invalid', 'invalid', 'invalid', 'valid'])
      expect(await homes.find('PTOPO', 'https://porto.example/status/2', first)).to.equal(undefined)
    })

    it('takes a list to a contract in which it was opened before its time, with an epoch that fits it, and with no other', async () => {
      const { read } = await openList()
      const second = await deploy('StatusLists')
      const early = new PublishedList(at('StatusLists', second))
      await early.create()
      await early.publish([9])
      await point('StatusLists', second)
      await catchUp()
      const homes = createStatusHomes({ db: db(), provider: network.provider, deployment: network.deployment })
      expect(await homes.find('PTOPO', portoList, second)).to.deep.equal({ epoch: 1, bits: createStatusBits(2 ** 20) })
      await early.publish([4])
      await catchUp()
      expect([await read(1), await read(2)]).to.deep.equal(['invalid', 'valid'])
      const whole = createStatusBits(2 ** 20)
      flipPositions(whole, [2, 4])
      await early.publishRaw(`0x${createHash('sha256').update(whole).digest('hex')}`, encodeDelta([2, 4]))
      await catchUp()
      expect([await read(1), await read(2), await read(4)]).to.deep.equal(['invalid', 'invalid', 'valid'])
      expect((await listStatusLists(db()))[0]).to.include({ epoch: 3, broken: false })
      const followed = await readIndexContent(db())
      await index().rebuild()
      expect(await readIndexContent(db())).to.deep.equal(followed)
    })

    it('says which StatusLists counts only while the index is where the node is', async () => {
      const position = { db: db(), provider: network.provider, deployment: network.deployment, patienceMs: 0 }
      const homes = createStatusHomes(position)
      expect(await homes.current()).to.equal(undefined)
      await catchUp()
      const before = await homes.current()
      expect(before).to.include({ contract: network.deployment.contracts.StatusLists })
      await network.provider.send('evm_mine', [])
      expect(await homes.current()).to.equal(undefined)
      // A moment's lag is waited for.
      const patient = createStatusHomes({ ...position, patienceMs: 10_000 }).current()
      await catchUp()
      expect(await patient).to.deep.equal({ ...before, block: (before?.block ?? 0) + 1 })
      // The index has what the node had when it was asked, and may be further by now; but not on a chain that is gone.
      await network.provider.send('evm_mine', [])
      await catchUp()
      const slow = new LyingNode(network.provider)
      slow.lieAbout('eth_getBlockByNumber', async (block, [tag]) => tag === 'latest' ? await network.provider.send('eth_getBlockByNumber', [`0x${(before?.block ?? 0).toString(16)}`, false]) : block)
      expect(await createStatusHomes({ ...position, provider: slow }).current()).to.include({ block: (before?.block ?? 0) + 2 })
      await db().updateTable('chain_cursor').set({ block_hash: ZeroHash }).execute()
      expect(await createStatusHomes({ ...position, provider: slow }).current()).to.equal(undefined)
      await catchUp()
      const away = { send: async () => await Promise.reject(new ChainError('ERR_CHAIN_UNREACHABLE', 'away')) }
      expect(await createStatusHomes({ ...position, provider: away }).current()).to.equal(undefined)
      // Made by a version that read other things: it is read anew at the next look.
      await db().updateTable('chain_identity').set({ contracts: '[]' }).execute()
      expect(await homes.current()).to.equal(undefined)
    })

    it('says so when a list is open in a contract, and no reader can know', async () => {
      const homes = createStatusHomes({ db: db(), provider: network.provider, deployment: network.deployment })
      const second = await deploy('StatusLists')
      await new PublishedList(at('StatusLists', second)).create()
      await point('StatusLists', second)
      await catchUp()
      for (const contract of [second, network.deployment.contracts.Anchors]) {
        const refused = await homes.find('PTOPO', portoList, contract).catch((error: unknown) => error)
        expect(refused).to.be.instanceOf(ChainError)
        expect((refused as ChainError).code).to.be.oneOf(['ERR_CHAIN_LIST_BROKEN', 'ERR_CHAIN_RPC'])
      }
    })

    it('tries a call on the contract that the Directory names, and none on one that was taken out', async () => {
      const target = await deploy('Anchors')
      await anchor(sender, 5)
      await catchUp()
      const call = { contract: 'Anchors', method: 'anchor', args: [porto, 0, 3, id('root')] } as const
      const rehearse = async () => await rehearseCall(network.provider, await readContractBook(db(), network.deployment), portoController.address, call)
      expect(await rehearse()).to.include({ code: 'ERR_ANCHORS_NOT_GROWING' })
      await point('Anchors', target)
      await catchUp()
      expect(await rehearse()).to.equal(undefined)
      await council.decide([{ type: 'point_directory', name: 'Anchors', target: ZeroAddress, codeHash: ZeroHash }])
      await catchUp()
      expect(await rehearse().catch((error: unknown) => error)).to.be.instanceOf(ChainError).with.property('code', 'ERR_CHAIN_TARGET_UNKNOWN')
    })

    it('lets no other city take a list over in the new contract', async () => {
      const list = new PublishedList(sender)
      await list.create()
      await list.publish([2])
      const target = await deploy('StatusLists')
      await point('StatusLists', target)
      const thief = new PublishedList(at('StatusLists', target), portoList, clermontController)
      await thief.create(clermont)
      await thief.publish([4])
      await catchUp()
      expect(await createStatusSource(db()).readStatus(portoList, 1, 'PTOPO')).to.include({ city: 'PTOPO', value: 'invalid', epoch: 1 })
    })

    it('sends to the contract that the Directory names when a call’s turn comes', async () => {
      const target = await deploy('Anchors')
      outbox = createOutbox({ db: db(), provider: network.provider, signers, deployment: network.deployment, pollMs: 20 })
      const send = async (size: number) => {
        await db().transaction().execute(async (trx) => {
          await outbox?.enqueue(trx, { account: 'porto', contract: 'Anchors', method: 'anchor', args: [porto, 0, size, id('root')], key: `anchor ${size}` })
        })
        return await outbox?.waitFor(`anchor ${size}`, { timeoutMs: 20_000 })
      }
      const receiverOf = async (hash = '') => {
        const { to } = (await network.provider.send('eth_getTransactionByHash', [hash])) as { to: string }
        return to
      }
      outbox.start()
      expect(await receiverOf((await send(1))?.transactionHash)).to.equal(network.deployment.contracts.Anchors.toLowerCase())
      // The index has not seen the change: the outbox asks the chain.
      await point('Anchors', target)
      expect(await receiverOf((await send(2))?.transactionHash)).to.equal(target.toLowerCase())
      await catchUp()
      expect((await currentDeployment(db(), network.deployment)).contracts.Anchors).to.equal(target)
      const book = await readContractBook(db())
      expect([book.earlierOf('Anchors'), book.earlierOf('Settlement')]).to.deep.equal([[network.deployment.contracts.Anchors], []])
      expect([book.nameOf(target), book.nameOf(network.deployment.contracts.Anchors), book.nameOf(owner.address)]).to.deep.equal(['Anchors', 'Anchors', undefined])
    })

    it('sends nothing to a contract that was taken out, and hears nothing of it', async () => {
      await council.decide([{ type: 'point_directory', name: 'Anchors', target: ZeroAddress, codeHash: ZeroHash }])
      await anchor(sender, 4)
      await catchUp()
      expect(await sizes()).to.deep.equal([])
      expect((await listDirectory(db())).map((entry) => entry.name)).to.not.include('Anchors')
      outbox = createOutbox({ db: db(), provider: network.provider, signers, deployment: network.deployment, pollMs: 20 })
      await db().transaction().execute(async (trx) => {
        await outbox?.enqueue(trx, { account: 'porto', contract: 'Anchors', method: 'anchor', args: [porto, 0, 5, id('root')], key: 'anchor 5' })
      })
      outbox.start()
      expect(await outbox.waitFor('anchor 5', { timeoutMs: 20_000 })).to.include({ state: 'failed', errorCode: 'ERR_CHAIN_TARGET_UNKNOWN' })
    })

    it('does not follow a contract whose code on the node is not what the federation agreed on', async () => {
      const target = await deploy('Anchors')
      await catchUp()
      await point('Anchors', target)
      const node = new LyingNode(network.provider)
      node.lieAbout('eth_getCode', (code, [address]) => (String(address).toLowerCase() === target.toLowerCase() ? '0x6001' : code))
      const deceived = createIndexer({ db: db(), provider: node, deployment: network.deployment })
      const refused = await deceived.catchUp().catch((error: unknown) => error)
      expect(refused).to.be.instanceOf(ChainError).with.property('code', 'ERR_CHAIN_CODE_MISMATCH')
      expect(await directoryHistory(db(), { name: 'Anchors' })).to.have.length(1)
      await catchUp()
      expect(await createIndexer({ db: db(), provider: node, deployment: network.deployment }).start().catch((error: unknown) => error))
        .to.have.property('code', 'ERR_CHAIN_CODE_MISMATCH')
    })

    it('is not confused by a name that points to a contract of another kind', async () => {
      const { Anchors } = network.deployment.contracts
      await point('Settlement', Anchors)
      await anchor(sender, 6)
      await catchUp()
      expect(await sizes()).to.deep.equal([6])
    })
  })
})

function toBase64url(hex: string): string {
  return Buffer.from(hex.slice(2), 'hex').toString('base64url')
}
