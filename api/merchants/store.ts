import { randomUUID } from 'node:crypto'
import type { Db } from '../platform/database.ts'
import type { Secrets } from '../platform/secrets.ts'
import type { Merchant, MerchantTables, StoredOrder, StoredPayment } from './types.ts'

export interface StoredSettlement {
  readonly ref: string
  readonly merchantId: string
  readonly programId: string
  readonly units: number
  readonly createdAt: Date
  readonly bankReference: string | undefined
}

/** The SQL of merchants. */
export type MerchantStore = ReturnType<typeof createMerchantStore>

/** Merchants, orders, payments and settlements. Bank accounts, logins and memos are sealed. */
export function createMerchantStore(db: Db, secrets: Secrets) {
  const tables = db.withTables<MerchantTables>()
  const place = (column: string, id: string): string => `merchants.${column}:${id}`
  const loginIndex = (login: string): string => secrets.blindIndex('merchant-login', login.trim().toLowerCase())
  // OpenID Connect Core §2: `sub` is unique within its issuer only.
  const subjectIndex = (account: { readonly issuer: string; readonly subject: string }): string =>
    secrets.blindIndex('merchant-subject', JSON.stringify([account.issuer, account.subject]))

  const toMerchant = (row: { merchant_id: string; name: string; address: string; iban_sealed: Uint8Array; login_sealed: Uint8Array }): Merchant => ({
    merchantId: row.merchant_id, name: row.name, address: row.address,
    login: secrets.openText('merchants', place('login', row.merchant_id), row.login_sealed),
    iban: secrets.openText('merchants', place('iban', row.merchant_id), row.iban_sealed),
  })
  const toOrder = (row: {
    order_id: string; merchant_id: string; program_id: string; points: number; memo_sealed: Uint8Array | null
    expires_at: Date; deadline: Date; created_at: Date; settlement_ref: string | null
  }): StoredOrder => ({
    orderId: row.order_id, merchantId: row.merchant_id, programId: row.program_id, points: row.points,
    memo: row.memo_sealed === null ? undefined : secrets.openText('merchants', place('memo', row.order_id), row.memo_sealed),
    expiresAt: row.expires_at, deadline: row.deadline, createdAt: row.created_at, settlementRef: row.settlement_ref ?? undefined,
  })
  const toPayment = (row: { payment_id: string; order_id: string; outbox_key: string; failure_code: string | null }): StoredPayment => ({
    paymentId: row.payment_id, orderId: row.order_id, outboxKey: row.outbox_key, failureCode: row.failure_code ?? undefined,
  })
  const toSettlement = (row: {
    ref: string; merchant_id: string; program_id: string; units: number; created_at: Date; bank_reference_sealed: Uint8Array | null
  }): StoredSettlement => ({
    ref: row.ref, merchantId: row.merchant_id, programId: row.program_id, units: row.units, createdAt: row.created_at,
    bankReference: row.bank_reference_sealed === null ? undefined : secrets.openText('merchants', place('bank_reference', row.ref), row.bank_reference_sealed),
  })

  return {
    /** False when the login is taken. */
    async insertMerchant(merchant: Merchant): Promise<boolean> {
      const row = await tables.insertInto('merchants').values({
        merchant_id: merchant.merchantId, name: merchant.name, address: merchant.address,
        iban_sealed: secrets.seal('merchants', place('iban', merchant.merchantId), merchant.iban),
        login_index: loginIndex(merchant.login),
        login_sealed: secrets.seal('merchants', place('login', merchant.merchantId), merchant.login),
      }).onConflict((conflict) => conflict.column('login_index').doNothing()).returning('merchant_id').executeTakeFirst()
      return row !== undefined
    },
    async findMerchant(merchantId: string): Promise<Merchant | undefined> {
      const row = await tables.selectFrom('merchants').selectAll().where('merchant_id', '=', merchantId).executeTakeFirst()
      return row === undefined ? undefined : toMerchant(row)
    },
    async findMerchantByLogin(login: string): Promise<Merchant | undefined> {
      const row = await tables.selectFrom('merchants').selectAll().where('login_index', '=', loginIndex(login)).executeTakeFirst()
      return row === undefined ? undefined : toMerchant(row)
    },
    async findMerchantIdBySubject(account: { readonly issuer: string; readonly subject: string }): Promise<string | undefined> {
      const row = await tables.selectFrom('merchants').select('merchant_id').where('subject_index', '=', subjectIndex(account)).executeTakeFirst()
      return row?.merchant_id
    },
    /** Binds the merchant of this login to the account unless it has one; undefined when it has, or there is no such merchant. */
    async bindMerchant(account: { readonly issuer: string; readonly subject: string; readonly login: string }): Promise<string | undefined> {
      const row = await tables.updateTable('merchants').set({ subject_index: subjectIndex(account) })
        .where('login_index', '=', loginIndex(account.login)).where('subject_index', 'is', null)
        .returning('merchant_id').executeTakeFirst()
      return row?.merchant_id
    },
    async releaseMerchant(merchantId: string): Promise<void> {
      await tables.updateTable('merchants').set({ subject_index: null }).where('merchant_id', '=', merchantId).execute()
    },
    async listMerchants(): Promise<readonly Merchant[]> {
      return (await tables.selectFrom('merchants').selectAll().orderBy('created_at').execute()).map(toMerchant)
    },
    /** Holds the merchant until the transaction ends: requests for settlement come one after the other. */
    async lockMerchant(merchantId: string): Promise<void> {
      await tables.selectFrom('merchants').select('merchant_id').where('merchant_id', '=', merchantId).forUpdate().execute()
    },
    async insertOrder(order: Omit<StoredOrder, 'settlementRef'>): Promise<void> {
      await tables.insertInto('merchants_orders').values({
        order_id: order.orderId, merchant_id: order.merchantId, program_id: order.programId, points: order.points,
        memo_sealed: order.memo === undefined ? null : secrets.seal('merchants', place('memo', order.orderId), order.memo),
        expires_at: order.expiresAt, deadline: order.deadline, created_at: order.createdAt, settlement_ref: null,
      }).execute()
    },
    async findOrder(orderId: string, options: { readonly lock?: boolean } = {}): Promise<StoredOrder | undefined> {
      let query = tables.selectFrom('merchants_orders').selectAll().where('order_id', '=', orderId)
      if (options.lock === true) query = query.forUpdate()
      const row = await query.executeTakeFirst()
      return row === undefined ? undefined : toOrder(row)
    },
    async listOrders(merchantId: string, limit: number): Promise<readonly StoredOrder[]> {
      return (await tables.selectFrom('merchants_orders').selectAll().where('merchant_id', '=', merchantId)
        .orderBy('created_at', 'desc').limit(limit).execute()).map(toOrder)
    },
    /** Orders that were paid and not settled, oldest first. */
    async listUnsettledOrders(merchantId: string, programId: string): Promise<readonly StoredOrder[]> {
      return (await tables.selectFrom('merchants_orders').selectAll().where('merchant_id', '=', merchantId).where('program_id', '=', programId)
        .where('settlement_ref', 'is', null).where('order_id', 'in', tables.selectFrom('merchants_payments').select('order_id').where('failure_code', 'is', null))
        .orderBy('created_at').execute()).map(toOrder)
    },
    async markSettled(orderIds: readonly string[], ref: string): Promise<void> {
      if (orderIds.length === 0) return
      await tables.updateTable('merchants_orders').set({ settlement_ref: ref }).where('order_id', 'in', [...orderIds]).execute()
    },
    async releaseSettled(ref: string): Promise<void> {
      await tables.updateTable('merchants_orders').set({ settlement_ref: null }).where('settlement_ref', '=', ref).execute()
    },
    async findPayments(orderIds: readonly string[]): Promise<readonly StoredPayment[]> {
      if (orderIds.length === 0) return []
      return (await tables.selectFrom('merchants_payments').selectAll().where('order_id', 'in', [...orderIds]).orderBy('created_at').execute()).map(toPayment)
    },
    /** Payments that may still be on their way. */
    async listOpenPayments(limit: number): Promise<readonly StoredPayment[]> {
      return (await tables.selectFrom('merchants_payments').selectAll().where('failure_code', 'is', null)
        .where('payment_id', 'in', tables.selectFrom('merchants_payment_notes').select('payment_id')).orderBy('created_at').limit(limit).execute()).map(toPayment)
    },
    async insertPayment(orderId: string, outboxKey: string, createdAt: Date): Promise<string> {
      const paymentId = randomUUID()
      await tables.insertInto('merchants_payments').values({ payment_id: paymentId, order_id: orderId, outbox_key: outboxKey, failure_code: null, created_at: createdAt }).execute()
      return paymentId
    },
    /** False when one of the notes is in another payment on its way. */
    async insertPaymentNotes(paymentId: string, programId: string, notes: readonly string[]): Promise<boolean> {
      const rows = await tables.insertInto('merchants_payment_notes').values(notes.map((note) => ({ program_id: programId, note, payment_id: paymentId })))
        .onConflict((conflict) => conflict.columns(['program_id', 'note']).doNothing()).returning('note').execute()
      return rows.length === notes.length
    },
    async failPayment(paymentId: string, code: string): Promise<void> {
      await tables.updateTable('merchants_payments').set({ failure_code: code }).where('payment_id', '=', paymentId).execute()
      await tables.deleteFrom('merchants_payment_notes').where('payment_id', '=', paymentId).execute()
    },
    /** The notes of a confirmed payment stand on the chain: the city need not remember them. */
    async forgetPaymentNotes(paymentId: string): Promise<void> {
      await tables.deleteFrom('merchants_payment_notes').where('payment_id', '=', paymentId).execute()
    },
    async insertSettlement(settlement: Omit<StoredSettlement, 'bankReference'>): Promise<void> {
      await tables.insertInto('merchants_settlements').values({
        ref: settlement.ref, merchant_id: settlement.merchantId, program_id: settlement.programId, units: settlement.units,
        created_at: settlement.createdAt, bank_reference_sealed: null,
      }).execute()
    },
    async findSettlement(ref: string, options: { readonly lock?: boolean } = {}): Promise<StoredSettlement | undefined> {
      let query = tables.selectFrom('merchants_settlements').selectAll().where('ref', '=', ref)
      if (options.lock === true) query = query.forUpdate()
      const row = await query.executeTakeFirst()
      return row === undefined ? undefined : toSettlement(row)
    },
    async listSettlements(merchantId: string | undefined): Promise<readonly StoredSettlement[]> {
      let query = tables.selectFrom('merchants_settlements').selectAll().orderBy('created_at', 'desc').limit(500)
      if (merchantId !== undefined) query = query.where('merchant_id', '=', merchantId)
      return (await query.execute()).map(toSettlement)
    },
    async setBankReference(ref: string, bankReference: string): Promise<void> {
      await tables.updateTable('merchants_settlements').set({ bank_reference_sealed: secrets.seal('merchants', place('bank_reference', ref), bankReference) })
        .where('ref', '=', ref).execute()
    },
  }
}
