import type { Locode } from '../trust.ts'

const DIGITS = 12
const LOCODE = /^[A-Z]{2}[A-Z2-9]{3}$/
const CARD_NUMBER = /^[A-Z]{2}[A-Z2-9]{3}[0-9]{14}$/

/** Whether a text is a UN/LOCODE without the space, by its form. */
export function isLocode(text: string): text is Locode {
  return LOCODE.test(text)
}

/**
 * Makes a card number: the city's UN/LOCODE, twelve random digits, two check digits. Nothing in it counts
 * or dates the card; whether it was used before is for the caller to see.
 * @see ISO/IEC 7064:2003, MOD 97-10, over letters as numbers (A = 10 … Z = 35) as in ISO 17442 (LEI)
 */
export function createCardNumber(city: Locode, randomBytes: (length: number) => Uint8Array): string {
  let digits = ''
  while (digits.length < DIGITS) {
    // 250 and up would make some digits likelier than others.
    for (const byte of randomBytes(DIGITS)) if (byte < 250 && digits.length < DIGITS) digits += byte % 10
  }
  const check = 98 - remainder97(`${city}${digits}00`)
  return `${city}${digits}${String(check).padStart(2, '0')}`
}

/** Whether a text is a card number whose check digits are right: every single wrong character and every swap shows. */
export function isCardNumber(text: string): boolean {
  return CARD_NUMBER.test(text) && remainder97(text) === 1
}

/** The number as people read it: `PTOPO 1234 5678 9012 34`. */
export function formatCardNumber(cardNumber: string): string {
  return `${cardNumber.slice(0, 5)} ${cardNumber.slice(5).replace(/(.{4})(?=.)/g, '$1 ')}`
}

function remainder97(text: string): number {
  let remainder = 0
  for (const character of text) {
    const value = parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder
}
