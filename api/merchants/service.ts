import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { NativeKms } from '../../agent/keys/native-kms.ts'
import type { RedeemDomain } from '../../agent/notes/redeem-digest.ts'
import { controllerAccount, ensureKey, locodeBytes } from '../city/identity.ts'
import type { ChainSender } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'
import { ApiError } from '../platform/errors.ts'
import { transact } from '../platform/transaction.ts'
import type { ListedProgram } from '../rewards/types.ts'
import { verifyNotes } from './payments.ts'
import type { MerchantStore, StoredSettlement } from './store.ts'
import { merchantAccount, registrationKey, type ChainSettlement, type Merchant, type MerchantsIndex, type OfferedNote, type Order, type Settlement, type StoredOrder, type StoredPayment } from './types.ts'

const ORDER_SECONDS = 15 * 60
/** The chain takes a payment for a day longer than we do: it may be away for a while. */
const RELAY_SECONDS = 24 * 3600
const ORDERS_LISTED = 200

export interface MerchantsDependencies {
  readonly db: Db
  readonly store: MerchantStore
  readonly keys: NativeKms
  readonly chain: ChainSender
  readonly index: MerchantsIndex
  readonly locode: string
  readonly clock: () => Date
  readonly findProgram: (programId: string) => Promise<ListedProgram | undefined>
  /** Signs out everybody who acts for the merchant. */
  readonly endSessionsOf: (merchantId: string) => Promise<void>
  /** Opens a login at the embedded provider and returns its first password; undefined where the provider is somebody else's. */
  readonly createLogin?: ((login: string, name: string) => Promise<string>) | undefined
  readonly onPayment?: (outcome: 'accepted' | 'refused' | 'confirmed' | 'failed') => void
}

/** Merchants: their register, orders, payments and settlements. */
export type MerchantsService = ReturnType<typeof createMerchantsService>

