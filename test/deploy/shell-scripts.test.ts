import { spawnSync } from 'node:child_process'
import { accessSync, closeSync, constants, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { pathOf, read } from './files.ts'

/** Folders that hold what others wrote, or what is made. */
const foreign = new Set(['node_modules', '.git', '.tools', '.symbolon', 'dist', 'artifacts', 'cache', 'coverage', 'test-results', 'bench-results', 'local', 'generated'])

function firstLine(path: string): string {
  const file = openSync(pathOf(path), 'r')
  try {
    const bytes = Buffer.alloc(64)
    return bytes.toString('utf8', 0, readSync(file, bytes)).split('\n')[0] ?? ''
  } finally {
    closeSync(file)
  }
}

/** Every shell script of the repository: by its ending, or by its first line. */
function shellScripts(folder = ''): string[] {
  return readdirSync(pathOf(folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return foreign.has(entry.name) ? [] : shellScripts(path)
    if (!entry.isFile()) return []
    return entry.name.endsWith('.sh') || (!entry.name.includes('.') && /^#!.*\b(ba|da|z)?sh\b/.test(firstLine(path))) ? [path] : []
  }).sort()
}

describe('shell scripts', function () {
  this.timeout(60_000)
  const scripts = shellScripts()

  it('are found', () => {
    expect(scripts).to.include.members(['deploy/besu/make-tls.sh', 'deploy/besu/backup.sh', 'deploy/besu/kubernetes/snapshots/snapshot.sh', 'test/deploy/stubs/docker'])
  })

  it('can be parsed', function () {
    if (spawnSync('bash', ['--version']).status !== 0) this.skip()
    for (const script of scripts) expect(spawnSync('bash', ['-n', pathOf(script)], { encoding: 'utf8' }).stderr, script).to.equal('')
  })

  it('of operators stop at the first failure, and may be run', () => {
    for (const script of scripts.filter((path) => path.startsWith('deploy/') && !path.endsWith('/lib.sh'))) {
      expect(read(script), script).to.match(/^#!\/usr\/bin\/env bash\n(#.*\n)*set -euo pipefail\n/)
      if (process.platform !== 'win32') expect(() => accessSync(pathOf(script), constants.X_OK), script).not.to.throw()
    }
  })

  it('have nothing that shellcheck finds, where it is installed (https://www.shellcheck.net)', function () {
    if (spawnSync('shellcheck', ['--version']).status !== 0) this.skip()
    const { stdout } = spawnSync('shellcheck', ['--external-sources', '--format=gcc', ...scripts], { encoding: 'utf8', cwd: pathOf('') })
    expect(stdout).to.equal('')
  })
})
