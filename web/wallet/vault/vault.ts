import { decodeBase64url, encodeBase64url } from '../../../agent/formats/base64url.ts'
import type { HolderKey } from '../../../agent/protocols/receive-credentials.ts'
import { blindNote, decodeInteger, decodeModulus, encodeInteger, unblindSignature } from '../../../agent/notes/blind-signature.ts'
import { deriveBlindingFactor, deriveNoteKey } from '../../../agent/notes/derive-note.ts'
import type { NoteReference } from '../../../agent/notes/derive-note.ts'
import { signRedeem } from '../../../agent/notes/redeem-digest.ts'
import type { Redeem, RedeemDomain } from '../../../agent/notes/redeem-digest.ts'
import { openBackup, sealBackup } from './backup.ts'
import { deriveHolderKey } from './holder-keys.ts'
import type { Change, Kind, Records } from './records.ts'
import { openSealedStore } from './sealed-store.ts'

/** Everything the wallet keeps, and the only place where its secrets are used. The seed never leaves it but in a backup. */
export interface Vault {
  list<K extends Kind>(kind: K): Promise<Records[K][]>
  find<K extends Kind>(kind: K, id: string): Promise<Records[K] | undefined>
  /** Writes all changes or none. */
  commit(changes: readonly Change[]): Promise<void>
  /** Runs one thing at a time over all open windows of the wallet. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Calls back after every change, also of another window. Returns the way to stop. */
  subscribe(changed: () => void): () => void

  /** A new random name for a holder key; the key itself follows from it. */
  createKeyId(): string
  holderKey(keyId: string): Promise<HolderKey>

  noteAddress(reference: NoteReference): Promise<string>
  /** What the city is asked to sign for a note, base64url. The same note always gives the same. */
  blindedNote(reference: NoteReference, modulus: string): Promise<string>
  /** The note's signature from the city's answer. @throws NoteError ERR_NOTE_SIGNATURE_INVALID, ERR_NOTE_ENCODING */
  unblindedSignature(reference: NoteReference, modulus: string, blindSignature: string): Promise<string>
  signPayment(reference: NoteReference, domain: RedeemDomain, redeem: Redeem): Promise<string>

  createBackup(passphrase: string): Promise<string>
  /** Replaces everything with what a backup holds. @throws VaultError ERR_BACKUP_INVALID, ERR_BACKUP_PASSPHRASE */
  restoreBackup(file: string, passphrase: string): Promise<void>
  deleteEverything(): Promise<void>
  close(): void
}

const seedKey = 'seed'
const kinds: readonly Kind[] = ['card', 'issuance', 'note', 'counter', 'withdrawal', 'program', 'payment', 'event', 'trustList']

/** Opens the wallet's vault, making its seed at the first time. */
export async function openVault({ name = 'symbolon-wallet', crypto = globalThis.crypto }: {
  name?: string
  crypto?: Crypto
} = {}): Promise<Vault> {
  const store = await openSealedStore(name, crypto)
  const channel = new BroadcastChannel(name)
  const listeners = new Set<() => void>()
  const tell = () => listeners.forEach((listener) => listener())
  channel.onmessage = tell
  const changed = () => {
    tell()
    channel.postMessage('changed')
  }

  const readSeed = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const stored = await store.read(seedKey)
    if (typeof stored === 'string') return decodeBase64url(stored)
    const fresh = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)))
    return decodeBase64url(await store.ensure(seedKey, fresh) as string)
  }

  return {
    list: async <K extends Kind>(kind: K) => await store.list(`${kind}/`) as Records[K][],
    find: async <K extends Kind>(kind: K, id: string) => await store.read(`${kind}/${id}`) as Records[K] | undefined,
    async commit(changes) {
      await store.write(changes.map((change) => 'put' in change
        ? { key: `${change.kind}/${change.put.id}`, value: change.put }
        : { key: `${change.kind}/${change.remove}` }))
      changed()
    },
    async exclusively<T>(lock: string, work: () => Promise<T>): Promise<T> {
      let result: { value: T } | undefined
      await navigator.locks.request(`${name}/${lock}`, async () => {
        result = { value: await work() }
      })
      return (result as unknown as { value: T }).value
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    createKeyId: () => encodeBase64url(crypto.getRandomValues(new Uint8Array(16))),
    async holderKey(keyId) {
      const { privateKey, publicJwk } = await deriveHolderKey(await readSeed(), keyId, crypto.subtle)
      return {
        publicJwk,
        async sign(signingInput) {
          const signature = await crypto.subtle.sign(
            { name: 'ECDSA', hash: 'SHA-256' }, privateKey, new TextEncoder().encode(signingInput))
          return encodeBase64url(new Uint8Array(signature))
        },
      }
    },

    noteAddress: async (reference) => deriveNoteKey(await readSeed(), reference).address,
    async blindedNote(reference, modulusText) {
      const seed = await readSeed()
      const modulus = decodeModulus(modulusText)
      const { address } = deriveNoteKey(seed, reference)
      return encodeInteger(blindNote(modulus, address, deriveBlindingFactor(seed, reference, modulus)))
    },
    async unblindedSignature(reference, modulusText, blindSignature) {
      const seed = await readSeed()
      const modulus = decodeModulus(modulusText)
      const { address } = deriveNoteKey(seed, reference)
      const factor = deriveBlindingFactor(seed, reference, modulus)
      return encodeInteger(unblindSignature(modulus, address, factor, decodeInteger(modulus, blindSignature)))
    },
    signPayment: async (reference, domain, redeem) =>
      signRedeem(domain, redeem, deriveNoteKey(await readSeed(), reference).secretKey),

    async createBackup(passphrase) {
      const records = await Promise.all(kinds.map(async (kind) => [kind, await store.list(`${kind}/`)] as const))
      const content = { seed: encodeBase64url(await readSeed()), records: Object.fromEntries(records) }
      return sealBackup(content, passphrase, crypto)
    },
    async restoreBackup(file, passphrase) {
      const { seed, records } = await openBackup(file, passphrase, crypto)
      const changes = kinds.flatMap((kind) => (records[kind] ?? []).map((record) =>
        ({ key: `${kind}/${(record as { id: string }).id}`, value: record })))
      await store.replaceAll([{ key: seedKey, value: seed }, ...changes])
      changed()
    },
    async deleteEverything() {
      await store.clear()
      changed()
    },
    close() {
      channel.close()
      store.close()
    },
  }
}
