const SHAPE = /^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/

/** An account number without blanks and in capitals, as banks exchange it (ISO 13616-1 electronic format). */
export function normaliseIban(text: string): string {
  return text.replace(/[\s-]/g, '').toUpperCase()
}

/** Whether the shape and the two check digits are right (ISO 7064 MOD 97-10). */
export function isIban(text: string): boolean {
  const iban = normaliseIban(text)
  if (!SHAPE.test(iban)) return false
  const digits = Array.from(iban.slice(4) + iban.slice(0, 4), char => String(Number.parseInt(char, 36))).join('')
  let rest = 0
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97
  return rest === 1
}
