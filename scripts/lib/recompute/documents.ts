import { contractNames } from './events.ts'
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

/** `GET /v1/trust`: programmes and status lists are there of the present only. */
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

/** `GET /v1/federation` */
export function federationParts(content: Content, figures: Figures): readonly DocumentPart[] {
  const current = (figures.get('parameters') ?? []).filter((row) => row['is_current'] === true)
  const guardian = current.find((row) => row['parameter'] === 'guardian')?.['value']
  const zero = `0x${'0'.repeat(40)}`
  return [
    part('seats', ['city'], pick(figures, 'members', (row) => (hasSeat(row) ? { city: row['city'], holder: row['controller'] } : undefined)), rows(content['seats'])),
    part('parameters', ['parameter'], current.filter(({ parameter }) => parameter !== 'guardian' && parameter !== 'proposal_threshold')
      .map((row) => ({ parameter: row['parameter'], value: Number(row['value']) })), rows(content['parameters']).map(without('history'))),
    part('guardian', [], [{ account: guardian === zero ? null : guardian ?? null }], [{ account: null, ...without('history')((content['guardian'] ?? {}) as PublishedRow) }]),
    part('contracts', ['name'], (figures.get('contracts') ?? []).filter((row) => row['is_current'] === true && row['target'] !== zero && contractNames.includes(String(row['name'])))
      .map((row) => ({ name: row['name'], address: row['target'] })), rows(content['contracts'])),
  ]
}

/** `GET /v1/federation/members` */
export function memberParts(content: Content, figures: Figures): readonly DocumentPart[] {
  const wanted = ['locode', 'name', 'did', 'service_url', 'status', 'controller', 'seat', 'admitted_at', 'agreement_hash', 'dpia_hash']
  return [part('members', ['locode'], pick(figures, 'members', (row) => ({
    locode: row['city'], name: row['name'], did: row['did'], service_url: row['service_url'], status: row['status'], controller: row['controller'],
    seat: hasSeat(row) ? row['controller'] : null, admitted_at: row['admitted_at'], agreement_hash: row['agreement_hash'], dpia_hash: row['dpia_hash'],
  })), rows(content['members']).map(only(wanted)))]
}

/** `GET /v1/federation/proposals` */
export function proposalParts(content: Content, figures: Figures): readonly DocumentPart[] {
  const shown = rows(content['proposals']).map((row) => {
    const { tally, proposer } = row as { tally: Content; proposer: Content }
    return {
      proposal_id: row['proposal_id'], state: row['state'], description: row['description'], proposer: proposer['account'], city: proposer['city'] ?? '',
      voting_starts_at: row['voting_starts_at'], voting_ends_at: row['voting_ends_at'], executable_at: row['executable_at'] ?? null,
      for: tally['for'], against: tally['against'], abstain: tally['abstain'],
      ...(row['state'] === 'pending' ? {} : { seats: tally['seats'], quorum: tally['quorum'] }),
    }
  })
  return [part('proposals', ['proposal_id'], pick(figures, 'proposals', (row) => ({
    proposal_id: row['proposal_id'], state: row['state'], description: row['description'], proposer: row['proposer'], city: row['city'],
    voting_starts_at: row['vote_start'], voting_ends_at: row['vote_end'], executable_at: row['executable_from'],
    for: row['votes_for'], against: row['votes_against'], abstain: row['votes_abstain'],
    ...(row['state'] === 'pending' ? {} : { seats: row['seats'], quorum: row['quorum'] }),
  })).toReversed(), shown)]
}

/** `GET /v1/federation/pauses` */
export function pauseParts(content: Content, figures: Figures): readonly DocumentPart[] {
  const shown = rows(content['pauses']).map((row) => ({
    address: row['address'], incident: row['incident'], until: row['until'], running: row['running'], cleared: (row['cleared'] as Content | undefined)?.['at'] ?? null,
    proposal_id: row['proposal_id'] ?? null,
  }))
  return [part('pauses', ['incident'], pick(figures, 'pauses', (row) => ({
    address: row['target'], incident: row['incident'], until: row['until'], running: row['state'] === 'running', cleared: row['cleared_at'],
    proposal_id: row['cleared_by'],
  })), shown)]
}

/** `GET /v1/federation/directory` */
export function directoryParts(content: Content, figures: Figures): readonly DocumentPart[] {
  const shown = rows(content['entries']).map((row) => ({
    block: (row['changed'] as Content | undefined)?.['block'], name: row['name'], address: row['address'] ?? `0x${'0'.repeat(40)}`, code_hash: row['code_hash'],
    current: row['current'], proposal_id: row['proposal_id'] ?? null,
  }))
  return [part('entries', ['block', 'name'], pick(figures, 'contracts', (row) => ({
    block: row['block'], name: row['name'], address: row['target'], code_hash: row['code_hash'], current: row['is_current'], proposal_id: row['proposal_id'],
  })), shown)]
}

/** `GET /v1/federation/nets` */
export function netParts(content: Content, figures: Figures): readonly DocumentPart[] {
  const owing = pick(figures, 'debts', (row) => (row['owed'] === '0' ? undefined : { debtor: row['debtor'], creditor: row['creditor'], units: Number(row['owed']) }))
  return [
    part('pairs', ['debtor', 'creditor'], owing, rows(content['pairs'])),
    // Cities that owe nothing and are owed nothing are left out there.
    part('cities', ['city'], pick(figures, 'nets', (row) => (owing.some(({ debtor, creditor }) => debtor === row['city'] || creditor === row['city'])
      ? { city: row['city'], units: Number(row['net']) } : undefined)), rows(content['cities'])),
  ]
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

function hasSeat(row: Figure): boolean {
  return row['activated_at'] !== null && row['removed_at'] === null
}

function pick(figures: Figures, table: string, map: (row: Figure) => Figure | undefined): readonly Figure[] {
  return (figures.get(table) ?? []).map(map).filter((row) => row !== undefined)
}

function rows(value: unknown): readonly PublishedRow[] {
  return Array.isArray(value) ? (value as PublishedRow[]) : []
}

function without(name: string): (row: PublishedRow) => PublishedRow {
  return ({ [name]: _left, ...rest }) => rest
}

function only(names: readonly string[]): (row: PublishedRow) => PublishedRow {
  return (row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
}
