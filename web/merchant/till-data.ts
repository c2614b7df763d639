import { deskApi } from '../ui/desk/desk-api.ts'
import { listOf } from '../ui/desk/list-of.ts'
import type { OpenOrder } from './app.tsx'
import type { CreatedOrder, Merchant, Order, Program, Settlement } from './wire.ts'

export const fetchMerchant = (signal: AbortSignal) => deskApi.get<Merchant>('/v1/merchant', { signal })

export const fetchOrders = async (signal: AbortSignal) => listOf<Order>(await deskApi.get('/v1/orders', { signal }), 'orders')

/** The programmes whose points can be taken now. */
export const fetchPrograms = async (signal: AbortSignal) =>
  listOf<Program>(await deskApi.get('/v1/programs', { signal }), 'programs').filter(({ state }) => state === undefined || state === 'running')

export const fetchSettlements = async (signal: AbortSignal) =>
  listOf<Settlement>(await deskApi.get('/v1/settlements', { signal }), 'settlements')

/** Opens an order: from now on a wallet can pay it until it runs out. */
export async function createOrder(programId: string, points: number): Promise<OpenOrder> {
  const created = await deskApi.post<CreatedOrder>('/v1/orders', { program_id: programId, points }, { idempotent: true })
  return { created, points, programId }
}
