import { latestBlock, listAccreditations, listCities, listRecognitions, listStatusLists } from '../../chain/queries.ts'
import { listPrograms } from '../../chain/reward-queries.ts'
import { chainTables } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'

/** Who belongs to the federation and what stands on the chain, from the city's own index. */
export type FederationService = ReturnType<typeof createFederationService>

export function createFederationService(db: Db) {
  const tables = chainTables(db)
  return {
    async readTrust() {
      return {
        block: await latestBlock(tables),
        cities: await listCities(tables),
        accreditations: await listAccreditations(tables),
        recognitions: await listRecognitions(tables),
        programs: await listPrograms(tables),
        statusLists: await listStatusLists(tables),
      }
    },
  }
}
