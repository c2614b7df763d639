import { expect } from 'chai'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { webCryptoSuite } from '../../agent/formats/crypto-suite.ts'
import { presentSdJwtVc } from '../../agent/formats/sd-jwt-vc.ts'
import { decodeModulus } from '../../agent/notes/blind-signature.ts'
import { signRedeem } from '../../agent/notes/redeem-digest.ts'
import { parseDeployment } from '../../chain/deployment.ts'
import { startEmbeddedChain, type EmbeddedChain } from '../../chain/embedded.ts'
import { deploySymbolon } from '../../scripts/deploy.ts'
import { demoParameters } from '../../scripts/lib/federation-parameters.ts'
import { foundFederation } from '../../scripts/lib/found-federation.ts'
import { freePort } from '../fakes/postgres.ts'
import { tinyJpeg } from '../agent/pictures.ts'
import { createBrowser, passwords, startHttpCity, type Browser, type HttpCity } from './http-city.ts'
import { createNotePurse } from './points-desk.ts'
import { createWire, credentialsOf, keysOf } from './wallet.ts'

const deployerPrivateKey = `0x${'17'.repeat(32)}`

interface WireOrder {
  order_id: string
  deadline: number
  state: string
  merchant: { address: string }
  verifying_contract: string
  chain_id: number
}

