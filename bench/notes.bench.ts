import { constants, generateKeyPairSync, privateEncrypt } from 'node:crypto'
import { blindNote, decodeInteger, encodeInteger, signBlinded, verifyNoteSignature } from '../agent/notes/blind-signature.ts'
import { deriveBlindingFactor, deriveNoteKey } from '../agent/notes/derive-note.ts'
import { fdhBytes } from '../agent/notes/fdh.ts'
import { measure, type Bench } from './measure.ts'

/** Blind signing as it comes over the wire, and note checking, beside the raw RSA-2048 operations of node:crypto. */
export const run: Bench = async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'))
  const seed = crypto.getRandomValues(new Uint8Array(32))
  const reference = { program: `0x${'00'.repeat(32)}`, value: 1, counter: 0 }
  const { address } = deriveNoteKey(seed, reference)
  const blinded = blindNote(modulus, address, deriveBlindingFactor(seed, reference, modulus))
  const onTheWire = encodeInteger(blinded)
  const sign = (message: Uint8Array): Uint8Array => privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, message)
  const signature = sign(fdhBytes(modulus, address))

  const rates = await measure({
    native: () => sign(blinded),
    blindSign: async () => encodeInteger(await signBlinded(modulus, decodeInteger(modulus, onTheWire), sign)),
    verify: () => {
      if (!verifyNoteSignature(modulus, address, signature)) throw new Error('the note of the benchmark does not verify')
    },
  })
  const native = { name: 'RSA-2048 private operation', ratePerSecond: rates.native }
  return [
    { name: 'blind-sign a note', ratePerSecond: rates.blindSign, native, target: 0.8 },
    { name: 'verify a note', ratePerSecond: rates.verify, native },
  ]
}
