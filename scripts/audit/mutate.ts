import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Artifact, ArtifactId } from '@nomicfoundation/edr'
import { bold, dim, green, print, red } from '../lib/terminal.ts'
import { mutantsOf, type Mutant } from './lib/mutants.ts'
import { artifactsOf, runTests, suitesOf, withoutRepeats, type RunOptions } from './lib/run-tests.ts'
import { compile, errorsOf, listContractFiles, listTestFiles, reachableFrom, readSources, rootDir, rootsReaching, type Sources } from './lib/sources.ts'
import { compileSwitched, switchOn } from './lib/switches.ts'
import { parseFiles } from './lib/syntax.ts'

/** Least share of mutants that the tests have to notice. */
const REQUIRED = 0.95

/** First everything quickly, then what got away with more inputs and with the invariants. */
const quick: RunOptions = { fuzzRuns: 12, excludePattern: '^invariant' }
const thorough: RunOptions = { fuzzRuns: 64, invariantRuns: 8, invariantDepth: 40 }
const rounds = [quick, thorough]

const resultsFile = join(rootDir, 'test-results', 'mutants.json')
const equivalentsFile = join(rootDir, 'docs', 'audit', 'mutants.json')

/** `invalid`: the compiler refuses it, so that nobody could have written it. */
type Fate = 'killed' | 'survived' | 'invalid'

/** A mutant that changes nothing anyone could see, and why. */
interface Equivalent {
  readonly where: string
  /** The line with the mistake in it, where the function has more than one of the kind. */
  readonly code?: string
  readonly original: string
  readonly replacement: string
  readonly reason: string
}

interface Results {
  /** Of all contracts: with others, everything is tried again. */
  contracts: string
  /** Of all tests: with others, what survived is tried again. */
  tests: string
  fates: Record<string, Fate>
  /** How often tests were the first to notice a mutant of a contract, or of a kind. Only says whom to ask first. */
  readonly kills: Record<string, number>
}

const keyOf = ({ file, start, end, replacement, kind }: Mutant): string => [file, start, end, kind, replacement].join(' ')

function fingerprintOf(sources: Sources, wanted: (path: string) => boolean): string {
  const hash = createHash('sha256')
  for (const path of [...sources.keys()].filter(wanted).sort()) hash.update(`${path}\0${sources.get(path) ?? ''}\0`)
  return hash.digest('hex')
}

/** What earlier runs found out and still holds. */
function readResults(sources: Sources, fresh: boolean): Results {
  const isTest = (path: string): boolean => path.startsWith('test/')
  const results: Results = {
    contracts: fingerprintOf(sources, (path) => !isTest(path)), tests: fingerprintOf(sources, isTest), fates: {}, kills: {},
  }
  if (fresh || !existsSync(resultsFile)) return results
  const { kills = {}, ...kept } = JSON.parse(readFileSync(resultsFile, 'utf8')) as Partial<Results> & Omit<Results, 'kills'>
  if (kept.contracts !== results.contracts) return { ...results, kills }
  const holds = ([, fate]: [string, Fate]): boolean => fate !== 'survived' || kept.tests === results.tests
  return { ...results, kills, fates: Object.fromEntries(Object.entries(kept.fates).filter(holds)) }
}

function writeResults(results: Results): void {
  mkdirSync(join(rootDir, 'test-results'), { recursive: true })
  writeFileSync(resultsFile, JSON.stringify(results, null, 1))
}

/** Tests in the order in which they are asked: by how often they were the first to notice such mutants. */
function byKills<T>(kills: Results['kills'], kinds: readonly string[], tests: readonly T[], nameOf: (test: T) => string): T[] {
  const count = (kind: string, test: T): number => kills[`${kind} ${nameOf(test)}`] ?? 0
  return tests.toSorted((a, b) => kinds.reduce((order, kind) => order || count(kind, b) - count(kind, a), 0))
}

