import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { id } from 'ethers'
import { RecomputeError } from '../../../scripts/lib/recompute/recompute-error.ts'
import type { RecomputeOptions } from '../../../scripts/lib/recompute/options.ts'
import { recompute } from '../../../scripts/lib/recompute/recompute.ts'
import { startHttpCity, type HttpCity } from '../../api/http-city.ts'
import { toBytes5 } from '../../chain/support/accounts.ts'
import { programId, Sender } from '../../chain/support/history.ts'
import { TestNetwork } from '../../chain/support/network.ts'
import { lisbon, writeFederation } from './federation-at-work.ts'

/** Changes what the service answers before it is read. */
type Change = (path: string, answer: string) => string

describe('recompute', function () {
  this.timeout(120_000)
  let network: TestNetwork
  let sender: Sender
  let folder: string
  let city: HttpCity
  let head: number

  before(async () => {
    network = await TestNetwork.start()
    sender = new Sender(network.provider, network.deployment)
    folder = await mkdtemp(join(tmpdir(), 'symbolon-recompute-'))
    const deploymentFile = join(folder, 'deployment.json')
    await writeFile(deploymentFile, JSON.stringify(network.deployment))
    city = await startHttpCity({ env: {
      SYMBOLON_RPC_URL: network.rpcUrl, SYMBOLON_DEPLOYMENT: deploymentFile, SYMBOLON_LOCODE: 'PTLIS', SYMBOLON_CITY_NAME: 'Lisboa',
    } })
    const { did, issuerJwk: publicJwk, credentialType } = city.service.city.identity
    await writeFederation(network, sender, { did, url: city.url, publicJwk, credentialType })
    await city.service.indexer.catchUp()
    head = Number(await network.provider.send('eth_blockNumber', []))
  })
  after(async () => {
    await (city as HttpCity | undefined)?.stop()
    await (network as TestNetwork | undefined)?.stop()
    if ((folder as string | undefined) !== undefined) await rm(folder, { recursive: true, force: true })
  })

  const lines: string[] = []
  const run = async (options: Partial<RecomputeOptions> = {}): Promise<readonly string[]> => {
    lines.length = 0
    const common = { rpcUrl: network.rpcUrl, directory: network.deployment.contracts.Directory, serviceUrl: city.url, block: undefined, fromBlock: 0, chunkBlocks: 10_000, help: false }
    return await recompute({ ...common, ...options }, { progress: () => {}, line: (text) => lines.push(text) })
  }
  const refusal = async (options: Partial<RecomputeOptions>): Promise<string> =>
    await run(options).then(() => 'nothing', (error: unknown) => { if (error instanceof RecomputeError) return error.message; throw error })

  it('agrees with the service to the last digit', async () => {
    expect(await run()).to.deep.equal([])
    expect(lines[0]).to.match(new RegExp(`^Chain 7411, block ${head} `))
    for (const compared of ['open-data/programs.json', 'open-data/votes.csv', 'trust programs', 'federation seats', 'federation parameters', 'federation/proposals proposals', 'federation/proposals/…', 'federation/members/…',
      'trust/cities/…  ', 'trust/cities/… as of the block', 'list of trusted entities  ', 'list of trusted entities as of the block', 'trusted issuers registry', 'authority statements (TRQP)', 'signatures']) {
      expect(lines.find((line) => line.startsWith(compared)), compared).to.match(/[1-9]\d*\s+[1-9]\d*\s+none$/)
    }
  })

  it('agrees as of a block of the past, and reads a node that gives out few blocks at a time', async () => {
    expect(await run({ block: head - 40, chunkBlocks: 7 })).to.deep.equal([])
    expect(lines.find((line) => line.startsWith('open-data/proposals.json'))).to.match(/[1-9]\d*\s+[1-9]\d*\s+none$/)
  })

  it('halves what it asks for when the node refuses', async () => {
    let refused = 0
    const limited = await proxy(network.rpcUrl, (_path, answer) => answer, (body) => {
      const { method, params } = JSON.parse(body) as { method?: string; params?: [{ fromBlock: string; toBlock: string }] }
      const tooMany = method === 'eth_getLogs' && params !== undefined && Number(params[0].toBlock) - Number(params[0].fromBlock) > 50
      if (tooMany) refused += 1
      return tooMany ? '{"jsonrpc":"2.0","id":0,"error":{"code":-32005,"message":"query exceeds the limit of 50 blocks"}}' : undefined
    })
    expect(await run({ rpcUrl: limited.url })).to.deep.equal([])
    expect(refused).to.be.greaterThan(1)
    await limited.close()
  })

  describe('fails and names the difference when the service', () => {
    const tampered = async (change: Change): Promise<readonly string[]> => {
      const between = await proxy(city.url, change)
      try {
        return await run({ serviceUrl: between.url })
      } finally {
        await between.close()
      }
    }
    const on = (start: string, change: (answer: string) => string): Change => (path, answer) => (path.startsWith(start) ? change(answer) : answer)

    it('publishes one point less than was redeemed', async () => {
      expect(await tampered(on('/v1/open-data/programs.json', (answer) => answer.replace('"redeemed":"5"', '"redeemed":"4"')))).to.deep.equal([
        `open-data/programs.json, ${programId}, redeemed: published "4", counted "5"`,
      ])
    })

    it('says another city voted for a proposal, in the table alone', async () => {
      const [difference, ...others] = await tampered(on('/v1/open-data/votes.csv', (answer) => answer.replace(',for,1,Good neighbours,', ',against,1,Good neighbours,')))
      expect(others).to.deep.equal([])
      expect(difference).to.match(/^open-data\/votes\.csv, \d+ 0x\w+, support: published "against", counted "for"$/)
    })

    it('leaves a suspension out of its list for people', async () => {
      const differences = await tampered(on('/v1/trust?block', (answer) => answer.replace('"status":"suspended"', '"status":"active"')))
      expect(differences).to.deep.equal([
        `trust?block=${head} cities, PTOPO, status: published "active", counted "suspended"`, `signatures: GET /v1/trust?block=${head} has another digest than was signed`,
      ])
    })

    it('shows another tally of a proposal', async () => {
      const differences = await tampered(on('/v1/federation/proposals?', (answer) => answer.replace('"for":3,', '"for":4,')))
      expect(differences).to.have.length(1)
      expect(differences[0]).to.match(/^federation\/proposals, proposals\[\d+\]\.tally\.for: published 4, counted 3$/)
    })

    it('changes one figure on a page of its own that the list has right', async () => {
      const changed = async (start: string, change: (answer: string) => string): Promise<string> => {
        const differences = await tampered(on(start, change))
        expect(differences, start).to.have.length(1)
        return differences[0] ?? ''
      }
      const { proposals } = await (await fetch(`${city.url}/v1/federation/proposals`)).json() as { proposals: { proposal_id: string; tally: { for: number } }[] }
      const voted = proposals.find(({ tally }) => tally.for === 3)?.proposal_id ?? ''
      expect(await changed(`/v1/federation/proposals/${voted}`, (answer) => answer.replace('"for":3,', '"for":2,'))).to.equal(`federation/proposals/${voted}, tally.for: published 2, counted 3`)
      expect(await changed(`/v1/federation/proposals/${voted}`, (answer) => answer.replace('Good neighbours', 'Bad neighbours')))
        .to.match(/votes\[\w+\]\.reason: published "Bad neighbours", counted "Good neighbours"$/)
      expect(await changed('/v1/federation/members/PTOPO', (answer) => answer.replace(/"valid_until":"\d{4}/, '"valid_until":"2000'))).to.match(/^federation\/members\/PTOPO, keys\[\S+\]\.valid_until: published "2000/)
      expect(await changed('/v1/federation/members/PTOPO', (answer) => answer.replace('"kind":"suspended"', '"kind":"reinstated"')))
        .to.match(/^federation\/members\/PTOPO, history\[\S+\]\.kind: published "reinstated", counted "suspended"$/)
      expect(await changed('/v1/federation/pauses', (answer) => answer.replace('"contract":"Anchors"', '"contract":"Settlement"'))).to.match(/contract: published "Settlement", counted "Anchors"$/)
      expect(await changed('/v1/federation/nets', (answer) => answer.replace(/"settlements":\[.*\]/, '"settlements":[]'))).to.match(/settlements: published 0 of them, counted \d+$/)
    })

    it('lists a member that never was, or has no page for one that is', async () => {
      const invented: Change = (path, answer) => {
        if (path !== '/v1/federation/members') return answer
        const { members } = JSON.parse(answer) as { members: { locode: string }[] }
        return JSON.stringify({ members: [...members, { ...members[0], locode: 'ZZZZZ' }] })
      }
      const [first] = await tampered(invented)
      expect(first).to.match(/^federation\/members, members: published \d+ of them, counted \d+$/)
      const renamed = await tampered((path, answer) => (path === '/v1/federation/members' ? answer.replace('"locode":"PTOPO"', '"locode":"ZZZZZ"') : answer))
      expect(renamed.join('\n')).to.match(/members\[PTOPO\]\.locode: published "ZZZZZ", counted "PTOPO"/)
    })

    it('tells another story of a city: who voted, why, and since when a key counts', async () => {
      const changed = async (path: string, change: (answer: string) => string): Promise<readonly string[]> => {
        const differences = await tampered((asked, answer) => (asked === path ? change(answer) : answer))
        expect(differences.at(-1), path).to.equal(`signatures: GET ${path} has another digest than was signed`)
        return differences.slice(0, -1)
      }
      const now = '/v1/trust/cities/PTEVR'
      const reasons = await changed(now, (answer) => answer.replace('Good neighbours', 'Bad neighbours'))
      expect(reasons.map((difference) => difference.replace(/\d+/g, '0'))).to.deep.equal(['trust/cities/PTEVR, admitted.decision.votes[PTOPO].reason: published "Bad neighbours", counted "Good neighbours"'])
      expect(await changed(`${now}?block=${head}`, (answer) => answer.replace('"proposer":"PTCBR"', '"proposer":"PTLIS"')))
        .to.deep.equal([`trust/cities/PTEVR?block=${head}, admitted.decision.proposer: published "PTLIS", counted "PTCBR"`])
      const [since] = await changed('/v1/trust/cities/PTLIS', (answer) => answer.replace(/"counts_since":"\d{4}/, '"counts_since":"1999'))
      expect(since).to.match(/^trust\/cities\/PTLIS, keys\[\S+\]\.counts_since: published "1999/)
    })

    it('says otherwise in one of the dialects alone', async () => {
      const { did } = city.service.city.identity
      const authorised = await tampered((path, answer) => (path === '/trqp/authorization' ? answer.replace('"authorized":true', '"authorized":false') : answer))
      expect(authorised).to.include(`trqp/authorization ${did} by ${did}, authorized: published false, counted true`)
      const revoked = await tampered((path, answer) => (path.includes('/revisions') ? answer.replace('"issuerType":"Revoked"', '"issuerType":"TI"') : answer))
      expect(revoked[0]).to.match(/^trusted-issuers-registry did:web:clermont\.example revisions of \w+, attributes\[\d+\]\.issuerType: published "TI", counted "Revoked"$/)
      const [header = '', payload = '', signature = ''] = (await (await fetch(`${city.url}/trust-lists/city-card-issuers.jwt`)).text()).split('.')
      const forged = Buffer.from(payload, 'base64url').toString().replace('urn:symbolon:service-status:suspended', 'urn:symbolon:service-status:granted')
      const list = await tampered((path, answer) => (path === '/trust-lists/city-card-issuers.jwt' ? `${header}.${Buffer.from(forged).toString('base64url')}.${signature}` : answer))
      expect(list[0]).to.equal('trust-lists: is not signed by a key that the chain knows')
      expect(list[1]).to.match(/ServiceStatus: published "urn:symbolon:service-status:granted", counted "urn:symbolon:service-status:suspended"$/)
    })

    it('gives an answer of the registry without its signature, or one that was signed for another question', async () => {
      const bare = await proxy(city.url, (_path, answer) => answer, undefined, (path, headers) => (path === '/v1/trust' ? new Headers({ date: headers.get('date') ?? '' }) : headers))
      expect(await run({ serviceUrl: bare.url })).to.deep.equal(['signatures: GET /v1/trust is not signed'])
      await bare.close()
      const other = await fetch(`${city.url}/v1/trust?block=${head - 1}`)
      const swapped = await proxy(city.url, (_path, answer) => answer, undefined, (path, headers) => (path === `/v1/trust?block=${head}` ? other.headers : headers))
      expect(await run({ serviceUrl: swapped.url })).to.deep.equal([`signatures: GET /v1/trust?block=${head} has another digest than was signed`])
      await swapped.close()
    })

    it('leaves out a row, or adds one that never was', async () => {
      const parsed = (change: (rows: object[]) => unknown): Change => on('/v1/open-data/debts.json', (answer) => {
        const page = JSON.parse(answer) as { rows: object[] }
        return JSON.stringify({ ...page, rows: change(page.rows) })
      })
      expect(await tampered(parsed(() => []))).to.deep.equal(['open-data/debts.json, PTOPO FRCFE: is on the chain, but is not published'])
      expect(await tampered(parsed((rows) => [...rows, { ...rows[0], debtor: 'ESBCN' }]))).to.deep.equal(['open-data/debts.json, ESBCN FRCFE: is published, but is not on the chain'])
    })

    it('publishes another digest of a status list', async () => {
      const [first] = await tampered(on('/v1/open-data/status_lists.json', (answer) => answer.replace(/"digest":"0x..../, '"digest":"0xbad0')))
      expect(first).to.match(/^open-data\/status_lists\.json, 0x\w+, digest: published "0xbad0\w+", counted "0x\w+"$/)
    })
  })

  describe('says in one sentence that it could not find out', () => {
    it('when node or service cannot be reached', async () => {
      expect(await refusal({ rpcUrl: 'http://127.0.0.1:9' })).to.equal('The node at http://127.0.0.1:9 cannot be reached, or is no JSON-RPC node: check --rpc.')
      expect(await refusal({ serviceUrl: 'http://127.0.0.1:9' })).to.equal('The service at http://127.0.0.1:9 cannot be reached: check --service, and that it runs.')
    })

    it('when what is given as a node is none', async () => {
      expect(await refusal({ rpcUrl: city.url })).to.equal(`What answers at ${city.url} is no JSON-RPC node: check --rpc.`)
    })

    it('when the node serves another chain, or does not know the block', async () => {
      const answering = async (method: string, result: unknown) => await proxy(network.rpcUrl, (_path, answer) => answer, (body) =>
        (body.includes(method) ? JSON.stringify(body.startsWith('[') ? [{ id: 0, result }] : { id: 0, result }) : undefined))
      const other = await answering('eth_chainId', '0x1')
      expect(await refusal({ rpcUrl: other.url })).to.equal('The node serves chain 1, the service publishes chain 7411: check --rpc and --service.')
      await other.close()
      const behind = await answering('eth_getBlockByNumber', null)
      expect(await refusal({ rpcUrl: behind.url })).to.match(new RegExp(`^The node has no block ${head}:`))
      await behind.close()
      const forked = await answering('eth_getBlockByNumber', { number: `0x${head.toString(16)}`, hash: `0x${'ab'.repeat(32)}`, timestamp: '0x1' })
      expect(await refusal({ rpcUrl: forked.url })).to.include('they follow different chains, or the chain has just gone back')
      await forked.close()
    })

    it('when the Directory is another one, or the service publishes no open data', async () => {
      expect(await refusal({ directory: network.deployment.contracts.Anchors })).to.include('The service goes by the Directory at')
      const silent = await proxy(city.url, (_path, answer) => answer.replace('"tables"', '"nothing"'))
      expect(await refusal({ serviceUrl: silent.url })).to.include('is not the index of open data')
      await silent.close()
    })
  })

  // The last one: what was withdrawn stays withdrawn.
  describe('once the key of the service was withdrawn', () => {
    it('fails, for nothing that it signs counts any more', async () => {
      const { issuerJwk: { x, y }, credentialType } = city.service.city.identity
      const thumbprint = createHash('sha256').update(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`).digest('hex')
      await sender.call(lisbon, 'IssuerRegistry', 'withdraw', [toBytes5('PTLIS'), `0x${thumbprint}`, id(credentialType), 1_000])
      await city.service.indexer.catchUp()
      const differences = await run()
      expect(differences).to.have.length(1)
      expect(differences[0]).to.match(/^signatures: GET \/v1\/trust, like \d\d+ more, is signed with did:web:localhost%3A\d+#\S+, which does not count: withdrawn$/)
    })
  })
})

/** Stands between: passes requests on, and changes answers. `instead` answers by itself. */
async function proxy(
  target: string, change: Change, instead: (body: string) => string | undefined = () => undefined, headersOf: (path: string, headers: Headers) => Headers = (_path, headers) => headers,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const path = request.url ?? '/'
      const own = instead(body)
      if (own !== undefined) return response.end(own)
      const post = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
      void fetch(`${target}${path}`, request.method === 'POST' ? post : {}).then(async (answer) => {
        const headers = headersOf(path, answer.headers)
        for (const name of ['symbolon-block', 'link', 'date', 'content-type', 'content-digest', 'signature-input', 'signature']) {
          const value = headers.get(name)
          if (value !== null) response.setHeader(name, value)
        }
        response.writeHead(answer.status).end(change(path, await answer.text()))
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
