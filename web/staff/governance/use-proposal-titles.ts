import { api } from '../../ui/api-client.ts'
import { listOf } from '../../ui/desk/list-of.ts'
import { useRequest } from '../../ui/use-request.ts'
import type { Proposal } from './wire.ts'

/** What proposals are about, by their number; empty until they are known. */
export function useProposalTitles(): (proposalId: string | undefined) => string {
  const { data = [] } = useRequest('proposal-titles', async (signal) => listOf<Proposal>(await api.get('/v1/federation/proposals', { signal }), 'proposals'), { everyMs: 30_000 })
  return (proposalId) => data.find((proposal) => proposal.proposal_id === proposalId)?.title ?? ''
}
