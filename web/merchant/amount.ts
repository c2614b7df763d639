/** What can be pressed: a digit, or one of the two ways back. */
export type KeypadKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | 'back' | 'clear'

/** The most points one payment takes; a slip of the finger stays a slip. */
export const MAXIMUM_POINTS = 9999

/** The amount after one more key. A digit that would pass the maximum is not taken. */
export function pressKey(points: number, key: KeypadKey): number {
  if (key === 'clear') return 0
  if (key === 'back') return Math.floor(points / 10)
  const next = points * 10 + Number(key)
  return next > MAXIMUM_POINTS ? points : next
}

/** The amount in a text that was typed or pasted: its digits, at most the maximum. */
export function parseAmount(text: string): number {
  const digits = text.replace(/\D/g, '')
  return digits === '' ? 0 : Math.min(MAXIMUM_POINTS, Number(digits.slice(0, 9)))
}
