import { expect } from 'chai'
import fc from 'fast-check'
import { decodeBase64, decodeBase64url, decodeJsonObject, encodeBase64, encodeBase64url } from '../../../agent/formats/base64url.ts'
import { expectCode } from '../expect-code.ts'

describe('base64url', () => {
  it('encodes the examples of RFC 4648 §10', () => {
    const vectors = [['', ''], ['f', 'Zg'], ['fo', 'Zm8'], ['foo', 'Zm9v'], ['foob', 'Zm9vYg'], ['fooba', 'Zm9vYmE'], ['foobar', 'Zm9vYmFy']] as const
    for (const [text, encoded] of vectors) {
      expect(encodeBase64url(Buffer.from(text))).to.equal(encoded)
      expect(Buffer.from(decodeBase64url(encoded)).toString()).to.equal(text)
    }
  })

  it('agrees with Node on any bytes, both ways', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(encodeBase64url(bytes)).to.equal(Buffer.from(bytes).toString('base64url'))
      expect(encodeBase64(bytes)).to.equal(Buffer.from(bytes).toString('base64'))
      expect(decodeBase64url(encodeBase64url(bytes))).to.deep.equal(bytes)
      expect(decodeBase64(encodeBase64(bytes))).to.deep.equal(bytes)
    }))
    const large = new Uint8Array(100_000).fill(200)
    expect(decodeBase64url(encodeBase64url(large))).to.deep.equal(large)
  })

  it('has one text for each byte string: what decodes encodes to itself', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'AZaz09-_+/= \n'), maxLength: 12 }), (text) => {
      for (const [decode, encode] of [[decodeBase64url, encodeBase64url], [decodeBase64, encodeBase64]] as const) {
        let bytes: Uint8Array | undefined
        try {
          bytes = decode(text)
        } catch {
          bytes = undefined
        }
        if (bytes !== undefined) expect(encode(bytes)).to.equal(text)
      }
    }), { numRuns: 2_000 })
  })

  it('refuses padding, white space, other alphabets, stray bits and impossible lengths', async () => {
    for (const text of ['Zg==', 'Zg ', 'Z+8_', 'Zh', 'Zm9', 'Z', 'Zm9vY', 'Zm9v\n', 'Zé']) {
      await expectCode('ERR_CREDENTIAL_MALFORMED', () => decodeBase64url(text))
    }
    for (const text of ['Zg', 'Zg=', 'Zh==', 'Zm8-', ' Zg==']) await expectCode('ERR_CREDENTIAL_MALFORMED', () => decodeBase64(text))
  })

  it('reads JSON objects only, and only in UTF-8', async () => {
    expect(decodeJsonObject(encodeBase64url(Buffer.from('{"a":1}')))).to.deep.equal({ a: 1 })
    for (const json of [Buffer.from('[]'), Buffer.from('null'), Buffer.from('1'), Buffer.from('{'), Buffer.from([0x22, 0xff, 0x22]), Buffer.from('\ufeff{}')]) {
      await expectCode('ERR_CREDENTIAL_MALFORMED', () => decodeJsonObject(encodeBase64url(json)))
    }
  })
})
