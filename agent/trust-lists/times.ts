/** The end of year 9999: later times, such as "for ever", have no text in four digits of a year. */
export const lastSeconds = 253_402_300_799

/** UTC with whole seconds, as ETSI TS 119 602 and RFC 3339 both write it; what is later than year 9999 is its end. */
export function isoOf(seconds: number): string {
  return new Date(Math.min(seconds, lastSeconds) * 1000).toISOString().replace('.000Z', 'Z')
}

/** Whole seconds of a time written by {@link isoOf}; undefined for any other text. */
export function secondsOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return undefined
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000
}
