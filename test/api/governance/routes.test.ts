import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import { sql } from 'kysely'
import { controllerAccount, ensureKey } from '../../../api/city/identity.ts'
import { createGovernanceRoutes } from '../../../api/governance/routes.ts'
import { createRateLimits } from '../../../api/platform/limits.ts'
import { createErrorHandler } from '../../../api/platform/problems.ts'
import { mountRoutes } from '../../../api/platform/router.ts'
import { createSecrets } from '../../../api/platform/secrets.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { ana, createGovernanceDesk, createGovernanceKeys, governanceDeskMigrations, rui } from './desk.ts'

const bytes32 = `0x${'5a'.repeat(32)}`
const address = `0x${'11'.repeat(20)}`
const until = '2027-12-31T23:59:59.000Z'
const description = 'why'
const requests: readonly object[] = [
  ...[
    { type: 'admit', locode: 'BEBRU', name: 'Bruxelles', did: 'did:web:bruxelles.test', controller: address, recovery: address, service_url: 'https://bruxelles.test' },
    { type: 'activate', locode: 'BEBRU', agreement_hash: bytes32, dpia_hash: bytes32 }, { type: 'suspend', locode: 'FRCFE', reason: 99, until },
    { type: 'reinstate', locode: 'FRCFE' }, { type: 'remove', locode: 'FRCFE' }, { type: 'set_parameter', parameter: 'quorum', value: 60 },
    { type: 'point_directory', name: 'Anchors', address, code_hash: bytes32 }, { type: 'fund_shared', program_id: bytes32, units: 5 },
    { type: 'end_shared', program_id: bytes32, until }, { type: 'clear_pause', address }, { type: 'appoint_guardian', address },
    { type: 'replace_controller', locode: 'FRCFE', address }, { type: 'veto_controller', locode: 'FRCFE' }, { type: 'change_recovery', locode: 'FRCFE', address },
    { type: 'accept_ownership', address }, { type: 'set_operator', address, allowed: false },
    {
      type: 'batch', actions: [
        { type: 'admit', locode: 'BEGNE', name: 'Gent', did: 'did:web:gent.test', controller: address, recovery: address, service_url: 'https://gent.test' },
        { type: 'activate', locode: 'BEGNE', agreement_hash: bytes32, dpia_hash: bytes32 },
      ],
    },
  ].map((action) => ({ action, description })),
  { action: { type: 'vote', proposal_id: '7', support: 'abstain' }, reason: 'why' },
  ...['queue', 'execute', 'cancel'].map((type) => ({ action: { type, proposal_id: '7' } })),
  { action: { type: 'appeal', statement_hash: bytes32 } }, { action: { type: 'share_program', program_id: bytes32 } },
]

