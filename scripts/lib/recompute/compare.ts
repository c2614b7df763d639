import { unknowable, type Answer, type AnswerObject } from './answers.ts'
import type { Expected, Figure } from './figures.ts'
import type { PublishedRow } from './published.ts'

export interface Comparison {
  readonly rows: number
  readonly cells: number
  readonly differences: readonly string[]
}

/** Columns that name a row of a table. */
export const tableKeys: Readonly<Record<string, readonly string[]>> = {
  members: ['city'], member_events: ['block', 'city', 'event'], proposals: ['proposal_id'], actions: ['proposal_id', 'position'],
  votes: ['proposal_id', 'voter'], accreditations: ['block', 'city', 'thumbprint', 'credential_type'],
  recognitions: ['recogniser', 'issuer', 'credential_type', 'block'], programs: ['program_id'], redemptions: ['block', 'log_index'],
  settlements: ['ref'], nets: ['city'], debts: ['debtor', 'creditor'], pauses: ['block', 'target'], parameters: ['block', 'parameter'],
  contracts: ['block', 'name'], status_lists: ['list_id'], anchors: ['block', 'city', 'log', 'size'],
}

export interface ComparisonOptions {
  /** What is compared, as the reader is told. */
  readonly where: string
  readonly key: readonly string[]
  readonly counted: readonly Figure[]
  readonly published: readonly PublishedRow[]
  /** Cells are text, as in a CSV file. */
  readonly isText?: boolean
  readonly isOrdered?: boolean
}

/** Holds published rows against what was counted: every cell, every row, and their order. */
export function compareRows({ where, key, counted, published, isText = false, isOrdered = false }: ComparisonOptions): Comparison {
  const differences: string[] = []
  const ours = byName(key, counted)
  const theirs = byName(key, published)
  let cells = 0
  for (const [name, row] of ours) {
    const found = theirs.get(name)
    if (found === undefined) {
      differences.push(`${where}, ${name}: is on the chain, but is not published`)
      continue
    }
    for (const column of new Set([...Object.keys(row), ...Object.keys(found)])) {
      const expected = row[column]
      if (column in row && expected === undefined) continue
      cells += 1
      const actual = found[column]
      if (isText ? isCell(String(actual), expected) : actual === expected) continue
      differences.push(`${where}, ${name}, ${column}: published ${show(actual)}, counted ${column in row ? show(expected) : 'no such column'}`)
    }
  }
  for (const name of theirs.keys()) if (!ours.has(name)) differences.push(`${where}, ${name}: is published, but is not on the chain`)
  const isSameOrder = differences.length > 0 || [...ours.keys()].join('\n') === [...theirs.keys()].join('\n')
  if (isOrdered && !isSameOrder) differences.push(`${where}: the rows stand in another order`)
  return { rows: counted.length, cells, differences }
}

/**
 * Holds a whole answer against what it should be, down to the last member. Members that are absent are undefined on both
 * sides; times may be written to the millisecond.
 */
export function compareAnswer(where: string, counted: AnswerObject, published: unknown): Comparison {
  const differences: string[] = []
  let cells = 0
  const compare = (path: string, expected: Answer, actual: unknown): void => {
    if (expected === unknowable) return
    if (Array.isArray(expected) && Array.isArray(actual)) {
      const items = expected as readonly Answer[]
      if (items.length !== actual.length) differences.push(`${path}: published ${actual.length} of them, counted ${items.length}`)
      else for (const [i, item] of items.entries()) compare(`${path}[${nameOf(item) ?? i}]`, item, actual[i])
      return
    }
    if (isObject(expected) && isObject(actual)) {
      for (const member of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
        const place = path === where ? `${where}, ${member}` : `${path}.${member}`
        if (expected[member] !== undefined || actual[member] !== undefined) compare(place, expected[member] as Answer, actual[member])
      }
      return
    }
    cells += 1
    const isSame = typeof expected === 'string' && typeof actual === 'string' ? actual === expected || actual.replace(/\.000Z$/, 'Z') === expected : actual === expected
    if (!isSame) differences.push(`${path}: published ${show(actual)}, counted ${show(expected)}`)
  }
  compare(where, counted, published)
  return { rows: 1, cells, differences }
}

/** What tells an item of a list from the others. */
function nameOf(item: Answer): string | undefined {
  if (!isObject(item)) return undefined
  const name = ['proposal_id', 'locode', 'parameter', 'thumbprint', 'city', 'incident'].map((member) => item[member]).find((value) => typeof value === 'string')
  return name as string | undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function byName<Item extends Readonly<Record<string, unknown>>>(key: readonly string[], rows: readonly Item[]): ReadonlyMap<string, Item> {
  const named = new Map<string, Item>()
  for (const row of rows) {
    const name = key.map((column) => String(row[column])).join(' ')
    let unique = name
    for (let copy = 2; named.has(unique); copy += 1) unique = `${name} (${copy})`
    named.set(unique, row)
  }
  return named
}

/** Text that a spreadsheet would take for a formula begins with an apostrophe. */
function isCell(cell: string, expected: Expected): boolean {
  const text = expected === null ? '' : String(expected)
  return cell === text || (cell === `'${text}` && /^[^\p{L}\p{N}]/u.test(text))
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
