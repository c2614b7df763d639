import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { countHardhat, countMocha, type Counts } from './lib/counts.ts'
import { bold, green, print, red } from './lib/terminal.ts'

interface Part {
  readonly name: string
  readonly title: string
  readonly command: readonly string[]
  /** How the counts are had: a check counts as one, the test runners tell theirs. */
  readonly counts: 'check' | 'mocha' | 'hardhat'
  /** Other parts that cannot do without this one: it runs when any of them does. */
  readonly before?: readonly string[]
  /** The profile that has this part; both when not given. */
  readonly profile?: Profile
}

/** `nightly` has more inputs, longer sequences, and the checks of docs/audit that take minutes. */
type Profile = 'short' | 'nightly'

/** What a check ends with when it could not look at anything, and says so. */
const EXIT_SKIPPED = 77

const root = join(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const mocha = (...rest: string[]): string[] => [bin('mocha'), '--reporter', 'test/reporter.mjs', ...rest]

const parts: readonly Part[] = [
  { name: 'types', title: 'Types of the services', command: [bin('tsc'), '-p', '.'], counts: 'check' },
  { name: 'types', title: 'Types of the web apps', command: [bin('tsc'), '-p', 'web'], counts: 'check' },
  { name: 'types', title: 'Types of the tests of the web apps', command: [bin('tsc'), '-p', 'test/web'], counts: 'check' },
  { name: 'lint', title: 'Lint', command: [bin('eslint'), '--max-warnings', '0', '.'], counts: 'check' },
  { name: 'lint', title: 'Lint of the contracts', command: [bin('solhint'), '--max-warnings', '0', 'contracts/**/*.sol'], counts: 'check' },
  {
    name: 'boundaries', title: 'Import boundaries', counts: 'check',
    command: [bin('depcruise'), '--config', '.dependency-cruiser.js', '--output-type', 'err', 'agent', 'chain', 'api', 'web', 'scripts']
  },
  { name: 'exports', title: 'Dead exports and dependencies', command: [bin('knip'), '--no-progress'], counts: 'check' },
  {
    name: 'compile', title: 'Compiling the contracts', counts: 'check', before: ['contracts', 'unit', 'e2e'],
    command: [process.execPath, 'scripts/compile-contracts.ts', '--artifacts-only']
  },
  { name: 'contracts', title: 'Contracts', command: [bin('hardhat'), 'test'], counts: 'hardhat', profile: 'short' },
  {
    name: 'contracts', title: 'Contracts, 10,000 inputs and long sequences', counts: 'hardhat', profile: 'nightly',
    command: [bin('hardhat'), 'test', '--test-profile', 'nightly']
  },
  {
    name: 'coverage', title: 'Lines and branches that the contract tests reach', counts: 'check', profile: 'nightly',
    command: [process.execPath, 'scripts/audit/coverage.ts']
  },
  { name: 'slither', title: 'Slither', counts: 'check', profile: 'nightly', command: [process.execPath, 'scripts/audit/slither.ts'] },
  { name: 'mutants', title: 'Mutants of the contracts', counts: 'check', profile: 'nightly', command: [process.execPath, 'scripts/audit/mutate.ts'] },
  { name: 'web', title: 'Web apps and their size', command: [process.execPath, 'web/build.ts'], counts: 'check' },
  { name: 'unit', title: 'Units, stores and API', command: mocha('test/{agent,chain,api,scripts,web,docs,deploy}/**/*.test.ts'), counts: 'mocha' },
  {
    name: 'e2e', title: 'The main job in a browser', counts: 'mocha',
    command: mocha('test/e2e/**/*.test.ts', '--timeout', '300000', '--reporter-option', 'maxDiffSize=2000')
  }
]

function run(part: Part, countsFile: string, profile: Profile): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const [command = '', ...args] = part.command
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, SYMBOLON_TEST_COUNTS: countsFile, SYMBOLON_TEST_PROFILE: profile, FORCE_COLOR: '0' }
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
      if (part.counts !== 'check') process.stdout.write(chunk)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** The parts of these names, in order, with those that have to run before them; all of the profile when no names are given. */
export function partsOf(only?: readonly string[], profile: Profile = 'short'): readonly Part[] {
  const own = parts.filter((part) => part.profile === undefined || part.profile === profile)
  if (only === undefined) return own
  return own.filter(({ name, before = [] }) => [name, ...before].some((wanted) => only.includes(wanted)))
}

async function countsOf(part: Part, profile: Profile): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-test-'))
  const countsFile = join(folder, 'counts')
  writeFileSync(countsFile, '')
  try {
    const { code, output } = await run(part, countsFile, profile)
    if (part.counts === 'check') {
      // What takes minutes tells its figures; the others are heard only when they fail.
      if (code !== 0 || part.profile === 'nightly') print(output.trimEnd())
      const skipped = code === EXIT_SKIPPED
      return { passed: code === 0 ? 1 : 0, failed: code === 0 || skipped ? 0 : 1, skipped: skipped ? 1 : 0 }
    }
    const counts = part.counts === 'mocha' ? countMocha(readFileSync(countsFile, 'utf8')) : countHardhat(output)
    // A runner that broke off, or ran nothing, has not passed.
    const ranNothing = counts.passed + counts.failed + counts.skipped === 0
    if ((code !== 0 || ranNothing) && counts.failed === 0) counts.failed = 1
    return counts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, profile: { type: 'string', default: 'short' }, help: { type: 'boolean', short: 'h' } } })
  const { profile } = values
  if (profile !== 'short' && profile !== 'nightly') {
    print(red(`Unknown profile ${profile}: the profiles are short and nightly.`))
    process.exitCode = 2
    return
  }
  const names = [...new Set(partsOf(undefined, profile).map((part) => part.name))]
  if (values.help === true) {
    print(`npm test                       everything\nnpm test -- --only ${names.join(',')}   some parts\nnpm run test:nightly           more inputs, longer sequences, coverage, Slither, mutants`)
    return
  }
  const only = values.only?.split(',')
  const unknown = only?.filter((name) => !names.includes(name)) ?? []
  if (unknown.length > 0) {
    print(red(`Unknown part ${unknown.join(', ')}: the parts are ${names.join(', ')}.`))
    process.exitCode = 2
    return
  }
  const total: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const part of partsOf(only, profile)) {
    print(bold(`\n▸ ${part.title}`))
    const begun = performance.now()
    const counts = await countsOf(part, profile)
    const word = counts.failed > 0 ? red('failed') : green('ok')
    print(`  ${word} (${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped) ${((performance.now() - begun) / 1000).toFixed(0)} s`)
    total.passed += counts.passed
    total.failed += counts.failed
    total.skipped += counts.skipped
  }
  print(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

if (import.meta.main) await main()
