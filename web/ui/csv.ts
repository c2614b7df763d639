/**
 * A CSV file that spreadsheets open as text: quoted, CRLF, and with cells that would run as a formula disarmed.
 * @see https://www.rfc-editor.org/rfc/rfc4180#section-2
 */
export function createCsv(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => cells.map(quoteCell).join(',')
  return [titles, ...rows].map(line).join('\r\n') + '\r\n'
}

function quoteCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell)
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return `"${safe.replaceAll('"', '""')}"`
}

/** Gives the person a file. */
export function downloadText(name: string, mediaType: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: `${mediaType};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
