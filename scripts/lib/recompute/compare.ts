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
