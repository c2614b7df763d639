import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const governanceMigrations: Readonly<Record<string, Migration>> = {
  '080-governance-001-tables': {
    async up(db) {
      await sql`create table governance_drafts (
        draft_id uuid primary key, action jsonb not null, text_sealed bytea not null,
        state text not null check (state in ('draft', 'approved', 'withdrawn')), outbox_key text unique,
        created_at timestamptz not null, expires_at timestamptz not null, check ((state = 'approved') = (outbox_key is not null)))`.execute(db)
      await sql`create index governance_drafts_age on governance_drafts (created_at)`.execute(db)
      await sql`create table governance_records (
        draft_id uuid not null references governance_drafts (draft_id), event text not null check (event in ('drafted', 'approved', 'withdrawn')),
        officer_index text not null, officer_sealed bytea not null, at timestamptz not null, primary key (draft_id, event))`.execute(db)
      // Four eyes, once more: nobody stands twice on the way of a draft to the chain.
      await sql`create unique index governance_records_four_eyes on governance_records (draft_id, officer_index) where event <> 'withdrawn'`.execute(db)
      await sql`create table governance_control (
        id integer primary key check (id = 1), account text not null, next_account text, accept_key text)`.execute(db)
      await sql`insert into governance_control (id, account) values (1, 'city-controller')`.execute(db)
    },
  },
}