/** Whether one of these suites fails; stops at the first that does. */
async function isNoticed(kills: Results['kills'], kinds: readonly string[], artifacts: readonly Artifact[], suites: readonly ArtifactId[], options: RunOptions): Promise<boolean> {
  for (const suite of byKills(kills, kinds, suites, ({ name }) => name)) {
    if ((await runTests(artifacts, [suite], options)).failed.length === 0) continue
    for (const kind of kinds) {
      for (const name of [suite.name, suite.source]) kills[`${kind} ${name}`] = (kills[`${kind} ${name}`] ?? 0) + 1
    }
    return true
  }
  return false
}

/** Whether the tests notice a mutant that a switch wakes: first all quickly, then all thoroughly. */
async function isKilled(kills: Results['kills'], file: string, artifacts: readonly Artifact[], suites: readonly ArtifactId[], id: number): Promise<boolean> {
  for (const options of rounds) {
    if (await isNoticed(kills, [file], artifacts, suites, { ...options, accounts: [switchOn(id)] })) return true
  }
  return false
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, fresh: { type: 'boolean' }, quick: { type: 'boolean' }, list: { type: 'boolean' } } })
  const only = values.only?.split(',')
  if (values.quick === true) rounds.pop()
  const contracts = await listContractFiles()
  const files = contracts.filter((path) => only === undefined || only.includes(basename(path, '.sol')))
  const tests = await listTestFiles()
  const written = readSources([...contracts, ...tests])
  const results = readResults(written, values.fresh === true)
  const sources = withoutRepeats(written)
  const everything = parseFiles(contracts, sources)
  const parsed = everything.filter(({ path }) => files.includes(path))
  const mutants = parsed.flatMap(mutantsOf)
  const equivalents = JSON.parse(readFileSync(equivalentsFile, 'utf8')) as Equivalent[]
  const matches = ({ where, code, original, replacement }: Equivalent, mutant: Mutant): boolean =>
    where === mutant.where && (code ?? mutant.code) === mutant.code && original === mutant.original && replacement === mutant.replacement
  const isEquivalent = (mutant: Mutant): boolean => equivalents.some((entry) => matches(entry, mutant))
  for (const entry of equivalents) {
    const found = everything.flatMap(mutantsOf).filter((mutant) => matches(entry, mutant)).length
    if (found !== 1) throw new Error(`docs/audit/mutants.json excuses ${found} mutants with ${entry.where}: ${entry.original} → ${entry.replacement}, and may excuse one`)
  }
  if (values.list === true) {
    for (const { file, line, where, original, replacement } of mutants) print(`${file}:${line} ${where}: ${original} → ${replacement}`)
    return 0
  }

  const fatesOf = results.fates
  const waiting = mutants.filter((mutant) => fatesOf[keyOf(mutant)] === undefined && !isEquivalent(mutant))
  print(`${mutants.length} mutants in ${parsed.length} files, ${waiting.length} to try`)
  const settle = (mutant: Mutant, fate: Fate): void => {
    // What a quick look missed is not settled yet.
    if (fate !== 'survived' || rounds.length > 1) fatesOf[keyOf(mutant)] = fate
    if (fate === 'survived') print(`${red('survived')} ${mutant.file}:${mutant.line} ${mutant.where}: ${mutant.original} → ${mutant.replacement || '(nothing)'}`)
    writeResults(results)
  }
  const suitesFor = new Map(files.map((file) => [file, new Set(rootsReaching(tests, new Set([file]), sources))]))

  if (waiting.length > 0) {
    const { output, ids, unswitchable } = compileSwitched(parsed, waiting, sources, tests)
    const artifacts = artifactsOf(output)
    const suites = suitesOf(artifacts)
    for (const options of rounds) {
      const { failed } = await runTests(artifacts, suites, { ...options, accounts: [switchOn(0)] })
      if (failed.length > 0) throw new Error(`the tests fail without any mutant: ${JSON.stringify(failed.slice(0, 5), null, 2)}`)
    }
    let done = 0
    for (const [mutant, id] of ids) {
      const relevant = suites.filter(({ source }) => suitesFor.get(mutant.file)?.has(source))
      settle(mutant, await isKilled(results.kills, mutant.file, artifacts, relevant, id) ? 'killed' : 'survived')
      if (++done % 50 === 0) print(dim(`  ${done} of ${waiting.length}`))
    }
    for (const mutant of [...waiting.filter(({ kind }) => kind === 'solo'), ...unswitchable]) {
      settle(mutant, await fateAlone(results.kills, mutant, sources, [...suitesFor.get(mutant.file) ?? []]))
      if (++done % 50 === 0) print(dim(`  ${done} of ${waiting.length}`))
    }
  }
  return report(mutants, fatesOf, isEquivalent)
}

