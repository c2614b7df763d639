import { ZeroAddress } from 'ethers'
import { toBase64url, toTime } from './figures.ts'
import { toCity, type Agreement, type City, type Happening, type Key, type Ledger, type Place } from './ledger.ts'

/* What the ledger says of each city, key and agreement as of a second, for the dialects to say it again. */

export type Standing = 'pending' | 'granted' | 'suspended' | 'withdrawn' | 'expired'

interface Suspension {
  readonly reason: number
  readonly until: bigint
  readonly suspended: Happening
  reinstated?: Happening
  appealed?: Happening
}

/** A stretch of time through which something stood the same. */
export interface Stretch {
  readonly standing: Standing
  readonly since: number
  /** What was written to bring it about; nothing when time alone did. */
  readonly cause: Place | undefined
}

/** A city since it was last admitted. */
export interface Member {
  readonly city: City
  readonly admitted: Happening
  readonly activated: Happening | undefined
  readonly removed: Happening | undefined
  readonly suspensions: readonly Suspension[]
  /** Each account that acted for it, from when on. */
  readonly controllers: readonly Happening[]
  readonly keys: readonly Key[]
}

/** All that were ever admitted, by UN/LOCODE. */
export function membersOf(ledger: Ledger): readonly Member[] {
  return [...ledger.cities.values()].sort((a, b) => (a.city < b.city ? -1 : 1)).map((city) => memberOf(ledger, city))
}

function memberOf(ledger: Ledger, city: City): Member {
  const all = ledger.happenings.filter(({ args }) => toCity(args['city']) === city.city)
  const happenings = all.slice(all.findLastIndex(({ kind }) => kind === 'CityAdmitted'))
  const [admitted] = happenings
  if (admitted === undefined) throw new TypeError(`${city.city} is in the ledger and was never admitted`)
  const suspensions: Suspension[] = []
  for (const happening of happenings) {
    const last = suspensions.at(-1)
    if (happening.kind === 'CitySuspended') suspensions.push({ reason: Number(happening.args['reason']), until: happening.args['until'] as bigint, suspended: happening })
    if (happening.kind === 'CityReinstated' && last !== undefined) last.reinstated = happening
    if (happening.kind === 'SuspensionAppealed' && last !== undefined) last.appealed = happening
  }
  return {
    city, admitted, suspensions,
    activated: happenings.findLast(({ kind }) => kind === 'CityActivated'),
    removed: happenings.findLast(({ kind }) => kind === 'CityRemoved'),
    controllers: happenings.filter(({ kind, args }) => kind === 'CityAdmitted' || (kind === 'ControllerChanged' && args['controller'] !== ZeroAddress)),
    keys: ledger.keys.filter(({ args }) => toCity(args['city']) === city.city),
  }
}

/** The suspension that runs at a second: the last one before it, unless it is over or was lifted. */
export function suspensionAt({ suspensions }: Member, second: number): Suspension | undefined {
  const last = suspensions.findLast(({ suspended }) => suspended.seconds <= second)
  if (last === undefined || BigInt(second) > last.until) return undefined
  return last.reinstated !== undefined && last.reinstated.seconds <= second ? undefined : last
}

/** How a membership stands at a second: `granted` is active, `withdrawn` removed. */
export function membershipAt(member: Member, second: number): Standing {
  if (member.removed !== undefined && member.removed.seconds <= second) return 'withdrawn'
  if (member.activated === undefined || second < member.activated.seconds) return 'pending'
  return suspensionAt(member, second) === undefined ? 'granted' : 'suspended'
}

/** Whether a key may sign at a second. */
export function standingAt(key: Key, member: Member, second: number): Standing {
  const { args, withdrawn } = key
  const membership = membershipAt(member, second)
  if (membership === 'withdrawn' || (withdrawn !== undefined && BigInt(second) >= withdrawn.untrustedFrom)) return 'withdrawn'
  if (BigInt(second) > (args['validUntil'] as bigint)) return 'expired'
  if (membership === 'pending' || BigInt(second) < (args['validFrom'] as bigint)) return 'pending'
  return membership
}

/** How a membership stood from its admission to a second, the oldest first. */
export function membershipHistory(member: Member, until: number): readonly Stretch[] {
  return stretches(turnsOf(member), member.admitted.seconds, until, (second) => membershipAt(member, second))
}

/** How a key stood from the block that accredited it to a second, the oldest first. */
export function standingHistory(key: Key, member: Member, until: number): readonly Stretch[] {
  const { args, withdrawals } = key
  const own: Turn[] = [
    [key.seconds, key], [Number(args['validFrom']), undefined], [Number(args['validUntil']) + 1, undefined],
    ...withdrawals.map((one): Turn => [Math.max(Number(one.untrustedFrom), key.seconds), one]),
  ]
  return stretches([...turnsOf(member), ...own], key.seconds, until, (second) => standingAt(key, member, second))
}

type Turn = readonly [second: number, cause: Place | undefined]

function turnsOf({ admitted, activated, removed, suspensions }: Member): Turn[] {
  const written = [admitted, activated, removed].filter((one) => one !== undefined)
  return [
    ...written.map((one): Turn => [one.seconds, one]),
    ...suspensions.flatMap(({ suspended, reinstated, until }): Turn[] => [
      [suspended.seconds, suspended], [Number(until) + 1, undefined], ...(reinstated === undefined ? [] : [[reinstated.seconds, reinstated] as const]),
    ]),
  ]
}

function stretches(turns: readonly Turn[], from: number, until: number, standing: (second: number) => Standing): readonly Stretch[] {
  const found: Stretch[] = []
  for (const second of [...new Set(turns.map(([at]) => at))].filter((at) => at >= from && at <= until).sort((a, b) => a - b)) {
    const now = standing(second)
    if (found.at(-1)?.standing === now) continue
    found.push({ standing: now, since: second, cause: turns.findLast(([at, cause]) => at === second && cause !== undefined)?.[1] })
  }
  return found
}

/** An agreement in plain words. */
export function termsOf({ args }: Agreement) {
  const classes = BigInt(String(args['benefitClasses'])).toString(2)
  return {
    recogniser: toCity(args['recogniser']), issuer: toCity(args['issuer']), type: String(args['credentialType']), until: toTime(args['validUntil'] as bigint),
    classes: [...classes].reverse().flatMap((bit, n) => (bit === '1' ? [n] : [])),
  }
}

/** All agreements there ever were, by recogniser, issuer and type and in the order of the chain. */
export function agreementsOf(ledger: Ledger): readonly Agreement[] {
  const named = ledger.agreements.map((agreement) => ({ agreement, ...termsOf(agreement) }))
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return named.sort((a, b) => compare(a.recogniser, b.recogniser) || compare(a.issuer, b.issuer) || compare(a.type, b.type)).map(({ agreement }) => agreement)
}

/** A key in plain words. */
export function keyOf({ args, withdrawn }: Key) {
  return {
    thumbprint: toBase64url(args['thumbprint']), type: String(args['credentialType']),
    jwk: { kty: 'EC', crv: 'P-256', x: toBase64url(args['x']), y: toBase64url(args['y']) },
    from: toTime(args['validFrom'] as bigint), until: toTime(args['validUntil'] as bigint),
    untrustedFrom: withdrawn && toTime(withdrawn.untrustedFrom),
  }
}
