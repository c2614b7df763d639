import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { countHardhat, countMocha, type Counts } from './lib/counts.ts'
import { bold, green, print, red } from './lib/terminal.ts'
import { takeTurns, type Turn } from './lib/turns.ts'

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
  readonly lane: Lane
  readonly env?: Readonly<Record<string, string>>
}

/** Parts of one lane run in order; lanes of one stage at the same time, the first of them heard first; stages one after the other. */
const stages = [['files', 'contracts'], ['services', 'browser'], ['audit']] as const
type Lane = (typeof stages)[number][number]

/** `nightly` has more inputs, longer sequences, and the checks of docs/audit that take minutes. */
type Profile = 'short' | 'nightly'

/** What a check ends with when it could not look at anything, and says so. */
const EXIT_SKIPPED = 77

const root = join(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const mocha = (...rest: string[]): string[] => [bin('mocha'), '--reporter', 'test/reporter.mjs', ...rest]

const parts: readonly Part[] = [
  { name: 'types', title: 'Types of the services', lane: 'files', command: [bin('tsc'), '-p', '.'], counts: 'check' },
  { name: 'types', title: 'Types of the web apps', lane: 'files', command: [bin('tsc'), '-p', 'web'], counts: 'check' },
  { name: 'types', title: 'Types of the tests of the web apps', lane: 'files', command: [bin('tsc'), '-p', 'test/web'], counts: 'check' },
  { name: 'lint', title: 'Lint', lane: 'files', command: [bin('eslint'), '--max-warnings', '0', '.'], counts: 'check' },
  { name: 'lint', title: 'Lint of the contracts', lane: 'files', command: [bin('solhint'), '--max-warnings', '0', 'contracts/**/*.sol'], counts: 'check' },
  {
    name: 'boundaries', title: 'Import boundaries', lane: 'files', counts: 'check',
    command: [bin('depcruise'), '--config', '.dependency-cruiser.js', '--output-type', 'err', 'agent', 'chain', 'api', 'web', 'scripts']
  },
  { name: 'exports', title: 'Dead exports and dependencies', lane: 'files', command: [bin('knip'), '--no-progress'], counts: 'check' },
  { name: 'web', title: 'Web apps and their size', lane: 'files', command: [process.execPath, 'web/build.ts'], counts: 'check' },
  {
    name: 'compile', title: 'Compiling the contracts', lane: 'contracts', counts: 'check', before: ['contracts', 'unit', 'e2e', 'engines'],
    command: [process.execPath, 'scripts/compile-contracts.ts', '--artifacts-only']
  },
  { name: 'contracts', title: 'Contracts', lane: 'contracts', command: [bin('hardhat'), 'test'], counts: 'hardhat', profile: 'short' },
  {
    name: 'contracts', title: 'Contracts, 10,000 inputs and long sequences', lane: 'contracts', counts: 'hardhat', profile: 'nightly',
    command: [bin('hardhat'), 'test', '--test-profile', 'nightly']
  },
  {
    name: 'unit', title: 'Units, stores and API', lane: 'services', counts: 'mocha',
    command: mocha('test/{agent,chain,api,scripts,web,docs,deploy}/**/*.test.ts')
  },
  {
    name: 'e2e', title: 'The main job in a browser', lane: 'browser', counts: 'mocha',
    command: mocha('test/e2e/**/*.test.ts', '--timeout', '300000', '--reporter-option', 'maxDiffSize=2000')
  },
  {
    name: 'coverage', title: 'Lines and branches that the contract tests reach', lane: 'audit', counts: 'check', profile: 'nightly',
    command: [process.execPath, 'scripts/audit/coverage.ts']
  },
  {
    name: 'engines', title: 'Contracts on EthereumJS', lane: 'audit', counts: 'hardhat', profile: 'nightly',
    command: [bin('hardhat'), 'test', 'mocha'], env: { SYMBOLON_TEST_ENGINE: 'ethereumjs' }
  },
  ...['hardhat', 'ethereumjs'].map((engine): Part => ({
    name: 'engines', title: `Outbox and index on ${engine}`, lane: 'audit', counts: 'mocha', profile: 'nightly',
    command: mocha('test/chain/**/*.test.ts'), env: { SYMBOLON_TEST_ENGINE: engine }
  })),
  { name: 'slither', title: 'Slither', lane: 'audit', counts: 'check', profile: 'nightly', command: [process.execPath, 'scripts/audit/slither.ts'] },
  { name: 'mutants', title: 'Mutants of the contracts', lane: 'audit', counts: 'check', profile: 'nightly', command: [process.execPath, 'scripts/audit/mutate.ts'] }
]

function run(part: Part, countsFile: string, profile: Profile, say: Turn['say']): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const [command = '', ...args] = part.command
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...part.env, SYMBOLON_TEST_COUNTS: countsFile, SYMBOLON_TEST_PROFILE: profile, FORCE_COLOR: '0' }
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
      if (part.counts !== 'check') say(chunk.toString())
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

async function countsOf(part: Part, profile: Profile, say: Turn['say']): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-test-'))
  const countsFile = join(folder, 'counts')
  writeFileSync(countsFile, '')
  try {
    const { code, output } = await run(part, countsFile, profile, say)
    if (part.counts === 'check') {
      // What takes minutes tells its figures; the others are heard only when they fail.
      if (code !== 0 || part.profile === 'nightly') say(`${output.trimEnd()}\n`)
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

async function runInOrder(parts: readonly Part[], profile: Profile, turn: Turn): Promise<Counts[]> {
  const all: Counts[] = []
  for (const part of parts) {
    turn.say(bold(`\n▸ ${part.title}\n`))
    const begun = performance.now()
    const counts = await countsOf(part, profile, turn.say)
    const word = counts.failed > 0 ? red('failed') : green('ok')
    turn.say(`  ${word} (${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped) ${((performance.now() - begun) / 1000).toFixed(0)} s\n`)
    all.push(counts)
  }
  turn.end()
  return all
}

function sumOf(counts: readonly Counts[]): Counts {
  const sum = (key: keyof Counts): number => counts.reduce((total, one) => total + one[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
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
  const chosen = partsOf(only, profile)
  const counts: Counts[] = []
  for (const stage of stages) {
    const turns = takeTurns(stage.length, (text) => { process.stdout.write(text) })
    const lanes = stage.map((lane) => chosen.filter((part) => part.lane === lane))
    counts.push(...(await Promise.all(turns.map(async (turn, index) => await runInOrder(lanes[index] ?? [], profile, turn)))).flat())
  }
  const total = sumOf(counts)
  print(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

if (import.meta.main) await main()
