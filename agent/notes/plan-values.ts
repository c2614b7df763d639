import { NoteError } from './errors.ts'

/** A note the wallet holds, as far as planning needs to know it. */
export interface HeldNote {
  readonly value: number
}

export type PaymentPlan<Note extends HeldNote> =
  /** Pay with these: they make the amount exactly. */
  | { readonly kind: 'exact'; readonly notes: readonly Note[] }
  /** Withdraw notes of these values first; with `notes` they make the amount exactly. */
  | { readonly kind: 'withdraw'; readonly notes: readonly Note[]; readonly withdraw: readonly number[] }
  /**
   * There is enough, but in notes too large, and too little balance to withdraw smaller ones. Nobody gives change: the
   * merchant may change the price to one of these (0: nothing below; absent: nothing above).
   */
  | { readonly kind: 'no-exact-sum'; readonly payableBelow: number; readonly payableAbove?: number }
  /** Notes and balance together are less than the amount. */
  | { readonly kind: 'insufficient'; readonly missing: number }

/**
 * Which notes to withdraw for an amount. Small ones first, so that afterwards *every* sum up to the amount can be paid
 * exactly (when there are notes of 1), with about twice as many notes as the amount has binary digits. Everybody who
 * withdraws the same amount withdraws the same values.
 * @param values the programme's denominations; each divides the next larger
 * @returns values in falling order; undefined when the denominations cannot make the amount
 * @throws NoteError ERR_NOTE_INPUT
 */
export const planWithdrawal = (amount: number, values: readonly number[]): readonly number[] | undefined => {
  assertAmount(amount)
  const descending = sortedValues(values)
  const plan: number[] = []
  let rest = amount
  while (rest > 0) {
    const reach = amount - rest
    const next = descending.find((value) => value <= rest && value <= reach + 1) ?? descending.find((value) => value <= rest)
    if (next === undefined) return undefined
    plan.push(next)
    rest -= next
  }
  return plan.sort((a, b) => b - a)
}

/**
 * How to pay an amount: with which notes, what to withdraw first, or why it cannot be.
 * @param balance points that may still be withdrawn
 * @throws NoteError ERR_NOTE_INPUT
 */
export const planPayment = <Note extends HeldNote>(
  amount: number, held: readonly Note[], balance: number, values: readonly number[]
): PaymentPlan<Note> => {
  assertAmount(amount)
  sortedValues([...values, ...held.map(({ value }) => value)])
  const total = sum(held)
  if (total + balance < amount) return { kind: 'insufficient', missing: amount - total - balance }
  const notes = largestSum(held, amount)
  const missing = amount - sum(notes)
  if (missing === 0) return { kind: 'exact', notes }
  const withdraw = missing <= balance ? decompose(missing, sortedValues(values)) : undefined
  if (withdraw !== undefined) return { kind: 'withdraw', notes, withdraw }
  return {
    kind: 'no-exact-sum',
    payableBelow: sum(notes),
    ...(total >= amount && { payableAbove: total - sum(largestSum(held, total - amount)) })
  }
}

/** The notes with the largest sum up to `limit`, the largest first: exact because each value divides the next. */
const largestSum = <Note extends HeldNote>(held: readonly Note[], limit: number): Note[] => {
  let rest = limit
  return [...held].sort((a, b) => b.value - a.value).filter(({ value }) => {
    if (value > rest) return false
    rest -= value
    return true
  })
}

const decompose = (amount: number, descending: readonly number[]): number[] | undefined => {
  const plan: number[] = []
  let rest = amount
  for (const value of descending) {
    for (; rest >= value; rest -= value) plan.push(value)
  }
  return rest === 0 ? plan : undefined
}

const sum = (notes: readonly HeldNote[]): number => notes.reduce((total, { value }) => total + value, 0)

const assertAmount = (amount: number): void => {
  if (!Number.isSafeInteger(amount) || amount < 1) throw new NoteError('ERR_NOTE_INPUT', 'an amount is a whole number above 0')
}

const sortedValues = (values: readonly number[]): readonly number[] => {
  const descending = [...new Set(values)].sort((a, b) => b - a)
  const chained = descending.every((value, i) => Number.isSafeInteger(value) && value > 0
    && (i === 0 || (descending[i - 1] ?? 0) % value === 0))
  if (!chained) throw new NoteError('ERR_NOTE_INPUT', 'each denomination divides the next larger one')
  return descending
}
