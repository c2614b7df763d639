import { sql, type CreateTableBuilder, type Kysely } from 'kysely'

/* What the index holds of the federation since it governs itself. */

const numeric = sql`numeric(78)`

/** Adds the tables of governance, and what older tables must say since contracts can be replaced. The index is read anew. */
export async function createGovernance(db: Kysely<unknown>): Promise<void> {
  await forgetIndex(db)
  await extendTables(db)
  await createMemberTables(db)
  await createProposalTables(db)
  await createGuardianTables(db)
  await createNetTables(db)
}

async function forgetIndex(db: Kysely<unknown>): Promise<void> {
  const tables = [
    'cities', 'accreditations', 'recognitions', 'status_epochs', 'status_lists', 'programs', 'denominations', 'merchants', 'redemptions',
    'spent_notes', 'settlements', 'anchors', 'directory', 'events', 'blocks', 'cursor'
  ]
  for (const table of tables) await sql`delete from ${sql.table(`chain_${table}`)}`.execute(db)
}

async function extendTables(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('chain_events').addColumn('address', 'text', (c) => c.notNull()).execute()
  await sql`create index chain_events_contract on chain_events (contract, block_number)`.execute(db)
  await db.schema
    .alterTable('chain_cities')
    .addColumn('recovery', 'text', (c) => c.notNull())
    .addColumn('acceptable_from', 'bigint')
    .execute()
  await db.schema
    .alterTable('chain_status_lists')
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('next_address', 'text')
    .execute()
  await sql`alter table chain_status_lists drop constraint chain_status_lists_uri_key`.execute(db)
  await sql`create unique index chain_status_lists_city_uri on chain_status_lists (uri, city)`.execute(db)
  await db.schema
    .alterTable('chain_programs')
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('shared', 'boolean', (c) => c.notNull())
    .execute()
  await db.schema
    .alterTable('chain_settlements')
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('payer', 'text', (c) => c.notNull())
    .execute()
}

async function createMemberTables(db: Kysely<unknown>): Promise<void> {
  await placed(db, 'chain_directory_changes')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('target', 'text')
    .addColumn('code_hash', 'text', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .execute()
  await placed(db, 'chain_city_events')
    .addColumn('city', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('happened_at', 'bigint', (c) => c.notNull())
    .execute()
  await sql`create index chain_city_events_city on chain_city_events (city)`.execute(db)
  await placed(db, 'chain_seats')
    .addColumn('city', 'text', (c) => c.notNull())
    .addColumn('holder', 'text')
    .addColumn('since', 'bigint', (c) => c.notNull())
    .execute()
  await sql`create index chain_seats_holder on chain_seats (holder)`.execute(db)
}

async function createProposalTables(db: Kysely<unknown>): Promise<void> {
  await placed(db, 'chain_proposals')
    .addColumn('proposal_id', 'text', (c) => c.notNull().unique())
    .addColumn('operation_id', 'text', (c) => c.notNull())
    .addColumn('proposer', 'text', (c) => c.notNull())
    .addColumn('city', 'text')
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('description_hash', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('snapshot', 'bigint', (c) => c.notNull())
    .addColumn('deadline', 'bigint', (c) => c.notNull())
    .addColumn('eta', 'bigint')
    .addColumn('queued_at', 'bigint')
    .addColumn('queued_block', 'bigint')
    .addColumn('queued_transaction', 'text')
    .addColumn('executed_at', 'bigint')
    .addColumn('executed_block', 'bigint')
    .addColumn('executed_log', 'integer')
    .addColumn('executed_transaction', 'text')
    .addColumn('cancelled_at', 'bigint')
    .addColumn('cancelled_block', 'bigint')
    .addColumn('cancelled_transaction', 'text')
    .execute()
  await sql`create index chain_proposals_operation on chain_proposals (operation_id)`.execute(db)
  await sql`create index chain_proposals_executed on chain_proposals (executed_transaction)`.execute(db)
  await db.schema
    .createTable('chain_proposal_calls')
    .addColumn('proposal_id', 'text', (c) => c.notNull())
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('value', numeric, (c) => c.notNull())
    .addColumn('data', 'bytea', (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_proposal_calls_pk', ['proposal_id', 'position'])
    .execute()
  await placed(db, 'chain_votes')
    .addColumn('proposal_id', 'text', (c) => c.notNull())
    .addColumn('voter', 'text', (c) => c.notNull())
    .addColumn('city', 'text')
    .addColumn('support', 'integer', (c) => c.notNull())
    .addColumn('weight', numeric, (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('cast_at', 'bigint', (c) => c.notNull())
    .execute()
  await sql`create index chain_votes_proposal on chain_votes (proposal_id)`.execute(db)
  await placed(db, 'chain_parameters')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('value', 'bigint', (c) => c.notNull())
    .addColumn('changed_at', 'bigint', (c) => c.notNull())
    .execute()
}

async function createGuardianTables(db: Kysely<unknown>): Promise<void> {
  await placed(db, 'chain_guardians')
    .addColumn('account', 'text')
    .addColumn('appointed_at', 'bigint', (c) => c.notNull())
    .execute()
  await placed(db, 'chain_pauses')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('incident', 'text', (c) => c.notNull())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .addColumn('paused_at', 'bigint', (c) => c.notNull())
    .addColumn('cleared_at', 'bigint')
    .addColumn('cleared_block', 'bigint')
    .addColumn('cleared_log', 'integer')
    .addColumn('cleared_transaction', 'text')
    .execute()
}

async function createNetTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chain_nets')
    .addColumn('debtor', 'text', (c) => c.notNull())
    .addColumn('creditor', 'text', (c) => c.notNull())
    .addColumn('units', numeric, (c) => c.notNull())
    .addPrimaryKeyConstraint('chain_nets_pk', ['debtor', 'creditor'])
    .execute()
  await placed(db, 'chain_net_settlements')
    .addColumn('debtor', 'text', (c) => c.notNull())
    .addColumn('creditor', 'text', (c) => c.notNull())
    .addColumn('units', numeric, (c) => c.notNull())
    .addColumn('bank_reference_hash', 'text', (c) => c.notNull())
    .addColumn('settled_at', 'bigint', (c) => c.notNull())
    .execute()
}

/** A table with a row for each event of some kind. */
function placed(db: Kysely<unknown>, table: string): CreateTableBuilder<string> {
  return db.schema
    .createTable(table)
    .addColumn('block_number', 'bigint', (c) => c.notNull())
    .addColumn('log_index', 'integer', (c) => c.notNull())
    .addColumn('transaction_hash', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint(`${table}_pk`, ['block_number', 'log_index'])
}
