import { expect } from 'chai'
import { toWireAction, toWireMember, toWireProposal } from '../../../api/federation/wire.ts'
import type { Proposal } from '../../../chain/governance-queries.ts'
import type { Member } from '../../../chain/member-queries.ts'
import { adviceOf } from '../../../chain/revert-advice.ts'
import { createBrowser, passwords, startHttpCity, type HttpCity } from '../http-city.ts'

const place = { blockNumber: 7, logIndex: 0, transactionHash: `0x${'ab'.repeat(32)}`, atSeconds: 1_800_000_000 }
const account = `0x${'11'.repeat(20)}`

const proposal: Proposal = {
  proposalId: '42', proposer: { account, city: 'PTOPO' }, description: 'Suspend Clermont-Ferrand\n\nIts keys were seen.', descriptionHash: `0x${'22'.repeat(32)}`,
  actions: [{ type: 'suspend', city: 'FRCFE', reason: 3, untilSeconds: 1_800_000_060, contract: 'CityRegistry' }],
  calls: { targets: [account], values: [0n], calldatas: ['0x'] }, state: 'active', created: place, snapshotSeconds: 1_800_000_001, deadlineSeconds: 1_800_000_061,
  tally: { for: 1, against: 0, abstain: 0, seats: 2, quorum: 1, quorumReached: true },
}
const member: Member = {
  locode: 'FRCFE', name: 'Clermont-Ferrand', did: 'did:web:x', serviceUrl: 'https://x.test', status: 'suspended', suspensionReason: 3, controller: account, recovery: account,
  suspendedUntilSeconds: 1_800_000_060, admittedAtSeconds: 1_700_000_000, history: [],
}

