import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { createCardNumber, formatCardNumber, isCardNumber, isLocode } from '../../../agent/formats/card-number.ts'
import { CARD_AGES, CITY_CARD_CLAIMS, cityCardType, hasReachedAge, isoDateOf, secondsOfIsoDate, startOfDaySeconds } from '../../../agent/formats/city-card-claims.ts'
import { cityCardClaimsSchema } from '../../../agent/formats/city-card-schema.ts'
import { expectCode } from '../expect-code.ts'
import type { CityCardSubject } from '../../../agent/formats/city-card-schema.ts'
import { claimsOf } from '../porto.ts'

describe('card number', () => {
  it('names the city, is random, and checks', () => {
    const numbers = Array.from({ length: 200 }, () => createCardNumber('PTOPO', randomBytes))
    expect(new Set(numbers).size).to.equal(200)
    for (const number of numbers) {
      expect(number).to.match(/^PTOPO\d{14}$/)
      expect(isCardNumber(number)).to.equal(true)
    }
  })

  it('draws each digit as often as the other', () => {
    const counts = new Array<number>(10).fill(0)
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    let at = 0
    const everyByteInTurn = (length: number): Uint8Array => Uint8Array.from({ length }, () => bytes[at++ % 256] as number)
    for (let i = 0; i < 250 * 4; i++) for (const digit of createCardNumber('PTOPO', everyByteInTurn).slice(5, 17)) counts[Number(digit)]!++
    expect(Math.max(...counts) - Math.min(...counts)).to.be.below(20)
  })

  it('uses the check digits of ISO/IEC 7064 MOD 97-10', () => {
    // Letters as numbers and 98 less the remainder, worked out by hand with big integers.
    const text = 'PTOPO123456789012'
    const value = BigInt([...text].map((character) => parseInt(character, 36)).join('')) * 100n
    expect(isCardNumber(`${text}${String(98n - value % 97n).padStart(2, '0')}`)).to.equal(true)
  })

  it('shows every wrong digit and every swap of neighbours', () => {
    fc.assert(fc.property(fc.integer({ min: 5, max: 18 }), fc.integer({ min: 1, max: 9 }), (at, shift) => {
      const number = createCardNumber('FRCFE', randomBytes)
      const wrong = (Number(number[at]) + shift) % 10
      expect(isCardNumber(`${number.slice(0, at)}${wrong}${number.slice(at + 1)}`)).to.equal(false)
      if (at < 18 && number[at] !== number[at + 1]) {
        expect(isCardNumber(`${number.slice(0, at)}${number[at + 1]}${number[at]}${number.slice(at + 2)}`)).to.equal(false)
      }
    }), { numRuns: 500 })
  })

  it('refuses other forms', () => {
    for (const text of ['', 'PTOPO', 'ptopo12345678901207', 'PTOPO1234567890120', ' PTOPO12345678901207', 'PT0PO12345678901207']) {
      expect(isCardNumber(text), text).to.equal(false)
    }
    expect([isLocode('FRCFE'), isLocode('US2NY'), isLocode('FR CFE'), isLocode('FRC0E')]).to.deep.equal([true, true, false, false])
  })

  it('is written in groups', () => {
    expect(formatCardNumber('PTOPO12345678901207')).to.equal('PTOPO 1234 5678 9012 07')
  })
})

describe('claims of a city card', () => {
  it('are the same set for everybody, in all the forms that the schema asks for', () => {
    const claims = claimsOf()
    expect(Object.keys(claims)).to.have.members(CITY_CARD_CLAIMS)
    expect(cityCardClaimsSchema.parse(claims)).to.deep.equal(claims)
    expect(claims).to.include({ given_name: 'Maria', family_name: 'Ferreira', birth_date: '1990-02-28', city: 'PTOPO', issue_date: '2026-05-10' })
  })

  it('tell ages as of the day of issue', () => {
    const claims = claimsOf({ birthDate: '2008-05-11' })
    expect(CARD_AGES.map((age) => claims[`age_over_${age}`])).to.deep.equal([true, true, true, false, false, false, false, false])
    expect(claimsOf({ birthDate: '2008-05-10' }).age_over_18).to.equal(true)
  })

  it('never say older than somebody is, born on 29 February too', () => {
    expect(hasReachedAge('2008-02-29', 18, '2026-02-28')).to.equal(false)
    expect(hasReachedAge('2008-02-29', 18, '2026-03-01')).to.equal(true)
    expect(hasReachedAge('2008-02-29', 16, '2024-02-29')).to.equal(true)
    expect(hasReachedAge('1908-06-01', 65, '2026-05-31')).to.equal(true)
    expect(hasReachedAge('0099-06-01', 21, '0120-05-31')).to.equal(false)
  })

  it('write the same name the same way', () => {
    expect(claimsOf({ givenName: ' Jose\u0301 ' }).given_name).to.equal('José')
  })

  it('refuse what is not theirs, and do not repeat it in the message', async () => {
    const bad: ReadonlyArray<Partial<CityCardSubject>> = [
      { givenName: '' }, { familyName: 'x'.repeat(101) }, { givenName: 'a\u0000b' }, { birthDate: '1990-02-30' }, { birthDate: '28.02.1990' },
      { birthDate: '2026-05-11' }, { cardNumber: 'PTOPO12345678901208' }, { city: 'Porto' }, { city: 'FRCFE' }, { expiryDate: '2026-05-10' },
    ]
    for (const change of bad) {
      const error = await expectCode('ERR_CLAIMS_INVALID', () => claimsOf(change))
      expect(error.message).not.to.include(Object.values(change)[0] || 'Maria')
    }
    expect(cityCardClaimsSchema.safeParse({ ...claimsOf(), nationality: 'PT' }).success).to.equal(false)
    expect(cityCardClaimsSchema.safeParse({ ...claimsOf(), portrait: 'data:image/jpeg;base64,/9j/' }).success).to.equal(false)
  })

  it('tell times in whole days', () => {
    expect(startOfDaySeconds(Date.parse('2026-05-20T23:59:59Z') / 1000)).to.equal(Date.parse('2026-05-20T00:00:00Z') / 1000)
    expect(isoDateOf(secondsOfIsoDate('2026-05-20') + 86_399)).to.equal('2026-05-20')
  })

  it('have a type under the address of the city', () => {
    expect(cityCardType('http://localhost:4800/')).to.equal('http://localhost:4800/vct/city-card')
  })
})
