import { SymbolonError } from '../../agent/errors.ts'
import type { PublishedTable } from './rows.ts'

export type RecordErrorCode = 'ERR_RECORD_INCOMPLETE' | 'ERR_RECORD_CHANGED'

/**
 * The record could not be read as a whole, and part of it makes no figures: a later page did not come, or the chain went
 * back between two answers.
 */
export class RecordError extends SymbolonError<RecordErrorCode> {
  readonly table: PublishedTable
  /** Rows of this table that had come by then. */
  readonly rows: number

  constructor(code: RecordErrorCode, { table, rows, cause }: { table: PublishedTable; rows: number; cause?: unknown }) {
    super(code, `${code} ${table}`, { cause })
    this.table = table
    this.rows = rows
  }
}
