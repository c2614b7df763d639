import { expect } from 'chai'
import { MAXIMUM_POINTS, parseAmount, pressKey } from '../../../web/merchant/amount.ts'
import type { KeypadKey } from '../../../web/merchant/amount.ts'

const press = (...keys: KeypadKey[]) => keys.reduce(pressKey, 0)

describe('the keypad of the till', () => {
  it('builds an amount digit by digit and takes a digit back', () => {
    expect(press('1', '2', '0')).to.equal(120)
    expect(press('1', '2', '0', 'back')).to.equal(12)
    expect(press('0', '0', '7')).to.equal(7)
    expect(press('7', 'clear')).to.equal(0)
    expect(press('back')).to.equal(0)
  })

  it('does not take a digit past the maximum', () => {
    expect(press('9', '9', '9', '9', '9')).to.equal(MAXIMUM_POINTS)
    expect(press('5', '0', '0', '0', '1')).to.equal(5000)
  })

  it('reads the digits of a typed amount', () => {
    expect(parseAmount('1 250')).to.equal(1250)
    expect(parseAmount('-3')).to.equal(3)
    expect(parseAmount('')).to.equal(0)
    expect(parseAmount('123456789012')).to.equal(MAXIMUM_POINTS)
  })
})
