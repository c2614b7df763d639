import { ApiError } from '../platform/errors.ts'
import { defineRoute, type RouteDefinition } from '../platform/route.ts'
import type { ListedProgram } from '../rewards/types.ts'
import type { MerchantsService } from './service.ts'
import type { Order, Settlement } from './types.ts'
import {
  accountSchema, createOrderBody, merchantOrderSchema, merchantOrdersSchema, merchantParams, merchantSchema, merchantsSchema, orderParams, paidBody, paymentBody, paymentSchema,
  publicOrderSchema, registerBody, registeredSchema, settlementBody, settlementParams, settlementSchema, settlementsSchema, toMerchantOrder,
  toPublicOrder, toWireMerchant, toWireSettlement,
} from './wire.ts'

export interface MerchantRoutesOptions {
  readonly publicUrl: string
  readonly locode: string
  readonly findProgram: (programId: string) => Promise<ListedProgram | undefined>
}

/** Merchants' register, orders, payments and settlements. */
export function createMerchantRoutes(service: MerchantsService, options: MerchantRoutesOptions): readonly RouteDefinition[] {
  return [...registerRoutes(service), ...orderRoutes(service, options), ...settlementRoutes(service, options)]
}

function registerRoutes(service: MerchantsService): readonly RouteDefinition[] {
  const tag = 'Merchants'
  return [
    defineRoute({
      method: 'post', path: '/v1/merchants', tag, summary: 'Register a merchant', access: ['staff'], idempotent: true,
      body: registerBody, responses: { 201: registeredSchema },
      async handle({ body }) {
        const { merchant, password } = await service.register(body)
        return { status: 201, body: { ...toWireMerchant(merchant), ...(password === undefined ? {} : { password }) } }
      },
    }),
    defineRoute({
      method: 'get', path: '/v1/merchants', tag, summary: 'All merchants', access: ['staff'], responses: { 200: merchantsSchema },
      handle: async () => ({ status: 200, body: { merchants: (await service.listMerchants()).map(toWireMerchant) } }),
    }),
    defineRoute({
      method: 'post', path: '/v1/merchants/:merchant_id/release', tag, access: ['staff'], idempotent: true,
      summary: 'Let another account have the merchant\'s login: the next that signs in with it',
      params: merchantParams, responses: { 200: merchantSchema },
      handle: async ({ params }) => ({ status: 200, body: toWireMerchant(await service.releaseLogin(params.merchant_id)) }),
    }),
    defineRoute({
      method: 'get', path: '/v1/merchant', tag, summary: 'The signed-in merchant and what it holds', access: ['merchant'], responses: { 200: accountSchema },
      async handle({ principal }) {
        const { merchant, balances } = await service.readAccount(principal?.merchantId)
        return {
          status: 200,
          body: {
            merchant_id: merchant.merchantId, name: merchant.name, address: merchant.address,
            balances: balances.map(({ programId, name, units }) => ({ program_id: programId, name, units })),
          },
        }
      },
    }),
  ]
}

function orderRoutes(service: MerchantsService, options: MerchantRoutesOptions): readonly RouteDefinition[] {
  const tag = 'Orders'
  const nameOf = async (programId: string): Promise<string> => (await options.findProgram(programId))?.name ?? programId
  const forMerchant = async (order: Order) => toMerchantOrder(order, await nameOf(order.programId), options.publicUrl)
  return [
    defineRoute({
      method: 'post', path: '/v1/orders', tag, summary: 'Ask for points', access: ['merchant'], idempotent: true,
      body: createOrderBody, responses: { 201: merchantOrderSchema },
      async handle({ body, principal }) {
        const order = await service.createOrder(principal?.merchantId, { programId: body.program_id, points: body.points, memo: body.memo })
        return { status: 201, body: await forMerchant(order) }
      },
    }),
    defineRoute({
      method: 'get', path: '/v1/orders', tag, summary: 'Orders of the signed-in merchant', access: ['merchant'], responses: { 200: merchantOrdersSchema },
      handle: async ({ principal }) => ({ status: 200, body: { orders: await Promise.all((await service.listOrders(principal?.merchantId)).map(forMerchant)) } }),
    }),
    defineRoute({
      method: 'get', path: '/v1/orders/:order_id', tag, summary: 'An order, for whoever wants to pay it', access: 'public', cors: true,
      params: orderParams, responses: { 200: publicOrderSchema },
      async handle({ params }) {
        const order = await service.readOrder(params.order_id)
        const [merchant, program] = [await service.findMerchant(order.merchantId), await options.findProgram(order.programId)]
        if (merchant === undefined || program === undefined) throw new ApiError('ERR_NOT_FOUND')
        return { status: 200, body: toPublicOrder(order, merchant, program, options.locode, await service.redeemDomain()) }
      },
    }),
    defineRoute({
      method: 'post', path: '/v1/orders/:order_id/payments', tag, summary: 'Pay an order with notes', access: 'public', cors: true, idempotent: true,
      bodyLimitBytes: 128 * 1024, params: orderParams, body: paymentBody, responses: { 202: paymentSchema },
      async handle({ params, body }) {
        const order = await service.pay(params.order_id, body.notes.map((note) => ({
          value: note.value, rsaSignature: new Uint8Array(Buffer.from(note.rsa_signature, 'base64url')), ownerSignature: note.owner_signature.toLowerCase(),
        })))
        return { status: 202, body: { state: order.state } }
      },
    }),
  ]
}

function settlementRoutes(service: MerchantsService, options: MerchantRoutesOptions): readonly RouteDefinition[] {
  const tag = 'Settlements'
  const describe = async (settlement: Settlement) => toWireSettlement(
    settlement,
    (await service.findMerchant(settlement.merchantId))?.name ?? '',
    (await options.findProgram(settlement.programId))?.name ?? settlement.programId,
  )
  return [
    defineRoute({
      method: 'post', path: '/v1/settlements', tag, summary: 'Turn points into money', access: ['merchant'], idempotent: true,
      body: settlementBody, responses: { 201: settlementSchema },
      handle: async ({ body, principal }) => ({ status: 201, body: await describe(await service.requestSettlement(principal?.merchantId, body.program_id, body.units)) }),
    }),
    defineRoute({
      method: 'get', path: '/v1/settlements', tag, summary: 'Settlements: a merchant\'s own, all for staff', access: ['merchant', 'staff'], responses: { 200: settlementsSchema },
      async handle({ principal }) {
        const isStaff = principal?.roles.includes('staff') === true
        const settlements = await service.listSettlements(isStaff ? undefined : principal?.merchantId ?? '00000000-0000-0000-0000-000000000000')
        return { status: 200, body: { settlements: await Promise.all(settlements.map(describe)) } }
      },
    }),
    defineRoute({
      method: 'post', path: '/v1/settlements/:settlement_id/paid', tag, summary: 'The bank transfer was made', access: ['staff'], idempotent: true,
      params: settlementParams, body: paidBody, responses: { 200: settlementSchema },
      handle: async ({ params, body }) => ({ status: 200, body: await describe(await service.markPaid(params.settlement_id, body.bank_reference)) }),
    }),
  ]
}
