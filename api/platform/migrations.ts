import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Tables of the platform. Other rooms add lists of their own; names are unique over all of them. */
export const platformMigrations: Readonly<Record<string, Migration>> = {
  '010-platform-001-tables': {
    async up(db) {
      await sql`create table platform_sessions (
        token_hash text primary key, app text not null, subject text not null, name_sealed bytea not null, roles text not null,
        merchant_id text, created_at timestamptz not null default now(), expires_at timestamptz not null)`.execute(db)
      await sql`create index platform_sessions_expiry on platform_sessions (expires_at)`.execute(db)
      await sql`create table platform_accounts (
        login_index text primary key, account_id text not null unique, details_sealed bytea not null, password_hash text not null,
        roles text not null, created_at timestamptz not null default now())`.execute(db)
      await sql`create table platform_oidc_records (
        kind text not null, record_id text not null, payload_sealed bytea not null, grant_id text, uid text, user_code text,
        consumed_at timestamptz, expires_at timestamptz, primary key (kind, record_id))`.execute(db)
      await sql`create index platform_oidc_records_grant on platform_oidc_records (grant_id)`.execute(db)
      await sql`create index platform_oidc_records_uid on platform_oidc_records (uid)`.execute(db)
      await sql`create table platform_idempotency (
        scope text not null, key_hash text not null, request_hash text not null, response_sealed bytea,
        created_at timestamptz not null default now(), primary key (scope, key_hash))`.execute(db)
      await sql`create index platform_idempotency_age on platform_idempotency (created_at)`.execute(db)
      await sql`create table platform_settings (name text primary key, value_sealed bytea not null)`.execute(db)
      await sql`create table platform_jobs (name text primary key, owner text, held_until timestamptz, last_run_at timestamptz)`.execute(db)
      await sql`create table platform_keys (
        kid text primary key, key_type text not null, public_key_hex text not null, public_jwk text not null, meta text not null,
        private_key_sealed bytea not null, created_at timestamptz not null default now())`.execute(db)
      await sql`create table platform_dids (
        did text primary key, alias text, provider text not null, record text not null, created_at timestamptz not null default now())`.execute(db)
      await sql`create unique index platform_dids_alias on platform_dids (provider, alias)`.execute(db)
    },
  },
  '010-platform-002-session-issuer': {
    async up(db) {
      // A subject means somebody only together with who vouches for it; of open sessions nobody knows any more.
      await sql`delete from platform_sessions`.execute(db)
      await sql`alter table platform_sessions add column issuer text not null`.execute(db)
    },
  },
}
