import type { Kysely, Selectable } from 'kysely'
import type { Locode } from '../agent/trust.ts'
import { placeOf, readExecutions, type Executions, type EventPlace } from './governance-executions.ts'
import { listVotes, timeOf, type Vote } from './governance-queries.ts'
import { listCities, type City } from './queries.ts'
import { toNumber } from './columns.ts'
import type { CityEventKind, CityEventTable } from './governance-tables.ts'
import type { ChainTables, CityTable } from './tables.ts'

/* What the index knows of members and of how each came to stand where it does. Nothing here asks the chain. */

type Db = Kysely<ChainTables>

/** What is particular to each kind of event. */
export interface CityEventDetails {
  readonly admitted: { readonly name: string; readonly did: string; readonly account: string; readonly recovery: string; readonly serviceUrl: string }
  readonly activated: { readonly agreementHash: string; readonly dpiaHash: string }
  readonly suspended: { readonly reason: number; readonly untilSeconds: number }
  readonly appealed: { readonly statementHash: string }
  readonly reinstated: object
  readonly removed: object
  /** The zero address, from zero: an offer was taken back. */
  readonly controller_offered: { readonly account: string; readonly acceptableFromSeconds: number }
  readonly controller_vetoed: { readonly account: string }
  readonly controller_changed: { readonly account: string }
  readonly recovery_changed: { readonly account: string }
  readonly service_url_changed: { readonly serviceUrl: string }
}

/** Something that happened to a city, with the proposal that caused it, if one did. */
export type CityEvent = {
  [Kind in CityEventKind]: { readonly kind: Kind; readonly place: EventPlace; readonly proposalId?: string } & CityEventDetails[Kind]
}[CityEventKind]

export interface Member extends City {
  /** Account that vetoes changes of control. */
  readonly recovery: string
  /** Account that holds the city's seat; absent without one. */
  readonly seat?: string
  /** Control was offered to an account that has not accepted it. */
  readonly offer?: { readonly account: string; readonly acceptableFromSeconds: number }
  /** Of the suspension that runs, when the city appealed against it. */
  readonly appeal?: { readonly statementHash: string; readonly place: EventPlace }
  /** In the order of the chain. */
  readonly history: readonly CityEvent[]
}

/** All cities ever admitted, by locode. */
export async function listMembers(db: Db, { atSeconds }: { readonly atSeconds?: number } = {}): Promise<readonly Member[]> {
  const cities = await listCities(db, { atSeconds: await timeOf(db, atSeconds) })
  const rows = await db.selectFrom('chain_cities').select(['locode', 'recovery', 'offered_controller', 'acceptable_from']).execute()
  const executions = await readExecutions(db)
  const events = Map.groupBy(await readEvents(db), (event) => event.city)
  const seats = new Map((await listSeats(db)).map(({ city, holder }) => [city, holder]))
  return cities.map((city) => {
    const row = rows.find(({ locode }) => locode === city.locode)
    const history = (events.get(city.locode) ?? []).map((event) => toCityEvent(event, executions))
    return toMember(city, row, history, seats.get(city.locode))
  })
}

export async function findMember(db: Db, locode: Locode, options: { readonly atSeconds?: number } = {}): Promise<Member | undefined> {
  return (await listMembers(db, options)).find((member) => member.locode === locode)
}

export interface Seat {
  readonly city: Locode
  readonly holder: string
}

/** Who holds which seat, by locode; the index's latest word without a time. */
export async function listSeats(db: Db, { atSeconds = Number.POSITIVE_INFINITY }: { readonly atSeconds?: number } = {}): Promise<readonly Seat[]> {
  const rows = await db.selectFrom('chain_seats').selectAll().orderBy('block_number').orderBy('log_index').execute()
  const holders = new Map<Locode, string | null>()
  for (const row of rows) if (toNumber(row.since) <= atSeconds) holders.set(row.city, row.holder)
  return [...holders].flatMap(([city, holder]) => (holder === null ? [] : [{ city, holder }])).toSorted((a, b) => (a.city < b.city ? -1 : 1))
}

export interface Admission {
  readonly locode: Locode
  readonly admitted: EventPlace
  /** Absent for the cities that founded the federation. */
  readonly proposalId?: string
  /** In the order of the chain; nobody voted on the founding cities. */
  readonly votes: readonly Vote[]
}

/** How a city came in, and who voted on it. */
export async function findAdmission(db: Db, locode: Locode): Promise<Admission | undefined> {
  const row = (await readEvents(db, locode)).findLast((event) => event.kind === 'admitted')
  if (row === undefined) return undefined
  const { proposalId } = (await readExecutions(db)).proposalOf(row)
  const votes = proposalId === undefined ? [] : await listVotes(db, proposalId)
  return { locode, admitted: placeOf(row, row.happened_at), ...(proposalId !== undefined && { proposalId }), votes }
}

export interface ControllerTerm {
  readonly account: string
  readonly since: EventPlace
  /** Absent: it acts for the city now, or did until the city was removed. */
  readonly until?: EventPlace
  /** The proposal that admitted the city with this account. */
  readonly proposalId?: string
}

/** Accounts that acted for a city, the first one first. */
export async function controllerHistory(db: Db, locode: Locode): Promise<readonly ControllerTerm[]> {
  const executions = await readExecutions(db)
  const events = (await readEvents(db, locode)).map((event) => toCityEvent(event, executions))
  const terms = events.flatMap((event) => (event.kind === 'admitted' || event.kind === 'controller_changed' ? [event] : []))
  return terms.map(({ account, place, proposalId }, index) => {
    const next = terms[index + 1]
    return { account, since: place, ...(next && { until: next.place }), ...(proposalId !== undefined && { proposalId }) }
  })
}

async function readEvents(db: Db, city?: Locode): Promise<readonly Selectable<CityEventTable>[]> {
  return await db
    .selectFrom('chain_city_events')
    .selectAll()
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('block_number')
    .orderBy('log_index')
    .execute()
}

function toCityEvent(row: Selectable<CityEventTable>, executions: Executions): CityEvent {
  const detail = JSON.parse(row.detail) as CityEventDetails[CityEventKind]
  return { kind: row.kind, place: placeOf(row, row.happened_at), ...executions.proposalOf(row), ...detail } as CityEvent
}

type MemberRow = Pick<Selectable<CityTable>, 'recovery' | 'offered_controller' | 'acceptable_from'>

function toMember(city: City, row: MemberRow | undefined, history: readonly CityEvent[], seat: string | undefined): Member {
  const suspended = history.findLastIndex((event) => event.kind === 'suspended')
  const appeal = city.status === 'suspended' ? history.slice(suspended).find((event) => event.kind === 'appealed') : undefined
  const account = row?.offered_controller ?? undefined
  return {
    ...city,
    recovery: row?.recovery ?? '',
    ...(seat !== undefined && { seat }),
    ...(account !== undefined && { offer: { account, acceptableFromSeconds: toNumber(row?.acceptable_from ?? 0) } }),
    ...(appeal?.kind === 'appealed' && { appeal: { statementHash: appeal.statementHash, place: appeal.place } }),
    history
  }
}
