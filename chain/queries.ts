import { getAddress } from 'ethers'
import type { Kysely, Selectable } from 'kysely'
import type { Accreditation, Locode, Recognition, TrustedCity } from '../agent/trust.ts'
import { toTrustedCity } from './city-status.ts'
import { toNumber } from './columns.ts'
import type { AccreditationTable, ChainTables, RecognitionTable, StatusListTable } from './tables.ts'

/* What the index knows of members, keys, agreements and lists. Nothing here asks the chain. */

type Db = Kysely<ChainTables>

export interface IndexedBlock {
  readonly number: number
  readonly hash: string
  readonly timestampSeconds: number
}

/** The block up to which everything is indexed; undefined before the first. */
export async function latestBlock(db: Db): Promise<IndexedBlock | undefined> {
  const row = await db.selectFrom('chain_cursor').selectAll().executeTakeFirst()
  return row && { number: toNumber(row.block_number), hash: row.block_hash, timestampSeconds: toNumber(row.block_time) }
}

export interface City extends TrustedCity {
  readonly controller: string
  readonly suspendedUntilSeconds?: number
  readonly agreementHash?: string
  readonly dpiaHash?: string
  readonly admittedAtSeconds: number
}

/** All cities ever admitted, by locode. `atSeconds` decides whether a suspension still runs. */
export async function listCities(db: Db, { atSeconds = Math.floor(Date.now() / 1000) } = {}): Promise<readonly City[]> {
  const rows = await db.selectFrom('chain_cities').selectAll().orderBy('locode').execute()
  return rows.map((row) => ({
    ...toTrustedCity(row, atSeconds),
    controller: row.controller,
    admittedAtSeconds: toNumber(row.admitted_at),
    ...(row.suspended_until === null ? {} : { suspendedUntilSeconds: toNumber(row.suspended_until) }),
    ...(row.agreement_hash === null ? {} : { agreementHash: row.agreement_hash }),
    ...(row.dpia_hash === null ? {} : { dpiaHash: row.dpia_hash })
  }))
}

export async function listAccreditations(db: Db, { city }: { readonly city?: Locode } = {}): Promise<readonly Accreditation[]> {
  const rows = await db
    .selectFrom('chain_accreditations')
    .selectAll()
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('city')
    .orderBy('block_number')
    .orderBy('log_index')
    .execute()
  return rows.map(toAccreditation)
}

/** Agreements that were not withdrawn, lapsed ones among them. */
export async function listRecognitions(db: Db, { recogniser }: { readonly recogniser?: Locode } = {}): Promise<readonly Recognition[]> {
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

export interface StatusListHead {
  readonly listId: string
  readonly city: Locode
  readonly uri: string
  readonly size: number
  readonly epoch: number
  readonly digest: string
  readonly publishedAtSeconds: number
  /** The published deltas do not add up to the published digest: no reader believes this list. */
  readonly broken: boolean
}

const listColumns = ['list_id', 'city', 'uri', 'size', 'epoch', 'digest', 'published_at', 'broken'] as const

export async function listStatusLists(db: Db, { city }: { readonly city?: Locode } = {}): Promise<readonly StatusListHead[]> {
  const rows = await db
    .selectFrom('chain_status_lists')
    .select(listColumns)
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('uri')
    .orderBy('city')
    .execute()
  return rows.map(toListHead)
}

export async function findStatusList(db: Db, city: Locode, uri: string): Promise<StatusListHead | undefined> {
  const row = await db.selectFrom('chain_status_lists').select(listColumns).where('uri', '=', uri).where('city', '=', city).executeTakeFirst()
  return row && toListHead(row)
}

export interface Anchor {
  readonly city: Locode
  /** 0: issuance log, 1: audit log. */
  readonly log: number
  readonly size: number
  readonly root: string
  readonly anchoredAtSeconds: number
}

/** Roots of logs, the latest first. */
export async function listAnchors(db: Db, { city, limit = 100 }: { readonly city?: Locode; readonly limit?: number } = {}): Promise<readonly Anchor[]> {
  const rows = await db
    .selectFrom('chain_anchors')
    .selectAll()
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('anchored_at', 'desc')
    .orderBy('size', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    city: row.city,
    log: row.log,
    size: toNumber(row.size),
    root: row.root,
    anchoredAtSeconds: toNumber(row.anchored_at)
  }))
}

export interface DirectoryEntry {
  readonly name: string
  readonly target: string
  readonly codeHash: string
  readonly changedAtSeconds: number
}

export async function listDirectory(db: Db): Promise<readonly DirectoryEntry[]> {
  const rows = await db.selectFrom('chain_directory').selectAll().orderBy('name').execute()
  return rows.map((row) => ({ name: row.name, target: row.target, codeHash: row.code_hash, changedAtSeconds: toNumber(row.changed_at) }))
}

export interface Merchant {
  readonly city: Locode
  readonly address: string
  /** The RewardPrograms in which the city registered it. */
  readonly contract: string
  readonly active: boolean
  readonly registeredAtSeconds: number
}

/** Each merchant in each contract in which it was registered, the one in which its city said something last coming last. */
export async function listMerchants(db: Db, { city }: { readonly city?: Locode } = {}): Promise<readonly Merchant[]> {
  const rows = await db
    .selectFrom('chain_merchants')
    .selectAll()
    .$if(city !== undefined, (query) => query.where('city', '=', city ?? ''))
    .orderBy('city')
    .orderBy('address')
    .orderBy('block_number')
    .orderBy('log_index')
    .execute()
  return rows.map((row) => ({ city: row.city, address: row.address, contract: row.contract, active: row.active, registeredAtSeconds: toNumber(row.registered_at) }))
}

/** Whether a city has this merchant registered in a RewardPrograms. */
export async function isMerchant(db: Db, city: Locode, address: string, contract: string): Promise<boolean> {
  const row = await db
    .selectFrom('chain_merchants')
    .select('active')
    .where('city', '=', city)
    .where('address', '=', getAddress(address))
    .where('contract', '=', getAddress(contract))
    .executeTakeFirst()
  return row?.active === true
}

export function toAccreditation(row: Selectable<AccreditationTable>): Accreditation {
  return {
    locode: row.city,
    thumbprint: row.thumbprint,
    publicJwk: { kty: 'EC', crv: 'P-256', x: row.x, y: row.y },
    credentialType: row.credential_type,
    validFromSeconds: toNumber(row.valid_from),
    validUntilSeconds: toNumber(row.valid_until),
    ...(row.untrusted_from === null ? {} : { untrustedFromSeconds: toNumber(row.untrusted_from) })
  }
}

export function toRecognition(row: Selectable<RecognitionTable>): Recognition {
  return {
    recogniser: row.recogniser,
    issuer: row.issuer,
    credentialType: row.credential_type,
    benefitClasses: toBenefitClasses(String(row.benefit_classes)),
    validUntilSeconds: toNumber(row.valid_until)
  }
}

/** The classes of a recognition: bit n of the number stands for class n. */
export function toBenefitClasses(mask: string): readonly number[] {
  return [...BigInt(mask).toString(2)].reverse().flatMap((bit, index) => (bit === '1' ? [index] : []))
}

function toListHead(row: Pick<Selectable<StatusListTable>, (typeof listColumns)[number]>): StatusListHead {
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
