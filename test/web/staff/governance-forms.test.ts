import { expect } from 'chai'
import { decisionTypes as decisionsOfTheService } from '../../../api/governance/types.ts'
import { bytesOf, courseOf, decisionForms, decisionTypes, hashFile, kindOf, latestDraft, problemsOf, requestOf, stepsOf, toAction, valuesOf, wayOf, type DecisionType } from '../../../web/staff/governance/forms.ts'
import { fittingPrograms, type ListedProgram } from '../../../web/staff/governance/fitting-programs.ts'
import type { Draft, ProposalState } from '../../../web/staff/governance/wire.ts'

const today = '2026-11-23'
const address = `0x${'aB'.repeat(20)}`
const hash = `0x${'5a'.repeat(32)}`
const good: Record<string, string> = {
  locode: 'BEBRU', name: 'Bruxelles', did: 'did:web:bruxelles.test', service_url: 'https://bruxelles.test/', controller: address, recovery: address,
  agreement_hash: hash, dpia_hash: hash, reason: '3', until: '2027-01-31', parameter: 'quorum', value: '60', address, code_hash: hash, allowed: 'yes', program_id: hash, units: '100',
}

describe('the programmes to choose from', () => {
  const program = (id: string, city: string, more: Partial<ListedProgram> = {}): ListedProgram => ({ program_id: id, name: id, city, is_shared: false, is_closed: false, ...more })
  const programs = [program('own', 'PTOPO'), program('shared', 'PTOPO', { is_shared: true }), program('closed', 'PTOPO', { is_closed: true }), program('foreign', 'FRCFE')]
  const idsOf = (of: Parameters<typeof fittingPrograms>[1]) => fittingPrograms(programs, of).map(({ program_id: id }) => id)

  it('are those the cities share, or those of one city that it does not share yet, and none that is closed', () => {
    expect(idsOf('shared')).to.deep.equal(['shared'])
    expect(idsOf({ city: 'PTOPO' })).to.deep.equal(['own'])
  })
})

