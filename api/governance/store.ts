import { sql } from 'kysely'
import type { Db } from '../platform/database.ts'
import type { Secrets } from '../platform/secrets.ts'
import type { DraftEvent, DraftRecord, GovernanceAction, Officer, StoredDraft } from './types.ts'

type GovernanceTables = {
  governance_drafts: {
    draft_id: string
    action: unknown
    text_sealed: Uint8Array
    state: StoredDraft['state']
    outbox_key: string | null
    created_at: Date
    expires_at: Date
  }
  governance_records: { draft_id: string; event: DraftEvent; officer_index: string; officer_sealed: Uint8Array; at: Date }
}

/** The SQL of governance. Texts are sealed until they are public; officers stay so. */
export type GovernanceStore = ReturnType<typeof createGovernanceStore>

export function createGovernanceStore(db: Db, secrets: Secrets) {
  const tables = db.withTables<GovernanceTables>()
  const textPlace = (draftId: string): string => `governance_drafts.text:${draftId}`
  const officerPlace = (draftId: string, event: string): string => `governance_records.officer:${draftId}:${event}`
  const indexOf = (officer: Officer): string => secrets.blindIndex('officer', JSON.stringify([officer.issuer, officer.subject]))

  const toRecord = (row: { draft_id: string; event: DraftEvent; officer_sealed: Uint8Array; at: Date }): DraftRecord => ({
    event: row.event, at: row.at,
    officer: JSON.parse(secrets.openText('governance', officerPlace(row.draft_id, row.event), row.officer_sealed)) as Officer,
  })
  const withRecords = async (rows: readonly (GovernanceTables['governance_drafts'])[]): Promise<readonly StoredDraft[]> => {
    if (rows.length === 0) return []
    const records = await tables.selectFrom('governance_records').selectAll()
      .where('draft_id', 'in', rows.map((row) => row.draft_id))
      .orderBy(sql`case event when 'drafted' then 0 else 1 end`).execute()
    return rows.map((row) => ({
      draftId: row.draft_id, action: row.action as GovernanceAction, state: row.state, outboxKey: row.outbox_key ?? undefined,
      text: secrets.openText('governance', textPlace(row.draft_id), row.text_sealed), createdAt: row.created_at, expiresAt: row.expires_at,
      records: records.filter((record) => record.draft_id === row.draft_id).map(toRecord),
    }))
  }

  return {
    async insert(draft: Pick<StoredDraft, 'draftId' | 'action' | 'text' | 'createdAt' | 'expiresAt'>): Promise<void> {
      await tables.insertInto('governance_drafts').values({
        draft_id: draft.draftId, action: JSON.stringify(draft.action), text_sealed: secrets.seal('governance', textPlace(draft.draftId), draft.text),
        state: 'draft', outbox_key: null, created_at: draft.createdAt, expires_at: draft.expiresAt,
      }).execute()
    },
    async record(draftId: string, event: DraftEvent, officer: Officer, at: Date): Promise<void> {
      await tables.insertInto('governance_records').values({
        draft_id: draftId, event, officer_index: indexOf(officer), at,
        officer_sealed: secrets.seal('governance', officerPlace(draftId, event), JSON.stringify(officer)),
      }).execute()
    },
    async find(draftId: string, options: { readonly lock?: boolean } = {}): Promise<StoredDraft | undefined> {
      const query = tables.selectFrom('governance_drafts').selectAll().where('draft_id', '=', draftId)
      return (await withRecords(await (options.lock === true ? query.forUpdate() : query).execute()))[0]
    },
    /** The newest first. */
    async list(limit: number): Promise<readonly StoredDraft[]> {
      return await withRecords(await tables.selectFrom('governance_drafts').selectAll().orderBy('created_at', 'desc').limit(limit).execute())
    },
    async approve(draftId: string, outboxKey: string): Promise<void> {
      await tables.updateTable('governance_drafts').set({ state: 'approved', outbox_key: outboxKey }).where('draft_id', '=', draftId).execute()
    },
    async withdraw(draftId: string): Promise<void> {
      await tables.updateTable('governance_drafts').set({ state: 'withdrawn' }).where('draft_id', '=', draftId).execute()
    },
  }
}
