import type { StatusIndexStore } from '../../agent/status/index-allocation.ts'

/** Remembers taken indexes until the process ends. */
export function createMemoryStatusIndexStore(): StatusIndexStore {
  const taken = new Map<string, Set<number>>()
  const of = (listId: string): Set<number> => {
    const known = taken.get(listId) ?? new Set<number>()
    taken.set(listId, known)
    return known
  }
  return {
    async take(listId, index) {
      const known = of(listId)
      return known.size < known.add(index).size
    },
    async countTaken(listId) {
      return of(listId).size
    },
  }
}
