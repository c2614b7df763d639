import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { readNetwork } from '../../scripts/besu/network-file.ts'
import { makeNodeKeys } from '../../scripts/besu/node-keys.ts'
import { makeTokenKey } from '../../scripts/besu/tokens.ts'
import { FakeBesuNode } from '../fakes/besu-node.ts'
import { pathOf, read } from './files.ts'
import { canRunScripts, OperatorsDesk, type Outcome } from './operators-desk.ts'

/** Every file below a folder, with what it holds and who may read it. */
function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(files.map((entry) => {
    const path = join(entry.parentPath, entry.name)
    return [path.slice(folder.length + 1), `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path).toString('base64')}`] as const
  }).filter(([path]) => path !== 'local/.lock').sort())
}

describe('deploy/besu/backup.sh and restore.sh', function () {
  this.timeout(60_000)
  let desk: OperatorsDesk

  before(function () {
    if (!canRunScripts()) this.skip()
  })
  beforeEach(() => {
    desk = new OperatorsDesk()
    desk.write('site/network.yaml', read('deploy/besu/network.example.yaml'), 0o644)
    makeNodeKeys(desk.at('site/network.yaml'), desk.at('site/local/keys'))
    makeTokenKey(desk.at('site/local/rpc'))
    const { nodes } = readNetwork(desk.at('site/network.yaml'))
    desk.note('nodes', nodes.map(({ name, role }) => `${name}\t${role}\tPTOPO\t10.0.0.1\t0x0\n`).join(''))
    desk.write('site/compose.yaml', 'services: {}\n')
    desk.write('site/.env', 'BESU_IMAGE_PORTO=hyperledger/besu:26.3.0\n')
    desk.write('site/local/network/genesis.json', '{}\n', 0o644)
    desk.write('site/local/permissions/static-nodes.json', '[]\n', 0o644)
    desk.write('site/local/config/porto.toml', 'identity="porto"\n', 0o644)
    for (const name of ['ca.pem', 'ca.key', 'porto/keystore.p12', 'porto/keystore.password']) desk.write(`site/local/tls/${name}`, `tls ${name}`)
    for (const { name } of nodes) {
      desk.serve(name, 'hyperledger/besu:26.3.0')
      desk.write(`site/local/data/${name}/database/000001.sst`, `blocks of ${name}\0`)
    }
    desk.write('porto.age', 'AGE-SECRET-KEY-1porto\n')
    mkdirSync(desk.at('new'))
  })
  afterEach(() => desk.remove())

  const backup = (...more: string[]): Outcome => desk.run('backup.sh', '--dir', desk.at('site'), '--to', desk.at('backups'), ...more)
  /** A backup that worked: where it is. */
  const saved = (...more: string[]): string => {
    const { status, stdout, stderr } = backup(...more)
    expect(status, stderr).to.equal(0)
    return stdout.split('\n')[0] ?? ''
  }
  const restore = (from: string, ...more: string[]): Outcome => desk.run('restore.sh', from, '--dir', desk.at('new'), ...more)
  const isRunning = (name: string): boolean => desk.read('stub/running').split('\n').includes(name)

  it('give back every file as it was, with the rights it had', () => {
    const from = saved('--recipient', 'age1porto', '--data', 'porto')
    expect(isRunning('porto')).to.equal(true)
    const { status, stderr } = restore(from, '--identity', desk.at('porto.age'), '--old-machine-is-off')
    expect(status, stderr).to.equal(0)
    const before = contentsOf(desk.at('site'))
    const kept = Object.entries(before).filter(([path]) => path !== 'compose.yaml' && (!path.startsWith('local/data/') || path.startsWith('local/data/porto/')))
    expect(contentsOf(desk.at('new'))).to.deep.equal(Object.fromEntries(kept))
    expect(Object.keys(before)).to.include.members(['local/keys/validator-0.key', 'local/rpc/jwt.key.pem', 'local/tls/porto/keystore.p12'])
    expect(readdirSync(desk.at('new')).filter((name) => name.startsWith('.restore'))).to.deep.equal([])
  })

  it('keep keys encrypted, and everything for its owner alone', () => {
    const from = saved('--recipient', 'age1porto', '--data', 'porto')
    expect(readdirSync(from).sort()).to.deep.equal(['SHA256SUMS', 'backup.txt', 'config.tar', 'data-porto.tar', 'keys.tar.age'])
    expect(statSync(from).mode & 0o077).to.equal(0)
    for (const name of readdirSync(from)) expect(statSync(join(from, name)).mode & 0o077, name).to.equal(0)
    const secret = desk.read('site/local/keys/validator-0.key').trim()
    for (const name of readdirSync(from)) expect(readFileSync(join(from, name)).includes(secret), name).to.equal(false)
    const listed = execFileSync('tar', ['--list', '--file', join(from, 'config.tar')], { encoding: 'utf8' })
    expect(listed).not.to.match(/\.key$|jwt\.key|keystore/m)
    expect(restore(from, '--identity', desk.at('stub/running'), '--old-machine-is-off').stderr).to.match(/the keys cannot be opened/)
    expect(contentsOf(desk.at('new'))).to.deep.equal({})
  })

  it('stop the node whose data are saved, and start it again also when that fails', () => {
    saved('--without-keys', '--data', 'porto')
    expect(desk.calls(/^docker compose ((?:stop|start) .*)$/)).to.deep.equal(['stop porto', 'start porto'])
    desk.note('calls', '')
    rmSync(desk.at('backups'), { recursive: true })
    desk.write('stub/bin/tar', '#!/usr/bin/env bash\nif [[ $* == *data-porto.tar* ]]; then exit 2; fi\nPATH=${PATH#*:} exec tar "$@"\n', 0o700)
    expect(backup('--without-keys', '--data', 'porto').status).to.equal(1)
    expect(desk.calls(/^docker compose ((?:stop|start) .*)$/)).to.deep.equal(['stop porto', 'start porto'])
    expect(readdirSync(desk.at('backups'))).to.deep.equal([])
  })

  it('leave a node stopped that was stopped', () => {
    desk.note('running', 'validator-0\n')
    saved('--without-keys', '--data', 'porto')
    expect(desk.calls(/^docker compose ((?:stop|start) .*)$/)).to.deep.equal([])
  })

  it('never stop a validator for its data', () => {
    const { status, stderr } = backup('--without-keys', '--data', 'validator-0')
    expect(status).to.equal(1)
    expect(stderr).to.match(/is a validator: while it stands still no other may fail.*take the data of a member/)
    expect(backup('--without-keys', '--data', 'nobody').stderr).to.match(/no node nobody/)
    expect(desk.calls(/^docker compose stop/)).to.deep.equal([])
  })

  it('want to be told what becomes of the keys, and write them in clear only when told to', () => {
    expect(backup()).to.deep.include({ status: 2, stdout: '' })
    expect(backup('--keys-in-clear', '--without-keys').status).to.equal(2)
    const from = saved('--keys-in-clear')
    expect(readdirSync(from)).to.include('keys.tar')
    expect(restore(from, '--only', 'keys', '--old-machine-is-off').status).to.equal(0)
    expect(Object.keys(contentsOf(desk.at('new'))).filter((path) => !/^local\/(keys|tls|rpc)\//.test(path))).to.deep.equal([])
  })

  for (const [what, damage, complaint] of [
    ['with a bit turned', (from: string) => {
      const bytes = readFileSync(join(from, 'config.tar'))
      bytes.writeUInt8(bytes.readUInt8(600) ^ 1, 600)
      writeFileSync(join(from, 'config.tar'), bytes)
    }, /is damaged: take another backup/],
    ['cut short', (from: string) => writeFileSync(join(from, 'keys.tar'), readFileSync(join(from, 'keys.tar')).subarray(0, 700)), /is damaged/],
    ['with a file too few', (from: string) => rmSync(join(from, 'keys.tar')), /is damaged/],
    ['with a file too many', (from: string) => writeFileSync(join(from, 'data-porto.tar'), ''), /holds files that SHA256SUMS does not list/],
    ['without checksums', (from: string) => rmSync(join(from, 'SHA256SUMS')), /is no backup/]
  ] as const) {
    it(`refuse a backup ${what}`, () => {
      const from = saved('--keys-in-clear')
      damage(from)
      const { status, stderr } = restore(from, '--old-machine-is-off')
      expect(status).to.equal(1)
      expect(stderr).to.match(complaint)
      expect(contentsOf(desk.at('new'))).to.deep.equal({})
    })
  }

  it('refuse a backup that somebody changed with its checksums, where the digest was noted down', () => {
    const { stdout } = backup('--without-keys')
    const [from = '', note = ''] = stdout.split('\n')
    const digest = note.split(' ').at(-1) ?? ''
    expect(digest).to.equal(createHash('sha256').update(readFileSync(join(from, 'SHA256SUMS'))).digest('hex'))
    expect(restore(from, '--digest', digest, '--dry-run').status).to.equal(0)
    appendFileSync(join(from, 'backup.txt'), 'more\n')
    execFileSync('bash', ['-c', 'sha256sum $(ls | grep -v SUMS) >SHA256SUMS'], { cwd: from })
    expect(restore(from, '--dry-run').status).to.equal(0)
    expect(restore(from, '--digest', digest).stderr).to.match(/not the backup that was noted down/)
  })

  it('refuse archives with anything that backup.sh does not write', () => {
    const from = saved('--keys-in-clear')
    const replace = (script: string): Outcome => {
      cpSync(from, desk.at('forged'), { recursive: true })
      execFileSync('bash', ['-c', `${script}; sha256sum $(ls | grep -v SUMS) >SHA256SUMS`], { cwd: desk.at('forged') })
      const outcome = restore(desk.at('forged'), '--old-machine-is-off')
      rmSync(desk.at('forged'), { recursive: true })
      return outcome
    }
    expect(replace('mkdir -p /tmp/$$/local/keys && ln -s /etc/passwd /tmp/$$/local/keys/x.key && tar -cf keys.tar -C /tmp/$$ local; rm -r /tmp/$$').stderr).to.match(/keys\.tar holds links/)
    expect(replace('tar -cf keys.tar --transform "s,.*,local/keys/../../x," backup.txt').stderr).to.match(/which does not belong there/)
    expect(replace('tar -cf keys.tar --transform "s,.*,compose.yaml," backup.txt').stderr).to.match(/keys\.tar holds compose\.yaml, which does not belong there/)
    expect(contentsOf(desk.at('new'))).to.deep.equal({})
  })

  it('put nothing over what is there, but keep it beside with --force', () => {
    const from = saved('--keys-in-clear', '--data', 'porto')
    desk.write('new/network.yaml', 'other\n')
    desk.write('new/local/data/porto/database/000009.sst', 'newer blocks')
    const refusal = restore(from, '--old-machine-is-off')
    expect(refusal.status).to.equal(1)
    expect(refusal.stderr).to.match(/these are there already: network\.yaml local\/data\/porto/)
    expect(contentsOf(desk.at('new'))).to.have.all.keys('network.yaml', 'local/data/porto/database/000009.sst')
    expect(restore(from, '--old-machine-is-off', '--force').status).to.equal(0)
    const [beside = ''] = readdirSync(desk.at('new')).filter((name) => name.startsWith('local.before-'))
    expect(desk.read(`new/${beside}/network.yaml`)).to.equal('other\n')
    expect(readdirSync(desk.at('new/local/data/porto/database'))).to.deep.equal(['000001.sst'])
    expect(desk.read(`new/${beside}/local/data/porto/database/000009.sst`)).to.equal('newer blocks')
  })

  it('put nothing under a node that runs, not even with --force', () => {
    const from = saved('--keys-in-clear')
    const { status, stderr } = desk.run('restore.sh', from, '--dir', desk.at('site'), '--old-machine-is-off', '--force')
    expect(status).to.equal(1)
    expect(stderr).to.match(/validator-0 is running: docker compose stop validator-0/)
  })

  it('give the data of one node to another', () => {
    const from = saved('--without-keys', '--data', 'porto')
    expect(restore(from, '--only', 'data', '--data-for', 'validator-2').status).to.equal(0)
    expect(Object.keys(contentsOf(desk.at('new')))).to.deep.equal(['local/data/validator-2/VERSION_METADATA.json', 'local/data/validator-2/database/000001.sst'])
    expect(restore(from, '--only', 'data', '--data-for', 'nobody').stderr).to.match(/no node nobody/)
    expect(restore(from, '--only', 'keys').stderr).to.match(/no keys in this backup/)
  })

  describe('with the keys of validators', () => {
    it('ask for a word on the machine that had them', () => {
      const from = saved('--keys-in-clear')
      const { status, stderr } = restore(from)
      expect(status).to.equal(1)
      expect(stderr).to.match(/A key must never run on two machines: .*--ask NAME=URL.*--old-machine-is-off/)
      desk.note('in-use', '')
      expect(restore(from, '--ask', 'porto=https://10.0.0.9:8545').stderr).to.match(/the key of validator-0 is not put back: it may be in use elsewhere/)
      expect(contentsOf(desk.at('new'))).to.deep.equal({})
      desk.note('in-use', undefined)
      expect(restore(from, '--ask', 'porto=https://10.0.0.9:8545').status).to.equal(0)
      expect(desk.calls(/^symbolon besu silent .*--validator (\S+) --node porto=\S+ --jwt-key \S+\/local\/rpc\/jwt\.key\.pem$/).slice(-4)).to.deep.equal([0, 1, 2, 3].map((number) => `validator-${number}`))
    })

    it('hear it from a node, as the real command line asks it', async () => {
      desk.symbolon = `${process.execPath} --disable-warning=ExperimentalWarning ${pathOf('scripts/symbolon.ts')}`
      for (const name of ['validator-1', 'validator-2', 'validator-3']) rmSync(desk.at(`site/local/keys/${name}.key`))
      const from = saved('--keys-in-clear')
      const besu = await new FakeBesuNode('/nowhere').start()
      try {
        const validators = readNetwork(desk.at('site/network.yaml')).nodes.filter(({ role }) => role === 'validator')
        besu.validators = validators.map(({ address }) => address)
        const ask = async () => await desk.start('restore.sh', from, '--dir', desk.at('new'), '--ask', `porto=${besu.rpcUrl}`)
        expect((await ask()).stderr).to.match(/validator-0 made block \d+ of \d+: its key is in use[\s\S]*the key of validator-0 is not put back/)
        besu.silent = [validators.find(({ name }) => name === 'validator-0')?.address ?? '']
        const { status, stderr } = await ask()
        expect(status, stderr).to.equal(0)
        expect(existsSync(desk.at('new/local/keys/validator-0.key'))).to.equal(true)
      } finally {
        await besu.stop()
      }
    })
  })

  it('do nothing with --dry-run', () => {
    const { status, stdout } = backup('--recipient', 'age1porto', '--data', 'porto', '--dry-run')
    expect(status).to.equal(0)
    expect(stdout).to.match(/keys\.tar\.age: .*local\/keys/)
    expect(existsSync(desk.at('backups'))).to.equal(false)
    expect(desk.calls(/^docker compose (?:stop|start)/)).to.deep.equal([])
    const from = saved('--keys-in-clear')
    expect(restore(from, '--old-machine-is-off', '--dry-run').stdout).to.match(/Would put into[\s\S]*local\/keys\/validator-0\.key/)
    expect(readdirSync(desk.at('new'))).to.deep.equal([])
  })

  it('say how they are used', () => {
    for (const script of ['backup.sh', 'restore.sh']) {
      expect(desk.run(script, '--help'), script).to.deep.include({ status: 0, stderr: '' })
      expect(desk.run(script, '--nonsense').stderr, script).to.match(/there is no --nonsense/)
    }
    expect(desk.run('backup.sh', '--to').stderr).to.match(/--to needs a value/)
    expect(desk.run('restore.sh').stderr).to.match(/which backup\?/)
    expect(desk.run('restore.sh', '/nowhere').stderr).to.match(/\/nowhere is no backup/)
  })
})
