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
  const epochs = async () => (await city.chain.calls()).filter(({ method }) => method === 'publish')
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
    expect(onTheWay - before).to.be.within(1, 4)
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

  it('send again what the chain refused, under a new key and with the same content', async () => {
    await city.runJob('status-epochs')
    city.chain.outcome = 'failed'
    await city.runJob('status-epochs')
    const refused = (await epochs()).at(-1)
    city.chain.outcome = 'confirmed'
    await city.runJob('status-epochs')
    const calls = await epochs()
    const again = calls.find(({ key }) => key === `${String(refused?.key)}:1`)
    expect(again?.args).to.deep.equal(refused?.args)
    expect(again?.state).to.equal('confirmed')
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
  const publishedIn = async (contract: string) => (await city.chain.calls()).filter(({ method, to }) => method === 'publish' && to === contract).map(({ args }) => args[1])

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
