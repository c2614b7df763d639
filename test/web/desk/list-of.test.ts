import { expect } from 'chai'
import { listOf } from '../../../web/ui/desk/list-of.ts'

describe('reading the rows of a list answer', () => {
  it('takes a bare array and a named list alike, and nothing for anything else', () => {
    expect(listOf([1, 2], 'orders')).to.deep.equal([1, 2])
    expect(listOf({ orders: [1] }, 'orders')).to.deep.equal([1])
    for (const answer of [undefined, null, {}, { orders: 'x' }, 'x']) expect(listOf(answer, 'orders')).to.deep.equal([])
  })
})
