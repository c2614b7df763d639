import {
  constants, createPrivateKey, createPublicKey, diffieHellman, privateDecrypt, sign as signNatively, type KeyObject,
  type webcrypto,
} from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { IKey, ManagedKeyInfo, MinimalImportableKey } from '@veramo/core-types'
import { AbstractKeyManagementSystem } from '@veramo/key-manager'
import { computeAddress, hashMessage, hexlify, Transaction, TypedDataEncoder, type TransactionLike, type TypedDataDomain, type TypedDataField } from 'ethers'
import { AgentError } from '../errors.ts'
import { generatePrivateKey, importPrivateKey, jwkThumbprint, publicPartsOf, toKeyType } from './key-material.ts'
import type { KeyRecord, KeyStore, KeyType, ManagedKey, PublicJwk } from './key-store.ts'
import { createPrivateKeyBox, type PrivateKeyBox } from './private-key-box.ts'

export const KMS_NAME = 'native'

/** What `sign` of each key type can do; the first is the default. Ethereum's names are those of Veramo. */
const ALGORITHMS: Record<KeyType, readonly string[]> = {
  Secp256r1: ['ES256'],
  Ed25519: ['EdDSA'],
  Secp256k1: ['ES256K', 'eth_signTransaction', 'eth_signMessage', 'eth_signTypedData', 'eth_rawSign'],
  'RSA-2048': ['RSA_RAW'],
}

interface UnlockedKey {
  readonly key: ManagedKey
  readonly privateKey: KeyObject
  /** The secp256k1 scalar, for signatures from which the signer can be recovered: OpenSSL does not make those. */
  readonly scalar: Uint8Array | undefined
}

/**
 * A Veramo key management system over `node:crypto`. Private keys rest sealed in the key store; each is
 * unsealed and parsed once in a process and kept in memory after that.
 */
export class NativeKms extends AbstractKeyManagementSystem {
  readonly #store: KeyStore
  readonly #box: PrivateKeyBox
  readonly #unlocked = new Map<string, UnlockedKey>()

  /** @throws AgentError `ERR_KEY_ENCRYPTION_KEY_INVALID` if the key-encryption key is not 32 bytes. */
  constructor(store: KeyStore, keyEncryptionKey: Uint8Array) {
    super()
    this.#store = store
    this.#box = createPrivateKeyBox(keyEncryptionKey)
  }

  /**
   * Makes a key. `kid` defaults to its thumbprint.
   * @throws AgentError `ERR_KEY_TYPE_UNSUPPORTED`, `ERR_KEY_EXISTS`
   */
  override async createKey(args: { type: string, kid?: string, meta?: Record<string, unknown> }): Promise<ManagedKeyInfo & ManagedKey> {
    return this.#keep(toKeyType(args.type), generatePrivateKey(args.type), args.kid, args.meta)
  }

  /** @throws AgentError `ERR_KEY_TYPE_UNSUPPORTED`, `ERR_KEY_UNREADABLE`, `ERR_KEY_EXISTS` */
  override async importKey(args: Omit<MinimalImportableKey, 'kms'>): Promise<ManagedKeyInfo & ManagedKey> {
    const privateKey = importPrivateKey(args.type, args.privateKeyHex)
    return this.#keep(toKeyType(args.type), privateKey, args.kid, args.meta ?? undefined)
  }

