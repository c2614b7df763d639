import { createHash } from 'node:crypto'
import type { Db } from '../platform/database.ts'
import type { Secrets } from '../platform/secrets.ts'
import type { Verdict, VerificationRequest, VerificationTables } from './types.ts'

const USE = 'verification'
const secretsPlace = (requestId: string): string => `verification_requests.secrets:${requestId}`
const decisionPlace = (requestId: string): string => `verification_requests.decision:${requestId}`

type Sealed = Pick<VerificationRequest, 'nonce' | 'responseState' | 'encryption'>

export type VerificationStore = ReturnType<typeof createVerificationStore>

/** Requests for a presentation and their decisions. */
export function createVerificationStore(db: Db, secrets: Secrets) {
  const tables = db.withTables<VerificationTables>()

  const read = (row: VerificationTables['verification_requests']): VerificationRequest => ({
    requestId: row.request_id,
    state: row.state,
    ...JSON.parse(secrets.openText(USE, secretsPlace(row.request_id), row.secrets_sealed)) as Sealed,
    claims: JSON.parse(row.claims) as string[],
    purpose: row.purpose,
    sameDevice: row.same_device,
    verdict: row.decision_sealed === null ? undefined : JSON.parse(secrets.openText(USE, decisionPlace(row.request_id), row.decision_sealed)) as Verdict,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  })

  return {
    async insert(request: Omit<VerificationRequest, 'state' | 'verdict'>): Promise<void> {
      const { requestId, nonce, responseState, encryption } = request
      await tables.insertInto('verification_requests').values({
        request_id: requestId,
        state: 'waiting',
        secrets_sealed: secrets.seal(USE, secretsPlace(requestId), JSON.stringify({ nonce, responseState, encryption } satisfies Sealed)),
        claims: JSON.stringify(request.claims),
        purpose: request.purpose,
        same_device: request.sameDevice,
        decision_sealed: null,
        created_at: request.createdAt,
        expires_at: request.expiresAt,
      }).execute()
    },

    async find(requestId: string): Promise<VerificationRequest | undefined> {
      const row = await tables.selectFrom('verification_requests').selectAll().where('request_id', '=', requestId).executeTakeFirst()
      return row === undefined ? undefined : read(row)
    },

    async setOpened(requestId: string): Promise<void> {
      await tables.updateTable('verification_requests').set({ state: 'opened' }).where('request_id', '=', requestId).where('state', '=', 'waiting').execute()
    },

    /** Writes the decision of a request that has none yet and is not over; whether it was the first. */
    async decide(requestId: string, verdict: Verdict, now: Date): Promise<boolean> {
      const row = await tables.updateTable('verification_requests')
        .set({ state: 'decided', decision_sealed: secrets.seal(USE, decisionPlace(requestId), JSON.stringify(verdict)) })
        .where('request_id', '=', requestId).where('state', '!=', 'decided').where('expires_at', '>', now)
        .returning('request_id').executeTakeFirst()
      return row !== undefined
    },

    /**
     * Remembers a presentation; false when it was seen before. Known by what the holder signed: the signature itself has
     * a second form that is as good.
     */
    async seeOnce(presentation: string, expiresAt: Date): Promise<boolean> {
      const hash = createHash('sha256').update(presentation.slice(0, presentation.lastIndexOf('.'))).digest('base64url')
      const row = await tables.insertInto('verification_seen').values({ presentation_hash: hash, expires_at: expiresAt })
        .onConflict((conflict) => conflict.column('presentation_hash').doNothing()).returning('presentation_hash').executeTakeFirst()
      return row !== undefined
    },

    /** Forgets requests, with whatever was shown, an hour after they ended. */
    async sweep(now: Date): Promise<void> {
      await tables.deleteFrom('verification_requests').where('expires_at', '<', new Date(now.getTime() - 3_600_000)).execute()
      await tables.deleteFrom('verification_seen').where('expires_at', '<', now).execute()
    },
  }
}
