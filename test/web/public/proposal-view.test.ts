import { expect } from 'chai'
import { hrefOf, placeOf } from '../../../web/public/place.ts'
import { actionWords, namesWithin, nextTurnOf, stateAt, textOf, titleOf } from '../../../web/public/proposal-view.ts'
import { countingNow, matrixOf, percentOf, sumOf } from '../../../web/public/record-view.ts'
import type { Tables } from '../../../web/public/rows.ts'

const at = (seconds: number): number => Date.parse('2026-11-23T12:00:00Z') + seconds * 1000
const iso = (seconds: number): string => new Date(at(seconds)).toISOString()
const proposal = (more: Partial<Tables['proposals']> = {}): Tables['proposals'] => ({
  proposal_id: '7', proposed_at: iso(-20), city: 'PTOPO', description: 'Admit Évora\n\nIt has signed.', state: 'active', vote_start: iso(-10), vote_end: iso(10),
  seats: 5, quorum: 3, votes_for: 2, votes_against: 0, votes_abstain: 1, queued_at: null, executable_from: null, executed_at: null, cancelled_at: null, ...more,
})

const context = { language: 'en', cityOf: (locode: string) => `city ${locode}`, programOf: (id: string) => `programme ${id}`, reasonOf: (code: string) => `reason ${code}` }
const actionOf = (contract: string, method: string, values: object) => ({ contract, method, target: '0x1', arguments: method === '' ? '' : JSON.stringify(values), calldata: '0x' })
const wordsOf = (contract: string, method: string, values: object) => actionWords(actionOf(contract, method, values), context)

describe('a proposal on the page', () => {
  it('has its first line as title and the rest as text', () => {
    expect([titleOf(proposal()), textOf(proposal())]).to.deep.equal(['Admit Évora', 'It has signed.'])
    expect(titleOf(proposal({ description: '  ' }))).to.equal('…')
  })

  it('goes on with the clock while no block comes in', () => {
    expect(stateAt(proposal({ state: 'pending', vote_start: iso(5), quorum: null }), at(0))).to.equal('pending')
    expect(stateAt(proposal({ state: 'pending', vote_start: iso(5), quorum: null }), at(6))).to.equal('active')
    expect(stateAt(proposal(), at(10))).to.equal('active')
    expect(stateAt(proposal(), at(11))).to.equal('succeeded')
    expect(stateAt(proposal({ votes_abstain: 0 }), at(11))).to.equal('defeated')
    expect(stateAt(proposal({ votes_against: 2 }), at(11))).to.equal('defeated')
    expect(stateAt(proposal({ state: 'queued', executable_from: iso(20) }), at(19))).to.equal('queued')
    expect(stateAt(proposal({ state: 'queued', executable_from: iso(20) }), at(21))).to.equal('executable')
    expect(stateAt(proposal({ state: 'executed' }), at(99))).to.equal('executed')
  })

  it('counts down to what comes next, and to nothing once it is decided', () => {
    expect([nextTurnOf(proposal(), 'pending'), nextTurnOf(proposal(), 'active'), nextTurnOf(proposal(), 'executed')]).to.deep.equal([iso(-10), iso(10), undefined])
  })

  it('puts known actions into words and names the others', () => {
    expect(wordsOf('Directory', 'set', { name: '0x416e63686f7273'.padEnd(66, '0'), target: '0x2' })).to.deep.equal({ key: 'Directory_set', values: { name: 'Anchors', target: '0x2' } })
    expect(wordsOf('', '', {})).to.deep.equal({ key: 'other', values: { contract: '0x1', method: '?' } })
  })

  it('says times, programmes and points in the reader\'s words, and of addresses both ends', () => {
    expect(wordsOf('Timelock', 'updateDelay', { newDelay: '172800' }).values).to.deep.equal({ newDelay: '2 days' })
    expect(wordsOf('RewardPrograms', 'fundShared', { program: '0xab', units: '12000' }).values).to.deep.equal({ program: 'programme 0xab', units: '12,000' })
    expect(wordsOf('Guardian', 'appoint', { account: `0x${'12'.repeat(20)}` }).values).to.deep.equal({ account: '0x12121212…121212' })
    expect(wordsOf('CityRegistry', 'suspend', { city: 'PTOPO', reason: '3', until: '0' }).values).to.include({ city: 'city PTOPO', reason: 'reason 3' })
  })

  it('tells letting from no longer letting', () => {
    expect(wordsOf('RewardToken', 'setOperator', { operator: '0x2', allowed: 'true' }).key).to.equal('RewardToken_setOperator')
    expect(wordsOf('RewardToken', 'setOperator', { operator: '0x2', allowed: 'false' }).key).to.equal('RewardToken_setOperator_not')
  })

  it('tells a suspension that does not end from one that does', () => {
    expect(wordsOf('CityRegistry', 'suspend', { city: 'PTOPO', reason: '3', until: '1795000000' }).key).to.equal('CityRegistry_suspend')
    expect(wordsOf('CityRegistry', 'suspend', { city: 'PTOPO', reason: '3', until: '18446744073709551615' }).key).to.equal('CityRegistry_suspend_for_ever')
  })

  it('tells a contract that is taken over by the bytes of the call', () => {
    const action = { contract: '', method: '', arguments: '', target: '0x1', calldata: '0x79ba5097' }
    expect(actionWords(action, context)).to.deep.equal({ key: 'accept_ownership', values: { target: '0x1' } })
  })

  it('names a city that it would admit, and keeps its code beside its name', () => {
    const admit = { ...actionOf('CityRegistry', 'admit', { city: 'PTBRG', name: 'Braga' }), proposal_id: '7', position: 0 }
    expect([...namesWithin([admit], new Map([['PTOPO', 'Porto']]))]).to.deep.equal([['PTBRG', 'Braga'], ['PTOPO', 'Porto']])
    expect(actionWords(admit, context).values).to.deep.equal({ city: 'PTBRG', name: 'Braga' })
  })
})

