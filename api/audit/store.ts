import { sql } from 'kysely'
import type { Db } from '../platform/database.ts'
import { keptYears, type Act, type ActKind, type Actor, type AuditTables, type RecordedAct, type StaffActs } from './types.ts'

export interface AuditStore extends StaffActs {
  /** The newest first: `limit` of those before an act, of some kinds and of one resident alone where these are given. */
  list(query: {
    readonly before?: number | undefined; readonly limit: number
    readonly kinds?: readonly ActKind[] | undefined; readonly residentId?: string | undefined
  }): Promise<readonly RecordedAct[]>
  /** Deletes what has been kept for its time. */
  sweep(): Promise<void>
}

/** The SQL of the record of officers' acts. */
export function createAuditStore(db: Db, clock: () => Date): AuditStore {
  const tables = db.withTables<AuditTables>()
  return {
    async record({ issuer, subject }: Actor, { act, residentId, cardId, newCardId, programId, points, reason }: Act) {
      await tables.insertInto('staff_acts').values({
        at: clock(), issuer, subject, act, resident_id: residentId ?? null, card_id: cardId ?? null, new_card_id: newCardId ?? null,
        program_id: programId ?? null, points: points ?? null, reason: reason ?? null,
      }).execute()
    },
    async recordLooks({ issuer, subject }, residentIds, look) {
      if (residentIds.length === 0) return
      const at = clock()
      const today = tables.selectFrom('staff_acts').select('resident_id').where('act', '=', 'looked_up').where('issuer', '=', issuer)
        .where('subject', '=', subject).where('reason', '=', look).where('resident_id', 'in', [...residentIds])
        .where(sql`(at at time zone 'UTC')::date`, '=', sql`(${at}::timestamptz at time zone 'UTC')::date`)
      const known = new Set((await today.execute()).map((row) => row.resident_id))
      const fresh = residentIds.filter((residentId) => !known.has(residentId))
      if (fresh.length === 0) return
      await tables.insertInto('staff_acts').values(fresh.map((residentId) => ({
        at, issuer, subject, act: 'looked_up' as const, resident_id: residentId, card_id: null, new_card_id: null, program_id: null, points: null, reason: look,
      }))).onConflict((conflict) => conflict.doNothing()).execute()
    },
    async list({ before, limit, kinds, residentId }) {
      const rows = await tables.selectFrom('staff_acts').selectAll()
        .$if(before !== undefined, (query) => query.where('act_id', '<', before ?? 0))
        .$if(kinds !== undefined, (query) => query.where('act', 'in', [...kinds ?? []]))
        .$if(residentId !== undefined, (query) => query.where('resident_id', '=', residentId ?? ''))
        .orderBy('act_id', 'desc').limit(limit).execute()
      return rows.map((row) => ({
        actId: Number(row.act_id), at: row.at, by: { issuer: row.issuer, subject: row.subject }, act: row.act,
        residentId: row.resident_id ?? undefined, cardId: row.card_id ?? undefined, newCardId: row.new_card_id ?? undefined,
        programId: row.program_id ?? undefined, points: row.points ?? undefined, reason: row.reason ?? undefined,
      }))
    },
    async sweep() {
      // By the database's own clock and calendar, as the trigger reckons: it refuses the whole sweep for one act too young.
      await tables.deleteFrom('staff_acts').where('at', '<', sql<Date>`now() - make_interval(years => ${keptYears}::int)`).execute()
    },
  }
}
