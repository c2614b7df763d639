import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { AgentError } from '../errors.ts'
import type { ManagedKey } from './key-store.ts'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals private keys for one row each: a sealed key moved to another row does not open. */
export interface PrivateKeyBox {
  seal(row: BoundColumns, privateKey: Uint8Array): Uint8Array
  /** @throws AgentError `ERR_KEY_UNREADABLE` if the row, the sealed key or the key-encryption key is not what it was. */
  open(row: BoundColumns, sealed: Uint8Array): Buffer
}

type BoundColumns = Pick<ManagedKey, 'kid' | 'type' | 'publicKeyHex'>

/**
 * AES-256-GCM with a random nonce: `version (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16)`; the associated data
 * are the row's kid, type and public key.
 * @throws AgentError `ERR_KEY_ENCRYPTION_KEY_INVALID` if the key-encryption key is not 32 bytes.
 * @see https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf
 */
export function createPrivateKeyBox(keyEncryptionKey: Uint8Array): PrivateKeyBox {
  if (keyEncryptionKey.length !== 32) {
    throw new AgentError('ERR_KEY_ENCRYPTION_KEY_INVALID', 'The key-encryption key must have 32 bytes.')
  }
  const secret = createSecretKey(keyEncryptionKey)
  return {
    seal(row, privateKey) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(associatedData(row))
      const ciphertext = Buffer.concat([cipher.update(privateKey), cipher.final()])
      return new Uint8Array(Buffer.concat([Buffer.of(VERSION), nonce, ciphertext, cipher.getAuthTag()]))
    },
    open(row, sealed) {
      if (sealed[0] !== VERSION || sealed.length <= 1 + NONCE_BYTES + TAG_BYTES) throw unreadable()
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(associatedData(row)).setAuthTag(sealed.subarray(-TAG_BYTES))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()])
      } catch (cause) {
        throw unreadable(cause)
      }
    },
  }
}

function associatedData(row: BoundColumns): Buffer {
  return Buffer.from(JSON.stringify(['symbolon-key-v1', row.kid, row.type, row.publicKeyHex]))
}

function unreadable(cause?: unknown): AgentError {
  const message = 'The private key does not open: another key-encryption key sealed it, or its row was changed.'
  return new AgentError('ERR_KEY_UNREADABLE', message, { cause })
}
