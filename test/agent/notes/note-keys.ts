import { constants, generateKeyPairSync, privateEncrypt } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** An RSA key as a city's key manager has it, and its raw private operation. */
export const createRsaKey = (bits = 2048): {
  modulus: Uint8Array<ArrayBuffer>, privateKey: KeyObject, rawSign: (message: Uint8Array) => Uint8Array
} => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'))
  return {
    modulus,
    privateKey,
    rawSign: (message) => privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, message)
  }
}

export const seed = new Uint8Array(32).map((_, i) => i * 7 + 1)
export const program = `0x${'a5'.repeat(32)}`
