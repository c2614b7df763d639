import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { readBit, verifyBitstringStatusList } from '../../../agent/status/bitstring-status-list.ts'
import { decodeDelta } from '../../../agent/status/delta.ts'
import { createStatusBits, flipPositions, readStatus } from '../../../agent/status/status-bits.ts'
import { verifyStatusListToken } from '../../../agent/status/token-status-list.ts'
import { nativeCryptoSuite } from '../../../agent/keys/crypto-suite-node.ts'
import { createIssuance } from '../../../api/issuance/issuance.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { cityMigrations, createTestCity, type TestCity } from '../city.ts'
import { issueCard, keysOf, statusOf } from '../wallet.ts'

/** The least that the W3C allows. */
const SIZE = 2 ** 17

describe('the status lists of a city', () => onEachDatabase(cityMigrations, (db) => {
  let city: TestCity
  before(async function () {
    this.timeout(120_000)
    city = await createTestCity({ db: db(), listSize: SIZE })
  })
  after(() => city.close())
  const epochs = async () => (await city.chain.calls()).filter(({ method, state }) => method === 'publish' && state !== 'failed')
  const bytesOf = (value: unknown) => Buffer.from((value as { bytes: string }).bytes, 'hex')
  /** What anybody rebuilds from the chain alone; fails when a digest does not fit. */
  const rebuild = async (): Promise<Uint8Array> => {
    const bits = createStatusBits(SIZE)
    for (const [i, { args }] of (await epochs()).entries()) {
      expect(args[1]).to.equal(i + 1)
      flipPositions(bits, decodeDelta(bytesOf(args[3]), bits.length * 8))
      expect(createHash('sha256').update(bits).digest('hex')).to.equal(bytesOf(args[2]).toString('hex'))
    }
    return bits
  }
  const verify = (_: unknown, input: string, signature: string) => nativeCryptoSuite.verifyEs256(city.identity.issuerJwk, input, signature)

  it('are made at the first epoch, and rebuilt from the chain bit by bit', async () => {
    expect(await city.issuance.openSteps()).to.deep.equal(['status list'])
    for (let i = 0; i < 12; i++) await city.runJob('status-epochs')
    expect(await city.issuance.openSteps()).to.deep.equal([])
    const [create] = await city.chain.calls()
    expect(create).to.deep.include({ method: 'create', args: [`0x${Buffer.from('PTOPO').toString('hex')}`, `${city.url}/status/1`, SIZE] })
    const { credentials, cardId } = await issueCard(city, keysOf(4))
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' })
    await city.runJob('status-epochs')
    const bits = await rebuild()
    for (const credential of credentials) expect(readStatus(bits, statusOf(credential).idx)).to.equal(1)
  })

  it('flip decoys in epochs in which nothing happened, and no decoy is a card', async () => {
    const { credentials } = await issueCard(city, keysOf(8))
    for (let i = 0; i < 10; i++) await city.runJob('status-epochs')
    const bits = await rebuild()
    expect(bits.some((byte) => byte !== 0)).to.equal(true)
    for (const credential of credentials) expect(readStatus(bits, statusOf(credential).idx)).to.equal(0)
    for (const { args } of await epochs()) expect(decodeDelta(bytesOf(args[3]), SIZE * 2).length).to.be.greaterThan(0)
  })

  it('go on with the same bits in a process that starts anew', async () => {
    const { cardId } = await issueCard(city, keysOf(2))
    await city.staff('POST', `/v1/cards/${cardId}/suspend`, { reason: 'lost' })
    const before = (await epochs()).length
    for (let i = 0; i < 5; i++) await city.runJob('status-epochs')
    const again = createIssuance(city.deps, { listSize: SIZE })
    for (let i = 0; i < 5; i++) await again.jobs.find(({ name }) => name === 'status-epochs')?.run(new Date())
    await city.runJob('status-epochs')
    await rebuild()
    expect(await epochs()).to.have.length(before + 11)
  })

  it('wait while the chain is away, and then say everything at once', async () => {
    const { cardId, credentials } = await issueCard(city, keysOf(1))
    await city.runJob('status-epochs')
    const before = (await epochs()).length
    city.chain.outcome = 'queued'
    for (let i = 0; i < 10; i++) await city.runJob('status-epochs')
    const onTheWay = (await epochs()).length
    expect(onTheWay - before).to.be.within(1, 3)
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' })
    await city.runJob('status-epochs')
    expect(await epochs()).to.have.length(onTheWay)
    city.chain.outcome = 'confirmed'
    await city.chain.setStates('queued', 'confirmed')
    await city.runJob('status-epochs')
    const { uri, idx } = statusOf(credentials[0] ?? '')
    expect((await city.chain.readStatus(uri, idx))?.value).to.equal('invalid')
    await rebuild()
  })

  it('say again what the chain refused, with what happened since, for as long as it refuses', async () => {
    await city.runJob('status-epochs')
    const [first, late] = [await issueCard(city, keysOf(1)), await issueCard(city, keysOf(1))]
    await city.staff('POST', `/v1/cards/${first.cardId}/revoke`, { reason: 'lost' })
    const before = (await city.chain.calls()).length
    city.chain.outcome = 'failed'
    await city.runJob('status-epochs')
    await city.staff('POST', `/v1/cards/${late.cardId}/revoke`, { reason: 'lost' })
    for (let seconds = 0; seconds < 7_200; seconds += 60) {
      city.pass(60)
      await city.runJob('status-epochs')
    }
    // A suspension of weeks is no flood: the pauses grow, to five minutes.
    expect((await city.chain.calls()).length - before).to.be.within(20, 40)
    // Those who take the list from the city hear of it meanwhile.
    const token = await verifyStatusListToken(await (await fetch(`${city.url}/status/1`)).text(), { uri: `${city.url}/status/1`, verify, nowSeconds: city.now() })
    const cards = [...first.credentials, ...late.credentials].map(statusOf)
    expect(cards.map(({ idx }) => readStatus(token.bytes, idx))).to.deep.equal([1, 1])
    expect((await city.chain.readStatus(cards[0]?.uri ?? '', cards[0]?.idx ?? 0))?.value).to.equal('valid')
    city.chain.outcome = 'confirmed'
    city.pass(301)
    await city.runJob('status-epochs')
    for (const { uri, idx } of cards) expect((await city.chain.readStatus(uri, idx))?.value).to.equal('invalid')
    await rebuild()
    await city.runJob('status-epochs')
    await rebuild()
  })

  it('are served as a signed token and as two W3C lists that say the same', async () => {
    const { credentials, cardId } = await issueCard(city, keysOf(2))
    await city.staff('POST', `/v1/cards/${cardId}/suspend`, { reason: 'lost' })
    await city.runJob('status-epochs')
    const response = await fetch(`${city.url}/status/1`)
    expect(response.headers.get('content-type')).to.equal('application/statuslist+jwt')
    expect(response.headers.get('cache-control')).to.equal('public, max-age=5')
    const token = await verifyStatusListToken(await response.text(), { uri: `${city.url}/status/1`, verify, nowSeconds: city.now() })
    for (const credential of credentials) expect(readStatus(token.bytes, statusOf(credential).idx)).to.equal(2)
    for (const purpose of ['revocation', 'suspension'] as const) {
      const face = await fetch(`${city.url}/status/1/${purpose}`)
      expect(face.headers.get('content-type')).to.equal('application/vc+jwt')
      const bitstring = await verifyBitstringStatusList(await face.text(), { url: `${city.url}/status/1/${purpose}`, purpose, nowSeconds: city.now(), verify })
      for (const credential of credentials) expect(readBit(bitstring, statusOf(credential).idx)).to.equal(purpose === 'suspension')
    }
    expect((await fetch(`${city.url}/status/2`)).status).to.equal(404)
    expect((await fetch(`${city.url}/status/x`)).status).to.equal(404)
  })

  it('show a change only once its epoch is made, and a fresh signature afterwards', async () => {
    const { credentials, cardId } = await issueCard(city, keysOf(1))
    await city.runJob('status-epochs')
    const read = async () => {
      const token = await verifyStatusListToken(await (await fetch(`${city.url}/status/1`)).text(), { uri: `${city.url}/status/1`, verify, nowSeconds: city.now() })
      return { value: readStatus(token.bytes, statusOf(credentials[0] ?? '').idx), issuedAtSeconds: token.issuedAtSeconds }
    }
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' })
    expect((await read()).value).to.equal(0)
    city.pass(5)
    await city.runJob('status-epochs')
    expect(await read()).to.deep.equal({ value: 1, issuedAtSeconds: city.now() })
  })
}))