describe('proposing a decision', () => {
  it('is offered for everything the cities can decide, and what belongs together', () => {
    expect([...decisionTypes].sort()).to.deep.equal(['join', 'renew_contract', ...decisionsOfTheService].sort())
  })

  it('finds nothing wrong with any complete form', () => {
    for (const type of decisionTypes) expect(problemsOf(type, good, today), type).to.deep.equal({})
  })

  it('names every field that is empty', () => {
    for (const type of decisionTypes) {
      expect(problemsOf(type, {}, today), type).to.deep.equal(Object.fromEntries(decisionForms[type].map(({ name }) => [name, 'required'])))
    }
  })

  it('refuses what the chain could not take', () => {
    const wrong: readonly [DecisionType, string, string, string][] = [
      ['admit', 'locode', 'PT OPO', 'locode'], ['admit', 'locode', 'PTOP1', 'locode'], ['admit', 'name', 'é'.repeat(33), 'too_long'], ['admit', 'did', 'web:x', 'did'],
      ['admit', 'service_url', 'https://x.test/path', 'origin'], ['admit', 'service_url', 'ftp://x.test', 'origin'], ['admit', 'controller', '0x12', 'address'],
      ['activate', 'agreement_hash', '0x12', 'file_hash'], ['suspend', 'until', today, 'date'], ['set_parameter', 'value', '-1', 'whole'],
      ['set_parameter', 'value', '1.5', 'whole'], ['point_directory', 'name', 'a b', 'contract_name'], ['point_directory', 'code_hash', hash.toUpperCase(), 'hash'],
    ]
    for (const [type, field, value, problem] of wrong) expect(problemsOf(type, { ...good, [field]: value }, today), `${field} ${value}`).to.deep.equal({ [field]: problem })
  })

  it('asks the API for what was meant, to the last second of a day', () => {
    expect(toAction('suspend', good)).to.deep.equal({ type: 'suspend', locode: 'BEBRU', reason: 3, until: '2027-01-31T23:59:59Z' })
    expect(toAction('admit', good)).to.deep.include({ service_url: 'https://bruxelles.test', name: 'Bruxelles' })
    expect(toAction('set_parameter', good)).to.deep.equal({ type: 'set_parameter', parameter: 'quorum', value: 60 })
  })

  it('admits and activates a city with one vote, in this order', () => {
    const admission = { locode: 'BEBRU', name: 'Bruxelles', did: 'did:web:bruxelles.test', service_url: 'https://bruxelles.test', controller: address, recovery: address }
    const batch = { type: 'batch', actions: [{ type: 'admit', ...admission }, { type: 'activate', locode: 'BEBRU', agreement_hash: hash, dpia_hash: hash }] }
    expect(toAction('join', good)).to.deep.equal(batch)
    expect(problemsOf('join', { ...good, locode: 'be', dpia_hash: '0x' }, today)).to.deep.equal({ locode: 'locode', dpia_hash: 'file_hash' })
    expect(kindOf(batch)).to.equal('join')
  })

  it('takes over and names a new version of a contract with one vote, in this order', () => {
    const batch = { type: 'batch', actions: [{ type: 'accept_ownership', address }, { type: 'point_directory', name: 'Bruxelles', address, code_hash: hash }] }
    expect(toAction('renew_contract', good)).to.deep.equal(batch)
    expect(kindOf(batch)).to.equal('renew_contract')
    expect(kindOf({ ...batch, actions: [{ type: 'accept_ownership', address: hash }, ...batch.actions.slice(1)] })).to.equal('batch')
  })

  it('asks to let a contract move points, or no longer', () => {
    expect(toAction('set_operator', good)).to.deep.equal({ type: 'set_operator', address, allowed: true })
    const no = toAction('set_operator', { ...good, allowed: 'no' })
    expect(no).to.deep.include({ allowed: false })
    expect(valuesOf('set_operator', no)).to.deep.equal({ address, allowed: 'no' })
  })

  it('calls an action by its kind, and several of them so', () => {
    const [admit, activate] = [{ type: 'admit', locode: 'BEBRU' }, { type: 'activate', locode: 'BEBRU' }]
    expect(kindOf(admit)).to.equal('admit')
    for (const actions of [[activate, admit], [admit, { ...activate, locode: 'ESVLC' }], [admit, activate, activate]]) expect(kindOf({ type: 'batch', actions })).to.equal('batch')
  })

  it('hashes a file as SHA-256 does (FIPS 180-4, "abc")', async () => {
    expect(await hashFile(new Blob(['abc']))).to.equal('0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  it('counts a text in bytes', () => {
    expect(bytesOf('coração')).to.equal(9)
  })
})

describe('what a city can do with a proposal', () => {
  const proposal = (state: ProposalState, votes: readonly string[] = []) => ({
    state, proposer: { account: address, city: 'PTOPO' },
    votes: votes.map((city) => ({ city, account: address, support: 'for' as const, reason: '', cast: { block: 1, transaction_hash: hash, at: 0 } })),
  })

  it('is to vote once, while the vote runs', () => {
    expect(stepsOf(proposal('active'), 'PTOPO')).to.deep.equal(['vote'])
    expect(stepsOf(proposal('active', ['FRCFE']), 'PTOPO')).to.deep.equal(['vote'])
    expect(stepsOf(proposal('active', ['PTOPO']), 'PTOPO')).to.deep.equal([])
  })

  it('is to cancel before the vote only what it proposed itself', () => {
    expect(stepsOf(proposal('pending'), 'PTOPO')).to.deep.equal(['cancel'])
    expect(stepsOf(proposal('pending'), 'FRCFE')).to.deep.equal([])
  })

  it('is to take a decision on to its end, and nothing after', () => {
    expect(stepsOf(proposal('succeeded'), 'FRCFE')).to.deep.equal(['queue'])
    expect(stepsOf(proposal('executable'), 'FRCFE')).to.deep.equal(['execute'])
    for (const state of ['queued', 'defeated', 'executed', 'cancelled'] as const) expect(stepsOf(proposal(state), 'PTOPO'), state).to.deep.equal([])
  })

  const draft = (state: Draft['state'], more: Partial<Draft> = {}): Draft => ({
    draft_id: 'd', state, action: { type: 'queue', proposal_id: '7' }, drafted: { by: 'x', is_you: true, at: '2026-11-23T10:00:00Z' }, expires_at: 0, may_approve: false, ...more,
  })
  const later = { by: 'x', is_you: true, at: '2026-11-23T11:00:00Z' }

  it('is known by its newest draft, unless that was taken back or ran out', () => {
    for (const state of ['draft', 'approved', 'confirmed', 'failed'] as const) expect(latestDraft([draft(state)], '7', 'queue')?.state).to.equal(state)
    for (const state of ['withdrawn', 'expired'] as const) expect(latestDraft([draft(state), draft('failed')], '7', 'queue')?.state, state).to.equal('failed')
    expect(latestDraft([draft('failed'), draft('approved', { drafted: later })], '7', 'queue')?.state).to.equal('approved')
    expect(latestDraft([draft('draft', { action: { type: 'vote', proposal_id: '7' } })], '7', 'queue')).to.equal(undefined)
    expect(latestDraft([draft('draft')], '8', 'queue')).to.equal(undefined)
  })

  it('shows how far a proposal and a draft have come, and nothing of those that ended', () => {
    expect((['pending', 'active', 'succeeded', 'queued', 'executable', 'executed'] as const).map(courseOf)).to.deep.equal([0, 0, 1, 1, 2, 3])
    expect((['defeated', 'cancelled'] as const).map(courseOf)).to.deep.equal([undefined, undefined])
    expect((['draft', 'approved', 'confirmed', 'failed', 'withdrawn', 'expired'] as const).map(wayOf)).to.deep.equal([1, 2, 3, undefined, undefined, undefined])
  })

  it('can be tried again: a decision with its form filled in as it was', () => {
    for (const type of decisionTypes) {
      expect(toAction(type, valuesOf(type, toAction(type, good))), type).to.deep.equal(toAction(type, good))
    }
    expect(valuesOf('suspend', { type: 'suspend', locode: 'BEBRU', reason: 3, until: '2027-01-31T23:59:59Z' })).to.deep.equal({ locode: 'BEBRU', reason: '3', until: '2027-01-31' })
  })

  it('can be tried again: anything else as it was asked for, with a new key of this service', () => {
    const vote = { type: 'vote', proposal_id: '7', support: 'for' as const }
    expect(requestOf(draft('failed', { action: vote, reason: 'Good.' }))).to.deep.equal({ action: vote, reason: 'Good.' })
    expect(requestOf(draft('failed', { action: vote, reason: '' }))).to.deep.equal({ action: vote })
    expect(requestOf(draft('expired', { action: { type: 'offer_controller', own_key: true, controller: address } }))).to.deep.equal({ action: { type: 'offer_controller' } })
    expect(requestOf(draft('expired', { action: { type: 'offer_controller', own_key: false, controller: address } }))).to.deep.equal({ action: { type: 'offer_controller', controller: address } })
  })
})
