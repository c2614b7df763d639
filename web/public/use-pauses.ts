import { api } from '../ui/api-client.ts'
import { useRequest } from '../ui/use-request.ts'

interface Pauses {
  /** Names of the contracts that ask the guardian before they take an entry. */
  readonly pausable: readonly string[]
  /** Whether a pause stopped, or stops, anything; undefined while that is not known. */
  isEffective(target: string, incident: string): boolean | undefined
}

/** What the guardian can pause: its word is recorded for any address, and only some contracts ask for it. */
export function usePauses(): Pauses {
  const { data } = useRequest('pauses', async (signal) => {
    const [{ contracts }, { pauses }] = await Promise.all([
      api.get<{ readonly contracts: readonly { readonly name: string; readonly pausable: boolean }[] }>('/v1/federation', { signal }),
      api.get<{ readonly pauses: readonly { readonly address: string; readonly incident: string; readonly effective: boolean }[] }>('/v1/federation/pauses', { signal }),
    ])
    return { contracts, pauses }
  }, { everyMs: 10_000 })
  return {
    pausable: data?.contracts.flatMap(({ name, pausable }) => (pausable ? [name] : [])).toSorted() ?? [],
    isEffective: (target, incident) => data?.pauses.find((pause) => pause.address === target && pause.incident === incident)?.effective,
  }
}
