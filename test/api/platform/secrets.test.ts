import { expect } from 'chai'
import fc from 'fast-check'
import { createSecrets, foldName, open, seal } from '../../../api/platform/secrets.ts'

const key = new Uint8Array(32).fill(1)
const codeOf = (act: () => unknown): unknown => {
  try {
    return act()
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('sealed columns', () => {
  it('open with their key at their place', () => {
    fc.assert(fc.property(fc.uint8Array(), fc.string(), (bytes, place) => {
      expect([...open(key, seal(key, bytes, place), place)]).to.deep.equal([...bytes])
    }))
  })

  it('do not open at another place, with another key, or with one bit changed', () => {
    const sealed = seal(key, 'a name', 'residents.given_name:1')
    const changed = Uint8Array.from(sealed)
    changed[20] = (changed[20] ?? 0) ^ 1
    expect(codeOf(() => open(key, sealed, 'residents.given_name:2'))).to.equal('ERR_SEALED_DAMAGED')
    expect(codeOf(() => open(new Uint8Array(32), sealed, 'residents.given_name:1'))).to.equal('ERR_SEALED_DAMAGED')
    expect(codeOf(() => open(key, changed, 'residents.given_name:1'))).to.equal('ERR_SEALED_DAMAGED')
    expect(codeOf(() => open(key, sealed.subarray(0, 10), 'residents.given_name:1'))).to.equal('ERR_SEALED_DAMAGED')
  })

  it('never look the same twice', () => {
    expect(Buffer.from(seal(key, 'x', 'p')).equals(Buffer.from(seal(key, 'x', 'p')))).to.equal(false)
  })

  it('of a person open with that person\'s key only', () => {
    const secrets = createSecrets(key)
    const [ana, rui] = [secrets.personCipher('ana', secrets.createPersonKey('ana')), secrets.personCipher('rui', secrets.createPersonKey('rui'))]
    expect(codeOf(() => rui.openText('p', ana.seal('p', 'hers')))).to.equal('ERR_SEALED_DAMAGED')
    expect(codeOf(() => secrets.personCipher('rui', secrets.createPersonKey('ana')))).to.equal('ERR_SEALED_DAMAGED')
  })
})

describe('blind indexes', () => {
  it('meet for equal values, differ by field and by city', () => {
    const [porto, other] = [createSecrets(key), createSecrets(new Uint8Array(32).fill(2))]
    expect(porto.blindIndex('birth-date', '1990-01-01')).to.equal(porto.blindIndex('birth-date', '1990-01-01'))
    expect(porto.blindIndex('birth-date', '1990-01-01')).not.to.equal(porto.blindIndex('login', '1990-01-01'))
    expect(porto.blindIndex('birth-date', '1990-01-01')).not.to.equal(other.blindIndex('birth-date', '1990-01-01'))
  })

  it('fold names without accents, case and hyphens', () => {
    expect(foldName(' Conceição  d\'ÁVILA-Nuñez ')).to.equal('conceicao d avila nunez')
  })
})
