/** As Europe writes dates and numbers: the day before the month, in Portugal no full stop between thousands. */
export function localeOf(language: string): string {
  return ({ en: 'en-GB', pt: 'pt-PT', fr: 'fr-FR' } as Readonly<Record<string, string>>)[language] ?? language
}

/** A calendar date (`2026-11-23`) in the reader's words, whatever the clock's zone. */
export function formatDate(date: string, language: string): string {
  const day = new Date(`${date.slice(0, 10)}T00:00:00Z`)
  if (Number.isNaN(day.getTime())) return date
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeZone: 'UTC' }).format(day)
}

/** A moment, given as an ISO string, milliseconds or a Date, in the reader's zone and words. */
export function formatMoment(moment: string | number | Date, language: string): string {
  const date = new Date(moment)
  if (Number.isNaN(date.getTime())) return String(moment)
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeStyle: 'short' }).format(date)
}

/** A whole number with the separators of the language. */
export function formatNumber(value: number, language: string): string {
  return new Intl.NumberFormat(localeOf(language)).format(value)
}

/** A card number in groups, for reading aloud: the city, then digits by fours. */
export function formatCardNumber(number: string): string {
  const [, city, digits] = /^([A-Z]{5})?(\d+)$/.exec(number) ?? []
  if (digits === undefined) return number
  return [...(city === undefined ? [] : [city]), ...digits.match(/.{1,4}/g) ?? []].join(' ')
}

/** How long ago something was, in the largest fitting unit: "3 minutes ago". */
export function formatAge(seconds: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(localeOf(language), { numeric: 'always' })
  if (seconds < 60) return format.format(-Math.max(0, Math.round(seconds)), 'second')
  if (seconds < 3600) return format.format(-Math.round(seconds / 60), 'minute')
  if (seconds < 86_400) return format.format(-Math.round(seconds / 3600), 'hour')
  return format.format(-Math.round(seconds / 86_400), 'day')
}
