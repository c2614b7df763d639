import { expect } from 'chai'
import { isIban, normaliseIban } from '../../../web/staff/iban.ts'

// Examples of the IBAN registry (SWIFT), one for each of our two countries and two more.
const PUBLISHED = ['PT50 0002 0123 1234 5678 9015 4', 'FR14 2004 1010 0505 0001 3M02 606', 'DE89 3704 0044 0532 0130 00', 'GB29 NWBK 6016 1331 9268 19']

describe('a merchant\'s account number', () => {
  it('accepts the published examples, with and without blanks, in any case', () => {
    for (const iban of PUBLISHED) {
      expect(isIban(iban), iban).to.equal(true)
      expect(isIban(normaliseIban(iban).toLowerCase()), iban).to.equal(true)
    }
  })

  it('refuses one wrong digit, two swapped digits and a wrong shape', () => {
    for (const iban of ['PT50 0002 0123 1234 5678 9015 5', 'PT50 0002 0123 1234 5678 9051 4', 'PT5', '', '0050 0002 0123 1234 5678']) {
      expect(isIban(iban), iban).to.equal(false)
    }
  })
})