describe('a city on a chain', () => {
  let folder: string
  let chain: EmbeddedChain
  let city: HttpCity
  let officer: Browser
  let till: Browser

  const json = async <Body>(response: Promise<Response>, status: number): Promise<Body> => {
    const answer = await response
    const text = await answer.text()
    expect(answer.status, text).to.equal(status)
    return JSON.parse(text) as Body
  }
  const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      if (await holds()) return
      await sleep(100)
    }
    throw new Error(`${what} did not happen`)
  }

  before(async function startAll() {
    this.timeout(240_000)
    folder = mkdtempSync(join(tmpdir(), 'symbolon-live-'))
    chain = await startEmbeddedChain({ dataDir: join(folder, 'chain'), port: await freePort(), chainId: 7411 })
    const deployment = parseDeployment(await deploySymbolon({
      rpcUrl: chain.rpcUrl, deployerPrivateKey, deploymentDir: join(folder, 'ignition'), parameters: demoParameters,
    }))
    const deploymentFile = join(folder, 'deployment.json')
    writeFileSync(deploymentFile, JSON.stringify(deployment))
    city = await startHttpCity({
      env: { SYMBOLON_RPC_URL: chain.rpcUrl, SYMBOLON_DEPLOYMENT: deploymentFile, SYMBOLON_STATUS_EPOCH_SECONDS: '1', SYMBOLON_DEMO_PROGRAM: 'Porto Points' },
    })
    const { identity } = city.service.city
    const { did, controller, publicUrl: serviceUrl } = identity
    const documents = { agreementHash: `0x${'a9'.repeat(32)}`, dpiaHash: `0x${'d1'.repeat(32)}` }
    await foundFederation({
      rpcUrl: chain.rpcUrl, deployerPrivateKey, deployment, guardian: `0x${'6a'.repeat(20)}`, parameters: demoParameters,
      cities: [{ locode: 'PTOPO', name: 'Porto', did, controller, recovery: `0x${'4e'.repeat(20)}`, serviceUrl, ...documents }],
    })
    await city.service.start()
    await until('readiness', async () => (await fetch(`${city.url}/health/ready`)).status === 200)
    officer = createBrowser(city.url)
    till = createBrowser(city.url)
    await officer.signIn('staff', 'officer', passwords.officer)
    await till.signIn('merchant', 'cafe', passwords.cafe)
  })
  after(async function stopAll() {
    this.timeout(60_000)
    await city?.stop()
    await chain?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('registers itself, and says so to everybody', async () => {
    const trust = await json<Record<'cities' | 'issuers' | 'programs' | 'status_lists', object[]>>(fetch(`${city.url}/v1/trust`), 200)
    expect(trust.cities[0]).to.deep.include({ locode: 'PTOPO', name: 'Porto', status: 'active', service_url: city.url })
    expect(trust.issuers[0]).to.deep.include({ city: 'PTOPO', thumbprint: city.service.city.identity.issuerThumbprint })
    expect(trust.programs[0]).to.deep.include({ name: 'Porto Points', funded: 100_000, redeemed: 0 })
    expect(trust.status_lists).to.have.length(1)
  })

  it('lets a resident earn points with the card, pay with notes, and a merchant be settled, each promise on the chain', async function whole() {
    this.timeout(180_000)
    const resident = await json<{ resident_id: string }>(officer.post('/v1/residents', {
      given_name: 'Ana', family_name: 'Silva', birth_date: '1990-02-03', papers_inspected: true,
      portrait: { media_type: 'image/jpeg', data: Buffer.from(tinyJpeg()).toString('base64') },
    }), 201)
    const offer = await json<Record<string, unknown>>(officer.post(`/v1/residents/${resident.resident_id}/offers`, {}), 201)
    const wire = createWire({ url: city.url, now: () => Math.floor(Date.now() / 1000) })
    const keys = keysOf(1)
    const [credential = ''] = credentialsOf(await wire.request(await wire.accessToken(offer), keys))

    const { programs } = await json<{ programs: { program_id: string; denominations: { value: number; modulus: string }[] }[] }>(fetch(`${city.url}/v1/programs`), 200)
    const program = programs[0]
    if (program === undefined || keys[0] === undefined) throw new Error('no programme')
    await json(officer.post(`/v1/residents/${resident.resident_id}/awards`, { program_id: program.program_id, points: 10, reason: 'library' }), 201)

    const { nonce } = await json<{ nonce: string }>(fetch(`${city.url}/v1/points/challenge`), 200)
    const presentation = await presentSdJwtVc({
      credential, claims: ['card_number'], audience: city.url, nonce, issuedAtSeconds: Math.floor(Date.now() / 1000), sign: keys[0].sign, crypto: webCryptoSuite,
    } as Parameters<typeof presentSdJwtVc>[0])
    const post = (path: string, body: unknown, headers: Record<string, string> = {}) => fetch(`${city.url}${path}`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...headers }, body: JSON.stringify(body),
    })
    const { access_token: token } = await json<{ access_token: string }>(post('/v1/points/sessions', { presentation, nonce }), 201)
    const bearer = { authorization: `Bearer ${token}` }

    const purse = createNotePurse(program.program_id, program.denominations.map(({ value, modulus }) => ({ value, modulus: decodeModulus(modulus) })))
    const withdrawal = { program_id: program.program_id, notes: [purse.ask(4, 0), purse.ask(2, 0)] }
    const { signatures } = await json<{ signatures: { value: number; signature: string }[] }>(post('/v1/points/withdrawals', withdrawal, bearer), 200)
    const notes = signatures.map(({ value, signature }) => purse.take(value, 0, new Uint8Array(Buffer.from(signature, 'base64url'))))
    const balance = await json<{ programs: { balance: number }[] }>(fetch(`${city.url}/v1/points/balance`, { headers: bearer }), 200)
    expect(balance.programs[0]?.balance).to.equal(4)

    const placed = await json<{ order_id: string }>(till.post('/v1/orders', { program_id: program.program_id, points: 6 }), 201)
    const orderPath = `/v1/orders/${placed.order_id}`
    const order = await json<WireOrder>(fetch(`${city.url}${orderPath}`), 200)
    const redeem = { program: program.program_id, merchant: order.merchant.address, order: order.order_id, deadline: order.deadline }
    const domain = { chainId: order.chain_id, verifyingContract: order.verifying_contract }
    const payment = { notes: notes.map(({ value, rsaSignature, secretKey }) => ({
      value, rsa_signature: Buffer.from(rsaSignature).toString('base64url'), owner_signature: signRedeem(domain, redeem, secretKey),
    })) }
    expect((await json<{ state: string }>(post(`${orderPath}/payments`, payment), 202)).state).to.be.oneOf(['paying', 'paid'])
    await until('the payment', async () => (await json<WireOrder>(fetch(`${city.url}${orderPath}`), 200)).state === 'paid')
    expect(await json(post(`${orderPath}/payments`, payment), 409)).to.include({ code: 'ERR_ORDER_CLOSED' })
    const { notes: redeemed } = await json<{ notes: string[] }>(fetch(`${city.url}/v1/programs/${program.program_id}/redeemed-notes`), 200)
    expect(redeemed.map((note) => note.toLowerCase()).sort()).to.deep.equal(notes.map((note) => note.address.toLowerCase()).sort())

    const account = await json<{ balances: { units: number }[] }>(till.fetch('/v1/merchant'), 200)
    expect(account.balances[0]?.units).to.equal(6)
    const settlement = await json<{ settlement_id: string }>(till.post('/v1/settlements', { program_id: program.program_id, units: 6 }), 201)
    const stateOf = async (): Promise<string | undefined> => {
      const { settlements } = await json<{ settlements: { settlement_id: string; state: string }[] }>(till.fetch('/v1/settlements'), 200)
      return settlements.find((entry) => entry.settlement_id === settlement.settlement_id)?.state
    }
    await until('the settlement', async () => await stateOf() === 'confirmed')
    await json(officer.post(`/v1/settlements/${settlement.settlement_id}/paid`, { bank_reference: 'SEPA 2026-1' }), 200)
    await until('the transfer', async () => await stateOf() === 'paid')
    expect((await json<WireOrder>(fetch(`${city.url}${orderPath}`), 200)).state).to.equal('settled')
  })

  it('anchors what officers did on the chain, where anybody sees the root, and proves its record to an auditor', async function anchored() {
    this.timeout(120_000)
    const { resident_id: residentId } = await json<{ resident_id: string }>(officer.post('/v1/residents', {
      given_name: 'Rui', family_name: 'Costa', birth_date: '1985-04-05', papers_inspected: true,
      portrait: { media_type: 'image/jpeg', data: Buffer.from(tinyJpeg()).toString('base64') },
    }), 201)
    await json(officer.fetch(`/v1/residents/${residentId}`), 200)
    const auditor = createBrowser(city.url)
    await auditor.signIn('staff', 'councillor', passwords.councillor)
    const prove = async () => await json<{ whole: boolean; acts: number; anchors: number; latest_anchor?: { act_id: number; root: string } }>(auditor.fetch('/v1/audit/proof'), 200)
    await until('the anchor', async () => (await prove()).anchors > 0)
    const proof = await prove()
    expect(proof).to.include({ whole: true, anchors: 1 })
    const { rows } = await json<{ rows: { city: string; log: string; size: number; root: string }[] }>(fetch(`${city.url}/v1/open-data/anchors.json`), 200)
    expect(rows.map(({ city: by, log, size, root }) => [by, log, size, root])).to.deep.equal([['PTOPO', 'audit', proof.latest_anchor?.act_id, proof.latest_anchor?.root]])
    const { acts } = await json<{ acts: { act: string; resident_id: string }[] }>(auditor.fetch(`/v1/audit?resident_id=${residentId}`), 200)
    expect(acts.map(({ act }) => act)).to.deep.equal(['looked_up', 'enrolled'])
  })
})
