import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import express from 'express'
import { createTrustHistory } from '../../../chain/history.ts'
import { createCsv } from '../../../api/open-data/csv.ts'
import { createOpenDataRoutes } from '../../../api/open-data/routes.ts'
import { createOpenDataService } from '../../../api/open-data/service.ts'
import { createOpenDataStore } from '../../../api/open-data/store.ts'
import { openDataTables } from '../../../api/open-data/tables.ts'
import { chainTables } from '../../../api/platform/chain-sender.ts'
import { createRateLimits } from '../../../api/platform/limits.ts'
import { mountRoutes } from '../../../api/platform/router.ts'
import { createSecrets } from '../../../api/platform/secrets.ts'
import { Service } from '../../../scripts/lib/recompute/published.ts'
import { readRecord } from '../../../web/public/read-record.ts'
import { issuerKey, portoCard, Sender, writeHistory } from '../../chain/support/history.ts'
import { porto, portoController, TestNetwork } from '../../chain/support/network.ts'
import { startHttpCity, type HttpCity } from '../http-city.ts'

describe('createCsv', () => {
  const column = (name: string, kind: 'text' | 'units') => ({ name, kind, description: '' })

  it('quotes what needs it and ends each line with CRLF', () => {
    expect(createCsv([column('a', 'text'), column('b', 'text')], [{ a: 'x,"y"\nz', b: null }, { a: '', b: true }])).to.equal('a,b\r\n"x,""y""\nz",\r\n,true\r\n')
  })

  it('disarms text that a spreadsheet would run, and leaves numbers alone', () => {
    const rows = ['=1+1', '+1', '-1', '@x', '\tx', '＝1'].map((a) => ({ a, b: '-5' }))
    expect(createCsv([column('a', 'text'), column('b', 'units')], rows).split('\r\n').slice(1, -1)).to.deep.equal(
      ["'=1+1,-5", "'+1,-5", "'-1,-5", "'@x,-5", "'\tx,-5", "'＝1,-5"])
  })
})

