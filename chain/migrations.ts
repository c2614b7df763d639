import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { createGovernance } from './governance-migration.ts'

/**
 * Tables of the chain room, in the PostgreSQL dialect; merged with the other rooms' lists at the composition root.
 * Names sort after each other and never change once released.
 */
export const chainMigrations: Record<string, Migration> = {
  'chain-0001-outbox': { up: createOutbox },
  'chain-0002-index': { up: createIndex },
  'chain-0003-governance': { up: createGovernance },
  'chain-0004-replaced-contracts': { up: tellContractsApart },
  'chain-0005-last-words': { up: orderWordsOfMerchants },
  'chain-0006-heads-of-lists': { up: findHeadsOfLists }
}

async function createOutbox(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chain_outbox')
    .addColumn('id', 'bigserial', (c) => c.primaryKey())
    .addColumn('key', 'text', (c) => c.notNull().unique())
    .addColumn('account', 'text', (c) => c.notNull())
    .addColumn('contract', 'text', (c) => c.notNull())
    .addColumn('method', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('queued', 'sent', 'confirmed', 'failed')`))
    .addColumn('nonce', 'bigint')
    .addColumn('replayed', 'boolean', (c) => c.notNull().defaultTo(false))
    .addColumn('block_number', 'bigint')
    .addColumn('block_hash', 'text')
    .addColumn('transaction_index', 'integer')
    .addColumn('transaction_hash', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_detail', 'text')
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('due_at_ms', 'bigint', (c) => c.notNull().defaultTo(0))
    .addColumn('first_sent_at_ms', 'bigint')
    .addColumn('last_sent_at_ms', 'bigint')
    .addColumn('created_at_ms', 'bigint', (c) => c.notNull())
    .addColumn('resolved_at_ms', 'bigint')
    .execute()
  await sql`create index chain_outbox_open on chain_outbox (account, id) where state in ('queued', 'sent')`.execute(db)
  await sql`create unique index chain_outbox_nonce on chain_outbox (account, nonce) where state = 'sent'`.execute(db)
  await sql`create index chain_outbox_mined on chain_outbox (block_number) where state = 'confirmed'`.execute(db)

  await db.schema
    .createTable('chain_outbox_transactions')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('outbox_id', 'bigint', (c) => c.notNull().references('chain_outbox.id').onDelete('cascade'))
    .addColumn('nonce', 'bigint', (c) => c.notNull())
    .addColumn('raw', 'text', (c) => c.notNull())
    .addColumn('max_fee_per_gas', sql`numeric(78)`, (c) => c.notNull())
    .addColumn('signed_at_ms', 'bigint', (c) => c.notNull())
    .execute()
  await sql`create index chain_outbox_transactions_row on chain_outbox_transactions (outbox_id)`.execute(db)

  await db.schema
    .createTable('chain_outbox_accounts')
    .addColumn('account', 'text', (c) => c.primaryKey())
    .addColumn('lease_owner', 'text')
    .addColumn('lease_until_ms', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
}

async function createIndex(db: Kysely<unknown>): Promise<void> {
  await createLogTables(db)
  await createTrustTables(db)
  await createStatusTables(db)
  await createRewardTables(db)
}

async function createLogTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chain_identity')
    .addColumn('id', 'integer', (c) => c.primaryKey().check(sql`id = 1`))
    .addColumn('chain_id', 'bigint', (c) => c.notNull())
    .addColumn('genesis_hash', 'text', (c) => c.notNull())
    .addColumn('contracts', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('chain_cursor')
    .addColumn('id', 'integer', (c) => c.primaryKey().check(sql`id = 1`))
    .addColumn('block_number', 'bigint', (c) => c.notNull())
    .addColumn('block_hash', 'text', (c) => c.notNull())
    .addColumn('block_time', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('chain_blocks')
    .addColumn('number', 'bigint', (c) => c.primaryKey())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('parent_hash', 'text', (c) => c.notNull())
    .addColumn('block_time', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('chain_events')
    .addColumn('block_number', 'bigint', (c) => c.notNull())
    .addColumn('log_index', 'integer', (c) => c.notNull())
    .addColumn('transaction_hash', 'text', (c) => c.notNull())
    .addColumn('contract', 'text', (c) => c.notNull())
    .addColumn('event', 'text', (c) => c.notNull())
    .addColumn('topics', 'text', (c) => c.notNull())
    .addColumn('data', 'bytea', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_events_pk', ['block_number', 'log_index'])
    .execute()
}

async function createTrustTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chain_cities')
    .addColumn('locode', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('did', 'text', (c) => c.notNull())
    .addColumn('controller', 'text', (c) => c.notNull())
    .addColumn('offered_controller', 'text')
    .addColumn('service_url', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('suspension_reason', 'integer', (c) => c.notNull())
    .addColumn('suspended_until', 'bigint')
    .addColumn('agreement_hash', 'text')
    .addColumn('dpia_hash', 'text')
    .addColumn('admitted_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('chain_accreditations')
    .addColumn('block_number', 'bigint', (c) => c.notNull())
    .addColumn('log_index', 'integer', (c) => c.notNull())
    .addColumn('city', 'text', (c) => c.notNull())
    .addColumn('thumbprint', 'text', (c) => c.notNull())
    .addColumn('type_id', 'text', (c) => c.notNull())
    .addColumn('x', 'text', (c) => c.notNull())
    .addColumn('y', 'text', (c) => c.notNull())
    .addColumn('credential_type', 'text', (c) => c.notNull())
    .addColumn('valid_from', 'bigint', (c) => c.notNull())
    .addColumn('valid_until', 'bigint', (c) => c.notNull())
    .addColumn('untrusted_from', 'bigint')
    .addPrimaryKeyConstraint('chain_accreditations_pk', ['block_number', 'log_index'])
    .execute()
  // The type is not part of it: an index entry of PostgreSQL is short, and a type may be any text.
  await sql`create index chain_accreditations_key on chain_accreditations (thumbprint)`.execute(db)
  await db.schema
    .createTable('chain_recognitions')
    .addColumn('recogniser', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('type_id', 'text', (c) => c.notNull())
    .addColumn('credential_type', 'text', (c) => c.notNull())
    .addColumn('benefit_classes', sql`numeric(78)`, (c) => c.notNull())
    .addColumn('valid_until', 'bigint', (c) => c.notNull())
    .addColumn('granted_at', 'bigint', (c) => c.notNull())
    .addColumn('withdrawn', 'boolean', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_recognitions_pk', ['recogniser', 'issuer', 'type_id'])
    .execute()
  await db.schema
    .createTable('chain_anchors')
    .addColumn('city', 'text', (c) => c.notNull())
    .addColumn('log', 'integer', (c) => c.notNull())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('root', 'text', (c) => c.notNull())
    .addColumn('anchored_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_anchors_pk', ['city', 'log', 'size'])
    .execute()
  await db.schema
    .createTable('chain_directory')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('code_hash', 'text', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .execute()
}

async function createStatusTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chain_status_lists')
    .addColumn('list_id', 'text', (c) => c.primaryKey())
    .addColumn('city', 'text', (c) => c.notNull())
    .addColumn('uri', 'text', (c) => c.notNull().unique())
    .addColumn('size', 'bigint', (c) => c.notNull())
    .addColumn('epoch', 'bigint', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('published_at', 'bigint', (c) => c.notNull())
    .addColumn('broken', 'boolean', (c) => c.notNull())
    .addColumn('snapshot', 'bytea')
    .addColumn('snapshot_epoch', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('chain_status_epochs')
    .addColumn('list_id', 'text', (c) => c.notNull())
    .addColumn('epoch', 'bigint', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('published_at', 'bigint', (c) => c.notNull())
    .addColumn('block_number', 'bigint', (c) => c.notNull())
    .addColumn('log_index', 'integer', (c) => c.notNull())
    .addColumn('delta_bytes', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_status_epochs_pk', ['list_id', 'epoch'])
    .execute()
}

async function createRewardTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chain_programs')
    .addColumn('program_id', 'text', (c) => c.primaryKey())
    .addColumn('city', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('sponsor', 'text', (c) => c.notNull())
    .addColumn('valid_from', 'bigint', (c) => c.notNull())
    .addColumn('valid_until', 'bigint', (c) => c.notNull())
    .addColumn('funded', sql`numeric(78)`, (c) => c.notNull())
    .addColumn('redeemed', sql`numeric(78)`, (c) => c.notNull())
    .addColumn('burnt', sql`numeric(78)`, (c) => c.notNull())
    .addColumn('closed', 'boolean', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('chain_denominations')
    .addColumn('program_id', 'text', (c) => c.notNull())
    .addColumn('value', 'integer', (c) => c.notNull())
    .addColumn('modulus', 'bytea', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_denominations_pk', ['program_id', 'value'])
    .execute()
  await db.schema
    .createTable('chain_merchants')
    .addColumn('city', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('active', 'boolean', (c) => c.notNull())
    .addColumn('registered_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_merchants_pk', ['city', 'address'])
    .execute()
  await db.schema
    .createTable('chain_redemptions')
    .addColumn('block_number', 'bigint', (c) => c.notNull())
    .addColumn('log_index', 'integer', (c) => c.notNull())
    .addColumn('program_id', 'text', (c) => c.notNull())
    .addColumn('merchant', 'text', (c) => c.notNull())
    .addColumn('order_id', 'text', (c) => c.notNull())
    .addColumn('units', sql`numeric(78)`, (c) => c.notNull())
    .addColumn('note_count', 'integer', (c) => c.notNull())
    .addColumn('transaction_hash', 'text', (c) => c.notNull())
    .addColumn('redeemed_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_redemptions_pk', ['block_number', 'log_index'])
    .execute()
  await sql`create index chain_redemptions_order on chain_redemptions (order_id)`.execute(db)
  await sql`create index chain_redemptions_merchant on chain_redemptions (merchant, program_id)`.execute(db)
  await db.schema
    .createTable('chain_spent_notes')
    .addColumn('program_id', 'text', (c) => c.notNull())
    .addColumn('note', 'text', (c) => c.notNull())
    .addColumn('block_number', 'bigint', (c) => c.notNull())
    .addColumn('log_index', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_spent_notes_pk', ['program_id', 'note'])
    .execute()
  await db.schema
    .createTable('chain_settlements')
    .addColumn('ref', 'text', (c) => c.primaryKey())
    .addColumn('program_id', 'text', (c) => c.notNull())
    .addColumn('city', 'text', (c) => c.notNull())
    .addColumn('merchant', 'text', (c) => c.notNull())
    .addColumn('units', sql`numeric(78)`, (c) => c.notNull())
    .addColumn('requested_at', 'bigint', (c) => c.notNull())
    .addColumn('bank_reference_hash', 'text')
    .addColumn('paid_at', 'bigint')
    .execute()
  await sql`create index chain_settlements_merchant on chain_settlements (merchant, program_id)`.execute(db)
}

/** What a city opened or registered in one contract it has not in the next. The index is read anew after this. */
async function tellContractsApart(db: Kysely<unknown>): Promise<void> {
  for (const table of ['chain_status_epochs', 'chain_status_lists', 'chain_merchants']) await sql`delete from ${sql.table(table)}`.execute(db)
  await db.schema
    .alterTable('chain_status_lists')
    .dropColumn('next_address')
    .addColumn('created_block', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute()
  await sql`alter table chain_status_epochs drop constraint chain_status_epochs_pk`.execute(db)
  await db.schema.alterTable('chain_status_epochs').addColumn('address', 'text', (c) => c.notNull()).execute()
  await sql`alter table chain_status_epochs add constraint chain_status_epochs_pk primary key (list_id, address, epoch)`.execute(db)
  await db.schema
    .createTable('chain_status_homes')
    .addColumn('list_id', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_status_homes_pk', ['list_id', 'address'])
    .execute()
  await db.schema.alterTable('chain_merchants').addColumn('contract', 'text', (c) => c.notNull()).execute()
  await sql`alter table chain_merchants drop constraint chain_merchants_pk`.execute(db)
  await sql`alter table chain_merchants add constraint chain_merchants_pk primary key (city, address, contract)`.execute(db)
}

/** Of what a city said of a merchant in several contracts, the last counts. The index is read anew after this. */
async function orderWordsOfMerchants(db: Kysely<unknown>): Promise<void> {
  await sql`delete from chain_merchants`.execute(db)
  await db.schema
    .alterTable('chain_merchants')
    .addColumn('block_number', 'bigint', (c) => c.notNull())
    .addColumn('log_index', 'integer', (c) => c.notNull())
    .execute()
}

/** The last epoch of a list up to a block is found without reading those before it. */
async function findHeadsOfLists(db: Kysely<unknown>): Promise<void> {
  await sql`create index chain_status_epochs_head on chain_status_epochs (list_id, block_number desc, log_index desc)`.execute(db)
}
