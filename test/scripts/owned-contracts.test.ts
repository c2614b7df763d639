import { expect } from 'chai'
import { ownedContracts } from '../../scripts/lib/federation-powers.ts'

describe('contracts with an owner', () => {
  it('are found in the ABIs, in the order in which the founding names them to the timelock', () => {
    // A ceremony that was interrupted knows its one operation by a hash over this order.
    expect(ownedContracts).to.deep.equal(['Directory', 'CityRegistry', 'RewardToken', 'RewardPrograms', 'Guardian'])
  })
})
