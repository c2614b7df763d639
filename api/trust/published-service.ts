import { isoOf } from '../../agent/trust-lists/times.ts'
import { listProgramsAt, listStatusListsAt, type PastProgram } from '../../chain/past-queries.ts'
import { listStatusLists, type StatusListHead } from '../../chain/queries.ts'
import { listPrograms } from '../../chain/reward-queries.ts'
import { chainTables } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'

export type PublishedService = ReturnType<typeof createPublishedService>

/** What `GET /v1/trust` adds to the register: programmes and the heads of status lists, of now or as of a block. */
export function createPublishedService(db: Db) {
  const tables = chainTables(db)
  return {
    read: async () => describe(await listPrograms(tables), await listStatusLists(tables)),
    readAt: async (block: number) => describe(await listProgramsAt(tables, block), await listStatusListsAt(tables, block)),
  }
}

function describe(programs: readonly PastProgram[], lists: readonly Omit<StatusListHead, 'broken'>[]) {
  return {
    programs: programs.map((program) => ({
      program_id: program.programId, name: program.name, city: program.city,
      from: isoOf(program.validFromSeconds), until: isoOf(program.validUntilSeconds),
      funded: Number(program.funded), redeemed: Number(program.redeemed), burnt: Number(program.burnt),
      outstanding: Number(program.funded - program.redeemed - program.burnt), closed: program.closed,
    })),
    status_lists: lists.map((list) => ({
      city: list.city, uri: list.uri, size: list.size, epoch: list.epoch, digest: list.digest, updated_at: isoOf(list.publishedAtSeconds),
    })),
  }
}