describe('the routes of governance', () => {
  onEachDatabase(governanceDeskMigrations, (db) => {
    const keys = createGovernanceKeys()
    let desk: ReturnType<typeof createGovernanceDesk>
    let server: Server
    let url: string

    before(async () => {
      await ensureKey(keys, controllerAccount, 'Secp256k1')
      desk = createGovernanceDesk(db(), keys)
      desk.governance.proposals.set('7', { calls: { targets: [], values: [], calldatas: [] }, descriptionHash: bytes32, faults: [] })
      const app = express()
      mountRoutes(app, createGovernanceRoutes(desk.service), {
        db: db(), secrets: createSecrets(new Uint8Array(32).fill(3)), limits: createRateLimits(1_000), bearers: new Map(), checkResponses: true,
        sessions: { authorise: async (request) => ({ ...(request.headers.cookie === 'rui' ? rui : ana), app: 'staff', roles: ['federation'], merchantId: undefined }) },
      })
      app.use(createErrorHandler('Porto'))
      server = createServer(app)
      await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
      url = `http://localhost:${(server.address() as AddressInfo).port}/v1/governance`
    })
    beforeEach(async () => {
      desk.governance.verdict = { passes: true }
      await sql`truncate governance_drafts, governance_records, chain_outbox cascade`.execute(db())
    })
    after(async () => {
      server?.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
    })

    const post = async (officer: 'ana' | 'rui', path: string, body: object = {}, key: string = randomUUID()) => {
      const response = await fetch(`${url}${path}`, {
        method: 'POST', headers: { cookie: officer, 'content-type': 'application/json', 'idempotency-key': key }, body: JSON.stringify(body),
      })
      return { status: response.status, replayed: response.headers.get('idempotent-replayed'), body: await response.json() as Record<string, unknown> & { draft_id: string } }
    }
    const drafted = async (): Promise<string> => (await post('ana', '/drafts', requests[2])).body.draft_id

    it('keep and tell every kind of draft as it was asked for', async () => {
      for (const request of requests) {
        const { status, body } = await post('ana', '/drafts', request)
        expect(status, JSON.stringify(body)).to.equal(201)
        expect(body).to.deep.include({ state: 'draft', may_approve: false, ...request })
      }
      const response = await fetch(`${url}/drafts`, { headers: { cookie: 'rui' } })
      const { drafts } = await response.json() as { drafts: { may_approve: boolean; drafted: { is_you: boolean } }[] }
      expect(drafts).to.have.length(requests.length)
      for (const draft of drafts) expect([draft.may_approve, draft.drafted.is_you]).to.deep.equal([true, false])
    })

    it('take a batch of two to ten decisions, and nothing else in it', async () => {
      const reinstate = { type: 'reinstate', locode: 'FRCFE' }
      const vote = { type: 'vote', proposal_id: '7', support: 'for' }
      const wrong = [[], [reinstate], Array.from({ length: 11 }, () => reinstate), [reinstate, vote], [reinstate, { type: 'batch', actions: [reinstate, reinstate] }]]
      for (const actions of wrong) {
        const { status, body } = await post('ana', '/drafts', { action: { type: 'batch', actions }, description })
        expect([status, body['code']], JSON.stringify(actions)).to.deep.equal([400, 'ERR_VALIDATION'])
      }
      expect((await post('ana', '/drafts', { action: { type: 'batch', actions: [reinstate, reinstate] } })).status).to.equal(400)
      desk.governance.decided = { passes: false, code: 'ERR_X', detail: 'X()', advice: 'Wait.', position: 1 }
      const { body } = await post('ana', '/rehearsals', { action: { type: 'batch', actions: [reinstate, reinstate] }, description })
      desk.governance.decided = { passes: true }
      expect(body).to.deep.equal({ passes: false, refusal: { code: 'ERR_X', detail: 'X()', advice: 'Wait.', position: 1 } })
    })

    it('need two officers', async () => {
      const draftId = await drafted()
      const own = await post('ana', `/drafts/${draftId}/approve`)
      expect([own.status, own.body.code]).to.deep.equal([403, 'ERR_SAME_OFFICER'])
      const other = await post('rui', `/drafts/${draftId}/approve`)
      expect([other.status, other.body.state]).to.deep.equal([200, 'approved'])
      expect(other.body).to.have.nested.property('approved.is_you', true)
    })

    it('answer a repeated approval as the first time, though the chain would refuse it by now', async () => {
      const draftId = await drafted()
      const key = randomUUID()
      const first = await post('rui', `/drafts/${draftId}/approve`, {}, key)
      desk.governance.verdict = { passes: false, code: 'ERR_X', detail: 'done already', advice: 'Nothing to do.' }
      const tried = desk.governance.tried.length
      const again = await post('rui', `/drafts/${draftId}/approve`, {}, key)
      expect([again.status, again.replayed, again.body]).to.deep.equal([200, 'true', first.body])
      expect(desk.governance.tried).to.have.length(tried)
      expect(await desk.calls()).to.have.length(1)
    })

    it('draft once when the request is repeated at the same time', async () => {
      const key = randomUUID()
      const answers = await Promise.all([1, 2, 3].map(() => post('ana', '/drafts', requests[2], key)))
      expect(new Set(answers.map(({ body }) => body.draft_id))).to.have.property('size', 1)
    })

    it('tell a refusal of the chain with the contract\'s reason and advice', async () => {
      desk.governance.verdict = { passes: false, code: 'ERR_CITY_REGISTRY_WRONG_STATUS', detail: 'CityRegistryWrongStatus(…)', advice: 'Look up the city.' }
      const refusal = { code: 'ERR_CITY_REGISTRY_WRONG_STATUS', detail: 'CityRegistryWrongStatus(…)', advice: 'Look up the city.' }
      const { status, body } = await post('ana', '/drafts', requests[2])
      expect([status, body.code, body.detail, body.refusal]).to.deep.equal([422, 'ERR_REHEARSAL_REFUSED', 'Look up the city.', refusal])
      const rehearsal = await post('ana', '/rehearsals', requests[2])
      expect([rehearsal.status, rehearsal.body]).to.deep.equal([200, { passes: false, refusal }])
    })

    it('tell what is wrong with a proposal, and keep the word that it is wanted all the same', async () => {
      const faults = [{ position: 1, code: 'ERR_CHAIN_TARGET_UNKNOWN', detail: 'somewhere else', advice: 'Look it up.' }]
      desk.governance.proposals.set('8', { calls: { targets: [], values: [], calldatas: [] }, descriptionHash: bytes32, faults })
      const vote = { type: 'vote', proposal_id: '8', support: 'for' }
      expect((await post('ana', '/rehearsals', { action: vote })).body).to.deep.equal({ passes: true, faults })
      const refused = await post('ana', '/drafts', { action: vote })
      expect([refused.status, refused.body.code, refused.body.faults]).to.deep.equal([422, 'ERR_PROPOSAL_FAULTY', faults])
      for (const action of [{ ...vote, despite_faults: true }, ...['queue', 'execute'].map((type) => ({ type, proposal_id: '8', despite_faults: true }))]) {
        const { status, body } = await post('ana', '/drafts', { action })
        expect([status, body.action, body.faults]).to.deep.equal([201, action, faults])
      }
      expect((await post('ana', '/drafts', { action: { type: 'cancel', proposal_id: '8', despite_faults: true } })).status).to.equal(400)
    })

    it('offer control to a new key unless another account is named', async () => {
      const own = (await post('ana', '/drafts', { action: { type: 'offer_controller' } })).body.action as { own_key: boolean; controller: string }
      expect(own.own_key).to.equal(true)
      expect(own.controller).to.match(/^0x[0-9a-fA-F]{40}$/)
      const other = (await post('ana', '/drafts', { action: { type: 'offer_controller', controller: address } })).body.action
      expect(other).to.deep.equal({ type: 'offer_controller', own_key: false, controller: address })
    })
  })
})
