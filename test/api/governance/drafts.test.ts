import { expect } from 'chai'
import { sql } from 'kysely'
import { controllerAccount, ensureKey } from '../../../api/city/identity.ts'
import { ApiError } from '../../../api/platform/errors.ts'
import { transact } from '../../../api/platform/transaction.ts'
import type { Decision, GovernanceAction } from '../../../api/governance/types.ts'
import { ChainError } from '../../../chain/errors.ts'
import { ActionError } from '../../../chain/governance-actions.ts'
import { onEachDatabase } from '../../fakes/city-databases.ts'
import { refusalOf } from '../points-desk.ts'
import { ana, createGovernanceDesk, createGovernanceKeys, governanceDeskMigrations, rui } from './desk.ts'

const bytes32 = `0x${'5a'.repeat(32)}`
const account = '0x00000000000000000000000000000000000000AA'
const suspension: Decision = { type: 'suspend', city: 'FRCFE', reason: 1, untilSeconds: 1_900_000_000 }

const decisions: readonly Decision[] = [
  { type: 'admit', city: 'BEBRU', name: 'Bruxelles', did: 'did:web:bruxelles.test', controller: account, recovery: account, serviceUrl: 'https://bruxelles.test' },
  { type: 'activate', city: 'BEBRU', agreementHash: bytes32, dpiaHash: bytes32 },
  suspension,
  { type: 'reinstate', city: 'FRCFE' },
  { type: 'remove', city: 'FRCFE' },
  { type: 'set_parameter', parameter: 'voting_period', value: 86_400 },
  { type: 'point_directory', name: 'Anchors', target: account, codeHash: bytes32 },
  { type: 'fund_shared', programId: bytes32, units: 100 },
  { type: 'end_shared', programId: bytes32, untilSeconds: 1_900_000_000 },
  { type: 'clear_pause', target: account },
  { type: 'appoint_guardian', account },
  { type: 'replace_controller', city: 'FRCFE', account },
  { type: 'veto_controller', city: 'FRCFE' },
  { type: 'change_recovery', city: 'FRCFE', account },
  { type: 'set_operator', account, allowed: true },
  { type: 'accept_ownership', target: account },
]