  override async listKeys(): Promise<Array<ManagedKeyInfo & ManagedKey>> {
    return (await this.#store.listKeys()).map(describeKey)
  }

  /** @throws AgentError `ERR_KEY_NOT_FOUND` */
  async getKey(kid: string): Promise<ManagedKey> {
    return this.#unlocked.get(kid)?.key ?? describeKey(await this.#find(kid))
  }

  override async deleteKey({ kid }: { kid: string }): Promise<boolean> {
    this.#unlocked.delete(kid)
    return this.#store.deleteKey(kid)
  }

  /**
   * Veramo's door to every signature. JWS algorithms give base64url, Ethereum's give 0x hex, `RSA_RAW` base64url.
   * @throws AgentError `ERR_KEY_NOT_FOUND`, `ERR_KEY_ALGORITHM_UNSUPPORTED`, `ERR_SIGNING_INPUT_INVALID`
   */
  override async sign({ keyRef, algorithm, data }: { keyRef: Pick<IKey, 'kid'>, algorithm?: string, data: Uint8Array }): Promise<string> {
    const unlocked = await this.#unlock(keyRef.kid)
    const chosen = algorithm ?? ALGORITHMS[unlocked.key.type][0] as string
    if (!ALGORITHMS[unlocked.key.type].includes(chosen)) throw unsupported(chosen, unlocked.key.type)
    switch (chosen) {
      case 'ES256':
      case 'ES256K':
      case 'EdDSA': return signJws(unlocked, data)
      case 'RSA_RAW': return rsaPrivateOperation(unlocked, data).toString('base64url')
      case 'eth_signTransaction': return signTransaction(unlocked, checked(() => Transaction.from(hexlify(data))))
      case 'eth_signMessage': return signDigest(unlocked, hashMessage(data))
      case 'eth_signTypedData': return signDigest(unlocked, checked(() => hashTypedData(data)))
      default: return signDigest(unlocked, hexlify(data))
    }
  }

  /** Signs a JWS signing input with the one JWS algorithm of the key (ES256, EdDSA, ES256K); base64url. */
  async signJws(kid: string, signingInput: string): Promise<string> {
    const unlocked = this.#unlocked.get(kid) ?? await this.#unlock(kid)
    if (unlocked.key.type === 'RSA-2048') throw unsupported('JWS', unlocked.key.type)
    return signJws(unlocked, Buffer.from(signingInput))
  }

  /**
   * The bare RSA private operation, m^d mod n, for blind signatures: the caller has blinded and encoded.
   * @param message as many bytes as the modulus, below it
   * @throws AgentError `ERR_SIGNING_INPUT_INVALID`, `ERR_KEY_ALGORITHM_UNSUPPORTED`
   * @see https://www.rfc-editor.org/rfc/rfc9474#section-4.3
   */
  async rsaRaw(kid: string, message: Uint8Array): Promise<Uint8Array> {
    const unlocked = await this.#unlock(kid)
    if (unlocked.key.type !== 'RSA-2048') throw unsupported('RSA_RAW', unlocked.key.type)
    return rsaPrivateOperation(unlocked, message)
  }

  /** The checksummed Ethereum address of a secp256k1 key. */
  async addressOf(kid: string): Promise<string> {
    const key = await this.getKey(kid)
    if (key.type !== 'Secp256k1') throw unsupported('an Ethereum address', key.type)
    return computeAddress(`0x${key.publicKeyHex}`)
  }

  /** Signs a transaction and serialises it, 0x hex, ready to be sent. */
  async signTransaction(kid: string, transaction: TransactionLike): Promise<string> {
    const unlocked = await this.#unlock(kid)
    return signTransaction(unlocked, checked(() => Transaction.from(transaction)))
  }

  /** Signs 32 bytes so that the signer can be recovered: 0x hex of r ‖ s ‖ v, v = 27 or 28, s low (EIP-2). */
  async signDigest(kid: string, digest: Uint8Array | string): Promise<string> {
    return signDigest(await this.#unlock(kid), typeof digest === 'string' ? digest : hexlify(digest))
  }

  /** A handle for Web Cryptography that signs but gives nothing away; certificates are signed through it. */
  async cryptoKeyOf(kid: string): Promise<webcrypto.CryptoKey> {
    const { key, privateKey } = await this.#unlock(kid)
    if (key.type !== 'Secp256r1') throw unsupported('Web Cryptography', key.type)
    return privateKey.toCryptoKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
  }

  /** ECDH with another key on the same curve; hex. */
  override async sharedSecret(args: { myKeyRef: Pick<IKey, 'kid'>, theirKey: Pick<IKey, 'publicKeyHex' | 'type'> }): Promise<string> {
    const { key, privateKey } = await this.#unlock(args.myKeyRef.kid)
    if (key.publicJwk.kty !== 'EC' || args.theirKey.type !== key.type) throw unsupported('ECDH', key.type)
    const point = Buffer.from(args.theirKey.publicKeyHex, 'hex')
    if (point.length !== 65 || point[0] !== 4) throw inputInvalid('The other key is not an uncompressed point.')
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url')) as [string, string]
    const publicKey = checked(() => createPublicKey({ key: { kty: 'EC', crv: (key.publicJwk as { crv: string }).crv, x, y }, format: 'jwk' }))
    return diffieHellman({ privateKey, publicKey }).toString('hex')
  }

  async #keep(type: KeyType, privateKey: KeyObject, kid?: string, meta?: Record<string, unknown>): Promise<ManagedKeyInfo & ManagedKey> {
    const parts = publicPartsOf(privateKey)
    const key = { kid: kid ?? jwkThumbprint(parts.publicJwk), type, ...parts, meta: meta ?? {} }
    const der = privateKey.export({ format: 'der', type: 'pkcs8' })
    await this.#store.insertKey({ ...key, sealedPrivateKey: this.#box.seal(key, der) })
    der.fill(0)
    return describeKey(key)
  }

  async #find(kid: string): Promise<KeyRecord> {
    const record = await this.#store.findKey(kid)
    if (record === undefined) throw new AgentError('ERR_KEY_NOT_FOUND', `There is no key ${kid}.`)
    return record
  }

