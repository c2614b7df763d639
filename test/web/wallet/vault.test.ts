import 'fake-indexeddb/auto'
import { expect } from 'chai'
import { sealBackup, type BackupContent } from '../../../web/wallet/vault/backup.ts'
import { openVault } from '../../../web/wallet/vault/vault.ts'
import type { Vault } from '../../../web/wallet/vault/vault.ts'
import { VaultError } from '../../../web/wallet/vault/vault-error.ts'
import { webCryptoSuite } from '../../../agent/formats/crypto-suite.ts'

const note = { program: `0x${'11'.repeat(32)}`, value: 4, counter: 0 }

async function readRaw(name: string): Promise<string> {
  const db = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error as Error)
  })
  const values = await new Promise<unknown[]>((resolve) => {
    const request = db.transaction('records').objectStore('records').getAll()
    request.onsuccess = () => resolve(request.result)
  })
  const key = await new Promise<CryptoKey>((resolve) => {
    const request = db.transaction('keys').objectStore('keys').get('wrapping')
    request.onsuccess = () => resolve(request.result as CryptoKey)
  })
  expect(key.extractable).to.equal(false)
  db.close()
  return values.map((value) => Buffer.from((value as { data: ArrayBuffer }).data).toString('latin1')).join('\n')
}

describe('vault', () => {
  let count = 0
  const open: Vault[] = []
  const openFresh = async (name = `vault-${++count}`): Promise<Vault> => {
    const vault = await openVault({ name })
    open.push(vault)
    return vault
  }
  afterEach(() => open.splice(0).forEach((vault) => vault.close()))

  it('keeps nothing in the clear, under a key the browser does not give out', async () => {
    const name = `vault-${++count}`
    const vault = await openFresh(name)
    await vault.commit([{ kind: 'event', put: { id: '1', at: '2026-11-23', kind: 'shown', who: 'Museum of Porto' } }])
    expect(await readRaw(name)).not.to.contain('Museum')
  })

  it('gives the same keys for the same names after it is closed and opened', async () => {
    const name = `vault-${++count}`
    const first = await openVault({ name })
    const [key, address] = [await first.holderKey('a'), await first.noteAddress(note)]
    first.close()
    const second = await openFresh(name)
    expect((await second.holderKey('a')).publicJwk).to.deep.equal(key.publicJwk)
    expect(await second.noteAddress(note)).to.equal(address)
    expect((await second.holderKey('b')).publicJwk).not.to.deep.equal(key.publicJwk)
  })

  it('signs with a holder key so that its public key verifies', async () => {
    const vault = await openFresh()
    const key = await vault.holderKey(vault.createKeyId())
    const signature = await key.sign('header.payload')
    expect(await webCryptoSuite.verifyEs256(key.publicJwk, 'header.payload', signature)).to.equal(true)
  })

  it('lists the records of one kind only, and forgets what is removed', async () => {
    const vault = await openFresh()
    const counter = { program: 'p', value: 1, next: 1 }
    await vault.commit([
      { kind: 'counter', put: { id: 'a', ...counter } },
      { kind: 'counter', put: { id: 'b', ...counter } },
      { kind: 'event', put: { id: 'c', at: '', kind: 'shown', who: '' } },
    ])
    await vault.commit([{ kind: 'counter', remove: 'a' }])
    expect((await vault.list('counter')).map(({ id }) => id)).to.deep.equal(['b'])
  })

  it('writes all changes of a commit or none', async () => {
    const vault = await openFresh()
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const payment = { id: 'x', body: cyclic } as never
    const result = await vault.commit([
      { kind: 'counter', put: { id: 'a', program: 'p', value: 1, next: 1 } }, { kind: 'payment', put: payment },
    ]).catch((error: unknown) => error)
    expect(result).to.be.instanceOf(TypeError)
    expect(await vault.list('counter')).to.deep.equal([])
  })

  it('tells listeners of every change', async () => {
    const vault = await openFresh()
    let told = 0
    vault.subscribe(() => told++)
    await vault.commit([{ kind: 'counter', put: { id: 'a', program: 'p', value: 1, next: 1 } }])
    expect(told).to.equal(1)
  })

  it('comes back on another device from a backup, with its keys and records', async () => {
    const old = await openFresh()
    await old.commit([{ kind: 'counter', put: { id: 'a', program: 'p', value: 1, next: 7 } }])
    const file = await old.createBackup('correct horse')
    expect(file).not.to.contain('"next"')
    const fresh = await openFresh()
    await fresh.restoreBackup(file, 'correct horse')
    expect(await fresh.noteAddress(note)).to.equal(await old.noteAddress(note))
    expect(await fresh.list('counter')).to.deep.equal([{ id: 'a', program: 'p', value: 1, next: 7 }])
  }).timeout(20_000)

  it('refuses a backup with a wrong passphrase and leaves the wallet as it was', async () => {
    const old = await openFresh()
    const file = await old.createBackup('correct horse')
    const fresh = await openFresh()
    const address = await fresh.noteAddress(note)
    expect(await codeOf(fresh.restoreBackup(file, 'battery staple'))).to.equal('ERR_BACKUP_PASSPHRASE')
    expect(await codeOf(fresh.restoreBackup('{"format":"other"}', 'correct horse'))).to.equal('ERR_BACKUP_INVALID')
    expect(await codeOf(fresh.restoreBackup('not json', 'correct horse'))).to.equal('ERR_BACKUP_INVALID')
    expect(await fresh.noteAddress(note)).to.equal(address)
  }).timeout(20_000)

  it('leaves the wallet as it was when what is inside a backup is not whole', async () => {
    const vault = await openFresh()
    const address = await vault.noteAddress(note)
    const whole = { seed: 'A'.repeat(43), records: { counter: [{ id: 'a' }] } }
    for (const part of [{ seed: 'AAAA' }, { seed: undefined }, { records: undefined }, { records: { counter: 'a' } }, { records: { counter: [{}] } }, { records: { counter: [null] } }]) {
      const file = await sealBackup({ ...whole, ...part } as unknown as BackupContent, 'correct horse', globalThis.crypto)
      expect(await codeOf(vault.restoreBackup(file, 'correct horse'))).to.equal('ERR_BACKUP_INVALID')
    }
    expect(await vault.noteAddress(note)).to.equal(address)
  }).timeout(60_000)

  it('refuses a backup whose head was changed', async () => {
    const vault = await openFresh()
    const file = JSON.parse(await vault.createBackup('correct horse')) as { kdf: { iterations: number } }
    file.kdf.iterations += 1
    expect(await codeOf(vault.restoreBackup(JSON.stringify(file), 'correct horse'))).to.equal('ERR_BACKUP_PASSPHRASE')
  }).timeout(20_000)

  it('has another seed after everything was deleted', async () => {
    const vault = await openFresh()
    const address = await vault.noteAddress(note)
    await vault.commit([{ kind: 'counter', put: { id: 'a', program: 'p', value: 1, next: 7 } }])
    await vault.deleteEverything()
    expect(await vault.list('counter')).to.deep.equal([])
    expect(await vault.noteAddress(note)).not.to.equal(address)
  })

  it('does one thing at a time', async () => {
    const vault = await openFresh()
    const steps: string[] = []
    const work = (name: string) => vault.exclusively('notes', async () => {
      steps.push(`${name} begins`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      steps.push(`${name} ends`)
    })
    await Promise.all([work('a'), work('b')])
    expect(steps).to.deep.equal(['a begins', 'a ends', 'b begins', 'b ends'])
  })
})

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise
    return undefined
  } catch (error) {
    if (error instanceof VaultError) return error.code
    throw error
  }
}
