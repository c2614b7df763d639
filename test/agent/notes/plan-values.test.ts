import { expect } from 'chai'
import fc from 'fast-check'
import { planPayment, planWithdrawal } from '../../../agent/notes/plan-values.ts'

const VALUES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const values = fc.constantFrom(...VALUES.slice(0, 6))
const sums = (held: readonly number[]): Set<number> =>
  held.reduce((all, value) => new Set([...all, ...[...all].map((total) => total + value)]), new Set([0]))

describe('the plan of a withdrawal', () => {
  it('makes the amount, and afterwards every smaller sum can be paid exactly', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 700 }), (amount) => {
      const plan = planWithdrawal(amount, VALUES) ?? []
      expect(sum(plan)).to.equal(amount)
      expect(sums(plan)).to.have.property('size', amount + 1)
      expect(plan.length).to.be.at.most(2 * Math.ceil(Math.log2(amount + 1)))
    }))
  })

  it('is undefined when the denominations cannot make the amount', () => {
    expect(planWithdrawal(7, [2, 4])).to.equal(undefined)
    expect(planWithdrawal(6, [2, 4])).to.deep.equal([4, 2])
  })

  it('refuses amounts that are no whole number above 0 and denominations that do not divide each other', () => {
    for (const amount of [0, -1, 1.5, Number.NaN]) {
      expect(() => planWithdrawal(amount, VALUES)).to.throw().with.property('code', 'ERR_NOTE_INPUT')
    }
    expect(() => planWithdrawal(5, [2, 3])).to.throw().with.property('code', 'ERR_NOTE_INPUT')
  })
})

describe('the plan of a payment', () => {
  const holdings = fc.array(values, { maxLength: 9 })
  const notesOf = (held: readonly number[]) => held.map((value, counter) => ({ value, counter }))

  it('pays exactly whenever some set of notes makes the amount', () => {
    fc.assert(fc.property(holdings, fc.integer({ min: 1, max: 120 }), (held, amount) => {
      const plan = planPayment(amount, notesOf(held), 0, VALUES)
      expect(plan.kind === 'exact').to.equal(sums(held).has(amount))
      if (plan.kind !== 'exact') return
      expect(sum(plan.notes.map(({ value }) => value))).to.equal(amount)
      expect(new Set(plan.notes.map(({ counter }) => counter))).to.have.property('size', plan.notes.length)
    }), { numRuns: 500 })
  })

  it('withdraws only what is missing when the balance allows it', () => {
    fc.assert(fc.property(holdings, fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 120 }), (held, amount, balance) => {
      const plan = planPayment(amount, notesOf(held), balance, VALUES)
      if (plan.kind === 'withdraw') {
        expect(sum(plan.withdraw) + sum(plan.notes.map(({ value }) => value))).to.equal(amount)
        expect(sum(plan.withdraw)).to.be.at.most(balance)
      }
      if (balance >= amount) expect(['exact', 'withdraw']).to.include(plan.kind)
    }))
  })

  it('names the nearest payable sums when nothing fits, and nothing lies between them', () => {
    expect(planPayment(3, notesOf([2, 8, 4]), 0, VALUES)).to.deep.equal({ kind: 'no-exact-sum', payableBelow: 2, payableAbove: 4 })
    fc.assert(fc.property(holdings, fc.integer({ min: 1, max: 120 }), (held, amount) => {
      const plan = planPayment(amount, notesOf(held), 0, VALUES)
      fc.pre(plan.kind === 'no-exact-sum')
      if (plan.kind !== 'no-exact-sum') return
      const all = [...sums(held)]
      expect(plan.payableBelow).to.equal(Math.max(...all.filter((total) => total < amount)))
      expect(plan.payableAbove).to.equal(Math.min(...all.filter((total) => total > amount)))
    }))
  })

  it('says what is missing when notes and balance are less than the amount', () => {
    expect(planPayment(10, notesOf([4]), 3, VALUES)).to.deep.equal({ kind: 'insufficient', missing: 3 })
  })
})