  async #unlock(kid: string): Promise<UnlockedKey> {
    const known = this.#unlocked.get(kid)
    if (known !== undefined) return known
    const record = await this.#find(kid)
    const der = this.#box.open(record, record.sealedPrivateKey)
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    der.fill(0)
    const scalar = record.type === 'Secp256k1'
      ? new Uint8Array(Buffer.from(privateKey.export({ format: 'jwk' }).d as string, 'base64url'))
      : undefined
    const unlocked = { key: describeKey(record), privateKey, scalar }
    this.#unlocked.set(kid, unlocked)
    return unlocked
  }
}

function describeKey({ kid, type, publicKeyHex, publicJwk, meta }: ManagedKey): ManagedKeyInfo & ManagedKey {
  return { kid, kms: KMS_NAME, type, publicKeyHex, publicJwk, meta: { ...meta, algorithms: [...ALGORITHMS[type]] } }
}

function signJws({ key, privateKey }: UnlockedKey, data: Uint8Array): string {
  if (key.type === 'Ed25519') return signNatively(null, data, privateKey).toString('base64url')
  return signNatively('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

function rsaPrivateOperation({ key, privateKey }: UnlockedKey, message: Uint8Array): Buffer {
  const modulus = Buffer.from((key.publicJwk as PublicJwk & { kty: 'RSA' }).n, 'base64url')
  if (message.length !== modulus.length || Buffer.compare(message, modulus) >= 0) {
    throw inputInvalid('The message must have as many bytes as the modulus and be below it.')
  }
  return privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, message)
}

function signDigest({ key, scalar }: UnlockedKey, digest: string): string {
  if (scalar === undefined) throw unsupported('an Ethereum signature', key.type)
  if (!/^0x[0-9a-fA-F]{64}$/.test(digest)) throw inputInvalid('The digest must have 32 bytes.')
  const hash = Buffer.from(digest.slice(2), 'hex')
  const signature = secp256k1.sign(hash, scalar, { prehash: false, format: 'recovered', lowS: true })
  const recovery = signature[0] as number
  return `0x${Buffer.from(signature.subarray(1)).toString('hex')}${(27 + recovery).toString(16)}`
}

function signTransaction(unlocked: UnlockedKey, transaction: Transaction): string {
  transaction.signature = signDigest(unlocked, transaction.unsignedHash)
  return transaction.serialized
}

function hashTypedData(data: Uint8Array): string {
  const { domain, types, message } = JSON.parse(Buffer.from(data).toString('utf8')) as {
    domain: TypedDataDomain, types: Record<string, TypedDataField[]>, message: Record<string, unknown>
  }
  delete types['EIP712Domain']
  return TypedDataEncoder.hash(domain, types, message)
}

function checked<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw inputInvalid('What is to be signed is not well formed.', cause)
  }
}

function unsupported(what: string, type: string): AgentError {
  return new AgentError('ERR_KEY_ALGORITHM_UNSUPPORTED', `A ${type} key does not do ${what}.`)
}

function inputInvalid(message: string, cause?: unknown): AgentError {
  return new AgentError('ERR_SIGNING_INPUT_INVALID', message, { cause })
}
