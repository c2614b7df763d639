import type { Kysely } from 'kysely'
import type { Locode } from '../agent/trust.ts'
import { placeOf, type EventPlace } from './governance-executions.ts'
import type { ChainTables } from './tables.ts'

/* What cities owe each other for points of shared programmes. Nothing here asks the chain. Units are whole points. */

type Db = Kysely<ChainTables>

export interface Net {
  readonly debtor: Locode
  readonly creditor: Locode
  readonly units: bigint
}

/** Who owes whom, by debtor and creditor; pairs with nothing open are left out. */
export async function listNets(db: Db): Promise<readonly Net[]> {
  const rows = await db.selectFrom('chain_nets').selectAll().where('units', '!=', '0').orderBy('debtor').orderBy('creditor').execute()
  return rows.map(({ debtor, creditor, units }) => ({ debtor, creditor, units: BigInt(String(units)) }))
}

export interface CityNet {
  readonly city: Locode
  /** What others owe the city less what it owes them. Over all cities it adds up to zero. */
  readonly units: bigint
}

/** What each city is owed or owes in sum, by locode; cities without any claim or debt are left out. */
export async function listCityNets(db: Db): Promise<readonly CityNet[]> {
  const sums = new Map<Locode, bigint>()
  for (const { debtor, creditor, units } of await listNets(db)) {
    sums.set(debtor, (sums.get(debtor) ?? 0n) - units)
    sums.set(creditor, (sums.get(creditor) ?? 0n) + units)
  }
  return [...sums].map(([city, units]) => ({ city, units })).toSorted((a, b) => (a.city < b.city ? -1 : 1))
}

/** A creditor said that it has received money. */
export interface NetSettlement extends Net {
  readonly bankReferenceHash: string
  readonly place: EventPlace
}

/** Payments between cities, the latest first. */
export async function listNetSettlements(db: Db, { city }: { readonly city?: Locode } = {}): Promise<readonly NetSettlement[]> {
  const rows = await db
    .selectFrom('chain_net_settlements')
    .selectAll()
    .$if(city !== undefined, (query) => query.where((eb) => eb.or([eb('debtor', '=', city ?? ''), eb('creditor', '=', city ?? '')])))
    .orderBy('block_number', 'desc')
    .orderBy('log_index', 'desc')
    .execute()
  return rows.map((row) => ({
    debtor: row.debtor,
    creditor: row.creditor,
    units: BigInt(String(row.units)),
    bankReferenceHash: row.bank_reference_hash,
    place: placeOf(row, row.settled_at)
  }))
}
