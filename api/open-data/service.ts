import type { TrustHistory } from '../../chain/history.ts'
import { ApiError } from '../platform/errors.ts'
import { rowsOf } from './rows.ts'
import type { OpenDataStore } from './store.ts'
import { openDataTables, type TableName } from './tables.ts'
import type { DataBlock, OpenDataTable, Row } from './types.ts'

export interface TableQuery {
  /** As of which block; the last one by default. */
  readonly block?: number | undefined
  /** Of a long table, the first block whose rows are wanted. */
  readonly fromBlock?: number | undefined
}

export interface TablePage {
  readonly table: OpenDataTable
  readonly block: DataBlock
  readonly rows: readonly Row[]
  /** Where the next page begins; undefined on the last one. */
  readonly nextFromBlock: number | undefined
}

export interface OpenDataService {
  /** The last block that is published. */
  latestBlock(): Promise<DataBlock>
  /**
   * A table as of a block, the same for the same block whenever it is asked for. Long tables come in pages of whole blocks.
   *
   * @throws ChainError `ERR_CHAIN_BLOCK_AHEAD`, `ERR_CHAIN_BLOCK_TOO_EARLY`, `ERR_CHAIN_UNREACHABLE`, `ERR_CHAIN_MISMATCH`
   */
  readTable(name: TableName, query?: TableQuery): Promise<TablePage>
}

export interface OpenDataOptions {
  readonly store: OpenDataStore
  readonly history: TrustHistory
  /** Most rows of a page, but for a single block that has more. */
  readonly pageRows?: number
}

/** Publishes what stands on the chain as tables, from the city's own index. */
export function createOpenDataService({ store, history, pageRows = 10_000 }: OpenDataOptions): OpenDataService {
  async function read(name: TableName, blockNumber: number, fromBlock: number): Promise<TablePage> {
    const register = await history.at({ block: blockNumber })
    const { block } = register
    const fold = await store.foldUpTo(block.number)
    const redeemed = name === 'programs' ? await store.redeemedByProgram(block.number) : new Map()
    const heads = name === 'status_lists' ? await store.listHeads(block.number) : new Map()
    const redemptions = name === 'redemptions' ? await store.redemptions(fromBlock, block.number, pageRows) : []
    const rows = rowsOf(name, { register, fold, redeemed, heads, redemptions })
    // All of it was read from one chain, unless the chain went back in between.
    if ((await history.at({ block: block.number })).block.hash !== block.hash) throw new ApiError('ERR_CHAIN_UNAVAILABLE')
    const table = openDataTables.find((one) => one.name === name)
    if (table === undefined) throw new TypeError(`no table ${name}`)
    return { table, block, ...page(table, rows, fromBlock, block.number) }
  }

  function page(table: OpenDataTable, all: readonly Row[], fromBlock: number, lastBlock: number): Pick<TablePage, 'rows' | 'nextFromBlock'> {
    if (!table.isPaged) return { rows: all, nextFromBlock: undefined }
    const rows = fromBlock === 0 ? all : all.filter((row) => Number(row['block']) >= fromBlock)
    const over = rows[pageRows]
    if (over === undefined) return { rows, nextFromBlock: undefined }
    const overBlock = Number(over['block'])
    const isOneBlock = Number(rows[0]?.['block']) === overBlock
    // A block is never cut, however much is in it.
    const nextFromBlock = isOneBlock ? overBlock + 1 : overBlock
    return { rows: rows.filter((row) => Number(row['block']) < nextFromBlock), nextFromBlock: nextFromBlock > lastBlock ? undefined : nextFromBlock }
  }

  return {
    async latestBlock() {
      return (await history.at()).block
    },
    async readTable(name, { block, fromBlock = 0 } = {}) {
      return await read(name, block ?? (await history.at()).block.number, fromBlock)
    },
  }
}
