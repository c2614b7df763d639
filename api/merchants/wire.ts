import { z } from 'zod'
import type { RedeemDomain } from '../../agent/notes/redeem-digest.ts'
import { bytes32, denominationSchema } from '../platform/wire.ts'
import type { ListedProgram } from '../rewards/types.ts'
import type { Merchant, Order, Settlement } from './types.ts'

const MAX_NOTES = 64

/** ISO 13616: country, check digits, account; the check is mod 97. */
export function isIban(text: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(text)) return false
  const digits = (text.slice(4) + text.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55))
  let rest = 0
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}

export const registerBody = z.strictObject({
  name: z.string().trim().min(1).max(80),
  iban: z.string().transform((text) => text.replaceAll(' ', '').toUpperCase()).refine(isIban, 'is not an IBAN'),
  login: z.string().trim().toLowerCase().regex(/^[a-z0-9][a-z0-9._@-]{2,60}$/, '3 to 61 letters, digits, dots, dashes'),
}).meta({ id: 'RegisterMerchant' })

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/)

export const merchantSchema = z.object({
  merchant_id: z.uuid(), name: z.string(), address, login: z.string(), iban_masked: z.string(),
}).meta({ id: 'Merchant' })
export const registeredSchema = merchantSchema.extend({
  password: z.string().optional().meta({ description: 'First password of the login; told this once' }),
}).meta({ id: 'RegisteredMerchant' })
export const merchantsSchema = z.object({ merchants: z.array(merchantSchema) })
export const accountSchema = merchantSchema.omit({ login: true, iban_masked: true }).extend({
  balances: z.array(z.object({ program_id: bytes32, name: z.string(), units: z.int() })),
}).meta({ id: 'MerchantAccount' })

export const merchantParams = z.object({ merchant_id: z.uuid() })
export const orderParams = z.object({ order_id: bytes32 })
export const createOrderBody = z.strictObject({
  program_id: bytes32, points: z.int().min(1).max(20_000), memo: z.string().trim().max(120).optional(),
}).meta({ id: 'CreateOrder' })

const orderState = z.enum(['open', 'paying', 'paid', 'settled', 'expired', 'failed'])
const orderFields = {
  order_id: bytes32, program_id: bytes32, program_name: z.string(), points: z.int(), state: orderState,
  deadline: z.int().meta({ description: 'What the notes sign, seconds since 1970' }), expires_at: z.iso.datetime(),
  failure_code: z.string().optional(),
}
export const merchantOrderSchema = z.object({
  ...orderFields, memo: z.string().optional(), created_at: z.iso.datetime(), paid_at: z.iso.datetime().optional(),
  pay_link: z.string(), order_url: z.string(),
}).meta({ id: 'MerchantOrder' })
export const merchantOrdersSchema = z.object({ orders: z.array(merchantOrderSchema) })
export const publicOrderSchema = z.object({
  ...orderFields,
  merchant: z.object({ name: z.string(), address, city: z.string() }),
  chain_id: z.int(), verifying_contract: address,
  denominations: z.array(denominationSchema),
}).meta({ id: 'Order' })

export const paymentBody = z.strictObject({
  notes: z.array(z.strictObject({
    value: z.int().min(1).max(1024),
    rsa_signature: z.string().regex(/^[A-Za-z0-9_-]{342,690}$/),
    owner_signature: z.string().regex(/^0x[0-9a-fA-F]{130}$/),
  })).min(1).max(MAX_NOTES),
}).meta({ id: 'Payment' })
export const paymentSchema = z.object({ state: orderState })

export const settlementParams = z.object({ settlement_id: bytes32 })
export const settlementBody = z.strictObject({ program_id: bytes32, units: z.int().min(1).max(100_000_000) })
export const paidBody = z.strictObject({ bank_reference: z.string().trim().min(1).max(140) })
export const settlementSchema = z.object({
  settlement_id: bytes32, merchant_id: z.uuid(), merchant_name: z.string(), program_id: bytes32, program_name: z.string(), units: z.int(),
  state: z.enum(['requested', 'confirmed', 'paid', 'failed']), requested_at: z.iso.datetime(), paid_at: z.iso.datetime().optional(),
  bank_reference: z.string().optional(),
}).meta({ id: 'Settlement' })
export const settlementsSchema = z.object({ settlements: z.array(settlementSchema) })

/** The wire form of a merchant; of the bank account only the ends. */
export function toWireMerchant(merchant: Merchant): z.output<typeof merchantSchema> {
  return {
    merchant_id: merchant.merchantId, name: merchant.name, address: merchant.address, login: merchant.login,
    iban_masked: `${merchant.iban.slice(0, 4)}…${merchant.iban.slice(-4)}`,
  }
}

const common = (order: Order, programName: string) => ({
  order_id: order.orderId, program_id: order.programId, program_name: programName, points: order.points, state: order.state,
  deadline: Math.floor(order.deadline.getTime() / 1000), expires_at: order.expiresAt.toISOString(),
  ...(order.failureCode === undefined ? {} : { failure_code: order.failureCode }),
})

/** An order as its merchant sees it. */
export function toMerchantOrder(order: Order, programName: string, publicUrl: string): z.output<typeof merchantOrderSchema> {
  const orderUrl = `${publicUrl}/v1/orders/${order.orderId}`
  return {
    ...common(order, programName), created_at: order.createdAt.toISOString(),
    ...(order.memo === undefined ? {} : { memo: order.memo }),
    ...(order.paidAt === undefined ? {} : { paid_at: order.paidAt.toISOString() }),
    order_url: orderUrl, pay_link: `${publicUrl}/wallet/#pay=${encodeURIComponent(orderUrl)}`,
  }
}

/** An order as anybody sees it who has its number. */
export function toPublicOrder(
  order: Order, merchant: Merchant, program: ListedProgram, city: string, chain: RedeemDomain,
): z.output<typeof publicOrderSchema> {
  return {
    ...common(order, program.name), merchant: { name: merchant.name, address: merchant.address, city },
    chain_id: Number(chain.chainId), verifying_contract: chain.verifyingContract,
    denominations: program.denominations.map(({ value, modulus }) => ({ value, modulus: Buffer.from(modulus).toString('base64url'), exponent: 'AQAB' as const })),
  }
}

/** The wire form of a settlement. */
export function toWireSettlement(settlement: Settlement, merchantName: string, programName: string): z.output<typeof settlementSchema> {
  return {
    settlement_id: settlement.ref, merchant_id: settlement.merchantId, merchant_name: merchantName, program_id: settlement.programId,
    program_name: programName, units: settlement.units, state: settlement.state, requested_at: settlement.requestedAt.toISOString(),
    ...(settlement.paidAt === undefined ? {} : { paid_at: settlement.paidAt.toISOString() }),
    ...(settlement.bankReference === undefined ? {} : { bank_reference: settlement.bankReference }),
  }
}
