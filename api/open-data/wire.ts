import { z } from 'zod'
import type { Cell, ColumnKind, OpenDataTable } from './types.ts'

const blockNumber = z.string().regex(/^\d{1,15}$/, 'a block number').transform(Number)

export const blockSchema = z.object({ number: z.int(), hash: z.string(), time: z.iso.datetime() })

export const tableQuery = z.object({
  block: blockNumber.optional().meta({ description: 'As of which block; the last one by default.' }),
})

export const pagedTableQuery = tableQuery.extend({
  from_block: blockNumber.optional().meta({ description: 'First block whose rows are wanted: where the page before said the next one begins.' }),
})

export const indexSchema = z.object({
  title: z.string(),
  licence: z.object({ name: z.string(), url: z.string() }),
  publisher: z.object({ locode: z.string(), name: z.string(), did: z.string() }),
  chain_id: z.int(),
  directory: z.string(),
  first_block: z.int(),
  block: blockSchema,
  tables: z.array(z.object({
    name: z.string(), title: z.string(), description: z.string(), csv: z.string(), json: z.string(), paged: z.boolean(),
    columns: z.array(z.object({ name: z.string(), kind: z.string(), description: z.string() })),
  })),
}).meta({ id: 'OpenDataIndex' })

const kinds: Readonly<Record<ColumnKind, z.ZodType<Cell>>> = {
  text: z.string(), code: z.string(), integer: z.int(), units: z.string().regex(/^-?\d+$/), time: z.iso.datetime(), boolean: z.boolean(),
}

/** The JSON form of a table. */
export function tableSchema(table: OpenDataTable): z.ZodType {
  const row = Object.fromEntries(table.columns.map(({ name, kind, description }) => [name, kinds[kind].nullable().meta({ description })]))
  return z.object({
    table: z.literal(table.name),
    chain_id: z.int(),
    block: blockSchema,
    rows: z.array(z.strictObject(row)),
    next: z.string().nullable().meta({ description: 'Where the next page is; null on the last one.' }),
  })
}
