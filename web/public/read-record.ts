import { RecordError } from './record-error.ts'
import type { Index, PublishedTable, RecordBlock, TableName, Tables } from './rows.ts'

interface Page {
  readonly block: RecordBlock
  readonly rows: readonly unknown[]
  readonly next: string | null
}

/** What was asked for, all of it and all as of the same block. */
export interface PublicRecord<Name extends TableName> {
  readonly block: RecordBlock
  readonly tables: { readonly [Table in Name]: readonly Tables[Table][] }
}

export interface ReadOptions {
  /** As of which block; undefined for the last one. */
  readonly at: number | undefined
  /** Asks the city's service for a path. */
  get(path: string): Promise<unknown>
  /** Told how many rows have come, each time a table goes on on another page. */
  onProgress?(rows: number): void
}

/**
 * Reads tables to their last page, all as of one block: the last one unless another is asked for.
 *
 * @throws RecordError `ERR_RECORD_INCOMPLETE` when a later page does not come, `ERR_RECORD_CHANGED` when the chain went back
 * meanwhile; whatever `get` throws when nothing has come
 */
export async function readRecord<Name extends TableName>(names: readonly [Name, ...Name[]], { at, get, onProgress = () => {} }: ReadOptions): Promise<PublicRecord<Name>> {
  const number = at ?? (await get('/v1/open-data') as Index).block.number
  let sum = 0
  const read = async (name: Name) => {
    const { block, rows } = await readTable(name, number, get, (more) => {
      sum += more
      onProgress(sum)
    })
    return { name, block, rows }
  }
  const [one, ...others] = names
  const [first, ...rest] = await Promise.all([read(one), ...others.map(read)])
  const other = rest.find(({ block }) => block.hash !== first.block.hash)
  if (other !== undefined) throw new RecordError('ERR_RECORD_CHANGED', { table: other.name, rows: other.rows.length })
  return { block: first.block, tables: Object.fromEntries([first, ...rest].map(({ name, rows }) => [name, rows])) as PublicRecord<Name>['tables'] }
}

async function readTable(
  table: PublishedTable, number: number, get: ReadOptions['get'], onRows: (rows: number) => void,
): Promise<{ readonly block: RecordBlock; readonly rows: readonly unknown[] }> {
  const first = await get(queryOf(table, number)) as Page
  const pages = [first.rows]
  const count = (): number => pages.reduce((sum, rows) => sum + rows.length, 0)
  const asked = new Set<string>()
  for (let { next } = first; next !== null; ) {
    onRows(pages.at(-1)?.length ?? 0)
    // A service that sends its readers round in circles has no last page.
    if (asked.has(next)) throw new RecordError('ERR_RECORD_INCOMPLETE', { table, rows: count() })
    asked.add(next)
    const page: Page = await (get(next) as Promise<Page>).catch((cause: unknown) => {
      throw new RecordError('ERR_RECORD_INCOMPLETE', { table, rows: count(), cause })
    })
    if (page.block.hash !== first.block.hash) throw new RecordError('ERR_RECORD_CHANGED', { table, rows: count() })
    pages.push(page.rows)
    next = page.next
  }
  return { block: first.block, rows: pages.flat() }
}

/** The query that yields a table. */
export function queryOf(name: PublishedTable, block: number, format: 'json' | 'csv' = 'json'): string {
  return `/v1/open-data/${name}.${format}?block=${block}`
}
