/* Times as operators read them: by their own clock, and by everybody's. */

const local = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short'
})

/** A time of the chain, in Unix seconds: `Thu, 26 Nov 2026, 21:05:11 CET (2026-11-26 20:05:11 UTC)`. */
export function describeMoment(seconds: number): string {
  const date = new Date(seconds * 1000)
  return `${local.format(date)} (${date.toISOString().slice(0, 19).replace('T', ' ')} UTC)`
}

/** Seconds in words, in the largest unit that leaves no rest: `3 days`, `90 seconds`. */
export function describeDuration(seconds: number): string {
  const units = [[86_400, 'day'], [3_600, 'hour'], [60, 'minute']] as const
  const [size, unit] = units.find(([length]) => seconds > 0 && seconds % length === 0) ?? [1, 'second']
  const count = seconds / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
