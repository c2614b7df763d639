import { expect } from 'chai'
import { listClaims, listKeptClaims } from '../../../web/wallet/cards/claim-order.ts'

const all = ['age_over_18', 'vct', 'portrait', 'family_name', 'city', 'cnf', 'age_over_65', 'birth_date', 'given_name', 'exp', 'expiry_date']

describe('claims as people read them', () => {
  it('come in one order, without what only machines need', () => {
    expect(listClaims(all)).to.deep.equal([
      'given_name', 'family_name', 'birth_date', 'portrait', 'city', 'expiry_date', 'age_over_18', 'age_over_65',
    ])
  })

  it('are kept unless they are told, or every presentation tells them', () => {
    expect(listKeptClaims(all, ['age_over_18', 'portrait'])).to.deep.equal(['given_name', 'family_name', 'birth_date', 'ages'])
  })

  it('do not promise to keep ages from who learns the birth date', () => {
    expect(listKeptClaims(all, ['birth_date'])).not.to.include('ages')
  })
})
