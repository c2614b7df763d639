import { constants, createHash, publicDecrypt } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  blindNote, decodeInteger, decodeModulus, encodeInteger, signBlinded, unblindSignature, verifyNoteSignature
} from '../../../agent/notes/blind-signature.ts'
import { deriveBlindingFactor, deriveNoteKey } from '../../../agent/notes/derive-note.ts'
import { assertModulus, fdh, fdhBytes } from '../../../agent/notes/fdh.ts'
import { bytesOf, integerOf, invertModulo, powerModulo } from '../../../agent/notes/integers.ts'
import { createRsaKey, program, seed } from './note-keys.ts'

const { modulus, privateKey, rawSign } = createRsaKey()
const reference = { program, value: 8, counter: 3 }
const { address } = deriveNoteKey(seed, reference)
const factor = deriveBlindingFactor(seed, reference, modulus)
const addresses = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`)

describe('the full-domain hash of a note', () => {
  it('is SHA-256 in counter mode under the domain of its modulus', () => {
    const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
    fc.assert(fc.property(addresses, (note) => {
      const domain = sha(Buffer.from('symbolon-note-fdh-v1'), sha(modulus))
      const start = sha(domain, Buffer.from(note.slice(2), 'hex'))
      const blocks = Array.from({ length: 8 }, (_, i) => sha(start, Buffer.from([0, 0, 0, i])))
      const expected = Buffer.concat(blocks)
      expected[0] = (expected[0] ?? 0) & 0x7f
      expect(Buffer.from(fdhBytes(modulus, note)).equals(expected)).to.equal(true)
    }), { numRuns: 20 })
  })

  it('has a fixed value, which the contract shares', () => {
    const fixed = new Uint8Array(256).fill(0xff)
    const hash = createHash('sha256').update(fdhBytes(fixed, `0x${'11'.repeat(20)}`)).digest('hex')
    expect(hash).to.equal('71fece43cec3a9a00bf479723e556dd5461957c2b9c661ca3cf5fcb6d2acf88f')
  })

  it('is below the modulus and as long, also for a modulus that is no multiple of a block', () => {
    const odd = new Uint8Array(261).fill(0xff)
    odd[0] = 0x80
    fc.assert(fc.property(addresses, (note) => {
      expect(fdhBytes(odd, note)).to.have.length(261)
      expect(fdh(odd, note) < integerOf(odd)).to.equal(true)
    }))
  })

  it('differs between two moduli', () => {
    const other = Uint8Array.from(modulus)
    other[100] = (other[100] ?? 0) ^ 1
    expect(fdh(other, address)).not.to.equal(fdh(modulus, address))
  })

  it('refuses a modulus that is short, even or without its top bit', () => {
    for (const bad of [modulus.slice(1), bytesOf(integerOf(modulus) - 1n, 256), bytesOf(integerOf(modulus) >> 1n | 1n, 256)]) {
      expect(() => { assertModulus(bad) }).to.throw().with.property('code', 'ERR_NOTE_MODULUS')
    }
  })
})

describe('a blind signature', () => {
  it('gives a valid note once the blinding is off', async () => {
    const blind = await signBlinded(modulus, blindNote(modulus, address, factor), rawSign)
    const signature = unblindSignature(modulus, address, factor, blind)
    expect(verifyNoteSignature(modulus, address, signature)).to.equal(true)
    const opened = publicDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, signature)
    expect(integerOf(opened)).to.equal(fdh(modulus, address))
  })

  it('is the signature the key gives to the hash itself, whatever the blinding', async () => {
    const direct = rawSign(fdhBytes(modulus, address))
    await fc.assert(fc.asyncProperty(fc.bigInt({ min: 2n, max: integerOf(modulus) - 1n }), async (r) => {
      fc.pre(invertModulo(r, integerOf(modulus)) !== undefined)
      const blind = await signBlinded(modulus, blindNote(modulus, address, r), rawSign)
      expect(Buffer.from(unblindSignature(modulus, address, r, blind)).equals(direct)).to.equal(true)
    }), { numRuns: 25 })
  })

  it('hides the note: the same blinded value fits any other note with another factor', () => {
    const n = integerOf(modulus)
    const other = deriveNoteKey(seed, { ...reference, counter: 4 }).address
    const blinded = integerOf(blindNote(modulus, address, factor))
    const d = integerOf(Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url'))
    const ratio = (blinded * (invertModulo(fdh(modulus, other), n) ?? 0n)) % n
    const otherFactor = powerModulo(ratio, d, n)
    expect(integerOf(blindNote(modulus, other, otherFactor))).to.equal(blinded)
  })

  it('of another note does not verify', async () => {
    const other = deriveNoteKey(seed, { ...reference, counter: 4 }).address
    const blind = await signBlinded(modulus, blindNote(modulus, other, factor), rawSign)
    expect(() => unblindSignature(modulus, address, factor, blind)).to.throw()
      .with.property('code', 'ERR_NOTE_SIGNATURE_INVALID')
  })

  it('does not verify when it is a byte shorter, zero-extended or raised by the modulus', () => {
    const signature = rawSign(fdhBytes(modulus, address))
    const raised = integerOf(signature) + integerOf(modulus)
    expect(verifyNoteSignature(modulus, address, signature.subarray(1))).to.equal(false)
    expect(verifyNoteSignature(modulus, address, Buffer.concat([Buffer.of(0), signature]))).to.equal(false)
    expect(verifyNoteSignature(modulus, address, bytesOf(raised, raised >> 2048n ? 257 : 256))).to.equal(false)
  })

  it('refuses a blinding factor without inverse', () => {
    const p = integerOf(Buffer.from(privateKey.export({ format: 'jwk' }).p ?? '', 'base64url'))
    for (const bad of [0n, p, integerOf(modulus), -1n]) {
      expect(() => blindNote(modulus, address, bad)).to.throw().with.property('code', 'ERR_NOTE_BLINDING')
    }
  })

  it('is never given to a value that is not below the modulus, or is trivial', async () => {
    for (const bad of [modulus, bytesOf(integerOf(modulus) + 1n, 256), bytesOf(0n, 256), bytesOf(1n, 256), modulus.slice(1)]) {
      const refused = await signBlinded(modulus, bad, rawSign).then(() => undefined, (error: unknown) => error)
      expect(refused).to.have.property('code', 'ERR_NOTE_ENCODING')
    }
  })
})

describe('the encoding of a big number', () => {
  it('comes back as it was', () => {
    fc.assert(fc.property(fc.bigInt({ min: 2n, max: integerOf(modulus) - 1n }), (n) => {
      const bytes = bytesOf(n, 256)
      expect(integerOf(decodeInteger(modulus, encodeInteger(bytes)))).to.equal(n)
    }))
    expect(decodeModulus(encodeInteger(modulus))).to.deep.equal(modulus)
  })

  it('has one spelling: no padding, no white space, no other alphabet, no other length', () => {
    const text = encodeInteger(bytesOf(5n, 256))
    const strayBits = `${text.slice(0, -1)}${text.endsWith('Q') ? 'R' : 'V'}`
    for (const bad of [`${text}=`, ` ${text}`, text.replace('A', '+'), `A${text}`, text.slice(2), strayBits, '']) {
      expect(() => decodeInteger(modulus, bad), bad).to.throw().with.property('code', 'ERR_NOTE_ENCODING')
    }
  })
})