describe('which card is good where', () => {
  const agreement = (recogniser: string, issuer: string, more: Partial<Tables['recognitions']> = {}): Tables['recognitions'] => ({
    block: 1, recogniser, issuer, credential_type: 'c', benefit_classes: '1', in_force: true, valid_until: iso(5), granted_at: iso(-5), ended_at: null, ...more,
  })

  const [portoCity, clermontCity] = [{ city: 'PTOPO', status: 'active' }, { city: 'FRCFE', status: 'active' }]

  it('is good nowhere, not even at home, while its city is suspended', () => {
    const rows = matrixOf([{ ...portoCity, status: 'suspended' }, clermontCity], [agreement('FRCFE', 'PTOPO')])
    expect(rows[0]?.cells.map((cell) => cell.verdict)).to.deep.equal(['inactive', 'inactive'])
  })

  it('counts only where it is in force and the card\'s city is active', () => {
    const [porto, clermont, ended] = [agreement('FRCFE', 'PTOPO'), agreement('PTOPO', 'FRCFE'), agreement('PTOPO', 'FRCFE', { in_force: false })]
    expect(countingNow([portoCity, clermontCity], [porto, clermont, ended])).to.deep.equal([porto, clermont])
    expect(countingNow([{ ...portoCity, status: 'suspended' }, clermontCity], [porto, clermont])).to.deep.equal([clermont])
  })

  it('holds in one direction, and shows the longest that is in force', () => {
    const rows = matrixOf([portoCity, clermontCity], [agreement('FRCFE', 'PTOPO'), agreement('FRCFE', 'PTOPO', { valid_until: iso(9) })])
    expect(rows.map((row) => row.cells.map((cell) => cell.verdict))).to.deep.equal([['own', 'good'], ['none', 'own']])
    expect(rows[0]?.cells[1]?.until).to.equal(iso(9))
    expect(matrixOf([portoCity, clermontCity], [agreement('FRCFE', 'PTOPO', { in_force: false })])[0]?.cells[1]?.verdict).to.equal('lapsed')
  })
})

describe('points on the page', () => {
  it('are added without losing a digit, and drawn as part of a whole', () => {
    expect(sumOf([{ units: '9007199254740993' }, { units: '1' }], 'units')).to.equal(9_007_199_254_740_994n)
    expect([percentOf(1n, 4n), percentOf(0n, 0n)]).to.deep.equal([25, 0])
  })
})

describe('a link of the record', () => {
  it('keeps to the block of the past it is read at', () => {
    expect(placeOf(['at', '45', 'cities', 'PTOPO'])).to.deep.equal({ parts: ['cities', 'PTOPO'], at: 45 })
    expect(placeOf(['at', 'noon'])).to.deep.equal({ parts: ['at', 'noon'], at: undefined })
    expect([hrefOf('nets', 45), hrefOf('nets', undefined)]).to.deep.equal(['#/at/45/nets', '#/nets'])
  })
})
