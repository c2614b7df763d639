import { expect } from 'chai'
import { id } from 'ethers'
import { cityHistory, standingAt, standingHistory } from '../../agent/trust-lists/standing.ts'
import type { TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import { ChainError } from '../../chain/errors.ts'
import { createTrustHistory, type TrustHistory } from '../../chain/history.ts'
import { createIndexer } from '../../chain/indexer/indexer.ts'
import { listProgramsAt, listStatusListsAt } from '../../chain/past-queries.ts'
import { latestBlock, listAccreditations, listCities, listRecognitions, listStatusLists } from '../../chain/queries.ts'
import { listPrograms } from '../../chain/reward-queries.ts'
import type { ChainProvider } from '../../chain/rpc.ts'
import { onEachChainDatabase } from './support/database.ts'
import { issuerKey, portoCard, Sender, writeHistory } from './support/history.ts'
import { owner, porto, portoController, TestNetwork } from './support/network.ts'

describe('createTrustHistory', function () {
  this.timeout(120_000)
  onEachChainDatabase((db) => {
    let network: TestNetwork
    let sender: Sender
    let clockSeconds = 0

    beforeEach(async () => {
      network = await TestNetwork.start()
      sender = new Sender(network.provider, network.deployment)
      clockSeconds = (await sender.nowSeconds()) + 10
    })
    afterEach(async () => { await network.stop() })

    const unreachable = { send: () => Promise.reject(new ChainError('ERR_CHAIN_UNREACHABLE', 'no node')) }
    const open = (provider = network.provider): TrustHistory =>
      createTrustHistory({ db: db(), deployment: network.deployment, provider, clock: () => clockSeconds * 1000 })
    const catchUp = async () => await createIndexer({ db: db(), provider: network.provider, deployment: network.deployment }).catchUp()
    const codeOf = async (act: Promise<unknown>): Promise<string> => await act.then(() => 'nothing', (error: ChainError) => error.code)

    /** What the tables of the index say, and what a register says, in the same words. */
    const tables = async (atSeconds: number) => ({
      programs: (await listPrograms(db())).map(({ denominations: _keys, ...program }) => program),
      lists: (await listStatusLists(db())).map(({ broken: _broken, ...list }) => list),
      cities: sorted(await listCities(db(), { atSeconds })),
      accreditations: sorted(await listAccreditations(db())),
      recognitions: sorted(await listRecognitions(db()))
    })
    const words = async (register: TrustRegister) => ({
      programs: await listProgramsAt(db(), register.block.number),
      lists: await listStatusListsAt(db(), register.block.number),
      cities: sorted(register.cities.map(({ locode, name, did, serviceUrl, status, suspensionReason, controller, admittedAtSeconds, suspendedUntilSeconds, agreementHash, dpiaHash }) => ({
        locode, name, did, serviceUrl, status, suspensionReason, controller, admittedAtSeconds,
        ...(suspendedUntilSeconds !== undefined && { suspendedUntilSeconds }),
        ...(agreementHash !== undefined && { agreementHash }), ...(dpiaHash !== undefined && { dpiaHash })
      }))),
      accreditations: sorted(register.accreditations.map(({ accredited: _place, withdrawals: _places, ...accreditation }) => accreditation)),
      recognitions: sorted(register.recognitions.filter(({ ended }) => ended === undefined).map(({ granted: _place, ...recognition }) => recognition))
    })

    it('says of the head what the tables say', async () => {
      await writeHistory(sender)
      await catchUp()
      const register = await open().at()
      expect(register.block).to.deep.equal(await latestBlock(db()))
      expect(await words(register)).to.deep.equal(await tables(register.atSeconds))
      expect(register.accreditations).to.have.length(2)
    })

    it('says of each earlier block what the tables said when it was the head', async () => {
      const said = new Map<number, Awaited<ReturnType<typeof tables>>>()
      // The tables are read block by block: the chain is written first, then indexed one block at a time.
      await writeHistory(sender)
      const head = Number(await network.provider.send('eth_blockNumber', []))
      let number = network.deployment.deployedAtBlock
      const shorter: ChainProvider = {
        send: async (method, params) => {
          const asHead = method === 'eth_getBlockByNumber' && params[0] === 'latest'
          return await network.provider.send(method, asHead ? [`0x${number.toString(16)}`, false] : params)
        }
      }
      const indexer = createIndexer({ db: db(), provider: shorter, deployment: network.deployment })
      for (; number <= head; number += 1) {
        await indexer.catchUp()
        const block = await latestBlock(db())
        expect(block?.number).to.equal(number)
        said.set(number, await tables(block?.timestampSeconds ?? 0))
      }
      const forwards = open()
      for (const [block, then] of said) expect(await words(await forwards.at({ block })), `block ${block}`).to.deep.equal(then)
      const backwards = open()
      for (const [block, then] of [...said].reverse()) expect(await words(await backwards.at({ block })), `block ${block}, from the end`).to.deep.equal(then)
      expect(new Set([...said.values()].map((one) => JSON.stringify(one, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))).size).to.be.greaterThan(12)
    })

    it('takes the last block at or before a time', async () => {
      const { blockNumber } = await sender.call(owner, 'CityRegistry', 'suspend', [porto, 3, clockSeconds + 1_000_000])
      const suspendedAt = await sender.nowSeconds()
      await sender.pass(100)
      await sender.call(owner, 'CityRegistry', 'reinstate', [porto])
      clockSeconds = (await sender.nowSeconds()) + 5
      await catchUp()
      const register = await open().at({ timeSeconds: suspendedAt + 50 })
      expect([register.block.number, register.atSeconds, statusOfPorto(register)]).to.deep.equal([blockNumber, suspendedAt + 50, 'suspended'])
      expect(statusOfPorto(await open().at({ timeSeconds: suspendedAt - 1 }))).to.equal('active')
      expect(statusOfPorto(await open().at())).to.equal('active')
    })

    it('lets a suspension end by itself as time passes, with the same events', async () => {
      // Far enough for the slowest chain: the clock of the history is the test's own.
      const until = clockSeconds + 1_000_000
      await sender.call(owner, 'CityRegistry', 'suspend', [porto, 3, until])
      await catchUp()
      const history = open()
      clockSeconds = until
      expect(statusOfPorto(await history.at())).to.equal('suspended')
      clockSeconds = until + 1
      expect(statusOfPorto(await history.at())).to.equal('active')
      const city = (await history.at()).cities.find(({ locode }) => locode === 'PTOPO')
      if (city === undefined) throw new Error('no Porto')
      // Pending only where an engine puts admission and activation in different seconds.
      const spans = cityHistory(city, clockSeconds).filter(({ status }) => status !== 'pending')
      expect(spans.map(({ status, fromSeconds, cause }) => [status, status === 'active' && fromSeconds > until ? cause === undefined : fromSeconds === cause?.atSeconds]))
        .to.deep.equal([['active', true], ['suspended', true], ['active', true]])
    })

    it('refuses a block that the index has not reached, one before the deployment, and times outside', async () => {
      await catchUp()
      const history = open()
      const head = (await history.at()).block
      expect(await codeOf(history.at({ block: head.number + 1 }))).to.equal('ERR_CHAIN_BLOCK_AHEAD')
      expect(await codeOf(history.at({ timeSeconds: clockSeconds + 1 }))).to.equal('ERR_CHAIN_BLOCK_AHEAD')
      expect(await codeOf(history.at({ timeSeconds: 1 }))).to.equal('ERR_CHAIN_BLOCK_TOO_EARLY')
      const later = createTrustHistory({ db: db(), deployment: { ...network.deployment, deployedAtBlock: head.number }, provider: network.provider })
      expect(await codeOf(later.at({ block: head.number - 1 }))).to.equal('ERR_CHAIN_BLOCK_TOO_EARLY')
    })

    it('knows nothing before anything is indexed', async () => {
      expect(await codeOf(open().at())).to.equal('ERR_CHAIN_UNREACHABLE')
    })

    it('forgets what a re-organised chain took back', async () => {
      const goBack = await network.remember()
      await sender.call(portoController, 'IssuerRegistry', 'accredit', [porto, issuerKey.x, issuerKey.y, portoCard, 100, 4_000_000_000])
      await catchUp()
      const history = open()
      expect((await history.at()).accreditations).to.have.length(1)
      await goBack()
      await sender.call(portoController, 'CityRegistry', 'changeServiceUrl', [porto, 'https://another.example'])
      await sender.call(portoController, 'CityRegistry', 'changeServiceUrl', [porto, 'https://third.example'])
      await catchUp()
      const register = await history.at()
      expect(register.accreditations).to.have.length(0)
      expect(register.cities.find(({ locode }) => locode === 'PTOPO')?.serviceUrl).to.equal('https://third.example')
    })

    it('asks the node for the time of a block that left no event, and believes no time that does not fit', async () => {
      const { blockNumber } = await sender.call(owner, 'CityRegistry', 'suspend', [porto, 3, clockSeconds + 1_000_000])
      await sender.pass(50)
      const empty = Number(await network.provider.send('eth_blockNumber', []))
      await sender.call(owner, 'CityRegistry', 'reinstate', [porto])
      clockSeconds = (await sender.nowSeconds()) + 5
      await catchUp()
      await db().deleteFrom('chain_blocks').where('number', '=', empty).execute()
      expect(empty).to.be.greaterThan(blockNumber)
      expect((await open().at({ block: empty })).block.number).to.equal(empty)
      expect(await codeOf(open(unreachable).at({ block: empty }))).to.equal('ERR_CHAIN_UNREACHABLE')
      const liar = { send: async (method: string, params: unknown[]) => ({ ...(await network.provider.send(method, params) as object), timestamp: '0x1' }) }
      expect(await codeOf(open(liar).at({ block: empty }))).to.equal('ERR_CHAIN_MISMATCH')
      // Whatever left an event is known without any node.
      expect((await open(unreachable).at({ block: blockNumber })).block.number).to.equal(blockNumber)
    })

    it('tells since when each key counts and what ended it', async () => {
      const from = clockSeconds - 5_000
      await sender.call(portoController, 'IssuerRegistry', 'accredit', [porto, issuerKey.x, issuerKey.y, portoCard, from, 4_000_000_000])
      await catchUp()
      const [{ thumbprint } = { thumbprint: '' }] = (await open().at()).accreditations
      const hash = `0x${Buffer.from(thumbprint, 'base64url').toString('hex')}`
      await sender.pass(10)
      clockSeconds = await sender.nowSeconds()
      await sender.call(owner, 'CityRegistry', 'suspend', [porto, 1, clockSeconds + 1_000_000])
      const { transactionHash } = await sender.call(portoController, 'IssuerRegistry', 'withdraw', [porto, hash, id(portoCard), clockSeconds + 20_000])
      await sender.call(portoController, 'IssuerRegistry', 'withdraw', [porto, hash, id(portoCard), clockSeconds + 5_000])
      clockSeconds += 5_100
      await catchUp()
      const register = await open().at()
      const [accreditation] = register.accreditations
      const city = register.cities.find(({ locode }) => locode === 'PTOPO')
      if (accreditation === undefined || city === undefined) throw new Error('not indexed')
      expect(accreditation.withdrawals.map((one) => one.transactionHash)[0]).to.equal(transactionHash)
      expect(accreditation.untrustedFromSeconds).to.equal(clockSeconds - 100)
      expect(standingHistory(accreditation, city, register.atSeconds).map(({ status }) => status)).to.deep.equal(['granted', 'suspended', 'withdrawn'])
      expect(standingAt(accreditation, city, from - 1)).to.equal('pending')
    })
  })
})

function statusOfPorto(register: TrustRegister): string | undefined {
  return register.cities.find(({ locode }) => locode === 'PTOPO')?.status
}

function sorted<Item>(items: readonly Item[]): readonly Item[] {
  return [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
