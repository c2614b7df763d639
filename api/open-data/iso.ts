/** The last second with a year of four digits: what is later is for ever. */
const lastSecond = 253_402_300_799

/** Seconds since 1970 as ISO 8601 in UTC, to the second; later than the year 9999 is its last second. */
export function toIso(seconds: number): string {
  return new Date(Math.min(seconds, lastSecond) * 1000).toISOString().replace('.000Z', 'Z')
}
