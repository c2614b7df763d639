import { expect } from 'chai'
import { id, keccak256, ZeroHash } from 'ethers'
import { statusListIdOf } from '../../agent/status/list-id.ts'
import { createIndexer } from '../../chain/indexer/indexer.ts'
import * as queries from '../../chain/queries.ts'
import * as rewards from '../../chain/reward-queries.ts'
import { createStatusSource } from '../../chain/status-source.ts'
import { createTrustSource } from '../../chain/trust-source.ts'
import { onEachDatabase } from '../fakes/city-databases.ts'
import { chainMigrations } from '../../chain/migrations.ts'
import type { ChainDb } from './support/database.ts'
import {
  bankReference, clermontCard, closedProgramId, createNote, farAway, issuerKey, newController, noteKeys, orderId, otherMerchant, portoCard, portoList,
  programId, redeem, Sender, settlementRef, writeHistory
} from './support/history.ts'
import { clermont, clermontController, merchant, owner, porto, portoController, TestNetwork } from './support/network.ts'

const now = 2_000_000_000

describe('What is read from the index', function () {
  this.timeout(60_000)
  onEachDatabase(chainMigrations, (open) => {
    const db = () => open() as unknown as ChainDb
    let network: TestNetwork
    let sender: Sender
    let history: Awaited<ReturnType<typeof writeHistory>>

    const catchUp = async () => {
      await createIndexer({ db: db(), provider: network.provider, deployment: network.deployment }).catchUp()
    }
    before(async () => {
      network = await TestNetwork.start()
      sender = new Sender(network.provider, network.deployment)
      history = await writeHistory(sender)
      await catchUp()
    })
    after(async () => {
      await network.stop()
    })

    it('is as of the latest block', async () => {
      const head = (await network.provider.send('eth_getBlockByNumber', ['latest', false])) as Record<string, string>
      expect(await queries.latestBlock(db())).to.deep.equal({
        number: Number(head['number']), hash: head['hash'], timestampSeconds: Number(head['timestamp'])
      })
    })

    it('has every city in the state its events left it in', async () => {
      const cities = await queries.listCities(db(), { atSeconds: now })
      expect(cities.map(({ locode, status }) => `${locode} ${status}`)).to.deep.equal(['DEBER removed', 'ESBCN pending', 'FRCFE active', 'PTOPO active'])
      expect(cities.map(({ name }) => name)).to.deep.equal(['Berlin', 'Barcelona', 'Clermont-Ferrand', 'Porto'])
      expect(cities[3]).to.include({
        did: 'did:web:porto.example', serviceUrl: 'https://cartao.porto.example', controller: portoController.address, suspensionReason: 0
      })
      expect(cities[3]).to.not.have.property('suspendedUntilSeconds')
      expect(cities[2]).to.include({ controller: newController.address })
      expect(cities[0]).to.include({ agreementHash: id('agreement'), dpiaHash: id('dpia') })
      expect(cities[1]).to.not.have.property('agreementHash')
    })

    it('says that a city is suspended up to the last second of its suspension, and no longer', async () => {
      const from = await sender.nowSeconds()
      await sender.call(owner, 'CityRegistry', 'suspend', [clermont, 7, from + 1_000])
      await catchUp()
      const statusAt = async (seconds: number) => {
        const city = await createTrustSource(db(), { clock: () => seconds * 1000 + 999 }).findCity('FRCFE')
        return [city?.status, city?.suspensionReason]
      }
      expect(await statusAt(from + 1_000)).to.deep.equal(['suspended', 7])
      expect(await statusAt(from + 1_001)).to.deep.equal(['active', 0])
      const accepted = async (seconds: number) => (await createTrustSource(db()).listAcceptedTypes('PTOPO', seconds)).map((type) => type.locode)
      expect(await accepted(from + 1_000)).to.deep.equal(['PTOPO'])
      expect(await accepted(from + 1_001)).to.deep.equal(['FRCFE', 'PTOPO'])
    })

    it('knows no city that was never admitted', async () => {
      expect(await createTrustSource(db()).findCity('GBLON')).to.equal(undefined)
    })

    it('has each accreditation, and from when on a withdrawn one is not trusted', async () => {
      const trust = createTrustSource(db())
      const [porto1, ...more] = await trust.findAccreditations(history.thumbprint, portoCard)
      expect(more).to.deep.equal([])
      const toText = (hex: string) => Buffer.from(hex.slice(2), 'hex').toString('base64url')
      expect(porto1).to.deep.equal({
        locode: 'PTOPO', thumbprint: history.thumbprint, credentialType: portoCard, validFromSeconds: 100, validUntilSeconds: Number.MAX_SAFE_INTEGER,
        publicJwk: { kty: 'EC', crv: 'P-256', x: toText(issuerKey.x), y: toText(issuerKey.y) }
      })
      expect((await trust.findAccreditations(history.thumbprint, clermontCard))[0]).to.include({ locode: 'FRCFE', untrustedFromSeconds: 5_000 })
      expect(await trust.findAccreditations(history.thumbprint, 'https://elsewhere.example')).to.deep.equal([])
      expect(await trust.findAccreditations('unknown', portoCard)).to.deep.equal([])
      expect(await queries.listAccreditations(db(), { city: 'PTOPO' })).to.deep.equal([porto1])
      expect(await queries.listAccreditations(db())).to.have.length(2)
    })

    it('has recognitions with their benefit classes, and none that was withdrawn', async () => {
      const trust = createTrustSource(db())
      const recognition = await trust.findRecognition('PTOPO', 'FRCFE', clermontCard)
      expect(recognition).to.deep.equal({
        recogniser: 'PTOPO', issuer: 'FRCFE', credentialType: clermontCard, benefitClasses: [1, 3], validUntilSeconds: farAway
      })
      expect(await trust.findRecognition('FRCFE', 'PTOPO', portoCard)).to.equal(undefined)
      expect(await trust.findRecognition('PTOPO', 'FRCFE', portoCard)).to.equal(undefined)
      expect(await queries.listRecognitions(db())).to.deep.equal([recognition])
      expect(await queries.listRecognitions(db(), { recogniser: 'FRCFE' })).to.deep.equal([])
    })

    it('takes a recognition that was given anew after it was withdrawn, with its new terms', async () => {
      const regrant = [clermont, porto, portoCard, 1n << 255n, farAway - 1] as const
      await sender.call(newController, 'CityRegistry', 'offerController', [clermont, clermontController.address]).catch(() => undefined)
      await sender.pass(2_000)
      await sender.call(newController, 'RecognitionRegistry', 'recognise', regrant)
      await catchUp()
      const recognition = await createTrustSource(db()).findRecognition('FRCFE', 'PTOPO', portoCard)
      expect(recognition).to.deep.include({ benefitClasses: [255], validUntilSeconds: farAway - 1 })
      await sender.call(newController, 'RecognitionRegistry', 'withdraw', [clermont, porto, id(portoCard)])
      await catchUp()
      expect(await createTrustSource(db()).findRecognition('FRCFE', 'PTOPO', portoCard)).to.equal(undefined)
    })

    it('accepts the types of its own trusted keys and of agreements that run, at the time of asking', async () => {
      const trust = createTrustSource(db())
      const accepted = async (locode: string, seconds: number) =>
        (await trust.listAcceptedTypes(locode, seconds)).map((type) => `${type.locode} ${type.credentialType}`)
      expect(await accepted('PTOPO', now)).to.deep.equal([`FRCFE ${clermontCard}`, `PTOPO ${portoCard}`])
      expect(await accepted('PTOPO', farAway + 1)).to.deep.equal([`PTOPO ${portoCard}`])
      expect(await accepted('PTOPO', 99), 'before the key is valid').to.not.include(`PTOPO ${portoCard}`)
      expect(await accepted('PTOPO', 100), 'from its first second on').to.include(`PTOPO ${portoCard}`)
      expect(await accepted('FRCFE', now), 'its key was withdrawn').to.deep.equal([])
      expect(await accepted('DEBER', now)).to.deep.equal([])
    })

    it('has the heads of status lists', async () => {
      const head = await queries.findStatusList(db(), 'PTOPO', portoList)
      expect(head).to.include({
        listId: statusListIdOf('PTOPO', portoList), city: 'PTOPO', uri: portoList, size: 2 ** 20, epoch: 2, digest: history.list.digest, broken: false
      })
      expect(await queries.listStatusLists(db(), { city: 'PTOPO' })).to.deep.equal([head])
      expect(await queries.listStatusLists(db(), { city: 'FRCFE' })).to.deep.equal([])
      expect(await queries.findStatusList(db(), 'PTOPO', 'https://unknown.example')).to.equal(undefined)
    })

    it('reads what the deltas of a status list add up to', async () => {
      const source = createStatusSource(db())
      expect((await source.readBits(portoList))?.bits).to.deep.equal(new Uint8Array(history.list.bits))
      const value = async (index: number) => (await source.readStatus(portoList, index))?.value
      expect([await value(0), await value(1), await value(3), await value(2_000)]).to.deep.equal(['valid', 'invalid', 'valid', 'suspended'])
    })

    it('has programmes with their keys and totals', async () => {
      const programs = await rewards.listPrograms(db(), { city: 'PTOPO' })
      expect(programs.map((program) => program.name)).to.deep.equal(['Clean rivers', 'Short', 'Shared'])
      expect(await rewards.findPrograms(db(), [programId.toUpperCase().replace('0X', '0x')])).to.deep.equal([programs[0]])
      expect(programs[0]).to.deep.include({
        programId, city: 'PTOPO', sponsor: owner.address, validFromSeconds: history.validFrom, validUntilSeconds: farAway, funded: 1_500n, redeemed: 5n,
        burnt: 0n, closed: false, denominations: noteKeys.map(({ value, modulus }) => ({ value, modulus: new Uint8Array(modulus), exponent: 65537 }))
      })
      expect(programs[1]).to.include({ programId: closedProgramId, funded: 77n, redeemed: 0n, burnt: 77n, closed: true })
      expect(await rewards.listPrograms(db(), { city: 'FRCFE' })).to.deep.equal([])
      expect(await rewards.findPrograms(db(), [ZeroHash])).to.deep.equal([])
    })

    it('knows the notes that were spent, in the programme they were spent in', async () => {
      const addresses = history.notes.map((note) => note.address)
      expect(await rewards.isNoteSpent(db(), programId, (addresses[0] ?? '').toLowerCase())).to.equal(true)
      expect(await rewards.isNoteSpent(db(), closedProgramId, addresses[0] ?? '')).to.equal(false)
      expect(await rewards.findSpentNotes(db(), programId, [owner.address, ...addresses])).to.have.members(addresses)
      expect(await rewards.findSpentNotes(db(), programId, [])).to.deep.equal([])
    })

    it('has the payments for an order of a merchant in a programme, the latest first, and none made to another', async () => {
      const paid = await rewards.listRedemptions(db(), { merchant: merchant.address.toLowerCase(), programId, orderId })
      expect(paid.map(({ units, noteCount }) => [units, noteCount])).to.deep.equal([[2n, 1], [3n, 2]])
      expect(paid[1]).to.include({
        programId, merchant: merchant.address, orderId, transactionHash: history.redemption.transactionHash, blockNumber: history.redemption.blockNumber
      })
      expect(await rewards.listRedemptions(db(), { merchant: otherMerchant.address, orderId })).to.deep.equal([])
      expect(await rewards.listRedemptions(db(), { merchant: merchant.address, orderId: id('order 2') })).to.deep.equal([])
      expect(await rewards.listRedemptions(db(), { programId, limit: 1 })).to.deep.equal(paid.slice(0, 1))
      expect(await rewards.listRedemptions(db(), { programId: closedProgramId })).to.deep.equal([])
    })

    it('has settlements, and the balance of a merchant after them', async () => {
      const [second, first] = await rewards.listSettlements(db(), { merchant: merchant.address })
      expect(first).to.include({ ref: settlementRef, programId, city: 'PTOPO', units: 4n, bankReferenceHash: bankReference })
      expect(first?.paidAtSeconds).to.be.at.least(first?.requestedAtSeconds ?? Infinity)
      expect(second).to.include({ units: 1n }).and.not.have.property('paidAtSeconds')
      expect(await rewards.findSettlement(db(), settlementRef)).to.deep.equal(first)
      expect(await rewards.listSettlements(db(), { city: 'FRCFE' })).to.deep.equal([])
      expect(await rewards.merchantBalance(db(), merchant.address, programId)).to.equal(0n)
      const notes = [await createNote(network.deployment, noteKeys[0], history.payment)]
      await redeem(sender, history.payment, notes)
      await catchUp()
      expect(await rewards.merchantBalance(db(), merchant.address, programId)).to.equal(1n)
      expect(await rewards.merchantBalances(db(), merchant.address.toLowerCase())).to.deep.equal([{ programId, units: 1n }])
      expect(await rewards.merchantBalance(db(), merchant.address, closedProgramId)).to.equal(0n)
    })

    it('has merchants with whether they are registered now', async () => {
      const merchants = await queries.listMerchants(db(), { city: 'PTOPO' })
      expect(merchants.map(({ address, active }) => [address, active])).to.have.deep.members([[merchant.address, true], [otherMerchant.address, false]])
      const contract = network.deployment.contracts.RewardPrograms
      expect(await queries.isMerchant(db(), 'PTOPO', merchant.address, network.deployment.contracts.Anchors)).to.equal(false)
      expect(await queries.isMerchant(db(), 'PTOPO', merchant.address.toLowerCase(), contract)).to.equal(true)
      expect(await queries.isMerchant(db(), 'PTOPO', otherMerchant.address, contract)).to.equal(false)
      expect(await queries.isMerchant(db(), 'FRCFE', merchant.address, contract)).to.equal(false)
    })

    it('has every anchor, the latest first', async () => {
      const anchors = (await queries.listAnchors(db(), { city: 'PTOPO' })).map(({ log, size, root }) => ({ log, size, root }))
      expect(anchors).to.have.deep.members([
        { log: 0, size: 5, root: id('root 5') }, { log: 1, size: 2, root: id('root 2') }, { log: 0, size: 9, root: id('root 9') }
      ])
      expect(await queries.listAnchors(db(), { city: 'PTOPO', limit: 1 })).to.have.length(1)
      expect(await queries.listAnchors(db(), { city: 'FRCFE' })).to.deep.equal([])
    })

    it('has the directory as it stands now', async () => {
      const directory = await queries.listDirectory(db())
      expect(directory.map((entry) => entry.name)).to.include.members(['CityRegistry', 'LogRoots', 'StatusLists']).and.not.include('Forgotten')
      const { contracts } = network.deployment
      const code = String(await network.provider.send('eth_getCode', [contracts.Anchors, 'latest']))
      expect(directory.find((entry) => entry.name === 'LogRoots')).to.include({ target: contracts.Anchors, codeHash: keccak256(code) })
    })
  })
})
