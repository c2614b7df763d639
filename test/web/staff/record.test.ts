import { expect } from 'chai'
import { auditPath, commonIssuer, olderThan, type StaffAct } from '../../../web/staff/record.ts'

const act = (issuer: string, subject: string): StaffAct => ({ act_id: 1, at: '2026-11-23T10:00:00.000Z', officer: { issuer, subject }, act: 'enrolled' })

describe('the pages of the record of officers\' acts', () => {
  it('begin with the newest, and go on before the act that the address names', () => {
    expect(auditPath(undefined)).to.equal('/v1/audit?limit=50')
    expect(auditPath('120')).to.equal('/v1/audit?before=120&limit=50')
  })

  it('take nothing from the address but the number of an act', () => {
    for (const part of ['', '0', '-1', '1e3', '7&limit=500', 'x', '1234567890123456']) expect(auditPath(part), part).to.equal('/v1/audit?limit=50')
  })

  it('follow each other as the service says, whose path leads to the same page', () => {
    const next = auditPath('120')
    expect(olderThan(next)).to.equal('120')
    expect(auditPath(olderThan(next))).to.equal(next)
    for (const last of [undefined, '/v1/audit', '/v1/audit?limit=50', '/v1/audit?before=&limit=50', '/v1/audit?before=0']) expect(olderThan(last)).to.equal(undefined)
  })

  it('name whose pseudonyms they show, once when they are all of one service', () => {
    expect(commonIssuer([act('a', '1'), act('a', '2')])).to.equal('a')
    expect(commonIssuer([act('a', '1'), act('b', '1')])).to.equal(undefined)
    expect(commonIssuer([])).to.equal(undefined)
  })
})
