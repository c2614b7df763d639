import 'fake-indexeddb/auto'
import { expect } from 'chai'
import { issueSdJwtVc } from '../../../agent/formats/sd-jwt-vc-issue-node.ts'
import { CITY_CARD_CLAIMS } from '../../../agent/formats/city-card-claims.ts'
import type { CityCardClaims } from '../../../agent/formats/city-card-claims.ts'
import { ecThumbprint } from '../../../agent/formats/jwk.ts'
import { createListOfTrustedEntities } from '../../../agent/trust-lists/lote.ts'
import { signListOfTrustedEntities } from '../../../agent/trust-lists/sign-lote.ts'
import type { RegisteredAccreditation, RegisteredCity, TrustRegister } from '../../../agent/trust-lists/trust-register.ts'
import { findMemberCity, renewFederation } from '../../../web/wallet/cards/federation.ts'
import { readIssuerStanding, readSuspendedIssuers } from '../../../web/wallet/cards/issuer-standing.ts'
import type { CardRecord } from '../../../web/wallet/vault/records.ts'
import { openVault } from '../../../web/wallet/vault/vault.ts'
import type { Vault } from '../../../web/wallet/vault/vault.ts'
import { codeOf, createCertificate, createKey, createNetwork, NOW, suite, type TestKey } from '../../agent/protocols/support.ts'

const day = 86_400
const clermontUrl = 'http://localhost:4801'
const portoUrl = 'http://localhost:4800'
const portoCard = `${portoUrl}/vct/city-card`
const listUrl = (origin: string): string => `${origin}/trust-lists/city-card-issuers.jwt`
const place = { blockNumber: 5, logIndex: 0, transactionHash: '0x05', atSeconds: NOW - 40 * day }

interface City { readonly key: TestKey; readonly thumbprint: string; readonly x5c: readonly string[] }

async function createCity(): Promise<City> {
  const key = createKey()
  return { key, thumbprint: await ecThumbprint(key.publicJwk, suite), x5c: [await createCertificate(key)] }
}

