import type { Cell, OpenDataColumn, Row } from './types.ts'

/**
 * A table as CSV: a line of names, CRLF, cells quoted where they must be, nothing for null. In columns of free text a
 * cell that a spreadsheet would run as a formula begins with an apostrophe.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180#section-2
 */
export function createCsv(columns: readonly OpenDataColumn[], rows: readonly Row[]): string {
  const head = columns.map(({ name }) => name).join(',')
  const lines = rows.map((row) => columns.map((column) => toCell(column, row[column.name] ?? null)).join(','))
  return [head, ...lines].map((line) => `${line}\r\n`).join('')
}

function toCell({ kind }: OpenDataColumn, value: Cell): string {
  const text = value === null ? '' : String(value)
  return quote(kind === 'text' ? disarm(text) : text)
}

/** @see https://owasp.org/www-community/attacks/CSV_Injection */
function disarm(text: string): string {
  return /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
