import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const rewardMigrations: Readonly<Record<string, Migration>> = {
  '060-rewards-001-tables': {
    async up(db) {
      await sql`create table rewards_programs (
        program_id text primary key, name text not null, units integer not null check (units > 0),
        awarded integer not null default 0 check (awarded >= 0 and awarded <= units),
        valid_from timestamptz not null, valid_until timestamptz not null, created_at timestamptz not null default now())`.execute(db)
      await sql`create table rewards_denominations (
        program_id text not null references rewards_programs (program_id), value integer not null, modulus bytea not null, kid text not null,
        primary key (program_id, value))`.execute(db)
      await sql`create table rewards_balances (
        resident_id uuid not null, program_id text not null references rewards_programs (program_id),
        balance integer not null check (balance >= 0), primary key (resident_id, program_id))`.execute(db)
      await sql`create table rewards_awards (
        award_id uuid primary key, resident_id uuid not null, program_id text not null references rewards_programs (program_id),
        points integer not null check (points > 0), reason_sealed bytea not null, awarded_by text not null, created_at timestamptz not null)`.execute(db)
      await sql`create index rewards_awards_resident on rewards_awards (resident_id, created_at)`.execute(db)
      await sql`create table rewards_withdrawals (
        withdrawal_id uuid primary key, resident_id uuid not null, program_id text not null references rewards_programs (program_id),
        points integer not null check (points > 0), created_at timestamptz not null)`.execute(db)
      await sql`create index rewards_withdrawals_resident on rewards_withdrawals (resident_id, created_at)`.execute(db)
      await sql`create table rewards_signed (
        program_id text not null references rewards_programs (program_id), blinded_hash text not null, resident_id uuid not null,
        value integer not null, primary key (program_id, blinded_hash))`.execute(db)
      await sql`create table rewards_nonces (nonce_hash text primary key, expires_at timestamptz not null)`.execute(db)
      await sql`create table rewards_sessions (token_hash text primary key, resident_id uuid not null, expires_at timestamptz not null)`.execute(db)
    },
  },
}
