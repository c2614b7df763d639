/**
 * Reads CSV into lines of cells.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180#section-2
 */
export function parseCsv(text: string): readonly (readonly string[])[] {
  const lines: string[][] = []
  let cells: string[] = []
  let at = 0
  while (at < text.length) {
    let cell = ''
    if (text[at] === '"') {
      at += 1
      for (;;) {
        const quote = text.indexOf('"', at)
        if (quote < 0) throw new SyntaxError('a quoted cell does not end')
        cell += text.slice(at, quote)
        at = quote + 1
        if (text[at] !== '"') break
        cell += '"'
        at += 1
      }
    } else {
      const end = /[,\r\n]/g
      end.lastIndex = at
      const found = end.exec(text)?.index ?? text.length
      cell = text.slice(at, found)
      at = found
    }
    cells.push(cell)
    if (text[at] === ',') {
      at += 1
      // A comma at the very end of a line is followed by one more cell, an empty one.
      if (at === text.length || text[at] === '\r' || text[at] === '\n') cells.push('')
    }
    if (at >= text.length || text[at] === '\r' || text[at] === '\n') {
      lines.push(cells)
      cells = []
      at += text.startsWith('\r\n', at) ? 2 : 1
    }
  }
  return lines
}
