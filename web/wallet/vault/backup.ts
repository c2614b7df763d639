import { decodeBase64url, encodeBase64url } from '../../../agent/formats/base64url.ts'
import { VaultError } from './vault-error.ts'

/** What a backup holds: the seed, and all records by kind. */
export interface BackupContent {
  readonly seed: string
  readonly records: Readonly<Record<string, readonly unknown[]>>
}

interface BackupFile {
  readonly format: 'symbolon-wallet-backup'
  readonly version: 1
  readonly kdf: { readonly name: 'PBKDF2'; readonly hash: 'SHA-256'; readonly iterations: number; readonly salt: string }
  readonly cipher: { readonly name: 'AES-GCM'; readonly iv: string }
  readonly data: string
}

const seedBytes = 32
/** OWASP's recommendation for PBKDF2 with SHA-256. */
const iterations = 600_000
/** More would let a made-up file keep the device busy for minutes. */
const maximumIterations = 10_000_000

/** Encrypts a backup with a passphrase; the result is the text of a file. */
export async function sealBackup(content: BackupContent, passphrase: string, crypto: Crypto): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const head = {
    format: 'symbolon-wallet-backup', version: 1,
    kdf: { name: 'PBKDF2', hash: 'SHA-256', iterations, salt: encodeBase64url(salt) },
    cipher: { name: 'AES-GCM', iv: encodeBase64url(iv) },
  } as const
  const key = await deriveKey(passphrase, salt, iterations, crypto)
  const plain = new TextEncoder().encode(JSON.stringify(content))
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: headBytes(head) }, key, plain)
  return JSON.stringify({ ...head, data: encodeBase64url(new Uint8Array(data)) } satisfies BackupFile)
}

/** Decrypts a backup. @throws VaultError ERR_BACKUP_INVALID for what is no backup, ERR_BACKUP_PASSPHRASE for a wrong passphrase */
export async function openBackup(file: string, passphrase: string, crypto: Crypto): Promise<BackupContent> {
  const { data, ...head } = parseBackup(file)
  let key, iv, cipher
  try {
    key = await deriveKey(passphrase, decodeBase64url(head.kdf.salt), head.kdf.iterations, crypto)
    iv = decodeBase64url(head.cipher.iv)
    cipher = decodeBase64url(data)
  } catch (cause) {
    throw new VaultError('ERR_BACKUP_INVALID', 'The backup is damaged', { cause })
  }
  let plain
  try {
    plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: headBytes(head) }, key, cipher)
  } catch (cause) {
    throw new VaultError('ERR_BACKUP_PASSPHRASE', 'The passphrase does not open the backup', { cause })
  }
  return parseContent(new TextDecoder().decode(plain))
}

/** What is inside is looked at before anything is put in its place: a bad backup must not cost the wallet that is there. */
function parseContent(text: string): BackupContent {
  try {
    const { seed, records } = JSON.parse(text) as Partial<BackupContent>
    if (typeof seed !== 'string' || decodeBase64url(seed).length !== seedBytes) throw new TypeError('seed')
    if (records === undefined || !Object.values(records).every((list) => Array.isArray(list) && list.every(isNamed))) throw new TypeError('records')
    return { seed, records }
  } catch (cause) {
    throw new VaultError('ERR_BACKUP_INVALID', 'The backup is damaged', { cause })
  }
}

function isNamed(record: unknown): boolean {
  return record !== null && typeof record === 'object' && typeof (record as { id?: unknown }).id === 'string'
}

function parseBackup(text: string): BackupFile {
  let file: Partial<BackupFile>
  try {
    file = JSON.parse(text) as Partial<BackupFile>
  } catch (cause) {
    throw new VaultError('ERR_BACKUP_INVALID', 'The file is not a backup of this wallet', { cause })
  }
  const valid = file.format === 'symbolon-wallet-backup' && file.version === 1 && typeof file.data === 'string'
    && file.kdf?.name === 'PBKDF2' && file.kdf.hash === 'SHA-256' && typeof file.kdf.salt === 'string'
    && Number.isInteger(file.kdf.iterations) && file.kdf.iterations >= 1 && file.kdf.iterations <= maximumIterations
    && file.cipher?.name === 'AES-GCM' && typeof file.cipher.iv === 'string'
  if (!valid) throw new VaultError('ERR_BACKUP_INVALID', 'The file is not a backup of this wallet')
  const { format, version, kdf, cipher, data } = file as BackupFile
  return { format, version, kdf, cipher, data }
}

function headBytes({ format, version, kdf, cipher }: Omit<BackupFile, 'data'>): Uint8Array<ArrayBuffer> {
  const { name, hash, iterations: count, salt } = kdf
  return new TextEncoder().encode(JSON.stringify([format, version, name, hash, count, salt, cipher.name, cipher.iv]))
}

async function deriveKey(
  passphrase: string, salt: Uint8Array<ArrayBuffer>, count: number, crypto: Crypto,
): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', new TextEncoder().encode(passphrase.normalize('NFKC')), 'PBKDF2', false, ['deriveKey'])
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: count }, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}
