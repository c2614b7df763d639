import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bold, green, print, red } from '../lib/terminal.ts'
import { listContractFiles, readSources, rootDir, standardInput } from './lib/sources.ts'

/** The version whose findings `docs/audit/slither.json` answers. */
const SLITHER_VERSION = '0.11.6'

/** Findings of these weights need an answer. */
const weighty: readonly string[] = ['High', 'Medium', 'Low']

/** Tells the caller that nothing was looked at, as opposed to nothing found. */
const EXIT_SKIPPED = 77

const venvDir = join(rootDir, '.tools', 'slither')
const venvBin = (name: string): string =>
  process.platform === 'win32' ? join(venvDir, 'Scripts', `${name}.exe`) : join(venvDir, 'bin', name)

interface Element {
  readonly name: string
  readonly type: string
  readonly source_mapping: { readonly filename_relative: string; readonly lines: readonly number[] }
  readonly type_specific_fields?: { readonly parent?: Element; readonly signature?: string }
}

interface Detection {
  readonly check: string
  readonly impact: string
  readonly description: string
  readonly elements: readonly Element[]
}

/** A finding that is accepted, and why. */
interface Accepted {
  readonly check: string
  /** `Contract.function` or `Contract.variable` the finding is about. */
  readonly where: string
  readonly reason: string
}

/** What a finding is about: the first element, below its contract. */
function placeOf({ elements }: Detection): string {
  const names: string[] = []
  for (let at = elements[0]; at !== undefined; at = at.type_specific_fields?.parent) names.unshift(at.name)
  return names.join('.')
}

function lineOf({ elements }: Detection): string {
  const mapping = elements[0]?.source_mapping
  return mapping === undefined ? '' : `${mapping.filename_relative}:${mapping.lines[0] ?? 0}`
}

/** Installs Slither in an environment of its own, and says why when it cannot. */
function install(): string | undefined {
  if (existsSync(venvBin('slither'))) {
    const { stdout } = spawnSync(venvBin('slither'), ['--version'], { encoding: 'utf8' })
    if (stdout.trim() === SLITHER_VERSION) return undefined
  }
  const python = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import venv, sys; sys.exit(sys.version_info < (3, 10))']).status === 0)
  if (python === undefined) return 'there is no Python 3.10 or newer with the module venv on this machine'
  print('Installing Slither (once, a minute) …')
  rmSync(venvDir, { recursive: true, force: true })
  const steps: [string, string[]][] = [
    [python, ['-m', 'venv', venvDir]],
    [venvBin('python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `slither-analyzer==${SLITHER_VERSION}`]],
  ]
  for (const [command, args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 600_000 })
    if (status === 0) continue
    rmSync(venvDir, { recursive: true, force: true })
    return `Slither could not be installed from PyPI: ${stderr.trim().split('\n').at(-1) ?? ''}`
  }
  return undefined
}

/** Lays out sources and a compiler in a folder as Slither expects them, and runs it there. */
async function analyse(folder: string): Promise<Detection[]> {
  const files = await listContractFiles()
  const sources = readSources(files)
  for (const [path, text] of sources) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const outputSelection = { '*': { '*': ['abi', 'evm.bytecode', 'evm.deployedBytecode', 'userdoc', 'devdoc'], '': ['ast'] } }
  const input = standardInput(sources)
  writeFileSync(join(folder, 'input.json'), JSON.stringify({ ...input, settings: { ...input.settings, outputSelection } }))
  // Slither wants a command; ours is the compiler of the npm package, so that nothing else is downloaded.
  const solc = join(folder, 'solc')
  writeFileSync(solc, `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, 'lib', 'solc-command.ts')}" "$@"\n`, { mode: 0o755 })
  const args = ['input.json', '--compile-force-framework', 'Solc-json', '--solc', solc, '--filter-paths', '@openzeppelin', '--json', 'report.json']
  const { stderr } = spawnSync(venvBin('slither'), args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (!existsSync(join(folder, 'report.json'))) throw new Error(`Slither left no report: ${stderr.slice(-2000)}`)
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as { success: boolean; error: string | null; results: { detectors?: Detection[] } }
  if (!report.success) throw new Error(`Slither failed: ${report.error ?? ''}`)
  return report.results.detectors ?? []
}

async function main(): Promise<number> {
  const obstacle = install()
  if (obstacle !== undefined) {
    print(`Slither is skipped: ${obstacle}.`)
    return EXIT_SKIPPED
  }
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-slither-'))
  try {
    const detections = await analyse(folder)
    const accepted = JSON.parse(readFileSync(join(rootDir, 'docs', 'audit', 'slither.json'), 'utf8')) as Accepted[]
    const isAccepted = (found: Detection): boolean =>
      accepted.some(({ check, where }) => check === found.check && where === placeOf(found))
    const open = detections.filter((found) => weighty.includes(found.impact) && !isAccepted(found))
    const stale = accepted.filter(({ check, where }) => !detections.some((found) => found.check === check && placeOf(found) === where))
    for (const found of open) {
      print(red(`${found.impact}: ${found.check} in ${placeOf(found)} (${lineOf(found)})`))
      print(found.description.trimEnd())
    }
    for (const { check, where } of stale) print(red(`docs/audit/slither.json accepts ${check} in ${where}, which Slither no longer finds`))
    const told = detections.filter(({ impact }) => weighty.includes(impact)).length
    print(`${bold('Slither')}: ${told} findings above informational, ${told - open.length} accepted with a reason, ${detections.length - told} informational`)
    if (open.length + stale.length === 0) print(green('Nothing is left to answer.'))
    return open.length + stale.length === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) process.exitCode = await main()
