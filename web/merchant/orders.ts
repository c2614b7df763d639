import { isToday, parseMoment } from '../ui/desk/times.ts'
import type { Order, OrderState, Settlement } from './wire.ts'

/** What the till shows for an order: one of five faces. */
export type OrderFace = 'waiting' | 'paying' | 'paid' | 'expired' | 'spent-twice' | 'failed'

const SPENT_CODES = ['ERR_NOTE_SPENT', 'ERR_NOTES_SPENT', 'ERR_ALREADY_SPENT', 'ERR_DOUBLE_SPEND']

/** Which face an order has now. An open order past its time is expired even before the service says so. */
export function faceOf(order: Pick<Order, 'state' | 'deadline' | 'expires_at' | 'failure_code'>, nowMilliseconds: number): OrderFace {
  switch (order.state) {
    case 'paid':
    case 'settled':
      return 'paid'
    case 'paying':
      return 'paying'
    case 'expired':
      return 'expired'
    case 'failed':
      return SPENT_CODES.includes(order.failure_code ?? '') ? 'spent-twice' : 'failed'
    case 'open':
      return (parseMoment(order.expires_at ?? order.deadline)?.getTime() ?? Infinity) <= nowMilliseconds ? 'expired' : 'waiting'
  }
}

const TAKEN: readonly OrderState[] = ['paid', 'settled']

/** Points taken on the local day of `now`, and in how many payments. */
export function takingsOfToday(orders: readonly Order[], nowMilliseconds: number): { points: number, payments: number } {
  const taken = orders.filter(order =>
    TAKEN.includes(order.state) && isToday(order.paid_at ?? order.created_at ?? order.deadline, nowMilliseconds))
  return { points: taken.reduce((sum, order) => sum + order.points, 0), payments: taken.length }
}

/** Units asked for and not yet paid by the city. */
export function unitsUnderWay(settlements: readonly Settlement[]): number {
  return settlements.filter(one => one.state === 'requested' || one.state === 'confirmed').reduce((sum, one) => sum + one.units, 0)
}
