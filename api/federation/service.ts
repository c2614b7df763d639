import type { Kysely } from 'kysely'
import { readContractBook } from '../../chain/contract-book.ts'
import { isPausable } from '../../chain/contracts.ts'
import type { Deployment } from '../../chain/deployment.ts'
import { directoryHistory, findGuardian, findProposal, listParameters, listPauses, listProposals, listVotes, type ProposalState } from '../../chain/governance-queries.ts'
import { controllerHistory, findAdmission, findMember, listMembers, listSeats } from '../../chain/member-queries.ts'
import { listCityNets, listNets, listNetSettlements } from '../../chain/net-queries.ts'
import { latestBlock, listAccreditations } from '../../chain/queries.ts'
import type { ChainTables } from '../../chain/tables.ts'
import { ApiError } from '../platform/errors.ts'

/** How the federation governs itself, from the city's own index: anybody may read it, and compute it again. */
export type FederationService = ReturnType<typeof createFederationService>

export function createFederationService(db: Kysely<ChainTables>, deployment: Pick<Deployment, 'contracts'>) {
  return {
    async readFederation() {
      const [block, seats, parameters, guardian, book] = [
        await latestBlock(db), await listSeats(db), await listParameters(db), await findGuardian(db), await readContractBook(db, deployment),
      ]
      const contracts = Object.entries(book.current).flatMap(([name, address]) => (address === undefined ? [] : [{ name, address, pausable: isPausable(name) }]))
      return { block, seats, parameters, guardian, contracts }
    },
    listMembers: async () => await listMembers(db),
    /** @throws ApiError `ERR_NOT_FOUND` */
    async readMember(locode: string) {
      const member = await findMember(db, locode)
      const admission = await findAdmission(db, locode)
      if (member === undefined || admission === undefined) throw new ApiError('ERR_NOT_FOUND', 'No such city was ever a member.')
      return { member, admission, controllers: await controllerHistory(db, locode), keys: await listAccreditations(db, { city: locode }) }
    },
    listProposals: async (filter: { readonly state?: ProposalState; readonly limit: number; readonly offset: number }) => await listProposals(db, filter),
    /** @throws ApiError `ERR_NOT_FOUND` */
    async readProposal(proposalId: string) {
      const proposal = await findProposal(db, proposalId)
      if (proposal === undefined) throw new ApiError('ERR_NOT_FOUND', 'There is no such proposal.')
      return { proposal, votes: await listVotes(db, proposalId) }
    },
    listPauses: async () => await listPauses(db),
    listDirectory: async () => await directoryHistory(db),
    readNets: async () => ({ pairs: await listNets(db), cities: await listCityNets(db), settlements: await listNetSettlements(db) }),
  }
}
