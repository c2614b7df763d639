import type { Figure, Figures } from './figures.ts'
import { toTime } from './figures.ts'
import type { PublishedRow } from './published.ts'

/** Rows of a document of the service, next to what they should say. */
export interface DocumentPart {
  readonly name: string
  readonly key: readonly string[]
  readonly counted: readonly Figure[]
  readonly published: readonly PublishedRow[]
}

type Content = Readonly<Record<string, unknown>>

/** `GET /v1/trust` */
export function trustParts(content: Content, figures: Figures): readonly DocumentPart[] {
  const { cities, issuers, recognitions, programs, status_lists: lists } = content
  const parts: DocumentPart[] = [
    part('cities', ['locode'], pick(figures, 'members', (row) => ({
      locode: row['city'], name: row['name'], did: row['did'], service_url: row['service_url'], status: row['status'],
      suspension_reason: row['suspension_reason'], suspended_until: row['suspended_until'], member_since: row['activated_at'],
    })), rows(cities)),
    part('issuers', ['city', 'thumbprint', 'credential_type', 'valid_from'], pick(figures, 'accreditations', (row) => ({
      city: row['city'], thumbprint: row['thumbprint'], credential_type: row['credential_type'], standing: row['standing'],
      valid_from: row['valid_from'], valid_until: row['valid_until'], untrusted_from: row['untrusted_from'],
    })), rows(issuers)),
    part('recognitions', ['recogniser', 'issuer', 'credential_type'], pick(figures, 'recognitions', (row) => (row['ended_at'] !== null ? undefined : {
      recogniser: row['recogniser'], issuer: row['issuer'], credential_type: row['credential_type'], benefit_classes: row['benefit_classes'], valid_until: row['valid_until'],
    })), rows(recognitions)),
  ]
  if (programs !== undefined) {
    parts.push(part('programs', ['program_id'], pick(figures, 'programs', (row) => ({
      program_id: row['program_id'], name: row['name'], city: row['city'], from: row['valid_from'], until: row['valid_until'], funded: Number(row['funded']),
      redeemed: Number(row['redeemed']), outstanding: Number(row['in_escrow']), closed: row['is_closed'],
      burnt: Number(row['funded']) - Number(row['redeemed']) - Number(row['in_escrow']),
    })), rows(programs)))
  }
  if (lists !== undefined) {
    parts.push(part('status_lists', ['city', 'uri'], pick(figures, 'status_lists', (row) => ({
      city: row['city'], uri: row['uri'], size: row['size'], epoch: row['epoch'], digest: row['digest'] ?? `0x${'0'.repeat(64)}`, updated_at: row['published_at'],
    })), rows(lists)))
  }
  return parts
}

function part(name: string, key: readonly string[], counted: readonly Figure[], published: readonly PublishedRow[]): DocumentPart {
  const shape = new Set(counted.flatMap((row) => Object.keys(row)))
  return { name, key, counted, published: published.map((row) => normal(row, shape)) }
}

/** Absent members are null, lists of numbers stand with spaces between, times as this script writes them. */
function normal(row: PublishedRow, columns: ReadonlySet<string>): PublishedRow {
  const absent = Object.fromEntries([...columns].map((column) => [column, null]))
  return { ...absent, ...Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toPlain(value)])) }
}

function toPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.join(' ')
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(value)) return toTime(Date.parse(value) / 1000)
  return value
}

function pick(figures: Figures, table: string, map: (row: Figure) => Figure | undefined): readonly Figure[] {
  return (figures.get(table) ?? []).map(map).filter((row) => row !== undefined)
}

function rows(value: unknown): readonly PublishedRow[] {
  return Array.isArray(value) ? (value as PublishedRow[]) : []
}