/**
 * Compiles the sources with one mistake and runs the tests. One file of tests after the other, the best first, because
 * most mutants are noticed by the first and compiling is what takes time.
 */
async function fateAlone(kills: Results['kills'], mutant: Mutant, sources: Sources, tests: readonly string[]): Promise<Fate> {
  const bytes = Buffer.from(sources.get(mutant.file) ?? '')
  const text = Buffer.concat([bytes.subarray(0, mutant.start), Buffer.from(mutant.replacement), bytes.subarray(mutant.end)]).toString('utf8')
  const mutated = new Map(sources).set(mutant.file, text)
  // What noticed that a modifier was left out in one contract notices it in the others.
  const kinds = [mutant.original, mutant.file]
  const compiled = new Map<string, Artifact[]>()
  for (const options of rounds) {
    for (const test of byKills(kills, kinds, tests, (path) => path)) {
      let artifacts = compiled.get(test)
      if (artifacts === undefined) {
        const output = compile(reachableFrom(test, mutated), { wanted: [test] })
        if (errorsOf(output).length > 0) return 'invalid'
        artifacts = artifactsOf(output)
        compiled.set(test, artifacts)
      }
      if (await isNoticed(kills, kinds, artifacts, suitesOf(artifacts), options)) return 'killed'
    }
  }
  return 'survived'
}

function report(mutants: readonly Mutant[], fatesOf: Readonly<Record<string, Fate>>, isEquivalent: (mutant: Mutant) => boolean): number {
  const fateOf = (mutant: Mutant): Fate | 'equivalent' => (isEquivalent(mutant) ? 'equivalent' : fatesOf[keyOf(mutant)] ?? 'survived')
  const count = (of: readonly Mutant[], fate: Fate | 'equivalent'): number => of.filter((mutant) => fateOf(mutant) === fate).length
  const shareOf = (of: readonly Mutant[]): number => count(of, 'killed') / Math.max(1, count(of, 'killed') + count(of, 'survived'))
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  for (const file of new Set(mutants.map((mutant) => mutant.file))) {
    const own = mutants.filter((mutant) => mutant.file === file)
    print(`${percent(shareOf(own)).padStart(8)}  ${file}: ${count(own, 'killed')} killed, ${count(own, 'survived')} survived, ` +
      `${count(own, 'equivalent')} equivalent, ${count(own, 'invalid')} refused by the compiler`)
  }
  const survivors = mutants.filter((mutant) => fateOf(mutant) === 'survived')
  if (survivors.length > 0) print(bold('\nSurvivors'))
  for (const { file, line, where, original, replacement } of survivors) print(`${file}:${line} ${where}: ${original} → ${replacement || '(nothing)'}`)
  const share = shareOf(mutants)
  const enough = share >= REQUIRED
  print((enough ? green : red)(`\n${percent(share)} of ${count(mutants, 'killed') + survivors.length} mutants killed, ${percent(REQUIRED)} wanted; ` +
    `${count(mutants, 'equivalent')} change nothing (docs/audit/mutants.json)`))
  return enough ? 0 : 1
}

if (import.meta.main) process.exitCode = await main()
