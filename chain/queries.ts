import { getAddress } from 'ethers'
import type { Kysely, Selectable } from 'kysely'
import type { Accreditation, Recognition, TrustedCity } from '../agent/trust.ts'
import { toAccreditation, toRecognition, toTrustedCity } from './trust-source.ts'
import { toNumber, type ChainTables, type ProgramTable, type SettlementTable, type StatusListTable } from './tables.ts'

/*
 * Reads of the index for pages and services. Nothing here asks the chain; amounts are whole units as bigint, times
 * are seconds since 1970.
 */

type Db = Kysely<ChainTables>

export interface IndexedBlock {
  readonly number: number
  readonly hash: string
  readonly timestampSeconds: number
}

/** The block the index has come to. */
export async function latestBlock(db: Db): Promise<IndexedBlock | undefined> {
  const row = await db.selectFrom('chain_cursor').selectAll().where('id', '=', 1).executeTakeFirst()
  return row && { number: toNumber(row.block_number), hash: row.block_hash, timestampSeconds: toNumber(row.block_time) }
}

export interface ListedCity extends TrustedCity {
  readonly controller: string
  readonly agreementHash: string | undefined
  readonly dpiaHash: string | undefined
  readonly admittedAtSeconds: number
}

export async function listCities(db: Db, { clock = Date.now }: { readonly clock?: () => number } = {}): Promise<ListedCity[]> {
  const rows = await db.selectFrom('chain_cities').selectAll().orderBy('locode').execute()
  const nowSeconds = Math.floor(clock() / 1000)
  return rows.map((row) => ({
    ...toTrustedCity(row, nowSeconds),
    controller: row.controller,
    agreementHash: row.agreement_hash ?? undefined,
    dpiaHash: row.dpia_hash ?? undefined,
    admittedAtSeconds: toNumber(row.admitted_at)
  }))
}

/** Every accreditation, also lapsed and withdrawn ones, oldest first. */
export async function listAccreditations(db: Db, { city }: { readonly city?: string } = {}): Promise<Accreditation[]> {
  const rows = await db
    .selectFrom('chain_accreditations')
    .selectAll()
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('block_number')
    .orderBy('log_index')
    .execute()
  return rows.map(toAccreditation)
}

/** Agreements that were not withdrawn, also lapsed ones. */
export async function listRecognitions(db: Db, { recogniser }: { readonly recogniser?: string } = {}): Promise<Recognition[]> {
  const rows = await db
    .selectFrom('chain_recognitions')
    .selectAll()
    .where('withdrawn', '=', false)
    .$if(recogniser !== undefined, (query) => query.where('recogniser', '=', recogniser ?? ''))
    .orderBy('recogniser')
    .orderBy('issuer')
    .orderBy('credential_type')
    .execute()
  return rows.map(toRecognition)
}

export interface ListedStatusList {
  readonly listId: string
  readonly city: string
  readonly uri: string
  readonly size: number
  readonly epoch: number
  /** SHA-256 of the bits at the head, hex. */
  readonly digest: string
  readonly publishedAtSeconds: number
  /** The deltas do not add up to the digest: no verifier believes this list. */
  readonly broken: boolean
}

export async function listStatusLists(db: Db, { city }: { readonly city?: string } = {}): Promise<ListedStatusList[]> {
  const rows = await selectStatusLists(db)
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('city')
    .orderBy('uri')
    .execute()
  return rows.map(toStatusList)
}

export async function findStatusList(db: Db, uri: string): Promise<ListedStatusList | undefined> {
  const row = await selectStatusLists(db).where('uri', '=', uri).executeTakeFirst()
  return row && toStatusList(row)
}

function selectStatusLists(db: Db) {
  return db.selectFrom('chain_status_lists').select(['list_id', 'city', 'uri', 'size', 'epoch', 'digest', 'published_at', 'broken'])
}

function toStatusList(row: Omit<Selectable<StatusListTable>, 'snapshot' | 'snapshot_epoch'>): ListedStatusList {
  return {
    listId: row.list_id,
    city: row.city,
    uri: row.uri,
    size: toNumber(row.size),
    epoch: toNumber(row.epoch),
    digest: row.digest,
    publishedAtSeconds: toNumber(row.published_at),
    broken: row.broken
  }
}

export interface ListedProgram {
  readonly programId: string
  readonly city: string
  readonly name: string
  readonly sponsor: string
  readonly validFromSeconds: number
  readonly validUntilSeconds: number
  readonly funded: bigint
  readonly redeemed: bigint
  /** What closing the programme burnt. */
  readonly burnt: bigint
  readonly closed: boolean
  readonly denominations: readonly { readonly value: number; readonly modulus: Uint8Array; readonly exponent: 65537 }[]
}

export async function listPrograms(db: Db, { city }: { readonly city?: string } = {}): Promise<ListedProgram[]> {
  const rows = await db
    .selectFrom('chain_programs')
    .selectAll()
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('created_at')
    .orderBy('program_id')
    .execute()
  return await withDenominations(db, rows)
}

export async function findProgram(db: Db, programId: string): Promise<ListedProgram | undefined> {
  const rows = await db.selectFrom('chain_programs').selectAll().where('program_id', '=', programId.toLowerCase()).execute()
  return (await withDenominations(db, rows))[0]
}