describe('open data', function () {
  this.timeout(120_000)
  let network: TestNetwork
  let sender: Sender
  let folder: string
  let city: HttpCity

  before(async () => {
    network = await TestNetwork.start()
    sender = new Sender(network.provider, network.deployment)
    await writeHistory(sender)
    folder = await mkdtemp(join(tmpdir(), 'symbolon-open-data-'))
    const deploymentFile = join(folder, 'deployment.json')
    await writeFile(deploymentFile, JSON.stringify(network.deployment))
    city = await startHttpCity({ env: { SYMBOLON_RPC_URL: network.rpcUrl, SYMBOLON_DEPLOYMENT: deploymentFile } })
    await city.service.indexer.catchUp()
  })
  after(async () => {
    await (city as HttpCity | undefined)?.stop()
    await (network as TestNetwork | undefined)?.stop()
    if ((folder as string | undefined) !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const get = async (path: string, headers: Record<string, string> = {}) => await fetch(`${city.url}/v1/open-data${path}`, { headers })
  const json = async <Body>(path: string): Promise<Body> => await (await get(path)).json() as Body

  it('lists every table with its licence, block and columns, and serves each in both forms', async () => {
    const index = await json<{ licence: { name: string }; block: { number: number }; directory: string; tables: { name: string; csv: string; json: string; columns: { name: string }[] }[] }>('')
    expect([index.licence.name, index.directory]).to.deep.equal(['CC0-1.0', network.deployment.contracts.Directory])
    expect(index.tables.map(({ name }) => name)).to.deep.equal(openDataTables.map(({ name }) => name))
    for (const table of index.tables) {
      const csv = await fetch(`${city.url}${table.csv}?block=${index.block.number}`)
      expect([csv.status, csv.headers.get('symbolon-block'), csv.headers.get('content-type')]).to.deep.equal([200, String(index.block.number), 'text/csv; charset=utf-8; header=present'])
      expect((await csv.text()).split('\r\n')[0]).to.equal(table.columns.map(({ name }) => name).join(','))
      const { rows } = await json<{ rows: object[] }>(`/${table.name}.json?block=${index.block.number}`)
      for (const row of rows) expect(Object.keys(row), table.name).to.have.members(table.columns.map(({ name }) => name))
    }
  })

  it('says the same of a block for ever, whatever happens after it, and to other origins too', async () => {
    const { block } = await json<{ block: { number: number } }>('')
    const path = `/accreditations.json?block=${block.number}`
    const before = await get(path)
    const etag = before.headers.get('etag') ?? ''
    const said = await before.text()
    await sender.call(portoController, 'IssuerRegistry', 'accredit', [porto, issuerKey.x, issuerKey.y, `${portoCard}/2`, 200, 4_000_000_000])
    await sender.call(portoController, 'CityRegistry', 'changeServiceUrl', [porto, 'https://later.example'])
    await city.service.indexer.catchUp()
    expect(await (await get(path)).text()).to.equal(said)
    expect((await get(path, { 'if-none-match': etag })).status).to.equal(304)
    expect(before.headers.get('access-control-allow-origin')).to.equal('*')
    expect(before.headers.get('access-control-expose-headers')).to.include('symbolon-block')
    const urlAt = async (number: number) => (await json<{ rows: { city: string; service_url: string }[] }>(`/members.json?block=${number}`)).rows.find((row) => row.city === 'PTOPO')?.service_url
    expect(await urlAt(block.number)).to.equal('https://cartao.porto.example')
    expect(await urlAt((await json<{ block: { number: number } }>('')).block.number)).to.equal('https://later.example')
  })

  it('refuses blocks that are not there, and words where a block belongs', async () => {
    const codeOf = async (path: string) => [(await get(path)).status, (await json<{ code: string }>(path)).code]
    expect(await codeOf('/members.json?block=99999')).to.deep.equal([404, 'ERR_CHAIN_BLOCK_AHEAD'])
    expect(await codeOf('/members.csv?block=soon')).to.deep.equal([400, 'ERR_VALIDATION'])
    expect(await codeOf('/members.csv?block=0')).to.deep.equal([404, 'ERR_CHAIN_BLOCK_TOO_EARLY'])
    expect((await get('/residents.csv')).status).to.equal(404)
  })

  it('gives long tables in pages of whole blocks that add up to the whole', async () => {
    const tables = chainTables(city.db)
    const history = createTrustHistory({ db: tables, deployment: network.deployment, provider: network.provider })
    const whole = createOpenDataService({ store: createOpenDataStore(city.db), history })
    const small = createOpenDataService({ store: createOpenDataStore(city.db), history, pageRows: 2 })
    const oneByOne = createOpenDataService({ store: createOpenDataStore(city.db), history, pageRows: 0 })
    for (const [name, paged] of [['redemptions', small], ['member_events', small], ['anchors', small], ['redemptions', oneByOne], ['member_events', oneByOne]] as const) {
      const all = await whole.readTable(name)
      const rows = []
      let pages = 0
      for (let fromBlock: number | undefined = 0; fromBlock !== undefined; pages += 1) {
        const page = await paged.readTable(name, { block: all.block.number, fromBlock })
        const next = page.nextFromBlock
        expect(page.rows.every((row) => next === undefined || Number(row['block']) < next)).to.equal(true)
        rows.push(...page.rows)
        fromBlock = next
      }
      expect(rows, name).to.deep.equal(all.rows)
      expect(pages, name).to.be.greaterThan(1)
    }
  })

  it('holds the same rows as CSV and as JSON, page by page, and the page reads all of them', async () => {
    const history = createTrustHistory({ db: chainTables(city.db), deployment: network.deployment, provider: network.provider })
    const { identity } = city.service.city
    const app = express()
    mountRoutes(app, createOpenDataRoutes(createOpenDataService({ store: createOpenDataStore(city.db), history, pageRows: 1 }), {
      identity, chainId: network.deployment.chainId, directory: network.deployment.contracts.Directory, deployedAtBlock: network.deployment.deployedAtBlock,
    }), {
      db: city.db, secrets: createSecrets(new Uint8Array(32).fill(3)), limits: createRateLimits(1_000), bearers: new Map(), checkResponses: true,
      sessions: { authorise: async () => { throw new TypeError('nobody signs in to read open data') } },
    })
    const server = createServer(app)
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      const { block } = await json<{ block: { number: number } }>('')
      const asked: string[] = []
      const read = async (path: string): Promise<unknown> => {
        asked.push(path)
        return await (await fetch(url + path)).json()
      }
      for (const { name } of openDataTables) {
        const whole = await json<{ rows: Record<string, unknown>[] }>(`/${name}.json?block=${block.number}`)
        const { json: rows, csv } = await new Service(url).table(name, block.number)
        expect(rows, name).to.deep.equal(whole.rows)
        const disarmed = csv.map((row) => Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, String(cell).replace(/^'(?=[^\p{L}\p{N}])/u, '')])))
        expect(disarmed, name).to.deep.equal(rows.map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, value === null ? '' : String(value)]))))
      }
      const names = ['member_events', 'settlements', 'proposals', 'nets'] as const
      const { tables } = await readRecord(names, { at: block.number, get: read })
      for (const name of names) expect(tables[name], name).to.deep.equal((await json<{ rows: object[] }>(`/${name}.json?block=${block.number}`)).rows)
      expect(asked.filter((path) => path.includes('/member_events.json')).length).to.be.greaterThan(5)
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
