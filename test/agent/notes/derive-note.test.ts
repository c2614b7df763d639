import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { computeAddress, hexlify, TypedDataEncoder, verifyTypedData, Wallet } from 'ethers'
import fc from 'fast-check'
import { deriveBlindingFactor, deriveNoteKey } from '../../../agent/notes/derive-note.ts'
import { integerOf, invertModulo } from '../../../agent/notes/integers.ts'
import { recoverNote, redeemDigest, signRedeem } from '../../../agent/notes/redeem-digest.ts'
import { createRsaKey, program, seed } from './note-keys.ts'

const { modulus } = createRsaKey()
const reference = { program, value: 8, counter: 3 }
const counters = fc.integer({ min: 0, max: 0xffffffff })
const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex')
const codeOf = (run: () => unknown): unknown => {
  try { run() } catch (error) { return (error as { code?: unknown }).code }
  return undefined
}

describe('a note key', () => {
  it('is the same for the same seed and reference, and its address is the one ethers computes', () => {
    fc.assert(fc.property(counters, (counter) => {
      const key = deriveNoteKey(seed, { ...reference, counter })
      expect(deriveNoteKey(Uint8Array.from(seed), { ...reference, counter })).to.deep.equal(key)
      expect(key.address).to.equal(computeAddress(hexlify(key.secretKey)).toLowerCase())
    }), { numRuns: 20 })
  })

  it('changes with seed, programme, value and counter', () => {
    const addresses = [
      deriveNoteKey(seed, reference), deriveNoteKey(new Uint8Array(32), reference),
      deriveNoteKey(seed, { ...reference, program: `0x${'a4'.repeat(32)}` }),
      deriveNoteKey(seed, { ...reference, value: 16 }), deriveNoteKey(seed, { ...reference, counter: 4 })
    ].map(({ address }) => address)
    expect(new Set(addresses)).to.have.property('size', 5)
  })

  it('is refused for a short seed, a value above uint16 or a negative counter', () => {
    expect(codeOf(() => deriveNoteKey(seed.slice(1), reference))).to.equal('ERR_NOTE_INPUT')
    expect(codeOf(() => deriveNoteKey(seed, { ...reference, value: 65536 }))).to.equal('ERR_NOTE_INPUT')
    expect(codeOf(() => deriveNoteKey(seed, { ...reference, counter: -1 }))).to.equal('ERR_NOTE_INPUT')
    expect(codeOf(() => deriveNoteKey(seed, { ...reference, program: '0x12' }))).to.equal('ERR_NOTE_ENCODING')
  })

  it('keeps its derivation: a wallet restored years later finds its notes', () => {
    expect(deriveNoteKey(seed, reference).address).to.equal('0xc8f4d80b04bad55cbecc093ced54c7489ef50432')
  })
})

describe('a blinding factor', () => {
  it('always has an inverse, and belongs to one key and one note', () => {
    const other = createRsaKey().modulus
    const factor = deriveBlindingFactor(seed, reference, modulus)
    expect(invertModulo(factor, integerOf(modulus))).not.to.equal(undefined)
    expect(deriveBlindingFactor(seed, reference, modulus)).to.equal(factor)
    expect(deriveBlindingFactor(seed, reference, other)).not.to.equal(factor)
    expect(deriveBlindingFactor(seed, { ...reference, counter: 4 }, modulus)).not.to.equal(factor)
  })
})

describe('the derivation of a blinding factor', () => {
  it('stays: a wallet restored years later asks for the same signatures', () => {
    const fixed = new Uint8Array(256).fill(0xff)
    expect(sha256Hex(deriveBlindingFactor(seed, reference, fixed).toString(16))).to.equal('53a9ba858ce08ba01e720e3bd56cf86841ab60004b7aba9af8926fbaedbfe11b')
  })
})

describe('the signature of a payment', () => {
  const domain = { chainId: 7411, verifyingContract: '0x5FbDB2315678afecb367f032d93F642f64180aa3' }
  const types = {
    Redeem: [
      { name: 'program', type: 'bytes32' }, { name: 'merchant', type: 'address' },
      { name: 'order', type: 'bytes32' }, { name: 'deadline', type: 'uint64' }
    ]
  }
  const full = { name: 'Symbolon', version: '1', ...domain }
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((value) => hexlify(value))
  const payments = fc.record({
    program: bytes(32), merchant: bytes(20), order: bytes(32), deadline: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
  })

  it('is over the digest that ethers computes, and ethers recovers the note from it', () => {
    const { secretKey, address } = deriveNoteKey(seed, reference)
    fc.assert(fc.property(payments, (redeem) => {
      expect(hexlify(redeemDigest(domain, redeem))).to.equal(TypedDataEncoder.hash(full, types, redeem))
      const signature = signRedeem(domain, redeem, secretKey)
      expect(verifyTypedData(full, types, redeem, signature).toLowerCase()).to.equal(address)
      expect(recoverNote(domain, redeem, signature)).to.equal(address)
    }), { numRuns: 30 })
  })

  it('is the one ethers makes with the same key', async () => {
    const { secretKey } = deriveNoteKey(seed, reference)
    const redeem = { program, merchant: `0x${'0b'.repeat(20)}`, order: `0x${'0c'.repeat(32)}`, deadline: 1_800_000_000 }
    expect(signRedeem(domain, redeem, secretKey))
      .to.equal(await new Wallet(hexlify(secretKey)).signTypedData(full, types, redeem))
  })

  it('recovers to another note when anything of the payment changes', () => {
    const { secretKey, address } = deriveNoteKey(seed, reference)
    const redeem = { program, merchant: `0x${'0b'.repeat(20)}`, order: `0x${'0c'.repeat(32)}`, deadline: 1_800_000_000 }
    const signature = signRedeem(domain, redeem, secretKey)
    const changed = [
      { ...redeem, merchant: `0x${'0d'.repeat(20)}` }, { ...redeem, order: `0x${'0e'.repeat(32)}` },
      { ...redeem, deadline: 1_800_000_001 }, { ...redeem, program: `0x${'a4'.repeat(32)}` }
    ]
    for (const other of changed) expect(recoverNote(domain, other, signature)).not.to.equal(address)
    expect(recoverNote({ ...domain, chainId: 1 }, redeem, signature)).not.to.equal(address)
  })

  it('recovers to nothing when malleated or malformed', () => {
    const { secretKey } = deriveNoteKey(seed, reference)
    const redeem = { program, merchant: `0x${'0b'.repeat(20)}`, order: `0x${'0c'.repeat(32)}`, deadline: 1_800_000_000 }
    const signature = signRedeem(domain, redeem, secretKey)
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const highS = (order - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0')
    const flipped = signature.endsWith('1b') ? '1c' : '1b'
    for (const bad of [`${signature.slice(0, 66)}${highS}${flipped}`, `${signature.slice(0, -2)}00`, '0x', signature.slice(0, -2)]) {
      expect(recoverNote(domain, redeem, bad)).to.equal(undefined)
    }
  })
})
