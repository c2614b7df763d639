import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { SymbolonError } from '../../agent/errors.ts'

export class SecretsError extends SymbolonError<'ERR_SEALED_DAMAGED'> {}

const SEALED_VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Encrypts with AES-256-GCM under a fresh nonce. `place` is authenticated, not stored: name table, column and row,
 * so that a ciphertext moved to another row does not open. Returns version ‖ nonce ‖ ciphertext ‖ tag.
 */
export function seal(key: Uint8Array, plaintext: Uint8Array | string, place: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(place))
  return Buffer.concat([Uint8Array.of(SEALED_VERSION), nonce, cipher.update(plaintext as string, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/**
 * Decrypts what `seal` made.
 *
 * @throws SecretsError `ERR_SEALED_DAMAGED` for another key, another place or a changed byte
 */
export function open(key: Uint8Array, sealed: Uint8Array, place: string): Uint8Array {
  try {
    if (sealed[0] !== SEALED_VERSION || sealed.length < 1 + NONCE_BYTES + TAG_BYTES) throw new RangeError('not a sealed value')
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(place))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  } catch (cause) {
    throw new SecretsError('ERR_SEALED_DAMAGED', 'a sealed value does not open', { cause })
  }
}

export interface PersonCipher {
  seal(place: string, plaintext: Uint8Array | string): Uint8Array
  openBytes(place: string, sealed: Uint8Array): Uint8Array
  openText(place: string, sealed: Uint8Array): string
}

export interface Secrets {
  /** A key for one use, derived from the key-encryption key (HKDF-SHA-256, RFC 5869). */
  derive(use: string): Uint8Array
  /** Seals something that belongs to no person, under a key of its use. */
  seal(use: string, place: string, plaintext: Uint8Array | string): Uint8Array
  openText(use: string, place: string, sealed: Uint8Array): string
  /** A keyed index of a normalised value: equal values meet, nobody without the key can test a guess. */
  blindIndex(field: string, value: string): string
  /** A new person's data key, wrapped under the key-encryption key. Deleting the wrapped key erases the person. */
  createPersonKey(personId: string): Uint8Array
  /** Opens the person's columns. `place` is `table.column:row`. */
  personCipher(personId: string, wrappedKey: Uint8Array): PersonCipher
}

/** The city's secrets over its 32-byte key-encryption key. */
export function createSecrets(keyEncryptionKey: Uint8Array): Secrets {
  const derived = new Map<string, Uint8Array>()
  const derive = (use: string): Uint8Array => {
    const known = derived.get(use)
    if (known !== undefined) return known
    const key = new Uint8Array(hkdfSync('sha256', keyEncryptionKey, new Uint8Array(0), `symbolon/${use}`, 32))
    derived.set(use, key)
    return key
  }
  return {
    derive,
    seal: (use, place, plaintext) => seal(derive(use), plaintext, place),
    openText: (use, place, sealed) => Buffer.from(open(derive(use), sealed, place)).toString('utf8'),
    blindIndex: (field, value) => createHmac('sha256', derive(`blind-index/${field}`)).update(value).digest('base64url'),
    createPersonKey: (personId) => seal(derive('person-key'), randomBytes(32), `person-key:${personId}`),
    personCipher: (personId, wrappedKey) => {
      const key = open(derive('person-key'), wrappedKey, `person-key:${personId}`)
      return {
        seal: (place, plaintext) => seal(key, plaintext, place),
        openBytes: (place, sealed) => open(key, sealed, place),
        openText: (place, sealed) => Buffer.from(open(key, sealed, place)).toString('utf8'),
      }
    },
  }
}

/** Folds a name for look-ups: no accents, no case, single spaces. `Conceição` and `CONCEICAO` meet. */
export function foldName(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim()
}
