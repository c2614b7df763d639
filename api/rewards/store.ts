import { createHash, randomUUID } from 'node:crypto'
import type { Db } from '../platform/database.ts'
import { transact } from '../platform/transaction.ts'
import type { Balance, Denomination, Program, RewardTables } from './types.ts'

export interface NewAward {
  readonly residentId: string
  readonly programId: string
  readonly points: number
  readonly awardedBy: string
  readonly at: Date
  /** Seals the reason for the row of this award. */
  readonly sealReason: (awardId: string) => Uint8Array
}

export interface SignedValue {
  readonly residentId: string
  readonly value: number
}

/** The SQL of rewards. */
export type RewardStore = ReturnType<typeof createRewardStore>

const hash = (value: Uint8Array | string): string => createHash('sha256').update(value).digest('base64url')

/** Points: budgets, awards, balances, and what was signed. */
export function createRewardStore(db: Db) {
  const tables = db.withTables<RewardTables>()
  const toProgram = (row: { program_id: string; name: string; units: number; awarded: number; valid_from: Date; valid_until: Date }): Program => ({
    programId: row.program_id, name: row.name, units: row.units, awarded: row.awarded, validFrom: row.valid_from, validUntil: row.valid_until,
  })
  return {
    async insertProgram(program: Omit<Program, 'awarded'>, denominations: readonly (Denomination & { readonly kid: string })[]): Promise<void> {
      await transact(db, async () => {
        await tables.insertInto('rewards_programs').values({
          program_id: program.programId, name: program.name, units: program.units, awarded: 0,
          valid_from: program.validFrom, valid_until: program.validUntil,
        }).execute()
        await tables.insertInto('rewards_denominations')
          .values(denominations.map(({ value, modulus, kid }) => ({ program_id: program.programId, value, modulus, kid }))).execute()
      })
    },
    async findProgram(programId: string): Promise<Program | undefined> {
      const row = await tables.selectFrom('rewards_programs').selectAll().where('program_id', '=', programId).executeTakeFirst()
      return row === undefined ? undefined : toProgram(row)
    },
    async listPrograms(): Promise<readonly Program[]> {
      return (await tables.selectFrom('rewards_programs').selectAll().orderBy('created_at').execute()).map(toProgram)
    },
    async listDenominations(programId: string): Promise<readonly (Denomination & { readonly kid: string })[]> {
      return await tables.selectFrom('rewards_denominations').select(['value', 'modulus', 'kid']).where('program_id', '=', programId).orderBy('value').execute()
    },
    /** Takes points out of the budget; false when it has not that many left. */
    async takeFromBudget(programId: string, points: number): Promise<boolean> {
      const row = await tables.updateTable('rewards_programs').set((update) => ({ awarded: update('awarded', '+', points) }))
        .where('program_id', '=', programId).where((where) => where(where('awarded', '+', points), '<=', where.ref('units')))
        .returning('program_id').executeTakeFirst()
      return row !== undefined
    },
    async insertAward(award: NewAward): Promise<number> {
      const awardId = randomUUID()
      await tables.insertInto('rewards_awards').values({
        award_id: awardId, resident_id: award.residentId, program_id: award.programId, points: award.points,
        reason_sealed: award.sealReason(awardId), awarded_by: award.awardedBy, created_at: award.at,
      }).execute()
      const row = await tables.insertInto('rewards_balances')
        .values({ resident_id: award.residentId, program_id: award.programId, balance: award.points })
        .onConflict((conflict) => conflict.columns(['resident_id', 'program_id'])
          .doUpdateSet((update) => ({ balance: update('rewards_balances.balance', '+', award.points) })))
        .returning('balance').executeTakeFirstOrThrow()
      return row.balance
    },
    async listBalances(residentId: string): Promise<readonly Balance[]> {
      const rows = await tables.selectFrom('rewards_balances').innerJoin('rewards_programs', 'rewards_programs.program_id', 'rewards_balances.program_id')
        .select(['rewards_balances.program_id', 'name', 'balance']).where('resident_id', '=', residentId).orderBy('rewards_programs.created_at').execute()
      return rows.map((row) => ({ programId: row.program_id, name: row.name, balance: row.balance }))
    },
    async listAwards(residentId: string, limit: number) {
      return await tables.selectFrom('rewards_awards').selectAll().where('resident_id', '=', residentId).orderBy('created_at', 'desc').limit(limit).execute()
    },
    async listWithdrawals(residentId: string, limit: number) {
      return await tables.selectFrom('rewards_withdrawals').selectAll().where('resident_id', '=', residentId).orderBy('created_at', 'desc').limit(limit).execute()
    },
    /** Holds the resident's balance until the transaction ends: withdrawals of one resident come one after the other. */
    async lockBalance(residentId: string, programId: string): Promise<number> {
      const row = await tables.selectFrom('rewards_balances').select('balance').where('resident_id', '=', residentId)
        .where('program_id', '=', programId).forUpdate().executeTakeFirst()
      return row?.balance ?? 0
    },
    /** False when the balance is lower. */
    async debit(residentId: string, programId: string, points: number): Promise<boolean> {
      const row = await tables.updateTable('rewards_balances').set((update) => ({ balance: update('balance', '-', points) }))
        .where('resident_id', '=', residentId).where('program_id', '=', programId).where('balance', '>=', points).returning('balance').executeTakeFirst()
      return row !== undefined
    },
    async insertWithdrawal(residentId: string, programId: string, points: number, at: Date): Promise<void> {
      await tables.insertInto('rewards_withdrawals')
        .values({ withdrawal_id: randomUUID(), resident_id: residentId, program_id: programId, points, created_at: at }).execute()
    },
    /** What was signed of these values, by the value as given. */
    async findSigned(programId: string, blinded: readonly Uint8Array[]): Promise<ReadonlyMap<Uint8Array, SignedValue>> {
      if (blinded.length === 0) return new Map()
      const rows = await tables.selectFrom('rewards_signed').selectAll().where('program_id', '=', programId)
        .where('blinded_hash', 'in', blinded.map(hash)).execute()
      const byHash = new Map(rows.map((row) => [row.blinded_hash, { residentId: row.resident_id, value: row.value }]))
      return new Map(blinded.flatMap((value) => {
        const found = byHash.get(hash(value))
        return found === undefined ? [] : [[value, found] as const]
      }))
    },
    /** False when somebody else had one of the values signed meanwhile. */
    async insertSigned(programId: string, residentId: string, notes: readonly { readonly value: number; readonly blinded: Uint8Array }[]): Promise<boolean> {
      const rows = await tables.insertInto('rewards_signed')
        .values(notes.map((note) => ({ program_id: programId, blinded_hash: hash(note.blinded), resident_id: residentId, value: note.value })))
        .onConflict((conflict) => conflict.columns(['program_id', 'blinded_hash']).doNothing()).returning('blinded_hash').execute()
      return rows.length === notes.length
    },
    async insertNonce(nonce: string, expiresAt: Date): Promise<void> {
      await tables.insertInto('rewards_nonces').values({ nonce_hash: hash(nonce), expires_at: expiresAt }).execute()
    },
    /** Spends a nonce; false when there was none. */
    async takeNonce(nonce: string, now: Date): Promise<boolean> {
      const row = await tables.deleteFrom('rewards_nonces').where('nonce_hash', '=', hash(nonce)).returning('expires_at').executeTakeFirst()
      return row !== undefined && row.expires_at > now
    },
    async insertSession(token: string, residentId: string, expiresAt: Date): Promise<void> {
      await tables.insertInto('rewards_sessions').values({ token_hash: hash(token), resident_id: residentId, expires_at: expiresAt }).execute()
    },
    async findSession(token: string, now: Date): Promise<string | undefined> {
      const row = await tables.selectFrom('rewards_sessions').select('resident_id').where('token_hash', '=', hash(token)).where('expires_at', '>', now).executeTakeFirst()
      return row?.resident_id
    },
    async sweep(now: Date): Promise<void> {
      await tables.deleteFrom('rewards_nonces').where('expires_at', '<', now).execute()
      await tables.deleteFrom('rewards_sessions').where('expires_at', '<', now).execute()
    },
  }
}
