import { parseMoment } from '../ui/desk/times.ts'
import type { Issuer, Program, Recognition, Trust } from './wire.ts'

/** One cell of the matrix: is a card of `issuer` good in `recogniser`, and until when. */
export interface MatrixCell {
  readonly recogniser: string
  readonly issuer: string
  readonly verdict: 'own' | 'good' | 'lapsed' | 'none'
  readonly until?: Recognition['valid_until']
}

export interface MatrixRow {
  readonly issuer: string
  readonly cells: readonly MatrixCell[]
}

/** Which city's card is good where: a row for each issuing city, a column for each city that looks at cards. */
export function matrixOf(
  cities: readonly string[], recognitions: readonly Recognition[], nowMilliseconds: number,
): readonly MatrixRow[] {
  return cities.map(issuer => ({
    issuer,
    cells: cities.map(recogniser => cellOf(recogniser, issuer, recognitions, nowMilliseconds)),
  }))
}

function cellOf(
  recogniser: string, issuer: string, recognitions: readonly Recognition[], nowMilliseconds: number,
): MatrixCell {
  if (recogniser === issuer) return { recogniser, issuer, verdict: 'own' }
  const end = (one: Recognition) => parseMoment(one.valid_until)?.getTime() ?? 0
  const latest = recognitions
    .filter(one => one.recogniser === recogniser && one.issuer === issuer)
    .sort((a, b) => end(b) - end(a))[0]
  if (!latest) return { recogniser, issuer, verdict: 'none' }
  return { recogniser, issuer, verdict: end(latest) > nowMilliseconds ? 'good' : 'lapsed', until: latest.valid_until }
}

/** Whether an issuer's key counts for cards signed now. */
export type KeyState = 'valid' | 'not-yet' | 'lapsed' | 'withdrawn'

/** Reads a key's state from its period and withdrawal. */
export function keyStateOf(issuer: Issuer, nowMilliseconds: number): KeyState {
  const time = (moment: Issuer['valid_from'] | null | undefined) => parseMoment(moment)?.getTime()
  const untrusted = issuer.untrusted_from === 0 ? undefined : time(issuer.untrusted_from)
  if (untrusted !== undefined && untrusted <= nowMilliseconds) return 'withdrawn'
  if ((time(issuer.valid_from) ?? 0) > nowMilliseconds) return 'not-yet'
  return (time(issuer.valid_until) ?? Infinity) <= nowMilliseconds ? 'lapsed' : 'valid'
}

/** Points funded and not yet redeemed. */
export function outstandingOf(program: Program): number {
  return program.outstanding ?? program.funded - program.redeemed
}

/** Sums over all programmes. */
export function totalsOf(programs: readonly Program[]): { funded: number, redeemed: number, outstanding: number } {
  return programs.reduce((sum, program) => ({
    funded: sum.funded + program.funded,
    redeemed: sum.redeemed + program.redeemed,
    outstanding: sum.outstanding + outstandingOf(program),
  }), { funded: 0, redeemed: 0, outstanding: 0 })
}

/** The block the figures were read at. */
export function blockNumberOf(trust: Trust): number | undefined {
  return typeof trust.block === 'number' ? trust.block : trust.block?.number
}

/** A city's name, or its code when the city is not listed. */
export function cityNameOf(trust: Trust, locode: string): string {
  return trust.cities.find((city) => city.locode === locode)?.name ?? locode
}

/** Every city of the matrix: the members, then any other an agreement still names. */
export function locodesOf(trust: Trust): readonly string[] {
  const named = trust.cities.filter(city => city.status !== 'removed').map(city => city.locode)
  const others = trust.recognitions.flatMap(one => [one.recogniser, one.issuer])
  return [...new Set([...named, ...others])]
}