export function createMerchantsService(deps: MerchantsDependencies) {
  const { db, store, keys, chain, index, clock } = deps

  const requireMerchant = async (merchantId: string | undefined): Promise<Merchant> => {
    const merchant = merchantId === undefined ? undefined : await store.findMerchant(merchantId)
    if (merchant === undefined) throw new ApiError('ERR_FORBIDDEN', 'This login belongs to no merchant.')
    return merchant
  }

  /** What became of an order, from its payments, the index and the outbox. */
  const follow = async (order: StoredOrder, payments: readonly StoredPayment[]): Promise<Order> => {
    const open = payments.find((payment) => payment.failureCode === undefined)
    const lastFailure = payments.findLast((payment) => payment.failureCode !== undefined)?.failureCode
    const isOver = clock() > order.expiresAt
    if (open === undefined) {
      const state = lastFailure !== undefined ? 'failed' : isOver ? 'expired' : 'open'
      return { ...order, state, paidAt: undefined, failureCode: lastFailure }
    }
    const merchant = await store.findMerchant(order.merchantId)
    const redemption = merchant === undefined ? undefined : await index.findRedemption(merchant.address, order.programId, order.orderId)
    if (redemption !== undefined && redemption.units >= BigInt(order.points)) {
      const settlement = order.settlementRef === undefined ? undefined : await store.findSettlement(order.settlementRef)
      const isSettled = settlement !== undefined && await findOwnSettlement(settlement) !== undefined
      return { ...order, state: isSettled ? 'settled' : 'paid', paidAt: new Date(redemption.redeemedAtSeconds * 1000), failureCode: undefined }
    }
    const entry = await chain.state(open.outboxKey)
    if (entry?.state === 'failed') return { ...order, state: 'failed', paidAt: undefined, failureCode: failureCodeOf(entry.errorCode) }
    return { ...order, state: 'paying', paidAt: undefined, failureCode: undefined }
  }

  const readOrder = async (orderId: string): Promise<Order> => {
    const order = await store.findOrder(orderId)
    if (order === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such order.')
    return await follow(order, await store.findPayments([orderId]))
  }

  /** A request on the chain counts for the merchant, programme and units it was made for: anybody may have taken its reference first. */
  const findOwnSettlement = async (stored: StoredSettlement): Promise<ChainSettlement | undefined> => {
    const [known, merchant] = [await index.findSettlement(stored.ref), await store.findMerchant(stored.merchantId)]
    const isOwn = known !== undefined && known.merchant.toLowerCase() === merchant?.address.toLowerCase()
      && known.programId === stored.programId && known.units === BigInt(stored.units)
    return isOwn ? known : undefined
  }

  const describeSettlement = async (stored: StoredSettlement): Promise<Settlement> => {
    const known = await findOwnSettlement(stored)
    const failed = known === undefined && (await chain.state(`settlement:${stored.ref}:request`))?.state === 'failed'
    return {
      ref: stored.ref, merchantId: stored.merchantId, programId: stored.programId, units: stored.units, requestedAt: stored.createdAt,
      state: failed ? 'failed' : known === undefined ? 'requested' : known.paidAtSeconds === undefined ? 'confirmed' : 'paid',
      paidAt: known?.paidAtSeconds === undefined ? undefined : new Date(known.paidAtSeconds * 1000),
      bankReference: stored.bankReference,
    }
  }
  /** One after the other: inside a transaction there is one connection. */
  const describeSettlements = async (merchantId: string | undefined): Promise<readonly Settlement[]> => {
    const settlements: Settlement[] = []
    for (const stored of await store.listSettlements(merchantId)) settlements.push(await describeSettlement(stored))
    return settlements
  }

  return {
    /** Registers a merchant with an account of its own in the city's key store. The first password is told once. */
    async register(request: { readonly name: string; readonly iban: string; readonly login: string; readonly withLogin?: boolean }): Promise<{ readonly merchant: Merchant; readonly password: string | undefined }> {
      return await transact(db, async () => {
        const merchantId = randomUUID()
        const account = merchantAccount(merchantId)
        await ensureKey(keys, account, 'Secp256k1')
        const merchant: Merchant = { merchantId, name: request.name, iban: request.iban, login: request.login, address: await keys.addressOf(account) }
        if (!await store.insertMerchant(merchant)) throw new ApiError('ERR_LOGIN_TAKEN')
        const password = request.withLogin === false ? undefined : await deps.createLogin?.(request.login, request.name)
        await chain.enqueue({
          account: controllerAccount, contract: 'RewardPrograms', method: 'registerMerchant', key: registrationKey(merchantId),
          args: [locodeBytes(deps.locode), merchant.address],
        })
        return { merchant, password }
      })
    },

    listMerchants: async (): Promise<readonly Merchant[]> => await store.listMerchants(),
    /** The merchant of an account at the OpenID provider, which is bound to it when it first signs in with the merchant's login. */
    findMerchantIdOf: async (account: { readonly issuer: string; readonly subject: string; readonly login: string }): Promise<string | undefined> =>
      await store.findMerchantIdBySubject(account) ?? await store.bindMerchant(account),
    /** Lets the next account that signs in with the merchant's login have it, when the present one is lost. @throws ApiError `ERR_NOT_FOUND` */
    async releaseLogin(merchantId: string): Promise<Merchant> {
      const merchant = await store.findMerchant(merchantId)
      if (merchant === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such merchant.')
      await transact(db, async () => {
        await store.releaseMerchant(merchantId)
        await deps.endSessionsOf(merchantId)
      })
      return merchant
    },
    findMerchantIdByLogin: async (login: string): Promise<string | undefined> => (await store.findMerchantByLogin(login))?.merchantId,
    findMerchant: async (merchantId: string): Promise<Merchant | undefined> => await store.findMerchant(merchantId),

    async readAccount(merchantId: string | undefined) {
      const merchant = await requireMerchant(merchantId)
      const balances = await index.merchantBalances(merchant.address)
      const named = await Promise.all(balances.map(async ({ programId, units }) => ({
        programId, units: Number(units), name: (await deps.findProgram(programId))?.name ?? programId,
      })))
      return { merchant, balances: named }
    },

    async createOrder(merchantId: string | undefined, request: { readonly programId: string; readonly points: number; readonly memo: string | undefined }): Promise<Order> {
      const merchant = await requireMerchant(merchantId)
      const program = await deps.findProgram(request.programId)
      if (program === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such programme.')
      if (program.totals?.replaced === true) throw new ApiError('ERR_PROGRAM_REPLACED')
      const now = clock()
      if (now > program.validUntil || program.totals?.closed === true) throw new ApiError('ERR_PROGRAM_NOT_RUNNING')
      const expiresAtMs = now.getTime() + ORDER_SECONDS * 1000
      const order = {
        orderId: `0x${randomBytes(32).toString('hex')}`, merchantId: merchant.merchantId, programId: request.programId, points: request.points,
        memo: request.memo, createdAt: now, expiresAt: new Date(expiresAtMs),
        deadline: new Date(Math.floor(expiresAtMs / 1000 + RELAY_SECONDS) * 1000),
      }
      await store.insertOrder(order)
      return { ...order, settlementRef: undefined, state: 'open', paidAt: undefined, failureCode: undefined }
    },

    readOrder,
    /** Under which contract a wallet signs its notes over. */
    redeemDomain: async (): Promise<RedeemDomain> => (await index.readRedeemDomains()).current,

    async listOrders(merchantId: string | undefined): Promise<readonly Order[]> {
      const merchant = await requireMerchant(merchantId)
      const orders = await store.listOrders(merchant.merchantId, ORDERS_LISTED)
      const payments = await store.findPayments(orders.map((order) => order.orderId))
      return await Promise.all(orders.map(async (order) => await follow(order, payments.filter((payment) => payment.orderId === order.orderId))))
    },

    /**
     * Takes notes for an order: checks them as the contract will, then hands them to the outbox. Who pays is not known.
     *
     * @throws ApiError `ERR_ORDER_CLOSED`, `ERR_ORDER_EXPIRED`, `ERR_PROGRAM_REPLACED`, `ERR_NOTE_SPENT` and those of `verifyNotes`
     */
    async pay(orderId: string, notes: readonly OfferedNote[]): Promise<Order> {
      try {
        await transact(db, async () => {
          const order = await store.findOrder(orderId, { lock: true })
          if (order === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such order.')
          const payments = await store.findPayments([orderId])
          const { state, failureCode } = await follow(order, payments)
          if (state !== 'open' && state !== 'failed' && state !== 'expired') throw new ApiError('ERR_ORDER_CLOSED')
          if (clock() > order.expiresAt) throw new ApiError('ERR_ORDER_EXPIRED')
          for (const payment of payments) if (payment.failureCode === undefined) await store.failPayment(payment.paymentId, failureCode ?? 'ERR_CHAIN_REFUSED')
          const [program, merchant] = [await deps.findProgram(order.programId), await store.findMerchant(order.merchantId)]
          if (program === undefined || merchant === undefined) throw new ApiError('ERR_NOT_FOUND')
          if (program.totals?.replaced === true) throw new ApiError('ERR_PROGRAM_REPLACED')
          const addresses = verifyNotes(order, merchant.address, notes, program.denominations, await index.readRedeemDomains())
          if ((await index.findSpentNotes(order.programId, addresses)).length > 0) throw new ApiError('ERR_NOTE_SPENT')
          const outboxKey = `order:${orderId}:${payments.length + 1}`
          const paymentId = await store.insertPayment(orderId, outboxKey, clock())
          if (!await store.insertPaymentNotes(paymentId, order.programId, addresses)) throw new ApiError('ERR_NOTE_SPENT', 'A note is in another payment on its way.')
          await chain.enqueue({
            account: controllerAccount, contract: 'RewardPrograms', method: 'redeem', key: outboxKey,
            args: [
              order.programId, merchant.address, orderId, Math.floor(order.deadline.getTime() / 1000),
              notes.map(({ value, rsaSignature, ownerSignature }) => ({ value, rsaSignature, ownerSignature })),
            ],
          })
        })
      } catch (error) {
        deps.onPayment?.('refused')
        throw error
      }
      deps.onPayment?.('accepted')
      return await readOrder(orderId)
    },

    /** Follows payments on their way: forgets the notes of those that arrived, frees the notes of those that failed. */
    async followPayments(): Promise<void> {
      for (const payment of await store.listOpenPayments(200)) {
        const order = await store.findOrder(payment.orderId)
        if (order === undefined) continue
        const { state, failureCode } = await follow(order, [payment])
        if (state === 'failed') {
          await transact(db, async () => await store.failPayment(payment.paymentId, failureCode ?? 'ERR_CHAIN_REFUSED'))
          deps.onPayment?.('failed')
        } else if (state === 'paid' || state === 'settled') {
          await store.forgetPaymentNotes(payment.paymentId)
          deps.onPayment?.('confirmed')
        }
      }
    },

    /** Burns points of the merchant against a debt of the city. @throws ApiError `ERR_HOLDINGS_TOO_LOW` */
    async requestSettlement(merchantId: string | undefined, programId: string, units: number): Promise<Settlement> {
      const merchant = await requireMerchant(merchantId)
      const ref = `0x${randomBytes(32).toString('hex')}`
      const stored = { ref, merchantId: merchant.merchantId, programId, units, createdAt: clock() }
      await transact(db, async () => {
        await store.lockMerchant(merchant.merchantId)
        const held = (await index.merchantBalances(merchant.address)).find((balance) => balance.programId === programId)?.units ?? 0n
        const earlier = await describeSettlements(merchant.merchantId)
        // Orders of a request that the chain refused are open for another one.
        for (const settlement of earlier) if (settlement.state === 'failed') await store.releaseSettled(settlement.ref)
        const pending = earlier
          .filter((settlement) => settlement.programId === programId && settlement.state === 'requested')
          .reduce((sum, settlement) => sum + settlement.units, 0)
        if (held < BigInt(units + pending)) throw new ApiError('ERR_HOLDINGS_TOO_LOW')
        await store.insertSettlement(stored)
        let left = units
        const covered: string[] = []
        for (const order of await store.listUnsettledOrders(merchant.merchantId, programId)) {
          if (order.points > left) break
          left -= order.points
          covered.push(order.orderId)
        }
        await store.markSettled(covered, ref)
        await chain.enqueue({
          account: merchantAccount(merchant.merchantId), contract: 'Settlement', method: 'request', key: `settlement:${ref}:request`,
          args: [programId, units, ref],
        })
      })
      return await describeSettlement({ ...stored, bankReference: undefined })
    },

    async listSettlements(merchantId: string | undefined): Promise<readonly Settlement[]> {
      return await describeSettlements(merchantId)
    },

    /** Notes that a bank transfer was made. On the chain stands a hash of the reference, salted so that it cannot be guessed. */
    async markPaid(ref: string, bankReference: string): Promise<Settlement> {
      return await transact(db, async () => {
        const stored = await store.findSettlement(ref, { lock: true })
        if (stored === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such settlement.')
        const current = await describeSettlement(stored)
        if (current.state !== 'confirmed' || stored.bankReference !== undefined) throw new ApiError('ERR_CONFLICT', 'The settlement is not waiting for a transfer.')
        const salt = randomBytes(16).toString('hex')
        const bankReferenceHash = `0x${createHash('sha256').update(`${salt}:${bankReference}`).digest('hex')}`
        await store.setBankReference(ref, `${bankReference} (${salt})`)
        await chain.enqueue({ account: controllerAccount, contract: 'Settlement', method: 'markPaid', key: `settlement:${ref}:paid`, args: [ref, bankReferenceHash] })
        return await describeSettlement({ ...stored, bankReference: `${bankReference} (${salt})` })
      })
    },
  }
}

/** What a failed redemption means to the people at the till. */
function failureCodeOf(revert: string | undefined): string {
  if (revert === undefined) return 'ERR_CHAIN_REFUSED'
  if (/NOTE_?SPENT/i.test(revert)) return 'ERR_NOTE_SPENT'
  if (/NOTE_?INVALID|SIGNATURE|DENOMINATION/i.test(revert)) return 'ERR_NOTE_INVALID'
  if (/DEADLINE/i.test(revert)) return 'ERR_ORDER_EXPIRED'
  // The payment was on its way when the federation named another contract, which knows nothing of the programme.
  if (/UNKNOWN_PROGRAM|CHAIN_TARGET_UNKNOWN/.test(revert)) return 'ERR_PROGRAM_REPLACED'
  if (/NOT_?OPEN|CLOSED/i.test(revert)) return 'ERR_PROGRAM_NOT_RUNNING'
  return 'ERR_CHAIN_REFUSED'
}
