import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'
import { createCsv, downloadText } from './csv.ts'

export interface Column<Row> {
  readonly key: string
  readonly title: string
  /** What is shown; without it the column is in the exported file alone. */
  cell?(row: Row): ReactNode
  /** What is exported; without it the column is left out of the file. */
  text?(row: Row): string | number
  readonly isNumber?: boolean
}

export interface DataTableProps<Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  rowKey(row: Row): string
  /** Name of the exported file without its ending; without it there is no export. */
  readonly exportName?: string
  readonly empty?: ReactNode
}

/** A table that becomes a list of labelled lines on narrow screens, and can be taken away as a CSV file. */
export function DataTable<Row>({ caption, columns, rows, rowKey, exportName, empty }: DataTableProps<Row>) {
  const { t } = useTranslation()
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>
  const shown = columns.filter((column) => column.cell !== undefined)
  const exported = columns.filter((column) => column.text !== undefined)
  return (
    <div className="table-wrap">
      <table className="table">
        <caption>{caption}</caption>
        <thead>
          <tr>{shown.map((column) => (
            <th key={column.key} scope="col" className={column.isNumber === true ? 'number' : undefined}>{column.title}</th>
          ))}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {shown.map((column) => (
                <td key={column.key} data-title={column.title} className={column.isNumber === true ? 'number' : undefined}>
                  {column.cell?.(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {exportName !== undefined && rows.length > 0 && (
        <Button
          kind="quiet"
          onPress={() => downloadText(`${exportName}.csv`, 'text/csv', createCsv(
            exported.map((column) => column.title),
            rows.map((row) => exported.map((column) => column.text?.(row) ?? '')),
          ))}
        >
          {t('table.export')}
        </Button>
      )}
    </div>
  )
}
