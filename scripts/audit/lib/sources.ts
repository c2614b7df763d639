import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'

/** The repository's root. */
export const rootDir = process.env['SYMBOLON_AUDIT_ROOT'] ?? join(import.meta.dirname, '..', '..', '..')

/** Solidity sources by the path under which they import each other. */
export type Sources = ReadonlyMap<string, string>

/** A node of the compiler's syntax tree: `src` is `offset:length:file` in bytes. */
export interface AstNode {
  readonly nodeType: string
  readonly src: string
  readonly [key: string]: unknown
}

/** What the compiler says of a piece of source. */
export interface SolcMessage {
  readonly severity: 'error' | 'warning' | 'info'
  readonly formattedMessage: string
  readonly errorCode?: string
  readonly sourceLocation?: { readonly file: string; readonly start: number; readonly end: number }
}

/** One compiled contract. */
export interface SolcContract {
  readonly abi: readonly { readonly type: string; readonly name?: string }[]
  readonly evm: { readonly bytecode: { readonly object: string }; readonly deployedBytecode: { readonly object: string } }
  readonly storageLayout?: unknown
}

/** What the compiler gives back. */
export interface SolcOutput {
  readonly errors?: readonly SolcMessage[]
  readonly sources?: Readonly<Record<string, { readonly ast: AstNode }>>
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, SolcContract>>>>
}

interface Compiler {
  compile(input: string): string
  version(): string
}

let loaded: Compiler | undefined

/** The compiler of the npm package `solc`, the one that `hardhat.config.ts` names. */
export function compiler(): Compiler {
  loaded ??= createRequire(import.meta.url)('solc') as Compiler
  return loaded
}

/** The contracts that are ours, without interfaces, in alphabetical order. */
export async function listContractFiles(): Promise<string[]> {
  const files: string[] = []
  for await (const path of glob('contracts/**/*.sol', { cwd: rootDir })) files.push(path.replaceAll('\\', '/'))
  return files.sort()
}

/** The files with Solidity tests, in alphabetical order. */
export async function listTestFiles(): Promise<string[]> {
  const files: string[] = []
  for await (const path of glob('test/contracts/**/*.t.sol', { cwd: rootDir })) files.push(path.replaceAll('\\', '/'))
  return files.sort()
}

/** The paths a source imports, as it writes them, resolved. */
export function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(/^\s*import\s[^;]*?"([^"]+)";/gms)].map(([, target = '']) =>
    target.startsWith('.') ? posix.join(dirname(path), target) : target,
  )
}

/** Reads files and all they import; packages come from `node_modules`. */
export function readSources(roots: readonly string[]): Map<string, string> {
  const sources = new Map<string, string>()
  const waiting = [...roots]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (sources.has(path)) continue
    const text = readFileSync(join(rootDir, path.startsWith('@') ? join('node_modules', path) : path), 'utf8')
    sources.set(path, text)
    waiting.push(...importsOf(path, text))
  }
  return sources
}

/** The part of the sources that a file imports, over however many steps, and the file itself. */
export function reachableFrom(root: string, sources: Sources): Map<string, string> {
  const reached = new Map<string, string>()
  const waiting = [root]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = sources.get(path)
    if (text === undefined || reached.has(path)) continue
    reached.set(path, text)
    waiting.push(...importsOf(path, text))
  }
  return reached
}

/** Of the roots, those that import one of the files, over however many steps. */
export function rootsReaching(roots: readonly string[], files: ReadonlySet<string>, sources: Sources): string[] {
  const reaches = (path: string, seen: Set<string>): boolean => {
    if (files.has(path)) return true
    if (seen.has(path)) return false
    seen.add(path)
    return importsOf(path, sources.get(path) ?? '').some((target) => reaches(target, seen))
  }
  return roots.filter((root) => reaches(root, new Set()))
}

/** How to compile. */
export interface CompileOptions {
  /** Through the intermediate language and its optimizer, as for deployment: slower, but never out of stack slots. */
  readonly viaIR?: boolean
  /** Files whose contracts are wanted; the others are only read. All when not given. */
  readonly wanted?: readonly string[]
  /** Syntax trees only. */
  readonly astOnly?: boolean
}

/** The compiler's standard input for these sources: https://docs.soliditylang.org/en/latest/using-the-compiler.html */
export function standardInput(sources: Sources, options: CompileOptions = {}) {
  const { viaIR = false, wanted, astOnly = false } = options
  const outputs = ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object']
  return {
    language: 'Solidity',
    sources: Object.fromEntries([...sources].map(([path, content]) => [path, { content }])),
    settings: {
      evmVersion: 'cancun',
      viaIR,
      optimizer: { enabled: viaIR, runs: 200 },
      metadata: { bytecodeHash: 'none' },
      ...(astOnly ? { stopAfter: 'parsing' } : {}),
      outputSelection: astOnly
        ? { '*': { '': ['ast'] } }
        : Object.fromEntries((wanted ?? ['*']).map((path) => [path, { '*': outputs }])),
    },
  }
}

/** Compiles. Never throws: what is wrong stands in `errors`. */
export function compile(sources: Sources, options: CompileOptions = {}): SolcOutput {
  return JSON.parse(compiler().compile(JSON.stringify(standardInput(sources, options)))) as SolcOutput
}

/** The compiler's errors, without warnings. */
export function errorsOf(output: SolcOutput): SolcMessage[] {
  return (output.errors ?? []).filter(({ severity }) => severity === 'error')
}
