import type { DidRecord, DidStore } from '../../agent/dids/did-store.ts'

/** A DID store that forgets everything when the process ends. */
export function createMemoryDidStore(): DidStore {
  const rows = new Map<string, DidRecord>()
  return {
    async saveDid(record) {
      rows.set(record.did, record)
    },
    async findDid(did) {
      return rows.get(did)
    },
    async findDidByAlias(alias) {
      return [...rows.values()].find((record) => record.alias === alias)
    },
    async listDids() {
      return [...rows.values()]
    },
    async deleteDid(did) {
      return rows.delete(did)
    },
  }
}
