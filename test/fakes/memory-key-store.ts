import { AgentError } from '../../agent/errors.ts'
import type { KeyRecord, KeyStore } from '../../agent/keys/key-store.ts'

export interface MemoryKeyStore extends KeyStore {
  /** The rows themselves, for tests that look at or tamper with what is at rest. */
  readonly rows: Map<string, KeyRecord>
}

/** A key store that forgets everything when the process ends. */
export function createMemoryKeyStore(): MemoryKeyStore {
  const rows = new Map<string, KeyRecord>()
  return {
    rows,
    async insertKey(record) {
      if (rows.has(record.kid)) throw new AgentError('ERR_KEY_EXISTS', `There is a key ${record.kid} already.`)
      rows.set(record.kid, record)
    },
    async findKey(kid) {
      return rows.get(kid)
    },
    async listKeys() {
      return [...rows.values()]
    },
    async deleteKey(kid) {
      return rows.delete(kid)
    },
  }
}
