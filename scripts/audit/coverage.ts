import { addStatementCoverageInstrumentation } from '@nomicfoundation/edr'
import { getCoverageLibrary } from '@nomicfoundation/edr/coverage'
import { bold, green, print, red } from '../lib/terminal.ts'
import { artifactsOf, runTests, suitesOf } from './lib/run-tests.ts'
import { compile, errorsOf, listContractFiles, listTestFiles, readSources, type AstNode, type Sources } from './lib/sources.ts'
import { applyEdits, child, childrenOf, importing, lineAt, parseFiles, rangeOf, textOf, type Edit, type ParsedFile, type Range } from './lib/syntax.ts'

/** Least share of lines and of branches that the Solidity tests have to reach, over all contracts. */
const REQUIRED = 0.98

/** The same fuzz inputs every time, and few: what only a lucky input reaches is not covered. */
const run = { fuzzRuns: 64, invariantRuns: 4, invariantDepth: 40 }

const library = getCoverageLibrary()
const helperPath = 'symbolon-branches.sol'

/** Passes a condition on and leaves a mark of how it came out, through the library that leaves the marks of statements. */
const helper = `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;
import {__NomicFoundationCoverage} from "${library.filename}";
library SymbolonBranches {
    function mark(bool outcome, uint256 id) internal pure returns (bool) {
        __NomicFoundationCoverage.sendHit(outcome ? id : id + 1);
        return outcome;
    }
}
`

/** One outcome of a decision, or a statement. */
interface Spot {
  readonly file: string
  readonly line: number
  readonly what: string
  /** The mark it leaves, in hexadecimal. */
  readonly tag: string
}

/**
 * The decisions of a file: conditions of `if`, `require`, `?:` and loops, and both sides of `&&` and `||`. A branch is
 * one outcome of one of them, so that a `require` counts as covered only when a test saw it pass and saw it refuse.
 */
function decisionsOf(file: ParsedFile): Range[] {
  const found: Range[] = []
  const visit = (node: AstNode): void => {
    const conditions: (AstNode | undefined)[] = []
    if (['IfStatement', 'Conditional', 'ForStatement', 'WhileStatement'].includes(node.nodeType)) conditions.push(child(node, 'condition'))
    if (node.nodeType === 'BinaryOperation' && ['&&', '||'].includes(String(node['operator']))) {
      conditions.push(child(node, 'leftExpression'), child(node, 'rightExpression'))
    }
    if (node.nodeType === 'FunctionCall' && child(node, 'expression')?.['name'] === 'require') {
      conditions.push((node['arguments'] as AstNode[])[0])
    }
    for (const condition of conditions) {
      // What `&&` and `||` join is counted side by side; the whole would count it twice.
      if (condition === undefined || ['&&', '||'].includes(String(condition['operator']))) continue
      found.push(rangeOf(condition))
    }
    for (const { node: below } of childrenOf(node)) visit(below)
  }
  visit(file.ast)
  const seen = new Set<string>()
  return found.filter(({ start, end }) => !seen.has(`${start}-${end}`) && seen.add(`${start}-${end}`))
}

/** Sources that mark branches, and the branches. */
function markBranches(files: readonly ParsedFile[], sources: Sources): { marked: Map<string, string>; spots: Spot[] } {
  const marked = new Map(sources).set(helperPath, helper).set(library.filename, library.content)
  const spots: Spot[] = []
  let next = 1
  for (const file of files) {
    const edits: Edit[] = decisionsOf(file).map((range) => {
      const id = next
      next += 2
      const condition = textOf(file, range).replaceAll(/\s+/g, ' ')
      for (const [index, outcome] of ['true', 'false'].entries()) {
        spots.push({ file: file.path, line: lineAt(file, range.start), what: `${condition} is ${outcome}`, tag: (id + index).toString(16).padStart(64, '0') })
      }
      return { ...range, apply: (text) => `SymbolonBranches.mark(${text}, ${id})` }
    })
    if (edits.length > 0) marked.set(file.path, importing(applyEdits(file, edits), 'SymbolonBranches', helperPath))
  }
  return { marked, spots }
}

