import { expect } from 'chai'
import { firstSection, mayUse, sectionOf, sections } from '../../../web/staff/sections.ts'
import type { Role } from '../../../web/ui/use-session.ts'

const usable = (...roles: readonly Role[]): string[] => sections.filter((section) => mayUse(section, roles)).map(({ name }) => name)

describe('the sections of the staff console', () => {
  it('are the desk\'s for staff, the federation\'s for those who act in it, the record for auditors, and nobody else\'s', () => {
    expect(usable('staff')).to.deep.equal(['residents', 'merchants', 'settlements', 'programs'])
    expect(usable('federation')).to.deep.equal(['federation'])
    expect(usable('auditor')).to.deep.equal(['record'])
    expect(usable('auditor', 'federation', 'staff')).to.deep.equal(sections.map(({ name }) => name))
    expect(usable('operator', 'merchant')).to.deep.equal([])
  })

  it('begin with the first that the roles allow', () => {
    expect(firstSection(['staff', 'federation'])?.name).to.equal('residents')
    expect(firstSection(['federation'])?.name).to.equal('federation')
    expect(firstSection(['auditor'])?.name).to.equal('record')
    expect(firstSection(['merchant'])).to.equal(undefined)
  })

  it('are found by path; residents have the paths that name none', () => {
    for (const { name } of sections) expect(sectionOf([name, 'x']).name).to.equal(name)
    for (const path of [[], ['enrol'], ['residents', '7']]) expect(sectionOf(path).name).to.equal('residents')
  })
})
