import { expect } from 'chai'
import { birthDateProblem, problemsOf, toEnrolmentRequest } from '../../../web/staff/enrolment.ts'

const TODAY = '2026-05-04'
const portrait = { mediaType: 'image/webp', data: 'AAAA', bytes: 3 }
const complete = { givenName: ' Ana ', familyName: 'Silva', birthDate: '1990-01-31', portrait, papersInspected: true }

describe('enrolling a resident', () => {
  it('finds nothing wrong with a complete form', () => {
    expect(problemsOf(complete, TODAY)).to.deep.equal({})
  })

  it('names each field that is missing', () => {
    const empty = { givenName: ' ', familyName: '', birthDate: '', portrait: undefined, papersInspected: false }
    expect(problemsOf(empty, TODAY)).to.deep.equal({
      givenName: 'required', familyName: 'required', birthDate: 'required', portrait: 'portrait', papersInspected: 'papers',
    })
  })

  it('refuses a name longer than the card takes', () => {
    expect(problemsOf({ ...complete, familyName: 'a'.repeat(101) }, TODAY)).to.deep.equal({ familyName: 'tooLong' })
  })

  it('refuses days that do not exist, lie ahead or lie too far back', () => {
    expect(birthDateProblem('2001-02-30', TODAY)).to.equal('birthDateInvalid')
    expect(birthDateProblem('31/01/1990', TODAY)).to.equal('birthDateInvalid')
    expect(birthDateProblem('2026-05-05', TODAY)).to.equal('birthDateFuture')
    expect(birthDateProblem('1890-01-01', TODAY)).to.equal('birthDateLongAgo')
    expect(birthDateProblem(TODAY, TODAY)).to.equal(undefined)
  })

  it('sends of the papers that they were inspected and nothing else', () => {
    expect(toEnrolmentRequest(complete, portrait)).to.deep.equal({
      given_name: 'Ana',
      family_name: 'Silva',
      birth_date: '1990-01-31',
      portrait: { media_type: 'image/webp', data: 'AAAA' },
      papers_inspected: true,
    })
  })
})