/** Sources that mark statements, and the statements. */
function markStatements(files: readonly ParsedFile[], sources: Sources): { marked: Map<string, string>; spots: Spot[] } {
  const marked = new Map(sources).set(library.filename, library.content)
  const spots: Spot[] = []
  for (const { path, bytes } of files) {
    const text = bytes.toString('utf8')
    const { source, metadata } = addStatementCoverageInstrumentation(text, path, '0.8.30')
    marked.set(path, source)
    for (const { tag, startUtf16, endUtf16 } of metadata) {
      const code = text.slice(startUtf16, endUtf16)
      const begins = startUtf16 + (code.length - code.trimStart().length)
      spots.push({ file: path, line: text.slice(0, begins).split('\n').length, what: code.trim().replaceAll(/\s+/g, ' '), tag: Buffer.from(tag).toString('hex') })
    }
  }
  return { marked, spots }
}

/** The marks that the tests left. */
async function collect(marked: Sources, tests: readonly string[]): Promise<ReadonlySet<string>> {
  let output = compile(marked, { wanted: tests })
  // Marks take slots of the stack; the intermediate language has enough of them.
  if (errorsOf(output).some(({ formattedMessage }) => formattedMessage.includes('tack too deep'))) {
    output = compile(marked, { wanted: tests, viaIR: true })
  }
  const [error] = errorsOf(output)
  if (error !== undefined) throw new Error(error.formattedMessage)
  const artifacts = artifactsOf(output)
  const hits = new Set<string>()
  const { failed } = await runTests(artifacts, suitesOf(artifacts), {
    ...run,
    onHits: (tags) => {
      for (const tag of tags) hits.add(Buffer.from(tag).toString('hex'))
    },
  })
  if (failed.length > 0) throw new Error(`tests fail: ${JSON.stringify(failed.slice(0, 5), null, 2)}`)
  return hits
}

interface Share {
  readonly covered: number
  readonly total: number
  readonly missing: readonly Spot[]
}

function shareOf(spots: readonly Spot[], hits: ReadonlySet<string>): Share {
  const missing = spots.filter(({ tag }) => !hits.has(tag))
  return { covered: spots.length - missing.length, total: spots.length, missing }
}

/** Lines with a statement; one that has several counts as covered only with all of them. */
function linesOf({ missing }: Share, spots: readonly Spot[]): Share {
  const key = ({ file, line }: Spot): string => `${file}:${line}`
  const bad = new Map(missing.map((spot) => [key(spot), spot]))
  const total = new Set(spots.map(key)).size
  return { covered: total - bad.size, total, missing: [...bad.values()] }
}

function tell(title: string, { covered, total, missing }: Share): boolean {
  const share = total === 0 ? 1 : covered / total
  const enough = share >= REQUIRED
  print((enough ? green : red)(`${bold(title)}: ${covered} of ${total}, ${(share * 100).toFixed(2)} % (${REQUIRED * 100} % wanted)`))
  for (const { file, line, what } of missing) print(`  ${file}:${line} ${what.slice(0, 120)}`)
  return enough
}

async function main(): Promise<number> {
  const contracts = await listContractFiles()
  const tests = await listTestFiles()
  const sources = readSources([...contracts, ...tests])
  const files = parseFiles(contracts, sources)
  const statements = markStatements(files, sources)
  const branches = markBranches(files, sources)
  const statementShare = shareOf(statements.spots, await collect(statements.marked, tests))
  const branchShare = shareOf(branches.spots, await collect(branches.marked, tests))
  const enough = [
    tell('Lines', linesOf(statementShare, statements.spots)),
    tell('Branches', branchShare),
  ]
  return enough.every(Boolean) ? 0 : 1
}

if (import.meta.main) process.exitCode = await main()
