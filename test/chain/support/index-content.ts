import { derivedTables } from '../../../chain/tables.ts'
import type { ChainDb } from './database.ts'

/** Everything the index holds, as plain values in a fixed order: two indexes of one chain are equal. */
export async function readIndexContent(db: ChainDb): Promise<Record<string, readonly string[]>> {
  const content: Record<string, readonly string[]> = {}
  for (const table of ['chain_cursor', 'chain_events', ...derivedTables] as const) {
    const rows: readonly object[] = await db.selectFrom(table).selectAll().execute()
    content[table] = rows.map(toText).sort()
  }
  return content
}

function toText(row: object): string {
  const sorted = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(sorted, (_, value: unknown) => {
    const bytes = (value as { type?: string; data?: number[] } | null)?.type === 'Buffer' ? Buffer.from((value as { data: number[] }).data) : value
    return bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : value
  })
}
