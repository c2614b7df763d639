import { expect } from 'chai'
import { concatBytes, encodeHex } from '../../../agent/formats/bytes.ts'

describe('bytes', () => {
  it('are joined in order, from no part at all to more than a call can take as arguments', () => {
    expect(concatBytes([])).to.have.length(0)
    expect([...concatBytes([Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)])]).to.deep.equal([1, 2, 3])
    expect(concatBytes(Array.from({ length: 500_000 }, () => Uint8Array.of(7)))).to.have.length(500_000)
  })

  it('are written as two lower-case digits each', () => {
    expect(encodeHex(Uint8Array.of(0, 10, 255))).to.equal('000aff')
    expect(encodeHex(new Uint8Array(0))).to.equal('')
  })
})
