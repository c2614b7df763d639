import { openDB } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'
import { VaultError } from './vault-error.ts'

interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly data: ArrayBuffer
}

interface Schema extends DBSchema {
  keys: { key: string; value: CryptoKey }
  records: { key: string; value: Sealed }
}

export type SealedChange = { readonly key: string; readonly value?: unknown }

/** Records in IndexedDB, each encrypted under a key that the browser keeps and never gives out. */
export interface SealedStore {
  read(key: string): Promise<unknown>
  /** All records whose key begins with `prefix`, in the order of their keys. */
  list(prefix: string): Promise<unknown[]>
  /** Writes all changes or none; a change without a value removes the record. */
  write(changes: readonly SealedChange[]): Promise<void>
  /** Writes a record if there is none and returns what stands there afterwards. */
  ensure(key: string, value: unknown): Promise<unknown>
  /** Removes all records and writes these in their place, in one step. */
  replaceAll(changes: readonly SealedChange[]): Promise<void>
  /** Removes everything, the key included. */
  clear(): Promise<void>
  close(): void
}

const wrappingKeyName = 'wrapping'

/** Opens the store, making its key at the first time. @throws VaultError ERR_VAULT_UNREADABLE when reading fails */
export async function openSealedStore(name: string, crypto: Crypto): Promise<SealedStore> {
  const db = await openDB<Schema>(name, 1, {
    upgrade(database) {
      database.createObjectStore('keys')
      database.createObjectStore('records')
    },
  })
  let wrappingKey = await ensureKey(db, crypto)

  const seal = async (key: string, value: unknown): Promise<Sealed> => {
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const plain = new TextEncoder().encode(JSON.stringify(value))
    const data = await crypto.subtle.encrypt(parametersOf(key, iv), wrappingKey, plain)
    return { iv, data }
  }
  const open = async (key: string, { iv, data }: Sealed): Promise<unknown> => {
    try {
      const plain = await crypto.subtle.decrypt(parametersOf(key, iv), wrappingKey, data)
      return JSON.parse(new TextDecoder().decode(plain))
    } catch (cause) {
      throw new VaultError('ERR_VAULT_UNREADABLE', 'A record of the wallet cannot be read', { cause })
    }
  }

  const write = async (changes: readonly SealedChange[], clearFirst: boolean): Promise<void> => {
    // IndexedDB commits a transaction as soon as it is left waiting, so everything is encrypted before it begins.
    const sealed = await Promise.all(changes.map(async ({ key, value }) =>
      ({ key, sealed: value === undefined ? undefined : await seal(key, value) })))
    const transaction = db.transaction('records', 'readwrite', { durability: 'strict' })
    if (clearFirst) void transaction.store.clear()
    for (const change of sealed) {
      if (change.sealed === undefined) void transaction.store.delete(change.key)
      else void transaction.store.put(change.sealed, change.key)
    }
    await transaction.done
  }

  return {
    async read(key) {
      const sealed = await db.get('records', key)
      return sealed === undefined ? undefined : open(key, sealed)
    },
    async list(prefix) {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`)
      const transaction = db.transaction('records')
      const [keys, values] = await Promise.all([transaction.store.getAllKeys(range), transaction.store.getAll(range)])
      return Promise.all(keys.map((key, i) => open(key, values[i] as Sealed)))
    },
    write: (changes) => write(changes, false),
    replaceAll: (changes) => write(changes, true),
    async ensure(key, value) {
      const candidate = await seal(key, value)
      const transaction = db.transaction('records', 'readwrite', { durability: 'strict' })
      const existing = await transaction.store.get(key)
      if (existing === undefined) await transaction.store.put(candidate, key)
      await transaction.done
      return existing === undefined ? value : open(key, existing)
    },
    async clear() {
      const transaction = db.transaction(['records', 'keys'], 'readwrite', { durability: 'strict' })
      await Promise.all([transaction.objectStore('records').clear(), transaction.objectStore('keys').clear()])
      await transaction.done
      wrappingKey = await ensureKey(db, crypto)
    },
    close() {
      db.close()
    },
  }
}

async function ensureKey(db: IDBPDatabase<Schema>, crypto: Crypto): Promise<CryptoKey> {
  const existing = await db.get('keys', wrappingKeyName)
  if (existing !== undefined) return existing
  const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
  const transaction = db.transaction('keys', 'readwrite')
  const raced = await transaction.store.get(wrappingKeyName)
  if (raced === undefined) await transaction.store.put(fresh, wrappingKeyName)
  await transaction.done
  return raced ?? fresh
}

/** The record's place is authenticated with it, so that no record can be put in another's stead. */
function parametersOf(key: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(key) }
}
