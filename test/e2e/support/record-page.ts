import type { Page } from 'playwright-core'
import { parseCsv } from '../../../scripts/lib/recompute/parse-csv.ts'
import type { Row, Shown, Tables } from './record-figures.ts'

/** A part of a page with figures: its name, and the queries it links to. */
export interface Part {
  readonly name: string
  readonly links: readonly string[]
}

interface PartElement {
  readonly dataset: { readonly figures?: string }
  querySelectorAll(selector: string): Iterable<{ readonly href: string }>
}

export async function partsOf(page: Page): Promise<readonly Part[]> {
  return await page.locator('main [data-figures]').evaluateAll((parts) => (parts as unknown as PartElement[]).map((part) => ({
    name: part.dataset.figures ?? '', links: [...part.querySelectorAll('a[href*="/v1/open-data/"]')].map(({ href }) => href),
  })))
}

/** Everything that looks like a figure and stands in no part that links to a query. */
export async function looseFigures(page: Page): Promise<readonly string[]> {
  const figures = ['table', 'dl.facts', '.bar', '.number', '.big-number', '.tile-value', '.cards', 'ol.things', '[data-testid=block]']
  return await page.locator(figures.map((selector) => `main ${selector}`).join(', ')).evaluateAll((found) =>
    (found as unknown as { closest(selector: string): unknown; outerHTML: string }[]).filter((one) => one.closest('[data-figures]') === null).map((one) => one.outerHTML.slice(0, 200)))
}

/** What a page shows otherwise than these tables say, in words. */
export async function differencesOn(page: Page, shown: readonly Shown[], tables: Tables): Promise<readonly string[]> {
  const differences: string[] = []
  for (const { part, selector, pattern, texts } of shown) {
    const all = (await page.locator(`main [data-figures="${part}"]`).locator(selector).allTextContents()).map((text) => text.trim())
    const actual = pattern === undefined ? all : all.flatMap((text) => text.match(new RegExp(pattern, 'g')) ?? [])
    const expected = texts(tables)
    if (JSON.stringify(actual) !== JSON.stringify(expected)) differences.push(`${part}, ${selector}: shows ${JSON.stringify(actual)}, counted ${JSON.stringify(expected)}`)
  }
  return differences
}

/** The tables behind a part's links, asked for as whoever follows the links would; each has to answer, and say the same in both forms. */
export async function tablesBehind({ links }: Part): Promise<{ readonly tables: Tables; readonly blocks: readonly number[] }> {
  const found = new Map<string, readonly Row[]>()
  const blocks: number[] = []
  for (const link of links) {
    const response = await fetch(link)
    if (response.status !== 200) throw new Error(`${link} answered ${response.status}`)
    const [, name = '', format] = /open-data\/(\w+)\.(\w+)/.exec(link) ?? []
    if (format === 'json') {
      const { rows, block } = await response.json() as { rows: Row[]; block: { number: number } }
      found.set(name, rows)
      blocks.push(block.number)
    } else {
      blocks.push(Number(response.headers.get('symbolon-block')))
      const lines = parseCsv(await response.text()).length - 1
      if (found.has(name) && found.get(name)?.length !== lines) throw new Error(`${link} has ${lines} rows, the same as JSON ${found.get(name)?.length ?? 0}`)
    }
  }
  return {
    blocks,
    tables(name) {
      const rows = found.get(name)
      if (rows === undefined) throw new Error(`no link leads to ${name}`)
      return rows
    },
  }
}
