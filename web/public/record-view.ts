import { localeOf } from '../ui/format.ts'
import type { Tables } from './rows.ts'

/** One cell of the matrix: is a card of `issuer` good in `recogniser`, and until when. */
export interface MatrixCell {
  readonly recogniser: string
  readonly issuer: string
  readonly verdict: 'own' | 'good' | 'lapsed' | 'none' | 'inactive'
  readonly until?: string
}

type Recognition = Tables['recognitions']

/** Which city's card is good where: a row for each issuing city, a column for each city that looks at cards. Cards of a city that is not active count nowhere. */
export function matrixOf(members: readonly Pick<Tables['members'], 'city' | 'status'>[], recognitions: readonly Recognition[]): readonly { readonly issuer: string; readonly cells: readonly MatrixCell[] }[] {
  return members.map(({ city: issuer, status }) => ({
    issuer,
    cells: members.map(({ city: recogniser }) => (status === 'active' ? cellOf(recogniser, issuer, recognitions) : { recogniser, issuer, verdict: 'inactive' })),
  }))
}

/** The agreements that count now: in force, and about cards of a city that is active. */
export function countingNow(members: readonly Pick<Tables['members'], 'city' | 'status'>[], recognitions: readonly Recognition[]): readonly Recognition[] {
  const active = new Set(members.filter(({ status }) => status === 'active').map(({ city }) => city))
  return recognitions.filter((one) => one.in_force && active.has(one.issuer))
}

function cellOf(recogniser: string, issuer: string, recognitions: readonly Recognition[]): MatrixCell {
  if (recogniser === issuer) return { recogniser, issuer, verdict: 'own' }
  const between = recognitions.filter((one) => one.recogniser === recogniser && one.issuer === issuer)
  const inForce = between.filter((one) => one.in_force).sort((a, b) => Date.parse(b.valid_until) - Date.parse(a.valid_until))[0]
  if (inForce !== undefined) return { recogniser, issuer, verdict: 'good', until: inForce.valid_until }
  return { recogniser, issuer, verdict: between.length === 0 ? 'none' : 'lapsed' }
}

/** Sums a column of points over all rows. */
export function sumOf<Column extends string>(rows: readonly Readonly<Record<Column, string>>[], column: Column): bigint {
  return rows.reduce((sum, row) => sum + BigInt(row[column]), 0n)
}

/** A part of a whole in per cent, for drawing; nothing of nothing is nothing. */
export function percentOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number(part * 10_000n / whole) / 100
}

/** Points with the separators of the language. */
export function formatUnits(units: string | bigint, language: string): string {
  return new Intl.NumberFormat(localeOf(language)).format(BigInt(units))
}

/** A length of time in the largest unit that has it whole: what the cities decide on is not rounded. */
export function formatExactDuration(seconds: number, language: string): string {
  const units = [['day', 86_400], ['hour', 3600], ['minute', 60]] as const
  const [unit, size] = units.find(([, length]) => seconds > 0 && seconds % length === 0) ?? ['second', 1] as const
  return new Intl.NumberFormat(localeOf(language), { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / size)
}

/** The year from which on a time is as good as for ever. */
export function isForEver(time: string): boolean {
  return time.startsWith('9999-')
}

/** The first and last characters of something long. */
export function shorten(text: string): string {
  return text.length <= 18 ? text : `${text.slice(0, 10)}…${text.slice(-6)}`
}