describe('What the wallet knows of the federation', function () {
  this.timeout(20_000)
  let porto: City
  let clermont: City
  let vault: Vault
  let runs = 0
  before(async () => { [porto, clermont] = [await createCity(), await createCity()] })
  beforeEach(async () => { vault = await openVault({ name: `federation-${runs++}` }) })
  afterEach(() => vault.close())

  const cityOf = (locode: string, name: string, serviceUrl: string, change: Partial<RegisteredCity> = {}): RegisteredCity => ({
    locode, name, did: `did:web:${name}`, serviceUrl, status: 'active', suspensionReason: 0, controller: '0x1', admittedAtSeconds: place.atSeconds,
    admitted: place, activated: place, suspensions: [], controllers: [{ account: '0x1', since: place }], ...change,
  })
  const keyOf = (locode: string, city: City, credentialType: string, change: Partial<RegisteredAccreditation> = {}): RegisteredAccreditation => ({
    locode, thumbprint: city.thumbprint, publicJwk: city.key.publicJwk, credentialType, validFromSeconds: place.atSeconds, validUntilSeconds: NOW + 900 * day,
    accredited: place, withdrawals: [], ...change,
  })
  const register = (change: { porto?: Partial<RegisteredCity>; key?: Partial<RegisteredAccreditation>; block?: number; now?: number } = {}): TrustRegister => ({
    authority: 'did:pkh:eip155:7411:0x01', block: { number: change.block ?? 70, hash: '0x70', timestampSeconds: NOW - day }, atSeconds: change.now ?? NOW,
    cities: [cityOf('FRCFE', 'Clermont-Ferrand', clermontUrl), cityOf('PTOPO', 'Porto', portoUrl, change.porto)],
    accreditations: [keyOf('FRCFE', clermont, `${clermontUrl}/vct/city-card`), keyOf('PTOPO', porto, portoCard, change.key)],
    recognitions: [],
  })
  const publish = async (publisher: City, origin: string, of = register(), issuedAtSeconds = NOW): Promise<string> => {
    const list = createListOfTrustedEntities(of, {
      operator: { locode: 'PTOPO', cityName: 'Porto', publicUrl: origin }, listUrl: listUrl(origin), issuedAtSeconds, nextUpdateSeconds: issuedAtSeconds + day,
    })
    return await signListOfTrustedEntities(list, { kid: 'kid', x5c: publisher.x5c, signedAtSeconds: issuedAtSeconds, crypto: suite, sign: publisher.key.sign })
  }
  const answer = (token: string) => () => new Response(token, { headers: { 'content-type': 'application/jwt' } })
  const renew = async (lists: Record<string, string>, { ownOrigin = clermontUrl, now = NOW }: { ownOrigin?: string | undefined; now?: number } = {}) => {
    const network = createNetwork(Object.fromEntries(Object.entries(lists).map(([origin, token]) => [listUrl(origin), answer(token)])))
    const code = await codeOf(() => renewFederation({ vault, fetch: network.fetch, now: () => now * 1000, ownOrigin }))
    return { code, asked: network.requests.map(({ url }) => url) }
  }
  const putCard = async (change: { issuedAt?: number; signer?: City; vct?: string } = {}): Promise<CardRecord> => {
    const { issuedAt = NOW - 10 * day, signer = porto, vct = portoCard } = change
    const claims = Object.fromEntries(CITY_CARD_CLAIMS.map((name) => [name, 'something'])) as unknown as CityCardClaims
    const credential = await issueSdJwtVc({
      claims, vct, issuer: portoUrl, holderJwk: createKey().publicJwk, kid: signer.thumbprint, x5c: signer.x5c, status: { uri: `${portoUrl}/status/1`, index: 1 },
      issuedAtSeconds: issuedAt, expiresAtSeconds: issuedAt + 700 * day, sign: signer.key.sign,
    })
    const card: CardRecord = {
      id: 'card', issuer: portoUrl, issuerName: 'Whatever it calls itself', configurationId: 'c', format: 'dc+sd-jwt', vct, claims: {}, receivedAt: '', copies: [],
      homeCopy: { credential, keyId: 'k' }, lastCopyShown: 0,
    }
    await vault.commit([{ kind: 'card', put: card }])
    return card
  }
  const standing = async (card: CardRecord, now = NOW) => await readIssuerStanding(card, await vault.list('trustList'), now * 1000)

  describe('asking', () => {
    it('asks the city the wallet comes from for the whole list, whatever cards are here', async () => {
      await putCard()
      const { code, asked } = await renew({ [clermontUrl]: await publish(clermont, clermontUrl), [portoUrl]: await publish(porto, portoUrl) })
      expect([code, asked]).to.deep.equal([undefined, [listUrl(clermontUrl)]])
      expect((await vault.list('trustList')).map(({ id }) => id)).to.deep.equal([clermontUrl])
    })

    it('does not ask again within half a day', async () => {
      await renew({ [clermontUrl]: await publish(clermont, clermontUrl) })
      expect((await renew({}, { now: NOW + 12 * 3600 - 1 })).asked).to.deep.equal([])
      expect((await renew({}, { now: NOW + 12 * 3600 })).asked).to.deep.equal([listUrl(clermontUrl)])
      expect(await vault.list('trustList')).to.have.length(1)
    })

    it('turns to the city of a card when the wallet\'s own has no list, and believes the key that signed the card', async () => {
      await putCard()
      const { code, asked } = await renew({ [portoUrl]: await publish(porto, portoUrl) }, { ownOrigin: 'http://elsewhere.localhost' })
      expect([code, asked]).to.deep.equal([undefined, [listUrl('http://elsewhere.localhost'), listUrl(portoUrl)]])
    })

    it('believes a key that a list it believed before named, and no other', async () => {
      await putCard({ signer: clermont })
      const elsewhere = { ownOrigin: 'http://elsewhere.localhost' }
      expect((await renew({ [portoUrl]: await publish(porto, portoUrl) }, elsewhere)).code).to.equal('ERR_TRUST_LIST_SIGNER')
      expect(await vault.list('trustList')).to.deep.equal([])
      await renew({ [clermontUrl]: await publish(clermont, clermontUrl) })
      const later = NOW + 13 * 3600
      expect((await renew({ [portoUrl]: await publish(porto, portoUrl, register({ now: later }), later) }, { ...elsewhere, now: later })).code).to.equal(undefined)
    })

    it('learns from another member that its own city is suspended, whose own list counts no more', async () => {
      const card = await putCard()
      await renew({ [portoUrl]: await publish(porto, portoUrl) }, { ownOrigin: portoUrl })
      const now = NOW + 13 * 3600
      const untilSeconds = NOW + 90 * day
      const suspended = register({ porto: { suspensions: [{ reason: 1, untilSeconds, suspended: { ...place, atSeconds: NOW + 1 } }] }, now, block: 71 })
      const lists = { [portoUrl]: await publish(porto, portoUrl, suspended, now), [clermontUrl]: await publish(clermont, clermontUrl, suspended, now) }
      expect(await renew(lists, { ownOrigin: portoUrl, now })).to.deep.equal({ code: undefined, asked: [listUrl(portoUrl), listUrl(clermontUrl)] })
      expect(await standing(card, now)).to.deep.equal({ kind: 'suspended', city: 'Porto', untilSeconds, reason: 1 })
    })

    it('learns so in a wallet that is new, which takes from its own city\'s list only whom to ask', async () => {
      const card = await putCard()
      const untilSeconds = NOW + 90 * day
      const suspended = register({ porto: { suspensions: [{ reason: 3, untilSeconds, suspended: { ...place, atSeconds: NOW - 1 } }] } })
      const own = { [portoUrl]: await publish(porto, portoUrl, suspended) }
      expect(await renew(own, { ownOrigin: portoUrl })).to.deep.include({ asked: [listUrl(portoUrl), listUrl(clermontUrl)] })
      expect(await vault.list('trustList')).to.deep.equal([])
      const forger = await createCity()
      expect((await renew({ ...own, [clermontUrl]: await publish(forger, clermontUrl, suspended) }, { ownOrigin: portoUrl })).code).to.equal('ERR_TRUST_LIST_SIGNER')
      expect(await renew({ ...own, [clermontUrl]: await publish(clermont, clermontUrl, suspended) }, { ownOrigin: portoUrl })).to.deep.include({ code: undefined })
      expect((await vault.list('trustList')).map(({ id }) => id)).to.deep.equal([clermontUrl])
      expect(await standing(card)).to.deep.equal({ kind: 'suspended', city: 'Porto', untilSeconds, reason: 3 })
    })

    it('asks nobody on the word of a suspended city that does not sign it', async () => {
      const suspended = register({ porto: { suspensions: [{ reason: 3, untilSeconds: NOW + 90 * day, suspended: { ...place, atSeconds: NOW - 1 } }] } })
      const lists = { [portoUrl]: await publish(await createCity(), portoUrl, suspended), [clermontUrl]: await publish(clermont, clermontUrl, suspended) }
      expect(await renew(lists, { ownOrigin: portoUrl })).to.deep.equal({ code: 'ERR_TRUST_LIST_SIGNER', asked: [listUrl(portoUrl)] })
    })

    it('does not believe a list that a member signed but another\'s address serves', async () => {
      expect((await renew({ [clermontUrl]: await publish(porto, clermontUrl) })).code).to.equal('ERR_TRUST_LIST_SIGNER')
    })

    it('keeps what it knows when it is handed an older list', async () => {
      await renew({ [clermontUrl]: await publish(clermont, clermontUrl) })
      const now = NOW + 13 * 3600
      expect((await renew({ [clermontUrl]: await publish(clermont, clermontUrl, register({ block: 69 }), now) }, { now })).code).to.equal('ERR_TRUST_LIST_STALE')
      expect((await vault.list('trustList'))[0]?.list.sequenceNumber).to.equal(70)
    })

    it('finds a member city by its address, and none that is suspended', async () => {
      await renew({ [clermontUrl]: await publish(clermont, clermontUrl) })
      expect(findMemberCity(portoUrl, await vault.list('trustList'))).to.include({ locode: 'PTOPO', name: 'Porto' })
      expect(findMemberCity('http://elsewhere.localhost', await vault.list('trustList'))).to.equal(undefined)
      const suspended = register({ porto: { suspensions: [{ reason: 1, untilSeconds: NOW + 90 * day, suspended: { ...place, atSeconds: NOW - 1 } }] }, now: NOW + day, block: 71 })
      await renew({ [clermontUrl]: await publish(clermont, clermontUrl, suspended, NOW + day) }, { now: NOW + day })
      expect(findMemberCity(portoUrl, await vault.list('trustList'))).to.equal(undefined)
    })
  })

  describe('the issuer of a card', () => {
    const listed = async (change: Parameters<typeof register>[0] = {}) => {
      expect((await renew({ [clermontUrl]: await publish(clermont, clermontUrl, register(change)) })).code).to.equal(undefined)
    }

    it('is a member since the day it was activated, whatever the card calls it', async () => {
      const card = await putCard()
      expect(await standing(card)).to.deep.equal({ kind: 'unchecked' })
      await listed()
      expect(await standing(card)).to.deep.equal({ kind: 'member', city: 'Porto', sinceSeconds: place.atSeconds, checkedAtSeconds: NOW, isStale: false })
    })

    it('is named once where it is suspended, however many of its cards are here', async () => {
      const cards = [await putCard({ signer: clermont, vct: `${clermontUrl}/vct/city-card` }), await putCard()]
      await vault.commit([...cards, ...cards].map((card, i) => ({ kind: 'card', put: { ...card, id: String(i) } })))
      expect(await readSuspendedIssuers(vault)).to.deep.equal([])
      const untilSeconds = Date.parse('2099-12-31T23:59:59Z') / 1000
      await listed({ porto: { suspensions: [{ reason: 3, untilSeconds, suspended: { ...place, atSeconds: NOW - 1 } }] } })
      expect(await readSuspendedIssuers(vault)).to.deep.equal([{ kind: 'suspended', city: 'Porto', untilSeconds, reason: 3 }])
    })

    it('was a member when last asked, once the list has run out', async () => {
      const card = await putCard()
      await listed()
      expect(await standing(card, NOW + day)).to.include({ isStale: false })
      expect(await standing(card, NOW + day + 1)).to.include({ kind: 'member', isStale: true, checkedAtSeconds: NOW })
    })

    it('is unknown when no member has the key for this type', async () => {
      await listed()
      expect(await standing(await putCard({ signer: await createCity() }))).to.deep.equal({ kind: 'unknown' })
      expect(await standing(await putCard({ vct: 'https://elsewhere.example/vct' }))).to.deep.equal({ kind: 'unknown' })
      const card = await putCard()
      expect(await standing({ ...card, homeCopy: { ...card.homeCopy, credential: 'not a card~' } })).to.deep.equal({ kind: 'unknown' })
    })

    it('is suspended up to the last second, and a member again after it', async () => {
      const card = await putCard()
      const untilSeconds = NOW + 1_000
      await listed({ porto: { suspensions: [{ reason: 3, untilSeconds, suspended: { ...place, atSeconds: NOW - 50 } }] } })
      expect(await standing(card, untilSeconds)).to.deep.equal({ kind: 'suspended', city: 'Porto', untilSeconds, reason: 3 })
      expect(await standing(card, untilSeconds + 1)).to.include({ kind: 'member' })
    })

    it('is no member when it was removed', async () => {
      const card = await putCard()
      await listed({ porto: { removed: { ...place, atSeconds: NOW - 50 } } })
      expect(await standing(card)).to.deep.equal({ kind: 'not_member', city: 'Porto' })
    })

    it('vouches for cards of the days before a key was withdrawn, and for none of that day or later', async () => {
      const withdrawnOn = Math.floor(NOW / day) * day - 3 * day
      const withdrawal = { ...place, atSeconds: NOW - 50, untrustedFromSeconds: withdrawnOn + 100 }
      await listed({ key: { untrustedFromSeconds: withdrawal.untrustedFromSeconds, withdrawals: [withdrawal] } })
      expect(await standing(await putCard({ issuedAt: withdrawnOn - day }))).to.include({ kind: 'member' })
      expect(await standing(await putCard({ issuedAt: withdrawnOn }))).to.deep.equal({ kind: 'key_withdrawn', city: 'Porto' })
    })

    it('was not accredited for what it signed outside the period', async () => {
      await listed({ key: { validUntilSeconds: NOW - 20 * day } })
      expect(await standing(await putCard({ issuedAt: NOW - 15 * day }))).to.deep.equal({ kind: 'not_accredited', city: 'Porto' })
      expect(await standing(await putCard({ issuedAt: NOW - 25 * day }))).to.include({ kind: 'member' })
      expect(await standing(await putCard({ issuedAt: NOW - 45 * day }))).to.deep.equal({ kind: 'not_accredited', city: 'Porto' })
    })
  })
})
