import { getAddress } from 'ethers'
import type { Kysely, Selectable } from 'kysely'
import type { Locode } from '../agent/trust.ts'
import { toNumber } from './columns.ts'
import type { ChainTables, SettlementTable } from './tables.ts'

/* What the index knows of points. Nothing here asks the chain. Units are whole points. */

type Db = Kysely<ChainTables>

export interface Denomination {
  readonly value: number
  /** RSA modulus, big-endian. */
  readonly modulus: Uint8Array
  readonly exponent: 65537
}

export interface RewardProgram {
  readonly programId: string
  /** The RewardPrograms that holds it. */
  readonly contract: string
  readonly city: Locode
  readonly name: string
  readonly sponsor: string
  /** First and last second in which notes are redeemed. */
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  readonly funded: bigint
  readonly redeemed: bigint
  /** What was left when the programme was closed. */
  readonly burnt: bigint
  /** Only the federation funds it, and merchants of every city are paid from it. */
  readonly shared: boolean
  readonly closed: boolean
  readonly createdAtSeconds: number
  readonly denominations: readonly Denomination[]
}

export async function listPrograms(db: Db, { city }: { readonly city?: Locode } = {}): Promise<readonly RewardProgram[]> {
  return await readPrograms(db, city === undefined ? {} : { city })
}

/** Those of these programmes that are known. */
export async function findPrograms(db: Db, programIds: readonly string[]): Promise<readonly RewardProgram[]> {
  return programIds.length === 0 ? [] : await readPrograms(db, { programIds: programIds.map((programId) => programId.toLowerCase()) })
}

async function readPrograms(db: Db, filter: { readonly city?: Locode; readonly programIds?: readonly string[] }): Promise<RewardProgram[]> {
  const programs = await db
    .selectFrom('chain_programs')
    .selectAll()
    .$if(filter.city !== undefined, (query) => query.where('city', '=', filter.city ?? ''))
    .$if(filter.programIds !== undefined, (query) => query.where('program_id', 'in', [...(filter.programIds ?? [])]))
    .orderBy('created_at')
    .orderBy('name')
    .orderBy('program_id')
    .execute()
  if (programs.length === 0) return []
  const denominations = await db
    .selectFrom('chain_denominations')
    .selectAll()
    .where('program_id', 'in', programs.map((program) => program.program_id))
    .orderBy('value')
    .execute()
  return programs.map((row) => ({
    programId: row.program_id,
    contract: row.address,
    city: row.city,
    name: row.name,
    sponsor: row.sponsor,
    validFromSeconds: toNumber(row.valid_from),
    validUntilSeconds: toNumber(row.valid_until),
    funded: toUnits(row.funded),
    redeemed: toUnits(row.redeemed),
    burnt: toUnits(row.burnt),
    shared: row.shared,
    closed: row.closed,
    createdAtSeconds: toNumber(row.created_at),
    denominations: denominations
      .filter((denomination) => denomination.program_id === row.program_id)
      .map(({ value, modulus }) => ({ value, modulus: new Uint8Array(modulus), exponent: 65537 }))
  }))
}

export async function isNoteSpent(db: Db, programId: string, note: string): Promise<boolean> {
  return (await findSpentNotes(db, programId, [note])).length > 0
}

/** Those of the given notes (addresses) that were redeemed. */
export async function findSpentNotes(db: Db, programId: string, notes: readonly string[]): Promise<readonly string[]> {
  if (notes.length === 0) return []
  const rows = await db
    .selectFrom('chain_spent_notes')
    .select('note')
    .where('program_id', '=', programId.toLowerCase())
    .where('note', 'in', notes.map((note) => getAddress(note)))
    .execute()
  return rows.map((row) => row.note)
}

/** One batch of notes, redeemed in one transaction. */
export interface Redemption {
  readonly programId: string
  readonly merchant: string
  readonly orderId: string
  readonly units: bigint
  readonly noteCount: number
  readonly transactionHash: string
  readonly blockNumber: number
  readonly redeemedAtSeconds: number
}

export interface RedemptionFilter {
  readonly merchant?: string
  readonly programId?: string
  readonly orderId?: string
  readonly limit?: number
}

