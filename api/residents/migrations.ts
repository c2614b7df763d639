import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const residentMigrations: Readonly<Record<string, Migration>> = {
  '030-residents-001-tables': {
    async up(db) {
      await sql`create table residents (
        resident_id uuid primary key, given_name_sealed bytea not null, family_name_sealed bytea not null, birth_date_sealed bytea not null,
        birth_date_index text not null, portrait_sealed bytea not null, portrait_media_type text not null, attested_by text not null,
        created_at timestamptz not null default now())`.execute(db)
      await sql`create index residents_birth_date on residents (birth_date_index)`.execute(db)
      await sql`create table resident_keys (
        resident_id uuid primary key references residents (resident_id) on delete cascade, wrapped_key bytea not null)`.execute(db)
      await sql`create table resident_name_words (
        resident_id uuid not null references residents (resident_id) on delete cascade, word_index text not null,
        primary key (word_index, resident_id))`.execute(db)
    },
  },
}