async function withDenominations(db: Db, rows: readonly Selectable<ProgramTable>[]): Promise<ListedProgram[]> {
  if (rows.length === 0) return []
  const denominations = await db
    .selectFrom('chain_denominations')
    .selectAll()
    .where('program_id', 'in', rows.map((row) => row.program_id))
    .orderBy('value')
    .execute()
  return rows.map((row) => ({
    programId: row.program_id,
    city: row.city,
    name: row.name,
    sponsor: row.sponsor,
    validFromSeconds: toNumber(row.valid_from),
    validUntilSeconds: toNumber(row.valid_until),
    funded: toUnits(row.funded),
    redeemed: toUnits(row.redeemed),
    burnt: toUnits(row.burnt),
    closed: row.closed,
    denominations: denominations
      .filter((denomination) => denomination.program_id === row.program_id)
      .map(({ value, modulus }) => ({ value, modulus, exponent: 65537 as const }))
  }))
}

/** Those of the notes (addresses) that were spent, as they were given. */
export async function findSpentNotes(db: Db, programId: string, notes: readonly string[]): Promise<string[]> {
  if (notes.length === 0) return []
  const rows = await db
    .selectFrom('chain_spent_notes')
    .select('note')
    .where('program_id', '=', programId.toLowerCase())
    .where('note', 'in', notes.map((note) => getAddress(note)))
    .execute()
  const spent = new Set(rows.map((row) => row.note))
  return notes.filter((note) => spent.has(getAddress(note)))
}

export interface IndexedRedemption {
  readonly programId: string
  readonly merchant: string
  readonly orderId: string
  /** Of all batches that paid this order. */
  readonly units: bigint
  readonly noteCount: number
  readonly transactionHash: string
  readonly blockNumber: number
  readonly redeemedAtSeconds: number
}

/** What was paid for an order, all batches added up; place and time are those of the last one. */
export async function findRedemption(db: Db, orderId: string): Promise<IndexedRedemption | undefined> {
  const rows = await db
    .selectFrom('chain_redemptions')
    .selectAll()
    .where('order_id', '=', orderId.toLowerCase())
    .orderBy('block_number')
    .orderBy('log_index')
    .execute()
  const last = rows.at(-1)
  return last && {
    programId: last.program_id,
    merchant: last.merchant,
    orderId: last.order_id,
    units: rows.reduce((sum, row) => sum + toUnits(row.units), 0n),
    noteCount: rows.reduce((sum, row) => sum + row.note_count, 0),
    transactionHash: last.transaction_hash,
    blockNumber: toNumber(last.block_number),
    redeemedAtSeconds: toNumber(last.redeemed_at)
  }
}

/** What a merchant holds of each programme: redeemed less handed in for settlement. */
export async function merchantBalances(db: Db, merchant: string): Promise<{ programId: string; units: bigint }[]> {
  const address = getAddress(merchant)
  const earned = await db.selectFrom('chain_redemptions').select(['program_id', 'units']).where('merchant', '=', address).execute()
  const settled = await db.selectFrom('chain_settlements').select(['program_id', 'units']).where('merchant', '=', address).execute()
  const balances = new Map<string, bigint>()
  for (const row of earned) balances.set(row.program_id, (balances.get(row.program_id) ?? 0n) + toUnits(row.units))
  for (const row of settled) balances.set(row.program_id, (balances.get(row.program_id) ?? 0n) - toUnits(row.units))
  return [...balances].map(([programId, units]) => ({ programId, units }))
}

export interface IndexedMerchant {
  readonly city: string
  readonly address: string
  readonly active: boolean
  readonly registeredAtSeconds: number
}

export async function listMerchants(db: Db, { city }: { readonly city?: string } = {}): Promise<IndexedMerchant[]> {
  const rows = await db
    .selectFrom('chain_merchants')
    .selectAll()
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('city')
    .orderBy('registered_at')
    .orderBy('address')
    .execute()
  return rows.map((row) => ({ city: row.city, address: row.address, active: row.active, registeredAtSeconds: toNumber(row.registered_at) }))
}

export interface IndexedSettlement {
  readonly ref: string
  readonly programId: string
  readonly city: string
  readonly merchant: string
  readonly units: bigint
  readonly requestedAtSeconds: number
  readonly bankReferenceHash: string | undefined
  readonly paidAtSeconds: number | undefined
}

export async function findSettlement(db: Db, ref: string): Promise<IndexedSettlement | undefined> {
  const row = await db.selectFrom('chain_settlements').selectAll().where('ref', '=', ref.toLowerCase()).executeTakeFirst()
  return row && toSettlement(row)
}

function toSettlement(row: Selectable<SettlementTable>): IndexedSettlement {
  return {
    ref: row.ref,
    programId: row.program_id,
    city: row.city,
    merchant: row.merchant,
    units: toUnits(row.units),
    requestedAtSeconds: toNumber(row.requested_at),
    bankReferenceHash: row.bank_reference_hash ?? undefined,
    paidAtSeconds: row.paid_at === null ? undefined : toNumber(row.paid_at)
  }
}

function toUnits(value: string | number): bigint {
  return BigInt(String(value))
}
