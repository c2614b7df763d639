import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import type { Bench, Figure } from './measure.ts'

/**
 * Runs every `bench/*.bench.ts`, or those whose names contain one of the arguments; prints each rate beside what it
 * is held against, and writes all of it to `bench-results/`. Ends with 1 when a target is missed.
 */
const folder = import.meta.dirname
const wanted = process.argv.slice(2)
const files = (await readdir(folder)).filter((file) => file.endsWith('.bench.ts')).sort()
const chosen = files.filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))

const groups: Array<{ file: string, figures: readonly Figure[] }> = []
for (const file of chosen) {
  const { run } = await import(join(folder, file)) as { run?: Bench }
  if (run === undefined) throw new TypeError(`${file} exports no function run`)
  console.log(`\n${file.replace('.bench.ts', '')}`)
  const figures = (await run()).map(withRatio)
  for (const figure of figures) console.log(`  ${describe(figure)}`)
  groups.push({ file, figures })
}

const results = join(folder, '..', 'bench-results')
await mkdir(results, { recursive: true })
const at = new Date().toISOString()
const report = { at, node: process.version, processor: cpus()[0]?.model, cores: availableParallelism(), groups }
const path = join(results, `${at.replaceAll(':', '-')}.json`)
await writeFile(path, `${JSON.stringify(report, undefined, 2)}\n`)

const missed = groups.flatMap(({ figures }) => figures).filter((figure) => !isMet(figure))
console.log(`\n${path}`)
for (const figure of missed) console.error(`missed: ${describe(figure)}`)
process.exitCode = missed.length > 0 ? 1 : 0

function describe(figure: Figure): string {
  const { name, ratePerSecond, native, ratio, target, note } = figure
  const beside = native === undefined ? '' : `  ${ratio !== undefined && ratio < 0.1 ? ratio.toPrecision(2) : ratio?.toFixed(2)} × ${native.name} (${format(native.ratePerSecond)}/s)`
  const verdict = target === undefined ? '' : `  target ${target}: ${isMet(figure) ? 'met' : 'missed'}`
  return `${name.padEnd(52)}${format(ratePerSecond).padStart(9)}/s${beside}${verdict}${note === undefined ? '' : `  (${note})`}`
}

function withRatio(figure: Figure): Figure {
  const { ratePerSecond, native } = figure
  return native === undefined ? figure : { ratio: ratePerSecond / native.ratePerSecond, ...figure }
}

function isMet({ ratio, target }: Figure): boolean {
  return target === undefined || (ratio !== undefined && ratio >= target)
}

function format(rate: number): string {
  return rate >= 100 ? Math.round(rate).toLocaleString('en') : rate.toPrecision(3)
}