describe('the status lists of a city when the federation replaces StatusLists', () => onEachDatabase(cityMigrations, (db) => {
  let city: TestCity
  const [first, second] = [`0x${'51'.repeat(20)}`, `0x${'52'.repeat(20)}`]
  before(async function () {
    this.timeout(120_000)
    city = await createTestCity({ db: db(), listSize: SIZE })
    await city.runJob('status-epochs')
  })
  after(() => city.close())
  const revoke = async () => {
    const { cardId, credentials } = await issueCard(city, keysOf(2))
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' })
    return credentials.map(statusOf)
  }
  const valuesOf = async (cards: readonly { uri: string; idx: number }[]) => await Promise.all(cards.map(async ({ uri, idx }) => (await city.chain.readStatus(uri, idx))?.value))
  const publishedIn = async (contract: string) => (await city.chain.calls()).filter(({ method, to, state }) => method === 'publish' && to === contract && state === 'confirmed').map(({ args }) => args[1])

  it('are opened in the new contract, which is told every revocation again', async () => {
    const before = await revoke()
    await city.runJob('status-epochs')
    city.chain.contract = second
    const then = await revoke()
    await city.runJob('status-epochs')
    expect(await valuesOf([...before, ...then])).to.deep.equal(['invalid', 'invalid', 'invalid', 'invalid'])
    const after = await revoke()
    await city.runJob('status-epochs')
    expect(await valuesOf([...before, ...after])).to.deep.equal(['invalid', 'invalid', 'invalid', 'invalid'])
    expect(await publishedIn(second)).to.deep.equal([1, 2])
    expect(await city.issuance.openSteps()).to.deep.equal([])
  })

  it('wait for what is on its way to the old contract, and say what it refused in the new one', async () => {
    const third = `0x${'53'.repeat(20)}`
    const late = await revoke()
    city.chain.outcome = 'queued'
    await city.runJob('status-epochs')
    city.chain.contract = third
    await city.runJob('status-epochs')
    expect((await city.chain.calls()).filter(({ to }) => to === third)).to.deep.equal([])
    await city.chain.setStates('queued', 'failed')
    city.chain.outcome = 'confirmed'
    await city.runJob('status-epochs')
    expect(await valuesOf(late)).to.deep.equal(['invalid', 'invalid'])
    expect(await publishedIn(third)).to.deep.equal([1])
  })

  it('go on in a contract that is named again from what stands there', async () => {
    const stood = (await publishedIn(first)).length
    const late = await revoke()
    city.chain.contract = first
    const again = createIssuance(city.deps, { listSize: SIZE })
    await again.jobs.find(({ name }) => name === 'status-epochs')?.run(new Date())
    expect(await valuesOf(late)).to.deep.equal(['invalid', 'invalid'])
    await city.runJob('status-epochs')
    expect(await publishedIn(first)).to.deep.equal(Array.from({ length: stood + 2 }, (_, i) => i + 1))
    const token = await verifyStatusListToken(await (await fetch(`${city.url}/status/1`)).text(), {
      uri: `${city.url}/status/1`, nowSeconds: city.now(), verify: (_: unknown, input: string, signature: string) => nativeCryptoSuite.verifyEs256(city.identity.issuerJwk, input, signature),
    })
    const standing = await city.chain.homes.find('PTOPO', `${city.url}/status/1`, first)
    expect(Buffer.from(token.bytes).equals(standing?.bits ?? new Uint8Array())).to.equal(true)
  })
}))

