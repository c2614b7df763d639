import { api } from '../ui/api-client.ts'
import { useRequest } from '../ui/use-request.ts'

/** Why an action is not what it seems, as the service reads its bytes. */
export interface Fault {
  readonly code: string
  readonly detail: string
  readonly advice: string
}

/** Faults of a proposal's actions by their position, as contracts stand now: of the past the record alone speaks. */
export function useFaults(proposalId: string, at: number | undefined): { readonly faults: ReadonlyMap<number, Fault>; readonly error: unknown } {
  const path = `/v1/federation/proposals/${encodeURIComponent(proposalId)}`
  const { data, error } = useRequest(at === undefined ? path : undefined,
    async (signal) => await api.get<{ readonly actions: readonly { readonly fault?: Fault }[] }>(path, { signal }), { everyMs: 10_000 })
  return { faults: new Map(data?.actions.flatMap(({ fault }, position) => (fault === undefined ? [] : [[position, fault] as const])) ?? []), error: data === undefined ? error : undefined }
}
