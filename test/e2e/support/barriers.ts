import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

interface AxeResult {
  readonly violations: { readonly id: string; readonly nodes: { readonly target: string[] }[] }[]
}

/** What keeps somebody out of a page, as axe finds it. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate<AxeResult, string[]>((tags) => {
    const { axe: runner } = globalThis as unknown as { axe: { run(context: object, options: object): Promise<AxeResult> } }
    // The announcer of the widget library keeps a stale label for a moment.
    return runner.run({ exclude: [['[data-live-announcer]']] }, { runOnly: tags })
  }, rules)
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}
