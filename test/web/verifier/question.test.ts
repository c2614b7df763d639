import { expect } from 'chai'
import { createQuestion } from '../../../web/verifier/question.ts'
import type { Preset } from '../../../web/verifier/question.ts'

const choice = (preset: Preset, more = {}) =>
  createQuestion({ preset, age: 18, city: 'any', claims: [], purpose: ' Entry ', ...more })

describe('what an operator asks for', () => {
  it('asks for one yes or no about age, never for the birth date', () => {
    expect(choice('age')).to.deep.equal({
      claims: ['age_over_18'], purpose: 'Entry', conditions: [{ kind: 'age', claim: 'age_over_18', age: 18 }],
    })
    expect(choice('age', { age: 65 }).claims).to.deep.equal(['age_over_65'])
  })

  it('asks where someone lives with the city alone', () => {
    expect(choice('resident')).to.deep.equal({ claims: ['city'], purpose: 'Entry', conditions: [] })
    expect(choice('resident', { city: 'PTOPO' }).conditions).to.deep.equal([{ kind: 'city', locode: 'PTOPO' }])
  })

  it('asks who someone is with name and portrait', () => {
    expect(choice('identity').claims).to.deep.equal(['portrait', 'given_name', 'family_name'])
  })

  it('keeps a free choice in the card\'s order, drops what no card has, and expects every age asked for', () => {
    const question = choice('free', { claims: ['age_over_65', 'family_name', 'nationality', 'age_over_18'] })
    expect(question.claims).to.deep.equal(['family_name', 'age_over_18', 'age_over_65'])
    expect(question.conditions.map(one => one.kind === 'age' && one.age)).to.deep.equal([18, 65])
  })
})
