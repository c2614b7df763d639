import { stripVTControlCharacters } from 'node:util'

/** What one part of a test run counted. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/**
 * Reads what Hardhat prints. After both kinds of tests it prints totals such as `119 passing (90 solidity, 29 mocha)`;
 * the lines before them, such as `29 passing (3s)`, tell of one kind and are part of the totals. Run for one kind alone,
 * it prints no totals.
 */
export function countHardhat(output: string): Counts {
  const lines = [...stripVTControlCharacters(output).matchAll(/^[ \t]*(\d+) (passing|failing|pending|skipped)\b[ \t]*(\(\d+ \w+(?:, \d+ \w+)*\))?/gm)]
  const totals = lines.filter((line) => line[3] !== undefined)
  const told = totals.length > 0 ? totals : lines
  const last = (...words: string[]): number => Number(told.findLast((line) => words.includes(line[2] ?? ''))?.[1] ?? 0)
  return { passed: last('passing'), failed: last('failing'), skipped: last('skipped', 'pending') }
}

/** Reads what the reporter left: one line of passes, failures and pending for each run. */
export function countMocha(lines: string): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const line of lines.trim().split('\n').filter(Boolean)) {
    const [passed = 0, failed = 0, skipped = 0] = line.split(' ').map(Number)
    counts.passed += passed
    counts.failed += failed
    counts.skipped += skipped
  }
  return counts
}
