import { isoOf } from '../../agent/trust-lists/times.ts'
import { listStatusLists } from '../../chain/queries.ts'
import { listPrograms } from '../../chain/reward-queries.ts'
import { chainTables } from '../platform/chain-sender.ts'
import type { Db } from '../platform/database.ts'

export type PresentService = ReturnType<typeof createPresentService>

/** What `GET /v1/trust` adds of the present: programmes and the heads of status lists. */
export function createPresentService(db: Db) {
  const tables = chainTables(db)
  return {
    async read() {
      const [programs, statusLists] = [await listPrograms(tables), await listStatusLists(tables)]
      return {
        programs: programs.map((program) => ({
          program_id: program.programId, name: program.name, city: program.city,
          from: isoOf(program.validFromSeconds), until: isoOf(program.validUntilSeconds),
          funded: Number(program.funded), redeemed: Number(program.redeemed), burnt: Number(program.burnt),
          outstanding: Number(program.funded - program.redeemed - program.burnt), closed: program.closed,
        })),
        statusLists: statusLists.map((list) => ({
          city: list.city, uri: list.uri, size: list.size, epoch: list.epoch, digest: list.digest, updated_at: isoOf(list.publishedAtSeconds),
        })),
      }
    },
  }
}
