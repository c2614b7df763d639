import { api } from '../../ui/api-client.ts'
import { listOf } from '../../ui/desk/list-of.ts'
import { useRequest } from '../../ui/use-request.ts'
import type { Member } from './wire.ts'

/** The federation's cities, and what to call each of them. */
export function useMembers() {
  const request = useRequest('federation-members', async (signal) => listOf<Member>(await api.get('/v1/federation/members', { signal }), 'members'), { everyMs: 10_000 })
  const nameOf = (locode: string | undefined): string => request.data?.find((member) => member.locode === locode)?.name ?? locode ?? '–'
  return { ...request, nameOf }
}
