import { planPayment, planWithdrawal } from '../../../agent/notes/plan-values.ts'
import type { PaymentPlan } from '../../../agent/notes/plan-values.ts'
import { ApiError } from '../../ui/problem.ts'
import type { Change, NoteRecord, PaymentRecord } from '../vault/records.ts'
import type { Order, Orders, OrderState } from './order.ts'
import { assertSameKeys, withdraw } from './purse.ts'
import type { Progress, PurseTools } from './purse.ts'
import { PurseError } from './purse-error.ts'

export interface PayTools extends PurseTools {
  readonly orders: Orders
}

/** How an order can be paid from this wallet. */
export interface PaymentChoice {
  readonly plan: PaymentPlan<NoteRecord>
  /** The city whose balance is used when notes must be withdrawn first. */
  readonly issuer: string | undefined
  readonly held: number
  readonly balance: number
}

/** After the deadline a chain may still take blocks with a slightly older time. */
const deadlineMarginSeconds = 120

/** Plans a payment from the notes and, where the city can be asked, the balance. Changes nothing. */
export async function planOrder(order: Order, { vault, city }: PayTools): Promise<PaymentChoice> {
  const [notes, known, cards] = await Promise.all([vault.list('note'), vault.find('program', order.program), vault.list('card')])
  assertSameKeys(known?.denominations ?? [], order.denominations)
  const held = notes.filter(({ program, state }) => program === order.program && state === 'held')
  const heldPoints = held.reduce((total, { value }) => total + value, 0)
  const values = order.denominations.map(({ value }) => value)
  const fromNotes = planPayment(order.points, held, 0, values)
  if (fromNotes.kind === 'exact') return { plan: fromNotes, issuer: known?.issuer, held: heldPoints, balance: 0 }
  const issuers = known === undefined ? [...new Set(cards.map(({ issuer }) => issuer))] : [known.issuer]
  let failure: unknown
  for (const issuer of issuers) {
    try {
      const { programs } = await city.balance(issuer)
      const balance = programs.find(({ program_id: id }) => id === order.program)?.balance
      if (balance !== undefined) {
        return { plan: planPayment(order.points, held, balance, values), issuer, held: heldPoints, balance }
      }
    } catch (error) {
      failure = error
    }
  }
  if (failure !== undefined) throw failure
  return { plan: fromNotes, issuer: undefined, held: heldPoints, balance: 0 }
}

/**
 * Pays an order exactly: when notes are missing, withdraws the whole balance, signs, keeps the payment, and only then
 * sends it. Withdrawing just what is missing would tell the city the price, a moment before the merchant is paid it.
 * @returns how far the order is
 * @throws PurseError, ApiError; when sending failed for now, {@link resumePayments} sends the same again
 */
export async function payOrder(order: Order, tools: PayTools, progress?: Progress): Promise<OrderState> {
  const { vault } = tools
  if (order.state !== 'open') throw new PurseError('ERR_ORDER_CLOSED')
  const known = await vault.find('payment', order.orderId)
  if (known !== undefined) return sendPayment(known, tools)
  const choice = await planOrder(order, tools)
  if (choice.plan.kind === 'withdraw' && choice.issuer !== undefined) {
    const { issuer, balance, plan: { withdraw: missing } } = choice
    const rest = balance - missing.reduce((total, value) => total + value, 0)
    const others = rest > 0 ? planWithdrawal(rest, order.denominations.map(({ value }) => value)) ?? [] : []
    await withdraw({ issuer, program: order.program, values: [...missing, ...others], ...(progress === undefined ? {} : { progress }) }, tools)
  }
  const payment = await vault.exclusively('notes', () => keepPayment(order, tools))
  return sendPayment(payment, tools)
}

async function keepPayment(order: Order, { vault, now = Date.now }: PayTools): Promise<PaymentRecord> {
  const known = await vault.find('payment', order.orderId)
  if (known !== undefined) return known
  const held = (await vault.list('note')).filter(({ program, state }) => program === order.program && state === 'held')
  const plan = planPayment(order.points, held, 0, order.denominations.map(({ value }) => value))
  if (plan.kind !== 'exact') throw refusalOf(plan)
  const domain = { chainId: order.chainId, verifyingContract: order.verifyingContract }
  const redeem = {
    program: order.program, merchant: order.merchantAddress, order: order.orderId, deadline: order.deadlineSeconds,
  }
  const notes = await Promise.all(plan.notes.map(async (note) => ({
    value: note.value, rsa_signature: note.signature, owner_signature: await vault.signPayment(note, domain, redeem),
  })))
  const payment: PaymentRecord = {
    id: order.orderId, order, noteIds: plan.notes.map(({ id }) => id), state: 'sending',
    startedAt: new Date(now()).toISOString(), body: { notes },
  }
  await vault.commit([
    ...plan.notes.map((note): Change => ({ kind: 'note', put: { ...note, state: 'paying', order: order.orderId } })),
    { kind: 'payment', put: payment },
  ])
  return payment
}