describe('the status lists of a city, whatever becomes of what it sent', () => onEachDatabase(cityMigrations, (db) => {
  let city: TestCity
  let contracts = 0
  const contractOf = (n: number) => `0x${String(n).padStart(40, '7')}`
  before(async function () {
    this.timeout(120_000)
    city = await createTestCity({ db: db(), listSize: SIZE })
    await city.runJob('status-epochs')
  })
  after(() => city.close())
  beforeEach(async () => {
    // Each test begins where readers and contract have what the city sent.
    city.chain.contract = contractOf(contracts += 1)
    await round()
    await round()
  })
  const round = async () => {
    city.pass(600)
    await city.runJob('status-epochs')
  }
  const revoke = async () => {
    const { cardId, credentials } = await issueCard(city, keysOf(1))
    await city.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' })
    return credentials.map(statusOf)
  }
  const valuesOf = async (cards: readonly { uri: string; idx: number }[]) => await Promise.all(cards.map(async ({ uri, idx }) => (await city.chain.readStatus(uri, idx))?.value))
  const lists = async () => await city.db.withTables<{ issuance_status_lists: { epoch: number; moves: number } }>().selectFrom('issuance_status_lists').select(['epoch', 'moves']).execute()

  it('go on in the contract that counts when the first one was replaced before the list arrived', async () => {
    const fresh = await createTestCity({ listSize: SIZE })
    try {
      fresh.chain.outcome = 'queued'
      const { credentials, cardId } = await issueCard(fresh, keysOf(1))
      expect((await fresh.chain.calls()).map(({ method }) => method)).to.deep.equal(['create'])
      fresh.chain.outcome = 'confirmed'
      fresh.chain.landsIn = fresh.chain.contract
      fresh.chain.contract = contractOf(0)
      await fresh.chain.setStates('queued', 'confirmed')
      fresh.chain.landsIn = undefined
      await fresh.staff('POST', `/v1/cards/${cardId}/revoke`, { reason: 'lost' })
      for (let i = 0; i < 3; i++) await fresh.runJob('status-epochs')
      const { uri, idx } = statusOf(credentials[0] ?? '')
      expect(await fresh.chain.readStatus(uri, idx)).to.include({ value: 'invalid', epoch: 3 })
    } finally {
      await fresh.close()
    }
  })

  it('write the first epoch behind the list that is on its way', async () => {
    const fresh = await createTestCity({ listSize: SIZE })
    try {
      fresh.chain.outcome = 'queued'
      await fresh.runJob('status-epochs')
      expect((await fresh.chain.calls()).map(({ method }) => method)).to.deep.equal(['create', 'publish'])
    } finally {
      await fresh.close()
    }
  })

  it('go on when one epoch landed in the old contract, and when that one is named again', async () => {
    const old = city.chain.contract
    const lost = await revoke()
    city.chain.outcome = 'queued'
    await round()
    city.chain.landsIn = old
    city.chain.contract = contractOf(contracts += 1)
    await city.chain.setStates('queued', 'confirmed')
    Object.assign(city.chain, { landsIn: undefined, outcome: 'confirmed' })
    expect(await valuesOf(lost)).to.deep.equal(['valid'])
    await round()
    expect(await valuesOf(lost)).to.deep.equal(['invalid'])
    city.chain.contract = old
    const late = await revoke()
    await round()
    expect(await valuesOf([...lost, ...late])).to.deep.equal(['invalid', 'invalid'])
    const after = await revoke()
    await round()
    expect(await valuesOf([...lost, ...late, ...after])).to.deep.equal(['invalid', 'invalid', 'invalid'])
  })

  it('say again what landed while the contract did not count, when it was named again before anybody looked', async () => {
    const old = city.chain.contract
    const lost = await revoke()
    city.chain.outcome = 'queued'
    await round()
    city.chain.landsIn = old
    city.chain.contract = contractOf(contracts += 1)
    await city.chain.setStates('queued', 'confirmed')
    Object.assign(city.chain, { landsIn: undefined, outcome: 'confirmed', contract: old })
    await round()
    expect(await valuesOf(lost)).to.deep.equal(['invalid'])
    await round()
    expect(await valuesOf(lost)).to.deep.equal(['invalid'])
  })

  it('go on in a contract in which the list was opened while it did not count', async () => {
    const next = contractOf(contracts += 1)
    const lost = await revoke()
    city.chain.outcome = 'queued'
    city.chain.contract = next
    await round()
    // Opened, and the first epoch published, in a contract that was replaced meanwhile; now it is named again.
    city.chain.landsIn = next
    city.chain.contract = contractOf(contracts += 1)
    await city.chain.setStates('queued', 'confirmed')
    Object.assign(city.chain, { landsIn: undefined, outcome: 'confirmed', contract: next })
    await round()
    expect(await valuesOf(lost)).to.deep.equal(['invalid'])
    await round()
    expect(await valuesOf(lost)).to.deep.equal(['invalid'])
  })

  it('mend a list that another contract took an epoch of by chance', async () => {
    const [one, other] = [city.chain.contract, contractOf(contracts += 1)]
    const cards = [await revoke(), await revoke()].flat()
    await round()
    city.chain.contract = other
    await round()
    // Both contracts have the list, and what is meant for one fits the other by its number.
    for (let i = 0; i < 10 && (await city.chain.homes.find('PTOPO', cards[0]?.uri ?? '', other))?.epoch !== (await city.chain.homes.find('PTOPO', cards[0]?.uri ?? '', one))?.epoch; i++) await round()
    city.chain.outcome = 'queued'
    const late = await revoke()
    await round()
    city.chain.contract = one
    city.chain.outcome = 'confirmed'
    await city.chain.setStates('queued', 'confirmed')
    expect(await valuesOf(late)).to.deep.equal([undefined])
    await round()
    expect(await valuesOf([...cards, ...late])).to.deep.equal(['invalid', 'invalid', 'invalid'])
  })

  it('wait while the chain takes back what it had, and then go on', async () => {
    const lost = await revoke()
    await round()
    const { epoch } = (await lists())[0] ?? { epoch: 0 }
    const last = (await city.chain.calls()).at(-1)?.key ?? ''
    await city.chain.setState(last, 'queued')
    await round()
    expect((await lists())[0]).to.include({ epoch: epoch + 1 })
    await city.chain.setStates('queued', 'confirmed')
    await round()
    expect(await valuesOf(lost)).to.deep.equal(['invalid'])
    const moves = (await lists())[0]?.moves
    await round()
    expect((await lists())[0]?.moves).to.equal(moves)
  })

  it('say again what the chain took back for good', async () => {
    const lost = await revoke()
    await round()
    await city.chain.setState((await city.chain.calls()).at(-1)?.key ?? '', 'failed')
    expect(await valuesOf(lost)).to.deep.equal(['valid'])
    await round()
    expect(await valuesOf(lost)).to.deep.equal(['invalid'])
  })

  it('do not move on the word of an index that is behind, and move once it is not', async () => {
    const late = await revoke()
    const before = (await lists())[0]
    city.chain.indexedBlock = city.chain.block - 1
    city.chain.contract = contractOf(contracts += 1)
    await round()
    await round()
    expect((await lists())[0]?.moves).to.equal(before?.moves)
    city.chain.indexedBlock = undefined
    await round()
    expect((await lists())[0]?.moves).to.equal((before?.moves ?? 0) + 1)
    expect(await valuesOf(late)).to.deep.equal(['invalid'])
  })

  it('keep a revocation that the chain knows and a restored database does not', async () => {
    const lost = await revoke()
    await round()
    const position = 2 * (lost[0]?.idx ?? 0)
    type Tables = { issuance_status_bits: { position: number }; issuance_status_lists: { epoch: number } }
    const tables = city.db.withTables<Tables>()
    const [list] = await lists()
    const pending = city.db.withTables<{ issuance_status_epochs: { epoch: number } }>()
    await tables.deleteFrom('issuance_status_bits').where('position', '=', position).execute()
    await tables.updateTable('issuance_status_lists').set({ epoch: (list?.epoch ?? 0) - 1 }).execute()
    await pending.deleteFrom('issuance_status_epochs').where('epoch', '=', list?.epoch ?? 0).execute()
    const restored = createIssuance(city.deps, { listSize: SIZE })
    for (let i = 0; i < 2; i++) {
      city.pass(600)
      await restored.jobs.find(({ name }) => name === 'status-epochs')?.run(new Date())
    }
    expect(await valuesOf(lost)).to.deep.equal(['invalid'])
    expect(await tables.selectFrom('issuance_status_bits').select('position').where('position', '=', position).execute()).to.have.length(1)
  })

  it('make a pause now and then when something is always on its way, so that what stands there is looked at', async () => {
    const state = async () => (await lists())[0]?.epoch ?? 0
    city.chain.outcome = 'queued'
    let still = 0
    for (let i = 0; i < 20; i++) {
      const [epoch, waiting] = [await state(), (await city.chain.calls()).filter((call) => call.state === 'queued')]
      await round()
      if (await state() === epoch) still += 1
      // All but the newest arrive, one round late.
      for (const { key } of waiting) await city.chain.setState(key, 'confirmed')
    }
    expect(still).to.be.within(1, 3)
    city.chain.outcome = 'confirmed'
    await city.chain.setStates('queued', 'confirmed')
  })
}))

describe('a status list that is nearly full', () => {
  it('is followed by another, without an index coming twice', async function () {
    this.timeout(120_000)
    // 2^7 entries: indexes 10 … 99, sixteen of them decoys, nine tenths of the rest to give out
    const city = await createTestCity({ listSize: 2 ** 7 })
    try {
      const seen = new Set<string>()
      for (let i = 0; i < 10; i++) {
        for (const credential of (await issueCard(city, keysOf(8))).credentials) seen.add(JSON.stringify(statusOf(credential)))
      }
      expect(seen).to.have.property('size', 80)
      expect(new Set([...seen].map((text) => (JSON.parse(text) as { uri: string }).uri))).to.have.property('size', 2)
    } finally {
      await city.close()
    }
  })
})
