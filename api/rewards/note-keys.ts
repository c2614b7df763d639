import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { NativeKms } from '../../agent/keys/native-kms.ts'

const createKeyPair = promisify(generateKeyPair)

/** Values of notes: any sum up to 2047 with eleven notes. */
export const noteValues = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const

export interface NoteKey {
  readonly kid: string
  readonly value: number
  /** Big-endian, top bit set. */
  readonly modulus: Uint8Array
}

/** What rewards need of the key management. */
export interface NoteKeys {
  /** Makes fresh keys, one for each value: the contract refuses a modulus that was ever used. Off the main thread. */
  create(programId: string): Promise<readonly (NoteKey & { readonly keep: () => Promise<void> })[]>
  /** The raw RSA private operation. */
  sign(kid: string, blinded: Uint8Array): Promise<Uint8Array>
}

/** Note keys in the city's key management. */
export function createNoteKeys(keys: NativeKms): NoteKeys {
  return {
    create: async (programId) => await Promise.all(noteValues.map(async (value) => {
      const { privateKey, publicKey } = await createKeyPair('rsa', { modulusLength: 2048, publicExponent: 65_537 })
      const kid = `note:${programId}:${value}`
      const modulus = new Uint8Array(Buffer.from(publicKey.export({ format: 'jwk' }).n as string, 'base64url'))
      const keep = async (): Promise<void> => {
        const privateKeyHex = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('hex')
        await keys.importKey({ kid, type: 'RSA-2048' as never, privateKeyHex })
      }
      return { kid, value, modulus, keep }
    })),
    sign: async (kid, blinded) => await keys.rsaRaw(kid, blinded),
  }
}
