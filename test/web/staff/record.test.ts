import { expect } from 'chai'
import { actKinds as recorded } from '../../../api/audit/types.ts'
import { actKinds, auditPath, commonIssuer, olderThan, parseRecordPage, recordLink, type StaffAct } from '../../../web/staff/record.ts'

const act = (issuer: string, subject: string): StaffAct => ({ act_id: 1, at: '2026-11-23T10:00:00.000Z', officer: { issuer, subject }, act: 'enrolled' })
const residentId = '3f2b8a51-9c1e-4d7a-8b6f-0123456789ab'

describe('the pages of the record of officers\' acts', () => {
  it('begin with the newest of all acts, and go on before the act that the address names', () => {
    expect(auditPath(parseRecordPage([]))).to.equal('/v1/audit?limit=50')
    expect(auditPath(parseRecordPage(['120']))).to.equal('/v1/audit?before=120&limit=50')
  })

  it('know every kind of act that the service records', () => {
    expect([...actKinds].sort()).to.deep.equal([...recorded].sort())
  })

  it('show one kind, all but looks, or what concerns one resident, and keep to it from page to page', () => {
    expect(auditPath(parseRecordPage(['looked_up']))).to.equal('/v1/audit?acts=looked_up&limit=50')
    expect(auditPath(parseRecordPage(['changes', '7']))).to.equal('/v1/audit?before=7&acts=enrolled,awarded,offered,offer_cancelled,suspended,resumed,revoked,reissued&limit=50')
    const page = parseRecordPage(['revoked', residentId, '120'])
    expect(auditPath(page)).to.equal(`/v1/audit?before=120&acts=revoked&resident_id=${residentId}&limit=50`)
    expect(recordLink(page)).to.equal(`#/record/revoked/${residentId}/120`)
    for (const parts of [[], ['changes'], [residentId], ['looked_up', residentId], ['51']]) {
      expect(recordLink(parseRecordPage(parts)), parts.join('/')).to.equal(['#/record', ...parts].join('/'))
    }
  })

  it('take nothing from the address but a kind, a resident and the number of an act', () => {
    for (const part of ['', '0', '-1', '1e3', '7&limit=500', 'x', '1234567890123456', 'looked_up,revoked', `${residentId}&`, residentId.toUpperCase()]) {
      expect(auditPath(parseRecordPage([part])), part).to.equal('/v1/audit?limit=50')
    }
  })

  it('follow each other as the service says, whose path leads to the same page', () => {
    const page = parseRecordPage(['offered', residentId, '120'])
    const next = auditPath(page)
    expect(olderThan(next)).to.equal('120')
    expect(auditPath({ ...page, before: olderThan(next) })).to.equal(next)
    for (const last of [undefined, '/v1/audit', '/v1/audit?limit=50', '/v1/audit?before=&limit=50', '/v1/audit?before=0']) expect(olderThan(last)).to.equal(undefined)
  })

  it('name whose pseudonyms they show, once when they are all of one service', () => {
    expect(commonIssuer([act('a', '1'), act('a', '2')])).to.equal('a')
    expect(commonIssuer([act('a', '1'), act('b', '1')])).to.equal(undefined)
    expect(commonIssuer([])).to.equal(undefined)
  })
})
