import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { Wallet } from 'ethers'
import { Operator } from '../support/operator.ts'

describe('symbolon account', function () {
  this.timeout(60_000)
  let operator: Operator

  before(() => { operator = new Operator() })
  after(() => operator.leave())

  it('makes a key for its owner alone, and prints the account and never the key', async () => {
    const file = join(operator.folder, 'safe', 'recovery.key')
    const { code, said } = await operator.run(['account', 'create', '--out', file])
    expect(code).to.equal(0)
    const key = readFileSync(file, 'utf8').trim()
    expect(said.split('\n')[0]).to.equal(new Wallet(key).address)
    expect(statSync(file).mode & 0o777).to.equal(0o600)
    expect((await operator.run(['account', 'show', '--key', file])).said).to.equal(new Wallet(key).address)
    expect(await operator.run(['account', 'create', '--out', file]), 'a key is never written over').to.deep.include({ code: 2, said: '' })
    expect(readFileSync(file, 'utf8').trim()).to.equal(key)
    operator.expectUntold([key])
  })

  it('encrypts a key with a password', async () => {
    const file = join(operator.folder, 'recovery.json')
    const passwordFile = operator.write('password', 'correct horse\n')
    const { said } = await operator.run(['account', 'create', '--out', file, '--password-file', passwordFile])
    const text = readFileSync(file, 'utf8')
    const { address, privateKey } = await Wallet.fromEncryptedJson(text, 'correct horse')
    expect(said.split('\n')[0]).to.equal(address)
    expect(text).not.to.contain(privateKey.slice(2))
    expect((await operator.run(['account', 'show', '--key', file, '--password-file', passwordFile])).said).to.equal(address)
    operator.expectUntold([privateKey, 'correct horse'])
  })

  it('refuses an empty password and a file that holds no key with exit code 2', async () => {
    const empty = operator.write('empty', '\n')
    expect((await operator.run(['account', 'create', '--out', join(operator.folder, 'new'), '--password-file', empty])).code).to.equal(2)
    for (const text of ['', '0x1234', `0x${'00'.repeat(32)}`, `0x${'ff'.repeat(32)}`, '{"version":3}']) {
      const { code, said } = await operator.run(['account', 'show', '--key', operator.write('wrong.key', text)])
      expect({ code, said }, text).to.deep.equal({ code: 2, said: '' })
    }
  })
})
