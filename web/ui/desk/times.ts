import { formatDate, formatMoment as formatDateAndTime, localeOf } from '../format.ts'

/** A moment as the service writes it: ISO 8601, or seconds since 1970 as the chain counts. */
export type Moment = string | number

/** Reads a moment. Undefined when it is missing or not a time. */
export function parseMoment(moment: Moment | null | undefined): Date | undefined {
  if (moment === undefined || moment === null || moment === '') return undefined
  const seconds = typeof moment === 'number' ? moment : /^\d{1,12}$/.test(moment) ? Number(moment) : undefined
  const date = seconds === undefined ? new Date(moment) : new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Whole seconds from now until a moment, never below zero. */
export function secondsUntil(moment: Moment | undefined, nowMilliseconds: number): number | undefined {
  const date = parseMoment(moment)
  return date && Math.max(0, Math.ceil((date.getTime() - nowMilliseconds) / 1000))
}

/** `4:05` for 245 seconds; in words from an hour on, when nobody waits for the second. */
export function formatCountdown(seconds: number, language: string): string {
  if (seconds >= 3600) return formatDuration(seconds, language)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

const DAY_ONLY = /^\d{4}-\d{2}-\d{2}$/

/** A day in the reader's language. A bare date (`2001-02-03`) is that day everywhere, whatever the time zone. */
export function formatDay(moment: Moment | null | undefined, language: string): string {
  const date = parseMoment(moment)
  if (!date) return ''
  if (typeof moment === 'string' && DAY_ONLY.test(moment)) return formatDate(moment, language)
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'))
  return formatDate(`${year}-${month}-${day}`, language)
}

/** Day and time in the reader's language and zone; nothing when there is no such moment. */
export function formatMoment(moment: Moment | null | undefined, language: string): string {
  const date = parseMoment(moment)
  return date ? formatDateAndTime(date, language) : ''
}

/** A length of time in the reader's largest sensible unit: 8 seconds, 3 minutes, 2 hours, 4 days. */
export function formatDuration(seconds: number, language: string): string {
  const [unit, size] = seconds < 120 ? ['second', 1] as const : seconds < 7200 ? ['minute', 60] as const :
    seconds < 172_800 ? ['hour', 3600] as const : ['day', 86_400] as const
  return new Intl.NumberFormat(localeOf(language), { style: 'unit', unit, unitDisplay: 'long' }).format(Math.round(seconds / size))
}

/** Whether a moment lies on the same local day as now. */
export function isToday(moment: Moment | undefined, nowMilliseconds: number): boolean {
  return parseMoment(moment)?.toDateString() === new Date(nowMilliseconds).toDateString()
}