describe('the federation in public', () => {
  let city: HttpCity
  before(async function start() {
    this.timeout(120_000)
    city = await startHttpCity()
  })
  after(async () => { await city?.stop() })
  const read = async (path: string, headers: Record<string, string> = {}): Promise<Response> => await fetch(`${city.url}/v1/federation${path}`, { headers })

  it('answers before there is any chain, to any origin, for a moment\'s caching', async () => {
    const expected: readonly [string, object][] = [
      ['/members', { members: [] }], ['/proposals', { proposals: [] }], ['/pauses', { pauses: [] }], ['/directory', { entries: [] }],
      ['/nets', { pairs: [], cities: [], settlements: [] }],
    ]
    for (const [path, body] of expected) {
      const response = await read(path)
      expect(await response.json(), path).to.deep.equal(body)
      expect([response.headers.get('access-control-allow-origin'), response.headers.get('cache-control')], path).to.deep.equal(['*', 'public, max-age=2'])
    }
    expect(await (await read('')).json()).to.deep.include({ block: null, seats: [] })
  })

  it('tells a reader who has the newest version so, in no words', async () => {
    const tag = (await read('/members')).headers.get('etag') ?? ''
    expect(tag).to.match(/^"[\w-]{27}"$/)
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const response = await read('/members', { 'if-none-match': known })
      expect([response.status, await response.text(), response.headers.get('etag')], known).to.deep.equal([304, '', tag])
    }
    expect((await read('/members', { 'if-none-match': '"other"' })).status).to.equal(200)
  })

  it('tells what does not exist by a code', async () => {
    for (const path of ['/members/XXYYY', '/members/porto', '/proposals/77', '/proposals/0x1', `/proposals/${'9'.repeat(79)}`]) {
      const response = await read(path)
      expect([response.status, (await response.json() as { code: string }).code], path).to.deep.equal([404, 'ERR_NOT_FOUND'])
    }
    const refused = await read('/proposals?state=sleeping')
    expect([refused.status, (await refused.json() as { code: string }).code]).to.deep.equal([400, 'ERR_VALIDATION'])
  })

  it('has a proposal in words, with its title, its state and when that changes', () => {
    expect(toWireProposal(proposal)).to.deep.include({
      title: 'Suspend Clermont-Ferrand', state: 'active', changes_at: '2027-01-15T08:01:01.000Z', proposer: { account, city: 'PTOPO' },
      actions: [{ type: 'suspend', contract: 'CityRegistry', locode: 'FRCFE', reason: 3, until: '2027-01-15T08:01:00.000Z' }],
    })
    expect(toWireProposal({ ...proposal, state: 'executed' })).not.to.have.property('changes_at')
  })

  it('shows what anybody may propose, however absurd', () => {
    expect(toWireAction({ type: 'fund_shared', programId: '0x', units: 2n ** 255n })).to.deep.include({ units: Number.MAX_SAFE_INTEGER })
    expect(toWireAction({ type: 'suspend', city: 'FRCFE', reason: 1, untilSeconds: Number.MAX_SAFE_INTEGER })).to.deep.include({ until: '9999-12-31T23:59:59.000Z' })
    const fault = { code: 'ERR_CHAIN_TARGET_UNKNOWN', detail: 'none of ours' } as const
    expect(toWireAction({ type: 'unknown', target: account, value: 0n, data: '0x1234', fault })).to.deep.equal({
      type: 'unknown', address: account, data: '0x1234', fault: { ...fault, advice: adviceOf('ERR_CHAIN_TARGET_UNKNOWN') },
    })
  })

  it('tells why a city is suspended, and nothing of it once it is not', () => {
    expect(toWireMember(member).suspension).to.deep.equal({ reason: 3, reason_name: 'keys_lost', until: '2027-01-15T08:01:00.000Z' })
    expect(toWireMember({ ...member, status: 'active' })).not.to.have.property('suspension')
  })

  it('lets nobody but officers of the city see drafts, and takes none while the chain is away', async function officers() {
    this.timeout(60_000)
    const [officer, gate] = [createBrowser(city.url), createBrowser(city.url)]
    await officer.signIn('staff', 'councillor', passwords.councillor)
    await gate.signIn('verifier', 'gate', passwords.gate)
    expect((await gate.fetch('/v1/governance/drafts')).status).to.equal(403)
    const draft = { action: { type: 'reinstate', locode: 'FRCFE' }, description: 'x' }
    const away = await officer.post('/v1/governance/drafts', draft)
    expect([away.status, (await away.json() as { code: string }).code]).to.deep.equal([503, 'ERR_CHAIN_UNAVAILABLE'])
    expect(await (await officer.fetch('/v1/governance/drafts')).json()).to.deep.equal({ drafts: [] })
  })

  it('refuses drafts that say too little or too much', async function forms() {
    this.timeout(60_000)
    const officer = createBrowser(city.url)
    await officer.signIn('staff', 'officer', passwords.officer)
    const wrong: readonly [object, string][] = [
      [{ action: { type: 'reinstate', locode: 'FRCFE' } }, '#/description'], [{ action: { type: 'vote', proposal_id: '1', support: 'for' }, description: 'x' }, '#/description'],
      [{ action: { type: 'queue', proposal_id: '1' }, reason: 'x' }, '#/reason'], [{ action: { type: 'vote', proposal_id: '1', support: 'for' }, reason: 'é'.repeat(501) }, '#/reason'],
      [{ action: { type: 'suspend', locode: 'FRCFE', reason: 7, until: '2030-01-01T00:00:00Z' }, description: 'x' }, '#/action/reason'],
      [{ action: { type: 'admit', locode: 'fr cfe' }, description: 'x' }, '#/action/locode'], [{ action: { type: 'abolish' }, description: 'x' }, '#/action/type'],
    ]
    for (const [body, pointer] of wrong) {
      const response = await officer.post('/v1/governance/drafts', body)
      const problem = await response.json() as { code: string; errors: { pointer: string }[] }
      expect([response.status, problem.code], pointer).to.deep.equal([400, 'ERR_VALIDATION'])
      expect(problem.errors.map((error) => error.pointer), JSON.stringify(body)).to.include(pointer)
    }
  })
})