describe('governance drafts', () => {
  onEachDatabase(governanceDeskMigrations, (db) => {
    const keys = createGovernanceKeys()
    let desk: ReturnType<typeof createGovernanceDesk>

    before(async () => { await ensureKey(keys, controllerAccount, 'Secp256k1') })
    beforeEach(async () => {
      await sql`truncate governance_drafts, governance_records, chain_outbox cascade`.execute(db())
      desk = createGovernanceDesk(db(), keys)
    })

    it('become a call of the city\'s key only when another officer approves', async () => {
      const drafted = await desk.draft(suspension, 'Keys were seen in a public place.')
      expect(drafted).to.deep.include({ current: 'draft', expiresAt: new Date('2026-11-30T10:00:00Z') })
      expect(await desk.calls()).to.deep.equal([])
      const approved = await desk.approve(drafted.draftId)
      expect(approved.current).to.equal('approved')
      expect(approved.records.map(({ event, officer }) => [event, officer.name])).to.deep.equal([['drafted', ana.name], ['approved', rui.name]])
      const [call] = await desk.calls()
      expect(call).to.deep.include({ account: 'city-controller', contract: 'Federation', method: 'propose', state: 'queued' })
      expect(call?.args[3]).to.equal('Keys were seen in a public place.')
    })

    it('are not approved by the officer who drafted them, whatever session and name they come with', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      for (const same of [ana, { ...ana, name: 'Somebody Else' }]) {
        expect(await refusalOf(desk.service.prepareApproval(same, draftId))).to.equal('ERR_SAME_OFFICER')
        const composed = await desk.service.prepareApproval(rui, draftId)
        expect(await refusalOf(desk.service.approve(same, draftId, composed))).to.equal('ERR_SAME_OFFICER')
      }
      expect(await desk.calls()).to.deep.equal([])
    })

    it('take the same subject of another provider for somebody else', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      expect((await desk.approve(draftId, { ...ana, issuer: 'https://other.test' })).current).to.equal('approved')
    })

    it('cannot be approved by their drafter even past the service: the database refuses', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      const failure = await desk.store.record(draftId, 'approved', ana, new Date()).catch((error: unknown) => String(error))
      expect(failure).to.contain('governance_records_four_eyes')
    })

    it('are sent once when two officers approve at the same time', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      const third = { ...rui, subject: 'oidc:3' }
      const outcomes = await Promise.all([rui, third].map((officer) => refusalOf(desk.approve(draftId, officer))))
      expect(outcomes.sort()).to.deep.equal(['ERR_DRAFT_CLOSED', 'accepted'])
      expect(await desk.calls()).to.have.length(1)
    })

    it('are neither approved nor sent when the process dies in between', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      const dying = transact(db(), async () => {
        await desk.approve(draftId)
        throw new Error('power cut')
      })
      expect(await refusalOf(dying)).to.equal('Error: power cut')
      expect([(await desk.service.read(draftId)).current, await desk.calls()]).to.deep.equal(['draft', []])
      await desk.approve(draftId)
      const after = createGovernanceDesk(db(), keys)
      expect((await after.service.read(draftId)).current).to.equal('approved')
      expect(await after.calls()).to.have.length(1)
    })

    it('tell the proposal they made once the chain has it', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      await desk.approve(draftId)
      desk.governance.madeBy.set(`0x${'ab'.repeat(32)}`, '1234')
      await desk.settle(`governance:${draftId}`, 'confirmed')
      expect(await desk.service.read(draftId)).to.deep.include({ current: 'confirmed', proposalId: '1234', blockNumber: 7 })
    })

    it('tell why the chain refused them, with advice', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      await desk.approve(draftId)
      const detail = 'CityRegistryWrongStatus(0x4652434645, 4)'
      await desk.settle(`governance:${draftId}`, 'failed', { code: 'ERR_CITY_REGISTRY_WRONG_STATUS', detail })
      expect(await desk.service.read(draftId)).to.deep.include({
        current: 'failed', failure: { code: 'ERR_CITY_REGISTRY_WRONG_STATUS', detail, advice: 'advice on ERR_CITY_REGISTRY_WRONG_STATUS' },
      })
    })

    it('are refused with the contract\'s reason before they are kept, and again before they are sent', async () => {
      const refusal = { code: 'ERR_FEDERATION_NOT_ACTIVE_CITY', detail: 'FederationNotActiveCity(…)', advice: 'Wait.' }
      const expectRefused = async (act: Promise<unknown>): Promise<void> => {
        const error = await act.catch((cause: unknown) => cause)
        expect(error).to.be.instanceOf(ApiError).and.to.deep.include({ code: 'ERR_REHEARSAL_REFUSED', message: 'Wait.', members: { refusal } })
      }
      const { draftId } = await desk.draft(suspension, 'x')
      desk.governance.verdict = { passes: false, ...refusal }
      await expectRefused(desk.draft(suspension, 'y'))
      await expectRefused(desk.approve(draftId))
      desk.governance.verdict = { passes: true }
      desk.governance.decided = { passes: false, ...refusal }
      await expectRefused(desk.draft(suspension, 'y'))
      expect(await desk.service.list()).to.have.length(1)
      expect(await desk.calls()).to.deep.equal([])
    })

    it('tell what makes no sense as the chain stands, and a chain that is away, apart', async () => {
      desk.governance.fault = new ChainError('ERR_CHAIN_CALL_INVALID', 'not a call')
      expect(await desk.service.rehearse(suspension, 'x')).to.deep.equal({
        passes: false, code: 'ERR_CHAIN_CALL_INVALID', detail: 'not a call', advice: 'advice on ERR_CHAIN_CALL_INVALID',
      })
      desk.governance.fault = new ChainError('ERR_CHAIN_UNREACHABLE', 'no node')
      expect(await refusalOf(desk.service.rehearse(suspension, 'x'))).to.equal('ERR_CHAIN_UNAVAILABLE')
    })

    it('can be withdrawn by either officer, and then no more approved', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      const withdrawn = await desk.service.withdraw(rui, draftId)
      expect([withdrawn.current, withdrawn.records.at(-1)?.officer.name]).to.deep.equal(['withdrawn', rui.name])
      expect(await refusalOf(desk.approve(draftId))).to.equal('ERR_DRAFT_CLOSED')
      expect(await refusalOf(desk.service.withdraw(ana, draftId))).to.equal('ERR_DRAFT_CLOSED')
    })

    it('cannot be withdrawn once they are approved', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      await desk.approve(draftId)
      expect(await refusalOf(desk.service.withdraw(ana, draftId))).to.equal('ERR_DRAFT_CLOSED')
    })

    it('expire after seven days', async () => {
      const { draftId } = await desk.draft(suspension, 'x')
      desk.time.now = new Date('2026-11-30T10:00:01Z')
      expect((await desk.service.read(draftId)).current).to.equal('expired')
      expect(await refusalOf(desk.approve(draftId))).to.equal('ERR_DRAFT_EXPIRED')
      expect(await refusalOf(desk.service.withdraw(ana, draftId))).to.equal('ERR_DRAFT_EXPIRED')
    })

    it('keep officers and unsent texts sealed', async () => {
      await desk.draft(suspension, 'Marcador do texto')
      const rows = await sql`select d::text as d, r::text as r from governance_drafts d, governance_records r`.execute(db())
      const dump = JSON.stringify(rows.rows)
      expect(dump).to.contain('suspend')
      for (const trace of ['Marcador', ana.name, 'oidc:1', Buffer.from('Marcador').toString('hex'), Buffer.from('oidc:1').toString('hex')]) expect(dump).not.to.contain(trace)
    })

    for (const decision of decisions) {
      it(`propose: ${decision.type}`, async () => {
        const { draftId } = await desk.draft(decision, 'why')
        await desk.approve(draftId)
        const [call] = await desk.calls()
        expect(call).to.deep.include({ contract: 'Federation', method: 'propose' })
        const [carried] = call?.args[2] as string[]
        expect(JSON.parse(Buffer.from(carried?.slice(2) ?? '', 'hex').toString())).to.deep.equal(decision)
        expect((await desk.service.read(draftId)).action).to.deep.equal(decision)
      })
    }

    it('propose several decisions at once, in their order', async () => {
      const batch: GovernanceAction = { type: 'batch', actions: decisions.slice(0, 3) }
      const { draftId } = await desk.draft(batch, 'why')
      await desk.approve(draftId)
      const calls = await desk.calls()
      expect(calls).to.have.length(1)
      const carried = (calls[0]?.args[2] as string[]).map((data) => JSON.parse(Buffer.from(data.slice(2), 'hex').toString()) as unknown)
      expect(carried).to.deep.equal(decisions.slice(0, 3))
      desk.governance.madeBy.set(`0x${'ab'.repeat(32)}`, '1234')
      await desk.settle(`governance:${draftId}`, 'confirmed')
      expect(await desk.service.read(draftId)).to.deep.include({ action: batch, proposalId: '1234' })
    })

    it('tell which of several decisions is refused', async () => {
      const batch: GovernanceAction = { type: 'batch', actions: decisions.slice(0, 2) }
      desk.governance.decided = { passes: false, code: 'ERR_X', detail: 'X()', advice: 'Wait.', position: 1 }
      expect(await desk.service.rehearse(batch, 'why')).to.deep.equal(desk.governance.decided)
      desk.governance.fault = new ActionError(new ChainError('ERR_CHAIN_CITY_UNKNOWN', 'not a member'), 1)
      expect(await desk.service.rehearse(batch, 'why')).to.deep.include({ passes: false, code: 'ERR_CHAIN_CITY_UNKNOWN', position: 1 })
      expect(await desk.service.rehearse(decisions[1] as Decision, 'why')).to.not.have.property('position')
    })

    const proposal = { calls: { targets: [account], values: [0n], calldatas: ['0x12345678'] }, descriptionHash: bytes32, faults: [] }
    const calldata = [[account], [0n], ['0x12345678'], bytes32]
    const own: readonly [GovernanceAction, string, string, unknown[]][] = [
      [{ type: 'vote', proposalId: '77', support: 'for' }, 'Federation', 'castVoteWithReason', [77n, 1n, 'why']],
      [{ type: 'vote', proposalId: '77', support: 'against' }, 'Federation', 'castVoteWithReason', [77n, 0n, 'why']],
      [{ type: 'vote', proposalId: '77', support: 'abstain' }, 'Federation', 'castVoteWithReason', [77n, 2n, 'why']],
      [{ type: 'queue', proposalId: '77' }, 'Federation', 'queue', calldata],
      [{ type: 'execute', proposalId: '77' }, 'Federation', 'execute', calldata],
      [{ type: 'cancel', proposalId: '77' }, 'Federation', 'cancel', calldata],
      [{ type: 'appeal', statementHash: bytes32 }, 'CityRegistry', 'appeal', ['0x50544f504f', bytes32]],
      [{ type: 'share_program', programId: bytes32 }, 'RewardPrograms', 'share', [bytes32]],
      [{ type: 'offer_controller', ownKey: false, account }, 'CityRegistry', 'offerController', ['0x50544f504f', account]],
    ]
    for (const [action, contract, method, args] of own) {
      it(`send: ${action.type}${'support' in action ? ` ${action.support}` : ''}`, async () => {
        desk.governance.proposals.set('77', proposal)
        const { draftId } = await desk.draft(action, action.type === 'vote' ? 'why' : '')
        await desk.approve(draftId)
        const [call] = await desk.calls()
        expect(call).to.deep.include({ contract, method, account: 'city-controller' })
        expect(JSON.stringify(call?.args, plain)).to.equal(JSON.stringify(args, plain))
      })
    }

    const fault = { position: 0, code: 'ERR_CHAIN_METHOD_UNKNOWN', detail: 'CityRegistry has no function 0x12345678', advice: 'Ask.' }
    const helping: readonly GovernanceAction[] = [{ type: 'vote', proposalId: '77', support: 'for' }, { type: 'queue', proposalId: '77' }, { type: 'execute', proposalId: '77' }]
    for (const action of helping) {
      it(`help a faulty proposal along only knowingly: ${action.type}`, async () => {
        desk.governance.proposals.set('77', { ...proposal, faults: [fault] })
        expect(await desk.service.rehearse(action, '')).to.deep.equal({ passes: true, faults: [fault] })
        const error = await desk.draft(action).catch((cause: unknown) => cause)
        expect(error).to.be.instanceOf(ApiError).and.to.deep.include({ code: 'ERR_PROPOSAL_FAULTY', message: 'Ask.', members: { faults: [fault] } })
        const drafted = await desk.draft({ ...action, despiteFaults: true } as GovernanceAction)
        expect(drafted.faults).to.deep.equal([fault])
        expect((await desk.approve(drafted.draftId)).faults).to.deep.equal([])
        expect(await desk.calls()).to.have.length(1)
      })

      it(`are not approved once a proposal has become faulty, though it was not when they were drafted: ${action.type}`, async () => {
        desk.governance.proposals.set('77', proposal)
        const { draftId } = await desk.draft(action)
        desk.governance.proposals.set('77', { ...proposal, faults: [fault] })
        expect((await desk.service.read(draftId)).faults).to.deep.equal([fault])
        expect(await refusalOf(desk.approve(draftId))).to.equal('ERR_PROPOSAL_FAULTY')
        expect(await desk.calls()).to.deep.equal([])
      })
    }

    it('stand against a faulty proposal, abstain from it or take it back without more ado, and still tell what is wrong with it', async () => {
      desk.governance.proposals.set('77', { ...proposal, faults: [fault] })
      const steps: readonly [GovernanceAction, object[]][] = [
        [{ type: 'vote', proposalId: '77', support: 'against' }, [fault]], [{ type: 'vote', proposalId: '77', support: 'abstain' }, [fault]], [{ type: 'cancel', proposalId: '77' }, []],
      ]
      for (const [action, faults] of steps) {
        const drafted = await desk.draft(action)
        expect(drafted.faults).to.deep.equal(faults)
        expect((await desk.approve(drafted.draftId)).current).to.equal('approved')
      }
    })

    it('tell what is wrong with a proposal also where the chain refuses', async () => {
      desk.governance.proposals.set('77', { ...proposal, faults: [fault] })
      const refusal = { passes: false, code: 'ERR_X', detail: 'X()', advice: 'Wait.' } as const
      desk.governance.verdict = refusal
      expect(await desk.service.rehearse({ type: 'execute', proposalId: '77' }, '')).to.deep.equal({ ...refusal, faults: [fault] })
    })

    it('about a proposal that nobody made are refused', async () => {
      expect(await refusalOf(desk.draft({ type: 'execute', proposalId: '78' }))).to.equal('ERR_PROPOSAL_UNKNOWN')
    })
  })
})

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
