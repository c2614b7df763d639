import { sql } from 'kysely'
import type { Migration } from 'kysely/migration'

export const merchantMigrations: Readonly<Record<string, Migration>> = {
  '070-merchants-001-tables': {
    async up(db) {
      await sql`create table merchants (
        merchant_id uuid primary key, name text not null, iban_sealed bytea not null, login_index text not null unique, login_sealed bytea not null,
        address text not null unique, created_at timestamptz not null default now())`.execute(db)
      await sql`create table merchants_orders (
        order_id text primary key, merchant_id uuid not null references merchants (merchant_id), program_id text not null,
        points integer not null check (points > 0), memo_sealed bytea, expires_at timestamptz not null, deadline timestamptz not null,
        created_at timestamptz not null, settlement_ref text)`.execute(db)
      await sql`create index merchants_orders_merchant on merchants_orders (merchant_id, created_at)`.execute(db)
      await sql`create table merchants_payments (
        payment_id uuid primary key, order_id text not null references merchants_orders (order_id), outbox_key text not null unique,
        failure_code text, created_at timestamptz not null)`.execute(db)
      await sql`create unique index merchants_payments_open on merchants_payments (order_id) where failure_code is null`.execute(db)
      await sql`create table merchants_payment_notes (
        program_id text not null, note text not null, payment_id uuid not null references merchants_payments (payment_id), primary key (program_id, note))`.execute(db)
      await sql`create index merchants_payment_notes_payment on merchants_payment_notes (payment_id)`.execute(db)
      await sql`create table merchants_settlements (
        ref text primary key, merchant_id uuid not null references merchants (merchant_id), program_id text not null,
        units integer not null check (units > 0), created_at timestamptz not null, bank_reference_sealed bytea)`.execute(db)
    },
  },
  '070-merchants-002-subjects': {
    async up(db) {
      await sql`alter table merchants add column subject_index text unique`.execute(db)
    },
  },
}
