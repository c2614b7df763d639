import type { CityStatus } from '../trust.ts'
import type { ChainPlace, RegisteredAccreditation, RegisteredCity } from './trust-register.ts'

/**
 * Whether a key may sign: `pending` before its period, `suspended` while its city is, `withdrawn` when the key or the
 * city was taken out, `expired` after its period.
 */
export type Standing = 'pending' | 'granted' | 'suspended' | 'withdrawn' | 'expired'

/** A stretch of time through which something stood the same, up to the next one. */
export interface Stretch<Status> {
  readonly status: Status
  readonly fromSeconds: number
  /** What was written on the chain to bring it about; absent when time alone did. */
  readonly cause?: ChainPlace
}

interface Turn {
  readonly atSeconds: number
  readonly cause?: ChainPlace
}

/** What was said last of a city counts: a suspension runs until it is lifted, replaced or over. */
export function cityStatusAt(city: Omit<RegisteredCity, 'status'>, atSeconds: number): CityStatus {
  if (city.removed !== undefined && city.removed.atSeconds <= atSeconds) return 'removed'
  if (city.activated === undefined || atSeconds < city.activated.atSeconds) return 'pending'
  return suspensionAt(city, atSeconds) === undefined ? 'active' : 'suspended'
}

/** The suspension that runs at a time, if one does. */
export function suspensionAt({ suspensions }: Pick<RegisteredCity, 'suspensions'>, atSeconds: number): RegisteredCity['suspensions'][number] | undefined {
  const last = suspensions.findLast(({ suspended }) => suspended.atSeconds <= atSeconds)
  if (last === undefined || atSeconds > last.untilSeconds) return undefined
  return last.reinstated !== undefined && last.reinstated.atSeconds <= atSeconds ? undefined : last
}

/** Whether a key of a city may sign cards of its type at a time, by the rule of `IssuerRegistry.isTrustedAt`. */
export function standingAt(accreditation: RegisteredAccreditation, city: RegisteredCity, atSeconds: number): Standing {
  const { untrustedFromSeconds = Number.POSITIVE_INFINITY, validFromSeconds, validUntilSeconds } = accreditation
  const status = cityStatusAt(city, atSeconds)
  if (status === 'removed' || untrustedFromSeconds <= atSeconds) return 'withdrawn'
  if (validUntilSeconds < atSeconds) return 'expired'
  if (status === 'pending' || atSeconds < validFromSeconds) return 'pending'
  return status === 'suspended' ? 'suspended' : 'granted'
}

/** How a city stood from its admission to a time, oldest first. */
export function cityHistory(city: RegisteredCity, untilSeconds: number): readonly Stretch<CityStatus>[] {
  return stretches(cityTurns(city), city.admitted.atSeconds, untilSeconds, (atSeconds) => cityStatusAt(city, atSeconds))
}

/** How a key stood from the block that accredited it to a time, oldest first. */
export function standingHistory(accreditation: RegisteredAccreditation, city: RegisteredCity, untilSeconds: number): readonly Stretch<Standing>[] {
  const { accredited, withdrawals, validFromSeconds, validUntilSeconds } = accreditation
  const own: Turn[] = [
    { atSeconds: accredited.atSeconds, cause: accredited },
    { atSeconds: validFromSeconds },
    { atSeconds: validUntilSeconds + 1 },
    // A key may be withdrawn for a time that has passed: then the last word counts from that time on.
    ...withdrawals.map((cause) => ({ atSeconds: Math.max(cause.untrustedFromSeconds, accredited.atSeconds), cause })),
  ]
  return stretches([...cityTurns(city), ...own], accredited.atSeconds, untilSeconds, (atSeconds) => standingAt(accreditation, city, atSeconds))
}

function cityTurns({ admitted, activated, removed, suspensions }: RegisteredCity): Turn[] {
  return [
    { atSeconds: admitted.atSeconds, cause: admitted },
    ...[activated, removed].flatMap((cause) => (cause === undefined ? [] : [{ atSeconds: cause.atSeconds, cause }])),
    ...suspensions.flatMap(({ suspended, reinstated, untilSeconds }) => [
      { atSeconds: suspended.atSeconds, cause: suspended },
      { atSeconds: untilSeconds + 1 },
      ...(reinstated === undefined ? [] : [{ atSeconds: reinstated.atSeconds, cause: reinstated }]),
    ]),
  ]
}

function stretches<Status>(turns: readonly Turn[], fromSeconds: number, untilSeconds: number, statusAt: (atSeconds: number) => Status): readonly Stretch<Status>[] {
  const times = [...new Set(turns.map(({ atSeconds }) => atSeconds))]
    .filter((atSeconds) => atSeconds >= fromSeconds && atSeconds <= untilSeconds)
    .sort((a, b) => a - b)
  const found: Stretch<Status>[] = []
  for (const atSeconds of times) {
    const status = statusAt(atSeconds)
    if (found.at(-1)?.status === status) continue
    // Of several writings in one second the last one left things as they are.
    const cause = turns.findLast((turn) => turn.atSeconds === atSeconds && turn.cause !== undefined)?.cause
    found.push({ status, fromSeconds: atSeconds, ...(cause !== undefined && { cause }) })
  }
  return found
}
