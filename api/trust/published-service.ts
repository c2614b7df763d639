import type { Kysely } from 'kysely'
import type { TrustRegister } from '../../agent/trust-lists/trust-register.ts'
import { isoOf } from '../../agent/trust-lists/times.ts'
import { listProgramsAt, listStatusListsAt, type PastProgram } from '../../chain/past-queries.ts'
import { listStatusLists, type StatusListHead } from '../../chain/queries.ts'
import { listPrograms } from '../../chain/reward-queries.ts'
import type { ChainTables } from '../../chain/tables.ts'

export type PublishedService = ReturnType<typeof createPublishedService>

const keptPast = 32

/** What `GET /v1/trust` adds to the register: programmes and the heads of status lists, of now or as of a block. */
export function createPublishedService() {
  /** By the block's hash, which stands for all that came before it; a number stands for another block once the chain went back. */
  const past = new Map<string, ReturnType<typeof describe>>()

  return {
    /** As of the head of a snapshot. */
    read: async (tables: Kysely<ChainTables>) => describe(await listPrograms(tables), await listStatusLists(tables)),

    /** As of a block of a snapshot. */
    async readAt(tables: Kysely<ChainTables>, { number, hash }: Pick<TrustRegister['block'], 'number' | 'hash'>) {
      const told = past.get(hash) ?? describe(await listProgramsAt(tables, number), await listStatusListsAt(tables, number))
      past.delete(hash)
      past.set(hash, told)
      const [oldest] = past.keys()
      if (past.size > keptPast && oldest !== undefined) past.delete(oldest)
      return told
    },
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
