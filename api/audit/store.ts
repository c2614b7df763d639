import { sql, type Selectable } from 'kysely'
import type { Db } from '../platform/database.ts'
import { transact } from '../platform/transaction.ts'
import { hashAct, nothingBefore } from './chain.ts'
import { keptYears, type Act, type ActKind, type Actor, type AuditTables, type HeadAnchor, type RecordedAct, type StaffActs } from './types.ts'

/** How long an anchor's salt outlives the act it is over, in years: the chain may take it late. */
const saltYears = keptYears + 1

export interface AuditStore extends StaffActs {
  /** The newest first: `limit` of those before an act, of some kinds and of one resident alone where these are given. */
  list(query: {
    readonly before?: number | undefined; readonly limit: number
    readonly kinds?: readonly ActKind[] | undefined; readonly residentId?: string | undefined
  }): Promise<readonly RecordedAct[]>
  /** The oldest first: `limit` of those after an act. */
  listAfter(actId: number, limit: number): Promise<readonly RecordedAct[]>
  /** Writes down a head that is sent to the chain. */
  insertAnchor(anchor: HeadAnchor): Promise<void>
  /** The newest first. */
  listAnchors(limit?: number): Promise<readonly HeadAnchor[]>
  /** Deletes what has been kept for its time. */
  sweep(): Promise<void>
}

/** The SQL of the record of officers' acts. */
export function createAuditStore(db: Db, clock: () => Date): AuditStore {
  const tables = db.withTables<AuditTables>()

  /** Adds to the end of the chain, one transaction after the other: each act is hashed with the one before. */
  const append = async (by: Actor, at: Date, choose: () => Promise<readonly Act[]>): Promise<void> => await transact(db, async () => {
    await sql`select pg_advisory_xact_lock(hashtextextended('staff_acts', 0))`.execute(db)
    const acts = await choose()
    if (acts.length === 0) return
    const last = await tables.selectFrom('staff_acts').select('hash').orderBy('act_id', 'desc').limit(1).executeTakeFirst()
    const ids = await sql<{ act_id: string | number }>`select nextval(pg_get_serial_sequence('staff_acts', 'act_id')) as act_id
      from generate_series(1, ${acts.length}::int)`.execute(db)
    let previousHash = last?.hash ?? nothingBefore
    const rows = acts.map((act, position) => {
      const actId = Number(ids.rows[position]?.act_id)
      const hash = hashAct({ ...act, actId, at, by }, previousHash)
      const row = {
        act_id: actId, at, issuer: by.issuer, subject: by.subject, act: act.act, resident_id: act.residentId ?? null, card_id: act.cardId ?? null,
        new_card_id: act.newCardId ?? null, program_id: act.programId ?? null, points: act.points ?? null, reason: act.reason ?? null,
        previous_hash: previousHash, hash,
      }
      previousHash = hash
      return row
    })
    await tables.insertInto('staff_acts').values(rows).execute()
  })

  /** Those whom an officer was not shown in this way today. */
  const notYetSeen = async ({ issuer, subject }: Actor, residentIds: readonly string[], reason: string, at: Date): Promise<readonly string[]> => {
    const seen = await tables.selectFrom('staff_acts').select('resident_id').where('act', '=', 'looked_up').where('issuer', '=', issuer)
      .where('subject', '=', subject).where('reason', '=', reason).where('resident_id', 'in', [...residentIds])
      .where(sql`(at at time zone 'UTC')::date`, '=', sql`(${at}::timestamptz at time zone 'UTC')::date`).execute()
    return residentIds.filter((residentId) => !seen.some((row) => row.resident_id === residentId))
  }

  return {
    async record(by, act) {
      await append(by, clock(), async () => [act])
    },
    async recordLooks(by, residentIds, look) {
      const at = clock()
      // Asked before there is a queue: the page asks every few seconds, and is on record after the first time.
      if (residentIds.length === 0 || (await notYetSeen(by, residentIds, look, at)).length === 0) return
      await append(by, at, async () => (await notYetSeen(by, residentIds, look, at))
        .map((residentId) => ({ act: 'looked_up', residentId, reason: look })))
    },
    async list({ before, limit, kinds, residentId }) {
      const rows = await tables.selectFrom('staff_acts').selectAll()
        .$if(before !== undefined, (query) => query.where('act_id', '<', before ?? 0))
        .$if(kinds !== undefined, (query) => query.where('act', 'in', [...kinds ?? []]))
        .$if(residentId !== undefined, (query) => query.where('resident_id', '=', residentId ?? ''))
        .orderBy('act_id', 'desc').limit(limit).execute()
      return rows.map(toRecordedAct)
    },
    async listAfter(actId, limit) {
      return (await tables.selectFrom('staff_acts').selectAll().where('act_id', '>', actId).orderBy('act_id').limit(limit).execute()).map(toRecordedAct)
    },
    async insertAnchor({ actId, actedAt, hash, salt, madeAt }) {
      await tables.insertInto('staff_acts_anchors').values({ act_id: actId, acted_at: actedAt, hash, salt, made_at: madeAt }).execute()
    },
    async listAnchors(limit = 10_000) {
      const rows = await tables.selectFrom('staff_acts_anchors').selectAll().orderBy('act_id', 'desc').limit(limit).execute()
      return rows.map((row) => ({ actId: Number(row.act_id), actedAt: row.acted_at, hash: row.hash, salt: row.salt, madeAt: row.made_at }))
    },
    async sweep() {
      // By the database's own clock and calendar, as the trigger reckons: it refuses the whole sweep for one act too young.
      const end = sql<Date>`now() - make_interval(years => ${keptYears}::int)`
      // From the oldest on and no further than the first that stays, or the chain would break.
      const first = await tables.selectFrom('staff_acts').select('act_id').where('at', '>=', end).orderBy('act_id').limit(1).executeTakeFirst()
      await tables.deleteFrom('staff_acts').where('at', '<', end)
        .$if(first !== undefined, (query) => query.where('act_id', '<', first?.act_id ?? 0)).execute()
      await tables.deleteFrom('staff_acts_anchors').where('acted_at', '<', sql<Date>`now() - make_interval(years => ${saltYears}::int)`).execute()
    },
  }
}

/** An act as the rest of the room knows it. */
export function toRecordedAct(row: Selectable<AuditTables['staff_acts']>): RecordedAct {
  return {
    actId: Number(row.act_id), at: row.at, by: { issuer: row.issuer, subject: row.subject }, act: row.act,
    residentId: row.resident_id ?? undefined, cardId: row.card_id ?? undefined, newCardId: row.new_card_id ?? undefined,
    programId: row.program_id ?? undefined, points: row.points ?? undefined, reason: row.reason ?? undefined,
    previousHash: row.previous_hash, hash: row.hash,
  }
}
