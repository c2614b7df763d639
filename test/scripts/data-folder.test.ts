import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDataFolder } from '../../scripts/lib/data-folder.ts'
import { keepAccountKey, keepKeyEncryptionKey, keepPassword } from '../../scripts/lib/secrets.ts'
import { SetupError } from '../../scripts/lib/setup-error.ts'

describe('the data folder', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'symbolon-folder-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is made when it is not there and found again', () => {
    const path = join(folder, 'new', 'data')
    openDataFolder(path, false).release()
    writeFileSync(join(path, 'kept'), 'x')
    openDataFolder(path, false).release()
    expect(existsSync(join(path, 'kept'))).to.equal(true)
  })

  it('is emptied by --fresh', () => {
    openDataFolder(folder, false).release()
    writeFileSync(join(folder, 'old'), 'x')
    openDataFolder(folder, true).release()
    expect(existsSync(join(folder, 'old'))).to.equal(false)
  })

  it('is refused when it holds other files, and --fresh does not delete them', () => {
    writeFileSync(join(folder, 'thesis.txt'), 'x')
    expect(() => openDataFolder(folder, false)).to.throw(SetupError, /holds other files than Symbolon's: choose an empty folder/)
    expect(() => openDataFolder(folder, true)).to.throw(SetupError, /holds other files/)
    expect(existsSync(join(folder, 'thesis.txt'))).to.equal(true)
  })

  it('is refused when it is damaged, saying how to go on, and --fresh then begins anew', () => {
    writeFileSync(join(folder, 'symbolon.json'), '{"vers')
    expect(() => openDataFolder(folder, false)).to.throw(SetupError, /is damaged .*restore it from a backup, or begin anew with --fresh/)
    openDataFolder(folder, true).release()
    openDataFolder(folder, false).release()
  })

  it('is refused when another version wrote it', () => {
    for (const version of [1, 99]) {
      writeFileSync(join(folder, 'symbolon.json'), `{"version":${version}}`)
      expect(() => openDataFolder(folder, false)).to.throw(SetupError, new RegExp(`another version of Symbolon \\(${version}\\)`))
    }
  })

  it('is for one process at a time', () => {
    const parent = String(process.ppid)
    writeFileSync(join(folder, 'symbolon.json'), '{"version":2}')
    writeFileSync(join(folder, 'lock'), parent)
    expect(() => openDataFolder(folder, false)).to.throw(SetupError, new RegExp(`already runs on .*process ${parent}`))
  })

  it('is taken over from a process that is gone', () => {
    writeFileSync(join(folder, 'symbolon.json'), '{"version":2}')
    writeFileSync(join(folder, 'lock'), '2147483646')
    const opened = openDataFolder(folder, false)
    expect(readFileSync(join(folder, 'lock'), 'utf8')).to.equal(String(process.pid))
    opened.release()
    expect(existsSync(join(folder, 'lock'))).to.equal(false)
  })
})

describe('the secrets of a demo', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'symbolon-secrets-'))
    mkdirSync(folder, { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('are made once, for their owner alone, and kept', () => {
    const file = join(folder, 'deep', 'deployer')
    const first = keepAccountKey(file)
    expect(first).to.match(/^0x[0-9a-f]{64}$/)
    expect(keepAccountKey(file)).to.equal(first)
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).to.equal(0)
  })

  it('mark a key-encryption key as one that production refuses', () => {
    const file = join(folder, 'kek')
    keepKeyEncryptionKey(file)
    expect(readFileSync(file, 'utf8')).to.match(/^demo:[\w-]{43}\n$/)
  })

  it('are refused when damaged, instead of being replaced by others', () => {
    const file = join(folder, 'kek')
    keepKeyEncryptionKey(file)
    writeFileSync(file, 'demo:short')
    expect(() => keepKeyEncryptionKey(file)).to.throw(SetupError, /is damaged: restore it from a backup/)
  })

  it('hold passwords a person can type', () => {
    expect(keepPassword(join(folder, 'a'))).to.match(/^[a-z]{6}-[a-z]{6}-\d\d$/)
    expect(keepPassword(join(folder, 'a'))).not.to.equal(keepPassword(join(folder, 'b')))
  })
})
