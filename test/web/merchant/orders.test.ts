import { expect } from 'chai'
import { faceOf, takingsOfToday, unitsUnderWay } from '../../../web/merchant/orders.ts'
import type { Order, OrderState } from '../../../web/merchant/wire.ts'

const NOW = new Date(2026, 4, 4, 12).getTime()
const seconds = NOW / 1000
const order = (state: OrderState, more: Partial<Order> = {}): Order =>
  ({ order_id: '0x1', program_id: '0x2', points: 12, state, deadline: seconds + 60, created_at: seconds - 60, ...more })

describe('an order at the till', () => {
  it('waits until its deadline and is expired from then on, whatever the service still says', () => {
    expect(faceOf(order('open'), NOW)).to.equal('waiting')
    expect(faceOf(order('open', { deadline: seconds }), NOW)).to.equal('expired')
    expect(faceOf(order('open', { deadline: seconds + 90, expires_at: new Date(NOW).toISOString() }), NOW)).to.equal('expired')
    expect(faceOf(order('expired'), NOW)).to.equal('expired')
  })

  it('is not expired while a payment that arrived in time is being written', () => {
    expect(faceOf(order('paying', { deadline: seconds - 5 }), NOW)).to.equal('paying')
  })

  it('is paid once paid and stays so when settled', () => {
    expect(faceOf(order('paid', { deadline: seconds - 5 }), NOW)).to.equal('paid')
    expect(faceOf(order('settled'), NOW)).to.equal('paid')
  })

  it('tells points spent twice from any other failure', () => {
    expect(faceOf(order('failed', { failure_code: 'ERR_NOTE_SPENT' }), NOW)).to.equal('spent-twice')
    expect(faceOf(order('failed', { failure_code: 'ERR_NOTE_INVALID' }), NOW)).to.equal('failed')
    expect(faceOf(order('failed', { failure_code: null }), NOW)).to.equal('failed')
  })
})

describe('the day\'s takings', () => {
  it('count paid and settled orders of today only', () => {
    const orders = [order('paid', { points: 10 }), order('settled', { points: 5 }), order('open'), order('failed'),
      order('paid', { points: 99, paid_at: seconds - 3 * 86_400 })]
    expect(takingsOfToday(orders, NOW)).to.deep.equal({ points: 15, payments: 2 })
  })

  it('are nought without orders', () => {
    expect(takingsOfToday([], NOW)).to.deep.equal({ points: 0, payments: 0 })
  })
})

describe('settlements under way', () => {
  it('sum what is asked for and not yet paid', () => {
    const one = { settlement_id: 's', program_id: 'p' }
    expect(unitsUnderWay([{ ...one, units: 5, state: 'requested' }, { ...one, units: 7, state: 'paid' }, { ...one, units: 2, state: 'confirmed' },
      { ...one, units: 9, state: 'failed' }]))
      .to.equal(7)
  })
})
