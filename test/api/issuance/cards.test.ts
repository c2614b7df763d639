import { expect } from 'chai'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { cityMigrations, createTestCity, type TestCity } from '../city.ts'
import { createWire, credentialsOf, issueCard, keysOf, statusOf } from '../wallet.ts'

describe('the life of a card', () => onEachDatabase(cityMigrations, (db) => {
  let city: TestCity
  before(async function () {
    this.timeout(120_000)
    city = await createTestCity({ db: db() })
  })
  after(() => city.close())
  const statuses = async (credentials: readonly string[]) => await Promise.all(credentials.map(async (credential) => {
    const { uri, idx } = statusOf(credential)
    return (await city.chain.readStatus(uri, idx))?.value
  }))
  const cardsOf = async (residentId: string) => (await city.issuance.cards.listCards([residentId])).get(residentId) ?? []

  it('is suspended, resumed and revoked with all its copies, from the next epoch on', async () => {
    const { cardId, credentials } = await issueCard(city, keysOf(3))
    await city.runJob('status-epochs')
    expect(await statuses(credentials)).to.deep.equal(['valid', 'valid', 'valid'])
    const steps = [['suspend', 'suspended', 'lost'], ['resume', 'valid', 'found'], ['suspend', 'suspended', 'lost'], ['revoke', 'invalid', 'stolen']] as const
    for (const [action, status, reason] of steps) {
      const before = await statuses(credentials)
      const answer = await city.staff('POST', `/v1/cards/${cardId}/${action}`, { reason })
      expect(answer.status).to.equal(200)
      expect(answer.body).to.include({ reason })
      expect(await statuses(credentials)).to.deep.equal(before)
      await city.runJob('status-epochs')
      expect(await statuses(credentials), action).to.deep.equal([status, status, status])
    }
  })

  it('refuses what its state does not allow, and a reason that is none', async () => {
    const { cardId } = await issueCard(city, keysOf(1))
    expect((await city.staff('POST', `/v1/cards/${cardId}/resume`, { reason: 'found' })).body).to.include({ code: 'ERR_CONFLICT' })
    expect((await city.staff('POST', `/v1/cards/${cardId}/suspend`, { reason: 'talks too much' })).body).to.include({ code: 'ERR_VALIDATION' })
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'deceased' })
    expect((await city.staff('POST', `/v1/cards/${cardId}/suspend`, { reason: 'lost' })).body).to.include({ code: 'ERR_CONFLICT' })
    expect((await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' })).body).to.include({ code: 'ERR_CONFLICT' })
    expect((await city.staff('POST', '/v1/cards/4b6f1a1e-3c1f-4b8e-9c58-0d4e2f1a7b11/revoke', { reason: 'lost' })).body).to.include({ code: 'ERR_NOT_FOUND' })
  })

  it('repeats nothing when a request comes twice with one key', async () => {
    const { cardId } = await issueCard(city, keysOf(1))
    const first = await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' }, 'the-same-key')
    expect(await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' }, 'the-same-key')).to.deep.equal(first)
  })

  it('ends when the card that replaces it is issued, not before', async () => {
    const { cardId, residentId, credentials } = await issueCard(city, keysOf(2))
    const offer = (await city.staff('POST', `/v1/cards/${cardId}/reissue`, { reason: 'damaged' })).body
    expect((await cardsOf(residentId)).map(({ state }) => state).sort()).to.deep.equal(['active', 'offered'])
    await city.runJob('status-epochs')
    expect(await statuses(credentials)).to.deep.equal(['valid', 'valid'])
    const wire = createWire(city)
    const renewed = credentialsOf(await wire.request(await wire.accessToken(offer), keysOf(2)))
    const cards = await cardsOf(residentId)
    expect(cards.map(({ state }) => state).sort()).to.deep.equal(['active', 'revoked'])
    expect(new Set(cards.map(({ cardNumber }) => cardNumber))).to.have.property('size', 2)
    await city.runJob('status-epochs')
    expect(await statuses([...credentials, ...renewed])).to.deep.equal(['invalid', 'invalid', 'valid', 'valid'])
  })

  it('is one at a time for each resident, also when two officers offer at once', async () => {
    const residentId = await city.enrol()
    const offers = await Promise.all(Array.from({ length: 4 }, () => city.staff('POST', `/v1/residents/${residentId}/offers`)))
    expect(offers.map(({ status }) => status)).to.deep.equal([201, 201, 201, 201])
    expect(await cardsOf(residentId)).to.have.length(1)
    const states = await Promise.all(offers.map(async ({ body }) => (await city.staff('GET', `/v1/offers/${String(body['offer_id'])}`)).body['state']))
    expect(states.filter((state) => state === 'pending')).to.have.length(1)
    const { residentId: holder } = await issueCard(city, keysOf(1))
    expect((await city.staff('POST', `/v1/residents/${holder}/offers`)).body).to.include({ code: 'ERR_CONFLICT' })
  })

  it('never begins when its offer is withdrawn, even after the wallet has its token', async () => {
    const residentId = await city.enrol()
    const wire = createWire(city)
    const offer = (await city.staff('POST', `/v1/residents/${residentId}/offers`)).body
    const token = await wire.accessToken(offer)
    const path = `/v1/offers/${String(offer['offer_id'])}`
    expect((await city.staff('POST', `${path}/cancel`)).body).to.include({ state: 'cancelled' })
    expect((await wire.request(token, keysOf(1))).status).to.equal(401)
    expect(await cardsOf(residentId)).to.deep.equal([])
    expect((await city.staff('POST', `/v1/residents/${residentId}/offers`)).status).to.equal(201)
  })

  it('cannot be withdrawn once it is issued', async () => {
    const { offer } = await issueCard(city, keysOf(1))
    expect((await city.staff('POST', `/v1/offers/${String(offer['offer_id'])}/cancel`)).body).to.include({ code: 'ERR_CONFLICT' })
  })

  it('is suspended for a second format too: a wallet that comes late gets nothing', async () => {
    const { cardId, token } = await issueCard(city, keysOf(1))
    await city.staff('POST', `/v1/cards/${cardId}/suspend`, { reason: 'lost' })
    expect((await createWire(city).request(token, keysOf(1), 'city_card_jwt_vc')).body).to.include({ error: 'credential_request_denied' })
  })

  it('is found by its number, however it is written', async () => {
    const { residentId } = await issueCard(city, keysOf(1))
    const [card] = await cardsOf(residentId)
    const number = card?.cardNumber ?? ''
    expect(await city.issuance.cards.findResident(number)).to.equal(residentId)
    expect(await city.issuance.cards.findResident(`${number.slice(0, 5).toLowerCase()} ${number.slice(5, 9)} ${number.slice(9)}`)).to.equal(residentId)
    expect(await city.issuance.cards.findResident('PTOPO00000000000000')).to.equal(undefined)
  })

  it('lapses after five years and makes room for the next', async () => {
    const { residentId } = await issueCard(city, keysOf(1))
    city.pass(5 * 366 * 86_400)
    expect((await cardsOf(residentId)).map(({ state }) => state)).to.deep.equal(['expired'])
    expect((await city.staff('POST', `/v1/residents/${residentId}/offers`)).status).to.equal(201)
  })
}))
