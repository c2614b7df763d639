import type { IncomingHttpHeaders } from 'node:http'
import { isoOf } from '../../agent/trust-lists/times.ts'
import type { CityIdentity } from '../city/identity.ts'
import { answerCacheable, notModified } from '../platform/conditional.ts'
import { defineRoute, type RouteDefinition, type RouteOutput } from '../platform/route.ts'
import { createCsv } from './csv.ts'
import type { OpenDataService, TablePage, TableQuery } from './service.ts'
import { openDataTables } from './tables.ts'
import type { DataBlock, OpenDataTable } from './types.ts'
import { indexSchema, pagedTableQuery, tableQuery, tableSchema } from './wire.ts'

export interface OpenDataRoutesOptions {
  readonly identity: CityIdentity
  readonly chainId: number
  /** Address of the contract from which all others are found. */
  readonly directory: string
  readonly deployedAtBlock: number
}

const tag = 'Open data'
const base = '/v1/open-data'
/** @see https://www.rfc-editor.org/rfc/rfc4180#section-3 */
const csvType = 'text/csv; charset=utf-8; header=present'
/** @see https://creativecommons.org/publicdomain/zero/1.0/ */
const licence = { name: 'CC0-1.0', url: 'https://creativecommons.org/publicdomain/zero/1.0/' }

/** The public record as tables, for whoever wants to count again. */
export function createOpenDataRoutes(service: OpenDataService, options: OpenDataRoutesOptions): readonly RouteDefinition[] {
  return [
    defineRoute({
      method: 'get', path: base, tag, summary: 'Which tables there are, what their columns mean, and up to which block',
      access: 'public', cors: true, responses: { 200: indexSchema, 304: notModified },
      handle: async ({ headers }) => {
        const block = await service.latestBlock()
        return answer(headers, toIndex(block, options), { block, isPinned: false })
      },
    }),
    ...openDataTables.flatMap((table) => tableRoutes(service, table, options)),
  ]
}

function tableRoutes(service: OpenDataService, table: (typeof openDataTables)[number], { chainId }: OpenDataRoutesOptions): readonly RouteDefinition[] {
  const common = {
    method: 'get' as const, tag, access: 'public' as const, cors: true, query: table.isPaged ? pagedTableQuery : tableQuery,
    description: 'The header `Symbolon-Block` names the block; with `?block=` the answer stays the same. docs/open-data.md says what the columns mean.',
  }
  const read = async (query: TableQuery & { from_block?: number | undefined }): Promise<TablePage> =>
    await service.readTable(table.name, { block: query.block, fromBlock: query.from_block })
  return [
    defineRoute({
      ...common, path: `${base}/${table.name}.csv`, summary: `${table.description} (CSV)`,
      responses: { 200: { mediaType: 'text/csv', description: 'RFC 4180, UTF-8' }, 304: notModified },
      handle: async ({ headers, query }) => {
        const page = await read(query)
        const isPinned = query.block !== undefined
        return answer(headers, createCsv(table.columns, page.rows), { block: page.block, isPinned, mediaType: csvType, next: nextOf(page, 'csv') })
      },
    }),
    defineRoute({
      ...common, path: `${base}/${table.name}.json`, summary: `${table.description} (JSON)`,
      responses: { 200: tableSchema(table), 304: notModified },
      handle: async ({ headers, query }) => {
        const page = await read(query)
        const next = nextOf(page, 'json')
        const body = { table: table.name, chain_id: chainId, block: toWireBlock(page.block), rows: page.rows, next: next ?? null }
        return answer(headers, body, { block: page.block, isPinned: query.block !== undefined, next })
      },
    }),
  ]
}

/** Where the next page is: of the same block, so that all pages belong together. */
function nextOf({ table, block, nextFromBlock }: TablePage, format: 'csv' | 'json'): string | undefined {
  return nextFromBlock === undefined ? undefined : `${base}/${table.name}.${format}?block=${block.number}&from_block=${nextFromBlock}`
}

interface AnswerOptions {
  readonly block: DataBlock
  /** The block was asked for: the answer stays the same. */
  readonly isPinned: boolean
  readonly mediaType?: string
  readonly next?: string | undefined
}

function answer(headers: IncomingHttpHeaders, body: unknown, { block, isPinned, mediaType, next }: AnswerOptions): RouteOutput {
  const output = answerCacheable(headers, body, { maxAgeSeconds: isPinned ? 300 : 2 })
  const links = [`<${licence.url}>; rel="license"`, ...(next === undefined ? [] : [`<${next}>; rel="next"`])]
  const more = {
    'symbolon-block': String(block.number),
    link: links.join(', '),
    'access-control-expose-headers': 'symbolon-block, link, etag, ratelimit, ratelimit-policy, retry-after',
  }
  return { ...output, headers: { ...output.headers, ...more }, ...(mediaType === undefined || output.status === 304 ? {} : { mediaType }) }
}

function toIndex(block: DataBlock, { identity, chainId, directory, deployedAtBlock }: OpenDataRoutesOptions) {
  return {
    title: 'What the cities agreed on, and what became of it',
    licence,
    publisher: { locode: identity.locode, name: identity.cityName, did: identity.did },
    chain_id: chainId, directory, first_block: deployedAtBlock, block: toWireBlock(block),
    tables: openDataTables.map(({ name, title, description, columns, isPaged }: OpenDataTable) => ({
      name, title, description, csv: `${base}/${name}.csv`, json: `${base}/${name}.json`, paged: isPaged, columns,
    })),
  }
}

function toWireBlock({ number, hash, timestampSeconds }: DataBlock) {
  return { number, hash, time: isoOf(timestampSeconds) }
}
