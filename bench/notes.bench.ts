import { constants, generateKeyPairSync, privateEncrypt } from 'node:crypto'
import { blindNote, decodeInteger, encodeInteger, signBlinded, verifyNoteSignature } from '../agent/notes/blind-signature.ts'
import { deriveBlindingFactor, deriveNoteKey } from '../agent/notes/derive-note.ts'
import { fdhBytes } from '../agent/notes/fdh.ts'

interface BenchResult {
  readonly name: string
  readonly ratePerSecond: number
  readonly native: { readonly name: string, readonly ratePerSecond: number }
  readonly ratio: number
  readonly target?: number
}

const measure = async (seconds: number, run: () => unknown): Promise<number> => {
  const start = process.hrtime.bigint()
  const end = start + BigInt(Math.round(seconds * 1e9))
  let count = 0
  while (process.hrtime.bigint() < end) {
    await run()
    count++
  }
  return count / (Number(process.hrtime.bigint() - start) / 1e9)
}

/** Blind signing and note checking beside the raw RSA private operation of node:crypto, RSA-2048, one core. */
export const run = async (seconds = 2): Promise<readonly BenchResult[]> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'))
  const seed = crypto.getRandomValues(new Uint8Array(32))
  const reference = { program: `0x${'00'.repeat(32)}`, value: 1, counter: 0 }
  const { address } = deriveNoteKey(seed, reference)
  const blinded = blindNote(modulus, address, deriveBlindingFactor(seed, reference, modulus))
  const onTheWire = encodeInteger(blinded)
  const sign = (message: Uint8Array): Uint8Array =>
    privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, message)
  const signature = sign(fdhBytes(modulus, address))

  const warmUp = seconds / 4
  await measure(warmUp, () => sign(blinded))
  const nativeRate = await measure(seconds, () => sign(blinded))
  const native = { name: 'RSA-2048 private operation', ratePerSecond: nativeRate }
  const blindRate = await measure(seconds, async () =>
    encodeInteger(await signBlinded(modulus, decodeInteger(modulus, onTheWire), sign)))
  const verifyRate = await measure(seconds, () => verifyNoteSignature(modulus, address, signature))
  return [
    { name: 'blind-sign a note', ratePerSecond: blindRate, native, ratio: blindRate / nativeRate, target: 0.8 },
    { name: 'verify a note', ratePerSecond: verifyRate, native, ratio: verifyRate / nativeRate }
  ]
}
