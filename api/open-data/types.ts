/** How a column is written: see docs/open-data.md. `units` are whole numbers without bound, as text in JSON. */
export type ColumnKind = 'text' | 'code' | 'integer' | 'units' | 'time' | 'boolean'

export interface OpenDataColumn {
  readonly name: string
  readonly kind: ColumnKind
  readonly description: string
}

/** A value of a row; null where there is none. */
export type Cell = string | number | boolean | null
export type Row = Readonly<Record<string, Cell>>

export interface OpenDataTable {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly columns: readonly OpenDataColumn[]
  /** Long tables come in pages of whole blocks; each of their rows has a `block`. */
  readonly isPaged: boolean
}

export interface DataBlock {
  readonly number: number
  readonly hash: string
  readonly timestampSeconds: number
}
