import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Cards, offers, and status lists. */
export const issuanceMigrations: Readonly<Record<string, Migration>> = {
  '040-issuance-001-tables': {
    async up(db) {
      await sql`create table issuance_cards (
        card_id uuid primary key, resident_id uuid not null references residents (resident_id) on delete cascade,
        card_number_sealed bytea not null, card_number_index text not null unique, state text not null, reason text,
        issued_on text, expires_on text, replaces uuid references issuance_cards (card_id) on delete set null, created_at timestamptz not null)`.execute(db)
      await sql`create index issuance_cards_resident on issuance_cards (resident_id)`.execute(db)
      // one card of a resident in use at a time, and one on its way: two officers at once make no second
      await sql`create unique index issuance_cards_in_use on issuance_cards (resident_id) where state in ('active', 'suspended')`.execute(db)
      await sql`create unique index issuance_cards_offered on issuance_cards (resident_id) where state = 'offered'`.execute(db)
      await sql`create table issuance_offers (
        offer_id text primary key, card_id uuid not null references issuance_cards (card_id) on delete cascade,
        code_hash text not null unique, tx_code_hash text not null, attempts integer not null default 0, state text not null,
        expires_at timestamptz not null, token_hash text unique, token_expires_at timestamptz, created_at timestamptz not null)`.execute(db)
      await sql`create index issuance_offers_card on issuance_offers (card_id)`.execute(db)
      await sql`create table issuance_nonces (nonce_hash text primary key, expires_at timestamptz not null, token_hash text)`.execute(db)
      await sql`create index issuance_nonces_expiry on issuance_nonces (expires_at)`.execute(db)
      await sql`create table issuance_status_lists (
        list_id text primary key, uri text not null unique, size integer not null, epoch integer not null, decoys bytea not null,
        open boolean not null, published_at timestamptz, created_at timestamptz not null)`.execute(db)
      await sql`create table issuance_status_indexes (
        list_id text not null references issuance_status_lists (list_id), status_index integer not null, primary key (list_id, status_index))`.execute(db)
      await sql`create table issuance_status_bits (
        list_id text not null references issuance_status_lists (list_id), position integer not null, primary key (list_id, position))`.execute(db)
      await sql`create table issuance_status_epochs (
        list_id text not null references issuance_status_lists (list_id), epoch integer not null, digest bytea not null, delta bytea not null,
        attempt integer not null, primary key (list_id, epoch))`.execute(db)
      await sql`create table issuance_status_changes (
        change_id bigserial primary key, list_id text not null references issuance_status_lists (list_id), status_index integer not null, value text not null)`.execute(db)
      await sql`create table issuance_copies (
        card_id uuid not null references issuance_cards (card_id) on delete cascade, configuration_id text not null, position integer not null,
        holder_thumbprint text not null, list_id text not null, status_index integer not null,
        primary key (card_id, configuration_id, position), unique (list_id, status_index))`.execute(db)
      await sql`create table issuance_notifications (
        card_id uuid not null references issuance_cards (card_id) on delete cascade, configuration_id text not null, event text not null,
        received_at timestamptz not null, primary key (card_id, configuration_id, event))`.execute(db)
    },
  },
  '040-issuance-002-list-contracts': {
    async up(db) {
      await sql`alter table issuance_status_lists add column contract text, add column moves integer not null default 0`.execute(db)
    },
  },
  // what was written down could differ from what the chain did: the contract is asked instead
  '040-issuance-003-list-grounds': {
    async up(db) {
      await sql`alter table issuance_status_lists drop column contract`.execute(db)
    },
  },
}
