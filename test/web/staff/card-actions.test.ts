import { expect } from 'chai'
import { actionsFor, canOffer, reasonsFor, sortCards } from '../../../web/staff/card-actions.ts'
import type { Card, CardState } from '../../../web/staff/wire.ts'

const card = (state: CardState): Card => ({ card_id: state, card_number: '1', state })

describe('what an officer can do with a card', () => {
  it('offers the gentlest action first and nothing on a card that ended', () => {
    expect(actionsFor(card('active'))).to.deep.equal(['suspend', 'reissue', 'revoke'])
    expect(actionsFor(card('suspended'))).to.deep.equal(['resume', 'reissue', 'revoke'])
    expect(actionsFor(card('revoked'))).to.deep.equal([])
  })

  it('offers nothing on a state it does not know', () => {
    expect(actionsFor({ state: 'archived' as CardState })).to.deep.equal([])
  })

  it('has a reason for every action', () => {
    for (const action of ['suspend', 'resume', 'revoke', 'reissue'] as const) expect(reasonsFor(action)).not.to.be.empty
  })

  it('offers a new card only while no other counts', () => {
    expect(canOffer([])).to.equal(true)
    expect(canOffer([card('revoked'), card('expired'), card('offered')])).to.equal(true)
    for (const state of ['active', 'suspended'] as const) expect(canOffer([card('revoked'), card(state)])).to.equal(false)
  })

  it('lists the card that counts first', () => {
    expect(sortCards([card('revoked'), card('suspended'), card('active')]).map(one => one.state))
      .to.deep.equal(['active', 'suspended', 'revoked'])
  })
})
