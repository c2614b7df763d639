import { api } from '../ui/api-client.ts'
import { useRequest } from '../ui/use-request.ts'
import type { Index, RecordBlock, TableName, Tables } from './rows.ts'

interface Page<Row> {
  readonly block: RecordBlock
  readonly rows: readonly Row[]
  readonly next: string | null
}

/** What was asked for, all as of the same block. */
export interface PublicRecord<Name extends TableName> {
  readonly block: RecordBlock
  readonly tables: { readonly [Table in Name]: readonly Tables[Table][] }
}

const renewMilliseconds = 10_000
/** More rows of a table than these pages are shown elsewhere: in the file. */
const mostPages = 5

/** Reads tables as of a block, or as of the last one, again and again. */
export function useRecord<Name extends TableName>(names: readonly Name[], at: number | undefined) {
  return useRequest(`${at ?? 'now'} ${names.join(' ')}`, async (signal): Promise<PublicRecord<Name>> => {
    const number = at ?? (await api.get<Index>('/v1/open-data', { signal })).block.number
    const pages = await Promise.all(names.map(async (name) => [name, await readTable(name, number, signal)] as const))
    const block = pages[0]?.[1].block ?? { number, hash: '', time: '' }
    return { block, tables: Object.fromEntries(pages.map(([name, { rows }]) => [name, rows])) as PublicRecord<Name>['tables'] }
  }, { everyMs: at === undefined ? renewMilliseconds : undefined })
}

async function readTable(name: TableName, block: number, signal: AbortSignal): Promise<Page<unknown>> {
  const first = await api.get<Page<unknown>>(queryOf(name, block), { signal })
  const rows = [...first.rows]
  let { next } = first
  for (let page = 1; next !== null && page < mostPages; page += 1) {
    const more: Page<unknown> = await api.get<Page<unknown>>(next, { signal })
    rows.push(...more.rows)
    next = more.next
  }
  return { ...first, rows }
}

/** The query that yields a table. */
export function queryOf(name: TableName, block: number, format: 'json' | 'csv' = 'json'): string {
  return `/v1/open-data/${name}.${format}?block=${block}`
}
