import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Requests for a presentation, and what came of them, for as long as somebody looks at the screen. */
export const verificationMigrations: Readonly<Record<string, Migration>> = {
  '050-verification-001-tables': {
    async up(db) {
      await sql`create table verification_requests (
        request_id text primary key, state text not null, secrets_sealed bytea not null, claims text not null, purpose text not null,
        same_device boolean not null, decision_sealed bytea, created_at timestamptz not null, expires_at timestamptz not null)`.execute(db)
      await sql`create index verification_requests_expiry on verification_requests (expires_at)`.execute(db)
      await sql`create table verification_seen (presentation_hash text primary key, expires_at timestamptz not null)`.execute(db)
      await sql`create index verification_seen_expiry on verification_seen (expires_at)`.execute(db)
    },
  },
}
