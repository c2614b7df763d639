import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { hashAct, nothingBefore } from './chain.ts'
import { keptYears, type AuditTables } from './types.ts'
import { toRecordedAct } from './store.ts'

export const auditMigrations: Readonly<Record<string, Migration>> = {
  '085-audit-001-staff-acts': {
    async up(db) {
      // No foreign keys: what an officer did stays on record when the resident is erased, and names nobody by then.
      await sql`create table staff_acts (
        act_id bigserial primary key, at timestamptz not null, issuer text not null, subject text not null,
        act text not null check (act in ('enrolled', 'offered', 'offer_cancelled', 'suspended', 'resumed', 'revoked', 'reissued')),
        resident_id uuid, card_id uuid, reason text, check (resident_id is not null or card_id is not null))`.execute(db)
      await sql`create index staff_acts_at on staff_acts (at)`.execute(db)
      await sql`create function staff_acts_stay() returns trigger language plpgsql as $$ begin
        if tg_op = 'DELETE' and old.at < now() - interval '${sql.raw(String(keptYears))} years' then return old; end if;
        raise exception 'staff_acts are only ever added to'; end $$`.execute(db)
      await sql`create trigger staff_acts_stay before update or delete on staff_acts for each row execute function staff_acts_stay()`.execute(db)
    },
  },
  '085-audit-002-awards': {
    async up(db) {
      await sql`alter table staff_acts add column new_card_id uuid, add column program_id text, add column points integer`.execute(db)
      await sql`alter table staff_acts drop constraint staff_acts_act_check, add constraint staff_acts_act_check
        check (act in ('enrolled', 'offered', 'offer_cancelled', 'suspended', 'resumed', 'revoked', 'reissued', 'awarded'))`.execute(db)
    },
  },
  '085-audit-003-looks': {
    async up(db) {
      await sql`alter table staff_acts drop constraint staff_acts_act_check, add constraint staff_acts_act_check
        check (act in ('enrolled', 'offered', 'offer_cancelled', 'suspended', 'resumed', 'revoked', 'reissued', 'awarded', 'looked_up')),
        add constraint staff_acts_look_check check (act <> 'looked_up' or (resident_id is not null and reason in ('search', 'file')))`.execute(db)
      await sql`create unique index staff_acts_look_once on staff_acts (issuer, subject, resident_id, reason, ((at at time zone 'UTC')::date))
        where act = 'looked_up'`.execute(db)
      await sql`create index staff_acts_resident on staff_acts (resident_id, act_id)`.execute(db)
    },
  },
  '085-audit-004-chain': {
    async up(db) {
      await sql`alter table staff_acts add column previous_hash bytea, add column hash bytea`.execute(db)
      await sql`alter table staff_acts disable trigger staff_acts_stay`.execute(db)
      await chainActs(db as Kysely<AuditTables>)
      await sql`alter table staff_acts enable trigger staff_acts_stay`.execute(db)
      await sql`alter table staff_acts alter column previous_hash set not null, alter column hash set not null`.execute(db)
      await sql`create table staff_acts_anchors (
        act_id bigint primary key, acted_at timestamptz not null, hash bytea not null, salt bytea not null, made_at timestamptz not null)`.execute(db)
    },
  },
}

/** Hashes the acts that were there before the chain was. */
async function chainActs(db: Kysely<AuditTables>): Promise<void> {
  let previousHash = nothingBefore
  for (const row of await db.selectFrom('staff_acts').selectAll().orderBy('act_id').execute()) {
    const hash = hashAct(toRecordedAct(row), previousHash)
    await db.updateTable('staff_acts').set({ previous_hash: previousHash, hash }).where('act_id', '=', row.act_id).execute()
    previousHash = hash
  }
}