/** The refusal behind a plan that cannot be carried out. */
export function refusalOf(plan: PaymentPlan<NoteRecord>): PurseError {
  if (plan.kind === 'insufficient') return new PurseError('ERR_POINTS_MISSING', { missing: plan.missing })
  if (plan.kind === 'no-exact-sum') {
    return new PurseError('ERR_NO_EXACT_SUM', { below: plan.payableBelow, above: plan.payableAbove })
  }
  return new PurseError('ERR_NO_EXACT_SUM')
}

async function sendPayment(payment: PaymentRecord, tools: PayTools): Promise<OrderState> {
  let state: OrderState
  try {
    state = await tools.orders.pay(payment.order.orderUrl, payment.body, payment.id)
  } catch (error) {
    if (!isRefusal(error)) throw error
    // A refusal may come because an earlier attempt got through: the order itself says what is true.
    state = (await tools.orders.read(payment.order.orderUrl)).state
    if (isOver(state) || state === 'open') {
      await concludePayment(payment, 'failed', tools)
      throw error
    }
  }
  await concludePayment(payment, state, tools)
  return state
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'ERR_PROBLEM' && error.status >= 400 && error.status < 500 && error.status !== 429
}

function isOver(state: OrderState): boolean {
  return state === 'failed' || state === 'expired'
}

/** Looks after a payment that was sent until it is final. @returns how far the order is */
export async function followPayment(orderId: string, tools: PayTools): Promise<OrderState> {
  const payment = await tools.vault.find('payment', orderId)
  if (payment === undefined) return await tools.vault.find('event', orderId) === undefined ? 'failed' : 'paid'
  const state = await readState(payment, tools)
  if (payment.state === 'sending' && state === 'open') return sendPayment(payment, tools)
  await concludePayment(payment, state, tools)
  return state
}

/** An order that can no longer be asked for is over once its deadline is; the chain's list then says what was redeemed. */
async function readState({ order }: PaymentRecord, { orders, now = Date.now }: PayTools): Promise<OrderState> {
  try {
    return (await orders.read(order.orderUrl)).state
  } catch (error) {
    if (error instanceof ApiError && now() / 1000 > order.deadlineSeconds + deadlineMarginSeconds) return 'expired'
    throw error
  }
}

/** Takes up every payment that is not final. What cannot be asked now stays for the next time. */
export async function resumePayments(tools: PayTools): Promise<void> {
  for (const { id } of await tools.vault.list('payment')) {
    await followPayment(id, tools).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error
    })
  }
}

async function concludePayment(payment: PaymentRecord, state: OrderState, tools: PayTools): Promise<void> {
  const { vault, now = Date.now } = tools
  await vault.exclusively('notes', async () => {
    const current = await vault.find('payment', payment.id)
    if (current === undefined) return
    const at = new Date(now()).toISOString()
    const { merchantName: who, points } = payment.order
    if (state === 'paid' || state === 'settled') {
      await vault.commit([
        ...payment.noteIds.map((id): Change => ({ kind: 'note', remove: id })),
        { kind: 'payment', remove: payment.id },
        { kind: 'event', put: { id: payment.id, at, kind: 'paid', who, points } },
      ])
    } else if (isOver(state)) {
      await returnNotes(payment, tools)
    } else if (current.state === 'sending') {
      await vault.commit([{ kind: 'payment', put: { ...current, state: 'accepted' } }])
    }
  })
}

/**
 * Gives the notes of a payment that came to nothing back to the holder, those that were redeemed after all excepted. What
 * the notes signed holds for this one order only, which the holder wanted to pay: should it still be redeemed, the
 * merchant is paid, and the next payment with these notes finds out.
 */
async function returnNotes(payment: PaymentRecord, { vault, city, now = Date.now }: PayTools): Promise<void> {
  const found = await Promise.all(payment.noteIds.map((id) => vault.find('note', id)))
  const notes = found.filter((note) => note !== undefined)
  const program = await vault.find('program', payment.order.program)
  const spent = await city.redeemedNotes(program?.issuer ?? new URL(payment.order.orderUrl).origin, payment.order.program)
  const points = notes.filter(({ address }) => !spent.has(address)).reduce((total, { value }) => total + value, 0)
  await vault.commit([
    ...notes.map(({ order: _, ...note }): Change => spent.has(note.address)
      ? { kind: 'note', remove: note.id }
      : { kind: 'note', put: { ...note, state: 'held' } }),
    { kind: 'payment', remove: payment.id },
    {
      kind: 'event',
      put: { id: `${payment.id}-returned`, at: new Date(now()).toISOString(), kind: 'returned', who: payment.order.merchantName, points },
    },
  ])
}
