import { createApiClient } from '../../ui/api-client.ts'
import type { ApiClient } from '../../ui/api-client.ts'
import type { Denomination, OrderRecord } from '../vault/records.ts'
import { PurseError } from './purse-error.ts'

export type OrderState = 'open' | 'paying' | 'paid' | 'settled' | 'expired' | 'failed'

/** What a merchant asks for, and how far it is. */
export interface Order extends OrderRecord {
  readonly state: OrderState
  readonly denominations: readonly Denomination[]
}

interface WireOrder {
  readonly order_id: string
  readonly program_id: string
  readonly program_name: string
  readonly merchant: { readonly name: string; readonly address: string; readonly city: string }
  readonly points: number
  readonly state: OrderState
  readonly deadline: number
  readonly expires_at?: string
  readonly chain_id: number
  readonly verifying_contract: string
  readonly denominations: readonly Denomination[]
}

/** Merchants' orders at whatever city they are; the payer needs no account there. */
export interface Orders {
  /** @throws PurseError ERR_ORDER_UNREADABLE, ApiError */
  read(orderUrl: string): Promise<Order>
  pay(orderUrl: string, body: unknown, key: string): Promise<OrderState>
}

/** @param clientFor the HTTP client for an origin */
export function createOrders(clientFor: (origin: string) => ApiClient = (origin) => createApiClient({ origin })): Orders {
  return {
    async read(orderUrl) {
      const { origin, path } = splitUrl(orderUrl)
      return parseOrder(await clientFor(origin).get<WireOrder>(path), orderUrl)
    },
    async pay(orderUrl, body, key) {
      const { origin, path } = splitUrl(orderUrl)
      return (await clientFor(origin).post<{ state: OrderState }>(`${path}/payments`, body, { idempotent: key })).state
    },
  }
}

function splitUrl(orderUrl: string): { origin: string; path: string } {
  const { origin, pathname } = new URL(orderUrl)
  return { origin, path: pathname }
}

function parseOrder(wire: WireOrder, orderUrl: string): Order {
  const payableUntil = wire.expires_at === undefined ? wire.deadline : Math.floor(Date.parse(wire.expires_at) / 1000)
  const isReadable = /^0x[0-9a-f]{64}$/i.test(wire.order_id) && /^0x[0-9a-f]{64}$/i.test(wire.program_id)
    && Number.isSafeInteger(wire.points) && wire.points > 0 && Number.isSafeInteger(wire.deadline) && Number.isFinite(payableUntil)
    && /^0x[0-9a-f]{40}$/i.test(wire.merchant.address) && /^0x[0-9a-f]{40}$/i.test(wire.verifying_contract)
  if (!isReadable) throw new PurseError('ERR_ORDER_UNREADABLE')
  return {
    orderId: wire.order_id, orderUrl, program: wire.program_id, programName: wire.program_name,
    merchantName: wire.merchant.name, merchantAddress: wire.merchant.address, points: wire.points,
    deadlineSeconds: wire.deadline, payableUntilSeconds: payableUntil, chainId: wire.chain_id, verifyingContract: wire.verifying_contract,
    state: wire.state, denominations: wire.denominations,
  }
}