/**
 * Redemptions, the latest first. An order may be paid in several batches, and anyone can write any order id on the
 * chain: only together with its programme and its merchant does a payment count for an order.
 */
export async function listRedemptions(db: Db, filter: RedemptionFilter = {}): Promise<readonly Redemption[]> {
  const { merchant, programId, orderId, limit = 100 } = filter
  const rows = await db
    .selectFrom('chain_redemptions')
    .selectAll()
    .$if(merchant !== undefined, (query) => query.where('merchant', '=', getAddress(merchant ?? '')))
    .$if(programId !== undefined, (query) => query.where('program_id', '=', programId?.toLowerCase() ?? ''))
    .$if(orderId !== undefined, (query) => query.where('order_id', '=', orderId?.toLowerCase() ?? ''))
    .orderBy('block_number', 'desc')
    .orderBy('log_index', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    programId: row.program_id,
    merchant: row.merchant,
    orderId: row.order_id,
    units: toUnits(row.units),
    noteCount: row.note_count,
    transactionHash: row.transaction_hash,
    blockNumber: toNumber(row.block_number),
    redeemedAtSeconds: toNumber(row.redeemed_at)
  }))
}

/** Units a merchant holds: redeemed less those given up for settlement. */
export async function merchantBalance(db: Db, merchant: string, programId: string): Promise<bigint> {
  const balances = await merchantBalances(db, merchant)
  return balances.find((balance) => balance.programId === programId.toLowerCase())?.units ?? 0n
}

export async function merchantBalances(db: Db, merchant: string): Promise<readonly { programId: string; units: bigint }[]> {
  const address = getAddress(merchant)
  const sumOf = (table: 'chain_redemptions' | 'chain_settlements') =>
    db
      .selectFrom(table)
      .select((eb) => ['program_id', eb.fn.sum<string | number>('units').as('units')])
      .where('merchant', '=', address)
      .groupBy('program_id')
      .orderBy('program_id')
      .execute()
  const [earned, settled] = [await sumOf('chain_redemptions'), await sumOf('chain_settlements')]
  return earned.map((row) => {
    const given = settled.find((settlement) => settlement.program_id === row.program_id)
    return { programId: row.program_id, units: toUnits(row.units) - toUnits(given?.units ?? 0) }
  })
}

export interface SettlementRecord {
  readonly ref: string
  readonly programId: string
  /** The programme's city, which bears it. */
  readonly city: Locode
  /** The merchant's city, which pays. */
  readonly payer: Locode
  readonly merchant: string
  readonly units: bigint
  readonly requestedAtSeconds: number
  readonly bankReferenceHash?: string
  readonly paidAtSeconds?: number
}

/** Settlements, the latest first. */
export async function listSettlements(
  db: Db,
  { merchant, city, payer }: { readonly merchant?: string; readonly city?: Locode; readonly payer?: Locode } = {}
): Promise<readonly SettlementRecord[]> {
  const rows = await db
    .selectFrom('chain_settlements')
    .selectAll()
    .$if(merchant !== undefined, (query) => query.where('merchant', '=', getAddress(merchant ?? '')))
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .$if(payer !== undefined, (query) => query.where('payer', '=', payer ?? ''))
    .orderBy('requested_at', 'desc')
    .orderBy('ref')
    .execute()
  return rows.map(toSettlement)
}

export async function findSettlement(db: Db, ref: string): Promise<SettlementRecord | undefined> {
  const row = await db.selectFrom('chain_settlements').selectAll().where('ref', '=', ref.toLowerCase()).executeTakeFirst()
  return row && toSettlement(row)
}

function toSettlement(row: Selectable<SettlementTable>): SettlementRecord {
  return {
    ref: row.ref,
    programId: row.program_id,
    city: row.city,
    payer: row.payer,
    merchant: row.merchant,
    units: toUnits(row.units),
    requestedAtSeconds: toNumber(row.requested_at),
    ...(row.bank_reference_hash === null ? {} : { bankReferenceHash: row.bank_reference_hash }),
    ...(row.paid_at === null ? {} : { paidAtSeconds: toNumber(row.paid_at) })
  }
}

function toUnits(value: string | number): bigint {
  return BigInt(String(value))
}
